"""Words as the library knows them: however they are written, they are looked up in one spelling.

Case, accents and scripts do not count: everything is compared in Latin letters and digits.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii

_LONGEST = 40
"""Letters of a word. A longer one is cut: nobody types it."""
_JOINING = re.compile("['’ʼʹ`´\u00ad\u200d]")
"""Within a word: don't is looked up as dont."""
_WORD = re.compile(r"[a-z0-9]+")
_IDEOGRAPH_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff\uac00-\ud7af]")
_EPISODES = re.compile(r"\b(\d{1,2})x(\d{1,3})\b")
_SPOKEN_EPISODE = re.compile(
    r"\b(?:season|series|temporada|sezon|staffel|saison) (\d{1,2}) (?:episode|episodio|capitulo|seriya|seriia|folge) (\d{1,3})\b"
)
_SPOKEN = re.compile(r" (?:ep|capit|seri|folge)")
"""Quickly told: most texts speak of no episode."""
_OTHER_SCRIPTS = re.compile(r"[^\W\d_a-zA-Z\u00aa-\u024f\u1e00-\u1eff]")
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_SOUNDS = (
    (re.compile("shch|sch|sh"), "s"),
    (re.compile("tch|ch|[kg]h|x"), "h"),
    (re.compile("dzh|zh|dj|dz"), "z"),
    (re.compile("t[sz]|cz"), "c"),
    (re.compile("[yji]+(?=[aeou])"), ""),
    (re.compile("[yji]+"), "i"),
    (re.compile("ph"), "f"),
    (re.compile("w"), "v"),
    (re.compile("ck|q"), "k"),
    (re.compile(r"(.)\1+"), r"\1"),
)
"""How people write in Latin letters what was not written in them: they agree about the sounds, not about the letters."""


class _Letters(dict[int, str]):
    """What each character is in Latin letters; each is looked for once."""

    def __missing__(self, code: int) -> str:
        self[code] = anyascii(chr(code))
        return self[code]


_LETTERS = _Letters()


def fold(text: str) -> list[str]:
    """The words of a text in their one spelling, in order. Each line is read as if it stood alone."""
    return _WORD.findall(_latin(text))


def other_spellings(text: str) -> set[str]:
    """Words by which a text may also be asked for: by sound where it is not in Latin letters, ü as ue, II as 2, two as one."""
    found = set[str]()
    words = text.casefold().split()
    for word in words:
        if not word.isascii():
            found.update(_of_foreign(word))
    plain = fold(text)
    found.update(_ROMAN[word] for word in plain if word in _ROMAN)
    found.update(first + second for first, second in joined(plain))
    return found


def joined(words: Sequence[str]) -> list[tuple[str, str]]:
    """Neighbours that may be written as one word."""
    return [(first, second) for first, second in pairwise(words) if first.isalpha() and second.isalpha()]


def sound(word: str) -> str:
    """How a folded word sounds, roughly: equal for the usual ways of writing it in Latin letters."""
    for pattern, letters in _SOUNDS:
        word = pattern.sub(letters, word)
    return word


@lru_cache(4096)
def _of_foreign(word: str) -> frozenset[str]:
    german = "".join(_GERMAN.get(letter, letter) for letter in unicodedata.normalize("NFC", word))
    found = set(fold(german)) if german != word else set()
    if _OTHER_SCRIPTS.search(word):
        found.update(sound(each) for each in fold(word))
    return frozenset(found)


def _latin(text: str) -> str:
    if text.isascii():
        text = text.replace("'", "").replace("`", "")
    else:
        text = _foreign_to_latin(_JOINING.sub("", unicodedata.normalize("NFKC", text)))
    text = text.lower()
    if "x" in text:
        text = _EPISODES.sub(_episode, text)
    return _SPOKEN_EPISODE.sub(_episode, text) if _SPOKEN.search(text) else text


def _foreign_to_latin(text: str) -> str:
    """Each ideograph is a word of its own: anyascii begins it with a capital."""
    if _IDEOGRAPHS.search(text):
        return "\n".join(map(_line_to_latin, text.split("\n")))
    return _JOINING.sub("", text.translate(_LETTERS))


def _line_to_latin(line: str) -> str:
    latin = _JOINING.sub("", line.translate(_LETTERS))
    return _IDEOGRAPH_ENDS.sub(" ", latin) if _IDEOGRAPHS.search(line) else latin


def _episode(found: re.Match[str]) -> str:
    return f"s{int(found[1]):02}e{int(found[2]):02}"
