"""Patterns for names of files as people type them: `*.mkv`, `S01*`, or simply a word.

`*` stands for anything, also across folders, `?` for one character; everything else, brackets too, stands for itself. Large
letters are as good as small ones.
"""

import re
import time
import unicodedata

from models.files import FileTree
from services.errors import MagpieError

MOST_CHARACTERS = 100
SECONDS = 0.5
"""For all files together; a plain pattern needs a twentieth of it for ten thousand."""
_STARS = re.compile(r"\*+")


class GlobTooLong(MagpieError):
    """The pattern is longer than anybody needs."""

    def __init__(self) -> None:
        super().__init__("glob-too-long", limit=MOST_CHARACTERS)


class GlobTooSlow(MagpieError):
    """It took too long: the member may try a simpler one."""

    def __init__(self, text: str) -> None:
        super().__init__("glob-too-slow", pattern=text)


def matching(tree: FileTree, text: str, seconds: float = SECONDS) -> frozenset[int]:
    """Indexes of the files whose name or path matches. Raises GlobTooLong, GlobTooSlow."""
    glob, end = Glob(text), time.monotonic() + seconds
    found = set()
    for index, name, path in zip(tree.indexes, tree.names, tree.paths(), strict=True):
        if time.monotonic() > end:
            raise GlobTooSlow(text)
        if glob.takes(name) or glob.takes(path):
            found.add(index)
    return frozenset(found)


class Glob:
    """A pattern, ready to be compared. Without `*` and `?` it matches anywhere. Raises GlobTooLong."""

    def __init__(self, text: str) -> None:
        folded = _folded(text.strip())
        if len(folded) > MOST_CHARACTERS:
            raise GlobTooLong
        if not {"*", "?"} & set(folded):
            folded = f"*{folded}*"
        # between the stars every piece is as long as what it matches, so the first place that fits is the best
        self._pieces = [_piece(piece) for piece in _STARS.split(folded)]
        self._lengths = [len(piece) for piece in _STARS.split(folded)]

    def takes(self, text: str) -> bool:
        folded = _folded(text)
        if len(self._pieces) == 1:
            return self._pieces[0].fullmatch(folded) is not None
        last = len(folded) - self._lengths[-1]
        found = self._pieces[0].match(folded)
        for piece in self._pieces[1:-1]:
            if found is None:
                return False
            found = piece.search(folded, found.end())
        return found is not None and found.end() <= last and self._pieces[-1].match(folded, last) is not None


def _piece(text: str) -> re.Pattern[str]:
    return re.compile(
        "".join("." if character == "?" else re.escape(character) for character in text), re.DOTALL
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
