"""Names and tags come from strangers: cleaned before anybody sees them."""

import unicodedata
from pathlib import PurePath

LONGEST = 200
_JOINERS = "\u200c\u200d"  # part of words and emoji in several scripts


def clean(text: str, longest: int = LONGEST) -> str:
    """One line without control, direction-changing or unpaired characters, at most `longest` long."""
    kept = "".join(_shown(character) for character in text[: 8 * longest])
    return " ".join(kept.split())[:longest].rstrip()


def stem_of(name: str) -> str:
    """A file name made readable: without its ending, dots and underscores between words as spaces."""
    stem = PurePath(clean(name)).stem
    words = stem if " " in stem else stem.replace(".", " ").replace("_", " ")
    return clean(words) or clean(name) or "?"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category == "Cs" or (category == "Cf" and character not in _JOINERS):
        return ""
    return character


def first(value: object) -> str:
    """The first of several names, or the only one; empty when there is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)
