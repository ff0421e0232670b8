"""The same folders as an engine and as we see them: it may run in a container or on another machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Self


@dataclass(frozen=True)
class PathMapping:
    """`(theirs, ours)` pairs of absolute folders. The longest prefix wins; what none covers is the same for both."""

    pairs: Sequence[tuple[str, Path]] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `theirs:ours` pairs, separated by commas; theirs may begin with a drive letter. Raises ValueError."""
        return cls(tuple(_pair(part.strip()) for part in text.split(",") if part.strip()))

    def theirs(self, path: Path) -> str:
        """A path of ours as the engine sees it."""
        for theirs, ours in sorted(self.pairs, key=lambda pair: len(pair[1].parts), reverse=True):
            if path.is_relative_to(ours):
                return str(_engine_path(theirs).joinpath(*path.relative_to(ours).parts))
        return str(path)

    def ours(self, path: str) -> Path:
        """A path the engine told us as we see it."""
        pairs = [(_engine_path(theirs), ours) for theirs, ours in self.pairs]
        for theirs, ours in sorted(pairs, key=lambda pair: len(pair[0].parts), reverse=True):
            same = type(theirs)(path)
            if same.is_relative_to(theirs):
                return ours.joinpath(*same.relative_to(theirs).parts)
        return Path(path)


def _pair(text: str) -> tuple[str, Path]:
    theirs, separator, ours = text.rpartition(":")
    if not (separator and _engine_path(theirs).is_absolute() and Path(ours).is_absolute()):
        raise ValueError(f"not a pair of absolute paths like /theirs:/ours: {text}")
    return theirs, Path(ours)


def _engine_path(text: str) -> PurePath:
    return PureWindowsPath(text) if re.match(r"[A-Za-z]:", text) else PurePosixPath(text)
