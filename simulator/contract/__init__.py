"""The Bot API's own description of itself, reduced to what the simulator needs, and checks against it."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("bot-api.json")
ARRAY = "Array of "


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    types: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    returns: tuple[str, ...]
    fields: tuple[Field, ...]


def _fields(entries: list[dict[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field(entry["name"], tuple(entry["types"]), entry["required"]) for entry in entries)


def _is_plain(kind: str, value: object) -> bool | None:
    """Whether `value` is of the plain type `kind`; None when `kind` is not a plain type."""
    if kind in ("String", "InputFile"):
        return isinstance(value, str)
    if kind == "Boolean":
        return isinstance(value, bool)
    if kind == "Integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "Float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return None


class Contract:
    """Methods by their lower-case name, types by their name."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.version: str = description["version"]
        self.methods = {
            name.lower(): Method(name, tuple(entry["returns"]), _fields(entry["fields"]))
            for name, entry in description["methods"].items()
        }
        self.other_methods = {name.lower(): name for name in description["other_methods"]}
        self._types: dict[str, Any] = description["types"]

    @cached_property
    def _objects(self) -> dict[str, dict[str, Field]]:
        return {
            name: {field.name: field for field in _fields(entry["fields"])}
            for name, entry in self._types.items()
            if "fields" in entry
        }

    def problem(self, types: tuple[str, ...], value: object, where: str, *, strict: bool) -> str | None:
        """Why `value` is of none of `types`, or None when it is of one.

        `strict` also refuses fields that the type does not have: right for what we answer, wrong for what
        we are asked (Telegram ignores unknown fields). `where` names the value in the answer.
        """
        problems = [self._problem_with(kind, value, where, strict) for kind in types]
        return None if None in problems else problems[0]

    def _problem_with(self, kind: str, value: object, where: str, strict: bool) -> str | None:
        if kind.startswith(ARRAY):
            return self._problem_with_array(kind.removeprefix(ARRAY), value, where, strict)
        plain = _is_plain(kind, value)
        if plain is not None:
            return None if plain else f'Field "{where}" must be of type {kind}'
        subtypes = self._types[kind].get("subtypes")
        if subtypes:
            return self.problem(tuple(subtypes), value, where, strict=strict)
        return self._problem_with_object(kind, value, where, strict)

    def _problem_with_array(self, kind: str, value: object, where: str, strict: bool) -> str | None:
        if not isinstance(value, list):
            return f'Field "{where}" must be of type Array'
        for index, item in enumerate(value):
            problem = self._problem_with(kind, item, f"{where}[{index}]", strict)
            if problem:
                return problem
        return None

    def _problem_with_object(self, kind: str, value: object, where: str, strict: bool) -> str | None:
        if not isinstance(value, dict):
            return f'Field "{where}" must be of type Object'
        fields = self._objects[kind]
        for field in fields.values():
            if field.required and field.name not in value:
                return f'Can\'t find field "{field.name}" in {where} ({kind})'
        for name, item in value.items():
            if name in fields:
                problem = self.problem(fields[name].types, item, f"{where}.{name}", strict=strict)
                if problem:
                    return problem
            elif strict:
                return f"{where} ({kind}) has no field {name!r}"
        return None


def load() -> Contract:
    return Contract(json.loads(FILE.read_text()))
