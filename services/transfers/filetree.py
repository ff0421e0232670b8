"""From the files of a Source to the tree that people look at, and from there to what they want."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import accumulate

from models.downloads import FileEntry
from models.files import Chosen, FileTree, Folder
from models.ranges import as_ranges

MOST_FOLDERS = 20_000
_DIGITS = re.compile("([0-9]+)")
_NAMES = 5
"""So many empty files are named, the others only counted."""
Key = tuple[object, ...]
Beside = Callable[[str, int], int]
"""Bytes that a file of a name and a size will take of the disk besides itself."""


def tree_of(entries: Iterable[FileEntry]) -> FileTree:
    """Sorts files into folders; the folder that all of them lie in is left out.

    Where a stranger made more folders than anybody could open, the deeper ones are only named before their files.
    """
    places = [([part for part in entry.path.split("/") if part] or [""], entry) for entry in entries]
    shared = _shared([parts for parts, _ in places])
    order = _Order()
    places.sort(key=lambda place: order.key(place[0]))
    grower, depth = _Grower(), _depth([parts[shared:-1] for parts, _ in places])
    for parts, entry in places:
        deepest = min(len(parts) - 1, shared + depth)
        grower.add(parts[shared:deepest], entry.index, "/".join(parts[deepest:]), entry.size)
    return grower.done()


def chosen_of(tree: FileTree, wanted: Collection[int], beside: Beside) -> Chosen:
    """The files wanted, by their indexes, with what has to be known of them without the tree."""
    among = wanted if isinstance(wanted, set | frozenset) else frozenset(wanted)
    places = [place for place, index in enumerate(tree.indexes) if index in among]
    empty = [place for place in places if tree.sizes[place] == 0]
    return Chosen(
        full=as_ranges(tree.indexes[place] for place in places if tree.sizes[place] != 0),
        empty=as_ranges(tree.indexes[place] for place in empty),
        empty_names=[tree.names[place].rpartition("/")[2] for place in empty[:_NAMES]],
        empty_count=len(empty),
        count=len(places),
        size=total_of([tree.sizes[place] for place in places]),
        beside=sum(beside(tree.names[place], tree.sizes[place] or 0) for place in places),
    )


def total_of(sizes: Sequence[int | None]) -> int | None:
    """The sum of sizes; None when one is not known."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _shared(paths: Sequence[list[str]]) -> int:
    """How many folders all files have in common."""
    if not paths:
        return 0
    lowest, highest = min(paths), max(paths)
    most = min(len(lowest), len(highest)) - 1
    return next((depth for depth in range(most) if lowest[depth] != highest[depth]), most)


def _depth(ways: Sequence[list[str]]) -> int:
    """How deep folders may go so that there are not too many. `ways` are sorted."""
    fresh: Counter[int] = Counter()
    before: list[str] = []
    for way in ways:
        fresh.update(range(_common(way, before), len(way)))
        before = way
    counts = accumulate(fresh[level] for level in range(len(fresh)))
    return next((level for level, count in enumerate(counts) if count > MOST_FOLDERS), len(fresh))


def _common(one: list[str], other: list[str]) -> int:
    """How many folders two ways begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((depth for depth, (a, b) in pairs if a != b), min(len(one), len(other)))


class _Order:
    """Natural order, as people count: `2` before `10`, folders before files, large letters as small ones."""

    def __init__(self) -> None:
        self._folders: dict[str, Key] = {}

    def key(self, parts: Sequence[str]) -> Key:
        return (*map(self._folder, parts[:-1]), (1, *_natural(parts[-1])))

    def _folder(self, name: str) -> Key:
        if name not in self._folders:
            self._folders[name] = (0, *_natural(name))
        return self._folders[name]


def _natural(name: str) -> Key:
    pieces = _DIGITS.split(name.casefold())
    numbers = [(len(digits.lstrip("0")), digits.lstrip("0")) for digits in pieces[1::2]]
    # the name itself last, so that no two are equal and a folder's files stay together
    return (*zip(pieces[::2], [*numbers, (-1, "")], strict=True), name)


class _Grower:
    """Takes files in their final order, and notes where each folder begins and ends."""

    def __init__(self) -> None:
        self._tree = FileTree([Folder("", -1, 0, 0, 0)], [], [], [])
        self._way: list[str] = []
        self._open = [0]
        """The numbers of the folders that the last file lies in, the top first."""

    def add(self, way: list[str], index: int, name: str, size: int | None) -> None:
        if way != self._way:
            self._go(way)
        self._tree.indexes.append(index)
        self._tree.names.append(name)
        self._tree.sizes.append(size)

    def done(self) -> FileTree:
        self._close(0)
        return self._tree

    def _go(self, way: list[str]) -> None:
        kept = _common(way, self._way)
        self._close(kept + 1)
        for name in way[kept:]:
            here = len(self._tree.names)
            self._tree.folders.append(Folder(name, self._open[-1], here, here, here))
            self._open.append(len(self._tree.folders) - 1)
        self._way = way

    def _close(self, depth: int) -> None:
        """Ends the folders below a depth. Whatever lies in a folder's folders stands before what lies in itself."""
        here = len(self._tree.names)
        while len(self._open) > depth:
            number = self._open.pop()
            self._tree.folders[number] = self._tree.folders[number]._replace(end=here)
            if self._open:
                self._tree.folders[self._open[-1]] = self._tree.folders[self._open[-1]]._replace(own=here)
