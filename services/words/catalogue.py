"""Fluent messages of every language, with values escaped for Telegram's HTML on their way in."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Resource

DEFAULT_LANGUAGE = "en"
_KIB = 1024
_MOST_CHARACTERS = 1000
"""In one value: Fluent refuses longer ones."""
_UNITS = ("B", "KB", "MB", "GB", "TB")
Value = str | int | float


class MissingWords(Exception):
    """A message or a value is missing: a mistake of ours, found by the tests."""


class Words:
    """One language. Calling it formats a message; texts in values are escaped, so a title can never become markup."""

    def __init__(self, language: str, bundle: FluentBundle, catalogue: "Catalogue") -> None:
        self.language = language
        self._bundle = bundle
        self._catalogue = catalogue
        self._locale = Locale.parse(language)

    def __call__(self, key: str, /, **values: Value) -> str:
        """The message in HTML. Raises MissingWords when it is not there or a value is missing."""
        return self._format(key, {name: _escaped(value) for name, value in values.items()})

    def label(self, key: str, /, **values: Value) -> str:
        """The message as plain text, for buttons and toasts, where Telegram reads no markup."""
        return self._format(key, {name: _cut(value) for name, value in values.items()})

    def _format(self, key: str, values: Mapping[str, Value]) -> str:
        if not self._bundle.has_message(key):
            raise MissingWords(f"{self.language}: {key}")
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise MissingWords(f"{self.language}: {key} has no value")
        text, errors = self._bundle.format_pattern(
            pattern, {name.replace("_", "-"): value for name, value in values.items()}
        )
        if errors:
            raise MissingWords(f"{self.language}: {key}: {errors[0]}")
        return str(text)

    def spoken_in(self, language: str) -> "Words":
        """Those of another language."""
        return self._catalogue.words(language)

    def size(self, count: int | None) -> str:
        """Bytes in the unit that reads best: `1.4 GB`, `1,4 GB`."""
        if count is None:
            return self._format("size-unknown", {})
        number, unit = float(count), 0
        while round(number) >= _KIB and unit < len(_UNITS) - 1:
            number, unit = number / _KIB, unit + 1
        pattern = "0" if unit == 0 or number >= 100 else "0.#"  # noqa: PLR2004 - three digits need no decimals
        return f"{format_decimal(number, format=pattern, locale=self._locale)} {_UNITS[unit]}"

    def number(self, value: float) -> str:
        """A number with at most one decimal."""
        return str(format_decimal(value, format="#,##0.#", locale=self._locale))

    def duration(self, seconds: float) -> str:
        """Roughly how long: `40 s`, `6 min`, `2 h 5 min`."""
        whole = max(0, round(seconds))
        if whole < 60:  # noqa: PLR2004 - seconds of a minute
            return self._format("duration-seconds", {"n": whole})
        minutes = round(whole / 60)
        if minutes < 60:  # noqa: PLR2004 - minutes of an hour
            return self._format("duration-minutes", {"n": minutes})
        return self._format("duration-hours", {"h": minutes // 60, "m": minutes % 60})

    def day(self, moment: int, utc_offset: int = 0) -> str:
        """The day of a moment (milliseconds since 1970, UTC) where clocks are so many minutes ahead of UTC."""
        there = datetime.fromtimestamp(moment / 1000 + utc_offset * 60, UTC)
        return str(format_date(there.date(), format="medium", locale=self._locale))

    def language_name(self, code: str) -> str:
        """What a language is called, by its ISO 639 code; the code, where nobody knows."""
        return str(self._locale.languages.get(code, code))


class Catalogue:
    """All languages under one folder: one sub-folder a language, any number of .ftl files in it."""

    def __init__(self, folder: Path) -> None:
        folders = [path for path in sorted(folder.iterdir()) if any(path.glob("*.ftl"))]
        self._words = {path.name: Words(path.name, _read(path), self) for path in folders}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._words)

    def words(self, language: str) -> Words:
        """The words of a language, English for one we do not speak."""
        return self._words.get(language, self._words[DEFAULT_LANGUAGE])


def _read(folder: Path) -> FluentBundle:
    # no isolating marks around values: Telegram would show them
    bundle = FluentBundle([folder.name], use_isolating=False)
    for path in sorted(folder.glob("*.ftl")):
        bundle.add_resource(_parsed(path.read_text(encoding="utf-8")))
    return bundle


@cache
def _parsed(text: str) -> Resource:
    """Parsing is slow, and a bundle only reads what it is given: every catalogue of a process shares it."""
    return FluentResource(text)


def _escaped(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    escaped = html.escape(value, quote=False)
    if len(escaped) <= _MOST_CHARACTERS:
        return escaped
    # cut before it is escaped, so that no entity is cut in half
    return html.escape(value[: _MOST_CHARACTERS // len("&amp;") - 1], quote=False) + "…"


def _cut(value: Value) -> Value:
    return value[:_MOST_CHARACTERS] if isinstance(value, str) else value
