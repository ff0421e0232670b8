"""Removing a job's files, and nothing else."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def erase(folder: Path, paths: Iterable[str]) -> None:
    """Unlinks `paths` (relative to `folder`) and the folders that become empty by it; `folder` itself stays.

    Folders are opened one by one without following symbolic links, so nothing outside can be reached.
    """
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        for path in paths:
            _erase(root, PurePosixPath(path).parts)
    finally:
        os.close(root)


def _erase(parent: int, parts: Sequence[str]) -> None:
    if not parts or parts[0] in {"/", ".."}:
        return
    name, *rest = parts
    if not rest:
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            os.unlink(name, dir_fd=parent)
        return
    try:
        child = os.open(name, _FOLDER, dir_fd=parent)
    except OSError:
        # gone, or a symbolic link, or a file where the folder was: not what we made
        return
    try:
        _erase(child, rest)
    finally:
        os.close(child)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=parent)
