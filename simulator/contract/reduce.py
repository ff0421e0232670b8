"""Makes the reduced `bot-api.json` from the full description of the Bot API.

    python -m simulator.contract.reduce FULL.json

Kept: the methods that the simulator has, every type that they or an Update reach, and the bare names of
all other methods (so that a call of one is told apart from a misspelt name). Dropped: descriptions and links.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from simulator.methods import METHOD_NAMES

ROOTS = ("Update", "ResponseParameters")
TARGET = Path(__file__).with_name("bot-api.json")


def bare(type_name: str) -> str:
    """`Array of Array of X` → `X`."""
    return type_name.removeprefix("Array of ").removeprefix("Array of ")


def reached(types: dict[str, Any], start: Iterable[str]) -> Iterator[str]:
    """Every type that can be reached from `start`, each once."""
    waiting = [bare(name) for name in start]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in types:
            continue
        seen.add(name)
        yield name
        waiting += [bare(sub) for sub in types[name].get("subtypes", [])]
        waiting += [bare(kind) for field in types[name].get("fields", []) for kind in field["types"]]


def slim_fields(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: field[key] for key in ("name", "types", "required")} for field in entry.get("fields", [])]


def slim_type(entry: dict[str, Any]) -> dict[str, Any]:
    if entry.get("subtypes"):
        return {"subtypes": entry["subtypes"]}
    return {"fields": slim_fields(entry)}


def reduce(full: dict[str, Any], method_names: Iterable[str]) -> dict[str, Any]:
    methods = {
        name: {"returns": full["methods"][name]["returns"], "fields": slim_fields(full["methods"][name])}
        for name in sorted(method_names)
    }
    roots = list(ROOTS)
    for method in methods.values():
        roots += method["returns"]
        roots += [kind for field in method["fields"] for kind in field["types"]]
    return {
        "version": full["version"],
        "release_date": full["release_date"],
        "methods": methods,
        "other_methods": sorted(set(full["methods"]) - set(methods)),
        "types": {name: slim_type(full["types"][name]) for name in sorted(reached(full["types"], roots))},
    }


def written(reduced: dict[str, Any]) -> str:
    """One line for each method and type, so that a change of the Bot API is readable as a difference."""
    parts = []
    for name, value in reduced.items():
        if isinstance(value, dict):
            lines = [f"  {json.dumps(key)}: {json.dumps(entry)}" for key, entry in value.items()]
            parts.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
        else:
            parts.append(f" {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(source: str) -> None:
    full = json.loads(Path(source).read_text())
    TARGET.write_text(written(reduce(full, METHOD_NAMES)))


if __name__ == "__main__":
    main(sys.argv[1])
