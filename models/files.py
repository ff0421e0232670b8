"""What a Source holds, and what of it is wanted. The list is kept apart from the orders: it may be long."""

import json
from typing import NamedTuple

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now


class Folder(NamedTuple):
    """A folder of a `FileTree`, its number being its place there. `parent` is -1 for the top, whose name is empty.

    The files in it and below it are those from `first` to `end` (exclusive); from `own` on they lie in itself.
    """

    name: str
    parent: int
    first: int
    own: int
    end: int


class FileTree(NamedTuple):
    """All files of a Source as people look at them: folders before files, in natural order.

    Every folder stands somewhere behind its parent. What all files lie in is left out. Of the file at place n, `indexes[n]`
    is its index in the Source, `names[n]` its name without folders, `sizes[n]` its size in bytes (None: not said): lists of
    plain values are read many times as fast as an object for each file.
    """

    folders: list[Folder]
    indexes: list[int]
    names: list[str]
    sizes: list[int | None]

    def inside(self, number: int) -> list[int]:
        """The numbers of the folders that lie in this one."""
        return [at for at, folder in enumerate(self.folders) if folder.parent == number]

    def way(self, number: int) -> list[int]:
        """From the top down to this folder, both left out and in: the top is no step of the way."""
        steps: list[int] = []
        while number > 0:
            steps.append(number)
            number = self.folders[number].parent
        return steps[::-1]

    def paths(self) -> list[str]:
        """The path of every file, in their order."""
        prefixes: list[str] = []
        paths = [""] * len(self.names)
        for folder in self.folders:
            prefixes.append(f"{prefixes[folder.parent]}{folder.name}/" if folder.parent >= 0 else "")
            for at in range(folder.own, folder.end):
                paths[at] = prefixes[-1] + self.names[at]
        return paths


class FileList(Document):
    """The `FileTree` of a Source in one text, written once. `id` is a hash of the text, so that equal lists are one.

    A database, too, reads a text many times as fast as a document for each of ten thousand files.
    """

    id: str  # type: ignore[assignment]
    text: str
    saved_at: Millis = Field(default_factory=now)
    """When an order was last given this list."""

    class Settings:
        name = "file_lists"
        indexes = [IndexModel("saved_at")]

    @property
    def tree(self) -> FileTree:
        folders, indexes, names, sizes = json.loads(self.text)
        return FileTree([*map(Folder._make, folders)], indexes, names, sizes)


def packed(tree: FileTree) -> str:
    """A tree as a `FileList` keeps it."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


class Chosen(BaseModel):
    """The files wanted, small however many they are: indexes stand in ranges (`0-4,7`)."""

    model_config = ConfigDict(frozen=True)

    full: str = ""
    """Files that may have a byte in them."""
    empty: str = ""
    """Files that are empty, as the Source says: nobody can post them."""
    empty_names: list[str] = []
    """Names of the first few of those."""
    empty_count: int = 0
    count: int = 0
    """How many files are wanted, the empty ones too."""
    size: int | None = 0
    """Bytes of all of them; None when the Source does not say."""
    beside: int = 0
    """Bytes that will lie on the disk besides the files while they are stored: parts of films, copies of what stays."""
