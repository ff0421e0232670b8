"""Reads an exported archive, which may be damaged, cut off, or made to harm."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.exchange.lines import LINE, MOST_BYTES, SCHEMA, VERSION, Content, FooterLine, HeaderLine

_CHUNK = 1024 * 1024
_MOST_REASON = 160


class NotAnExport(Exception):
    """Nothing of it can be taken. The text is one line for a person."""


@dataclass(frozen=True)
class Wrong:
    """A line that cannot be taken, and why."""

    number: int
    reason: str


class _Beginning(BaseModel):
    """As much of the first line as every version has."""

    model_config = ConfigDict(strict=True)

    kind: str
    format: str
    version: int = Field(ge=1)


class Reader:
    """Reads the lines between the first and the last, once. Afterwards `damage` says what is wrong with the whole; None: nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sum = hashlib.sha256()
        self.damage: str | None = None

    def lines(self) -> Iterator[Content | Wrong]:
        """Each line, or what is wrong with it. Raises NotAnExport, OSError."""
        with self._path.open("rb") as file:
            self._begin(file.readline(MOST_BYTES))
            yield from self._content(file)

    def _begin(self, first: bytes) -> None:
        try:
            beginning = _Beginning.model_validate_json(first)
        except ValidationError:
            beginning = None
        if beginning is None or (beginning.kind, beginning.format) != ("header", SCHEMA):
            raise NotAnExport("this is no export of Magpie: its first line does not say so")
        if beginning.version > VERSION:
            raise NotAnExport("a newer Magpie made this export: please update this one")
        self._sum.update(first)

    def _content(self, file: BinaryIO) -> Iterator[Content | Wrong]:
        count, footer = 0, None
        for number, raw in enumerate(_raw_lines(file), 2):
            line = _read(number, raw)
            if footer is not None:
                yield Wrong(number, "it comes after the last line")
            elif isinstance(line, FooterLine):
                footer = line
                if (line.count, line.sha256) != (count, self._sum.hexdigest()):
                    self.damage = "it is not as it was written: something in it was changed or lost"
            else:
                count += 1
                self._sum.update(raw)
                yield line
        if footer is None:
            self.damage = "it was cut off: its last line is missing"


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """Each with its end. Of one that is too long the beginning, one byte too long, and nothing more."""
    while line := file.readline(MOST_BYTES + 1):
        if len(line) > MOST_BYTES and not line.endswith(b"\n"):
            while (rest := file.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
        yield line


def _read(number: int, raw: bytes) -> Content | FooterLine | Wrong:
    if len(raw) > MOST_BYTES:
        return Wrong(number, f"it is longer than {MOST_BYTES} bytes")
    try:
        line = LINE.validate_json(raw, strict=True)
    except ValidationError as error:
        return Wrong(number, _reason(error))
    return Wrong(number, "it is a second first line") if isinstance(line, HeaderLine) else line


def _reason(error: ValidationError) -> str:
    """The first thing that is wrong. Names in it may be a stranger's, and as long as they like."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"][:6])
    text = str(first["msg"]).removeprefix("Value error, ")
    words = f"{place}: {text}" if place else text
    shown = "".join(char if char.isprintable() else "?" for char in words[: _MOST_REASON + 1])
    return shown if len(shown) <= _MOST_REASON else shown[:_MOST_REASON] + "…"
