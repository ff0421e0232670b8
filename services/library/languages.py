"""Languages by one code each, whatever they are called."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

from services.library.fold import fold


def code_of(language: str) -> str:
    """The ISO 639-1 code of a language by one of its codes (ISO 639-2), or by its name; what nobody knows, as it is."""
    known = get_global("language_aliases").get(language.lower(), language.lower())
    return str(known) if known != language.lower() else _codes().get("".join(fold(language)), known)


@cache
def _codes() -> Mapping[str, str]:
    """By name, folded: in the languages that Magpie speaks, and in each language itself."""
    names: dict[str, str] = {}
    for code, name in Locale.parse("en").languages.items():
        names["".join(fold(name))] = code
    for code in (
        "es",
        "de",
        "fr",
        "it",
        "pt",
        "ru",
        "uk",
        "pl",
        "cs",
        "tr",
        "el",
        "ja",
        "zh",
        "ar",
        "nl",
        "sv",
    ):
        names["".join(fold(Locale.parse(code).languages[code]))] = code
    names |= {"".join(fold(name)): code for code, name in Locale.parse("es").languages.items()}
    return {name: code for name, code in names.items() if code.isalpha()}
