from services.errors import MagpieError

_MOST_SHOWN = 60


class WishWrong(MagpieError):
    """What is wished for cannot be read, or nothing can ever be like that. `part`: the words that are wrong."""


def shown(part: str) -> str:
    """The part as an error brings it: in one line, and not all of a long one."""
    line = " ".join("".join(char if char.isprintable() else " " for char in part).split())
    return line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + "…"
