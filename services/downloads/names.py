"""Names that strangers give things, made fit to be shown in one line."""

import re

MOST_CHARACTERS = 200

# Control characters that are no blanks, lone surrogates, and marks that turn the direction of the text around them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def one_line(text: str, longest: int) -> str:
    """Without control characters, blanks collapsed, cut to `longest` characters."""
    return " ".join(_UNSEEN.sub("", text).split())[:longest].rstrip()


def display_name(text: str) -> str:
    """One line that is no path: what a Source is called until its own file names are known."""
    return one_line(re.sub(r"[/\\]", "_", text), MOST_CHARACTERS)
