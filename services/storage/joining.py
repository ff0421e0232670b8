"""What is handed out of files that stand in pieces, and how those are put together again."""

import re
import shlex
from collections.abc import Iterable, Sequence

from models.storage import Copy, Whole
from models.transfers import Post
from services.storage.pieces import by_file, is_complete
from services.words import Words

_PLAIN = re.compile(r"[\w.-]+", re.ASCII)
_MOST_CHARACTERS = 500
"""Of a command that names every piece. A longer one would be cut."""
_THREE_DIGITS = 100


def of_posts(copies: Sequence[Copy], posts: Iterable[Post]) -> list[Copy]:
    """Those of the files that these posts show, with what hangs on them."""
    standing = {post.copy_id for post in posts}
    numbers = {copy.index for copy in copies if copy.id in standing}
    return [copy for copy in copies if copy.index in numbers]


def without_stumps(copies: Sequence[Copy]) -> list[Copy]:
    """All but the pieces of files of which not every piece stands: nobody can put those together."""
    stumps = {copy.id for pieces in by_file(copies) if not is_complete(pieces) for copy in pieces}
    return [copy for copy in copies if copy.id not in stumps]


def how_to_join(copies: Sequence[Copy], words: Words) -> list[str]:
    """One text in HTML for each file that comes in pieces."""
    wholes = [copy.whole for copy in copies if copy.whole is not None and copy.number == 1]
    return [_text(whole, words) for whole in wholes]


def _text(whole: Whole, words: Words) -> str:
    if whole.parts:
        return words("pieces-play", name=whole.name, count=whole.parts)
    return words(
        "pieces-join",
        name=whole.name,
        count=whole.count,
        unix=_for_unix(whole),
        windows=_for_windows(whole),
        blake3=whole.blake3,
    )


def _for_unix(whole: Whole) -> str:
    # what begins with a dash would be taken for an option
    name = shlex.quote(f"./{whole.name}" if whole.name.startswith("-") else whole.name)
    numbers = "0*" if whole.count < _THREE_DIGITS else "[0-9]*"
    return f"cat {name}.{numbers} > {name}"


def _for_windows(whole: Whole) -> str:
    pieces = "+".join(_quoted(whole.name_of(number)) for number in range(1, whole.count + 1))
    if len(pieces) > _MOST_CHARACTERS:
        numbers = "0*" if whole.count < _THREE_DIGITS else "???"
        pieces = _quoted(f"{whole.name}.{numbers}")
    return f"copy /b {pieces} {_quoted(whole.name)}"


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f'"{name}"'
