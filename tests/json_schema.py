"""As much of JSON Schema as our own schemas use; what they do not use is an error, so that nothing goes unchecked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_SAYS_NOTHING = {"$defs", "$schema", "title", "description", "default", "discriminator"}
Schema = Mapping[str, Any]


def faults(value: Any, schema: Schema, root: Schema | None = None, place: str = "") -> Iterator[str]:
    """What in the value is not as the schema says."""
    root = root or schema
    for word, said in schema.items():
        if word in _SAYS_NOTHING or (word == "required" and not isinstance(value, dict)):
            continue
        for fault in _CHECKS[word](value, said, schema, root):
            yield f"{place}/{fault}"


def _ref(value: Any, said: str, _schema: Schema, root: Schema) -> Iterator[str]:
    yield from faults(value, root["$defs"][said.removeprefix("#/$defs/")], root, said)


def _one(value: Any, said: Sequence[Schema], _schema: Schema, root: Schema) -> Iterator[str]:
    found = [list(faults(value, each, root)) for each in said]
    if all(found):
        yield f"none of {len(said)}: {min(found, key=len)}"


def _type(value: Any, said: str, _schema: Schema, _root: Schema) -> Iterator[str]:
    is_flag = isinstance(value, bool) and said != "boolean"
    if is_flag or not isinstance(value, _TYPES[said]):
        yield f"{value!r} is no {said}"


def _properties(value: Any, said: Schema, _schema: Schema, root: Schema) -> Iterator[str]:
    for name in set(value) & set(said):
        yield from faults(value[name], said[name], root, name)


def _required(value: Any, said: Sequence[str], _schema: Schema, _root: Schema) -> Iterator[str]:
    yield from (f"lacks {name}" for name in said if name not in value)


def _closed(value: Any, said: Any, schema: Schema, _root: Schema) -> Iterator[str]:
    assert said is False
    yield from (f"has {name}" for name in value if name not in schema["properties"])


def _items(value: Any, said: Schema, _schema: Schema, root: Schema) -> Iterator[str]:
    for number, each in enumerate(value):
        yield from faults(each, said, root, str(number))


def _simple(holds: Any) -> Any:
    def check(value: Any, said: Any, _schema: Schema, _root: Schema) -> Iterator[str]:
        if not holds(value, said):
            yield f"{value!r} is not as {said!r}"

    return check


_CHECKS: Mapping[str, Any] = {
    "$ref": _ref,
    "anyOf": _one,
    "oneOf": _one,
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _closed,
    "items": _items,
    "const": _simple(lambda value, said: value == said),
    "enum": _simple(lambda value, said: value in said),
    "pattern": _simple(lambda value, said: re.search(said, value) is not None),
    "minimum": _simple(lambda value, said: value >= said),
    "maximum": _simple(lambda value, said: value <= said),
    "maxLength": _simple(lambda value, said: len(value) <= said),
    "maxItems": _simple(lambda value, said: len(value) <= said),
}
