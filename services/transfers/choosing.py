"""Choosing: what of a Source a member wants. Every choice names what it wants to be so, and may be repeated."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.access import Member, Right
from models.clock import now
from models.files import Chosen, FileList, FileTree, packed
from models.transfers import Transfer, TransferState
from services.access.rights import require
from services.errors import MagpieError
from services.extraction.names import may_be_archive
from services.failpoints import failpoint
from services.storage.taking import Taking
from services.transfers import records
from services.transfers.filetree import chosen_of, total_of
from services.transfers.globs import matching
from services.transfers.room import Left, left_for
from services.transfers.service import Transfers

VIDEO_SUFFIXES = (".mkv", ".mp4", ".avi", ".mov", ".webm", ".m4v", ".ts", ".mpg", ".mpeg", ".wmv", ".ogv")
PAGE = 8
"""Rows of one page."""


class Which(StrEnum):
    """Sorts of files that are chosen with one press."""

    ALL = "all"
    NONE = "none"
    VIDEO = "video"


class NothingToChoose(MagpieError):
    """There is no order here whose files could be chosen."""

    def __init__(self) -> None:
        super().__init__("files-none")


class NothingMatches(MagpieError):
    """No file is called so; what was chosen stays chosen."""

    def __init__(self, pattern: str) -> None:
        super().__init__("glob-nothing", pattern=pattern)


@dataclass(frozen=True)
class FolderRow:
    """A folder on the page: how many of its files are wanted, of how many, and the bytes of all of them."""

    number: int
    name: str
    chosen: int
    total: int
    size: int | None


@dataclass(frozen=True)
class FileRow:
    """A file on the page."""

    index: int
    name: str
    size: int | None
    wanted: bool


@dataclass(frozen=True)
class Picker:
    """What the Card of an order that is being chosen shows, sizes in bytes."""

    total: int
    way: tuple[str, ...]
    """Names of the folders from the top down to the open one; empty at the top."""
    here: FolderRow
    parent: int
    rows: tuple[FolderRow | FileRow, ...]
    page: int
    pages: int
    limit: int
    """The largest file that Telegram takes from us."""
    parts: int
    """How many posts the files wanted make, as far as is known; those that stay on the disk make none."""
    archives: int
    """How many of the files wanted can perhaps be unpacked."""
    oversized: int
    """How many of the files wanted stay on the disk, as they are larger than `limit`."""
    free: int
    """Room on the disk that nobody else is promised."""
    missing: int
    """How much more of that it would need; 0: there is enough."""


class Choosing:
    """Use cases of orders in `choosing`. `folder` is on the disk that is filled."""

    def __init__(self, transfers: Transfers, folder: Path, taking: Callable[[], Taking]) -> None:
        self._transfers = transfers
        self._folder = folder
        self._taking = taking

    @require(Right.ORDER)
    async def want(self, transfer_id: str, index: int, *, wanted: bool, by: Member) -> Transfer:
        """Chooses a file or leaves it out; saying the same twice changes nothing. Raises Stale."""
        transfer, tree = await self._opened(transfer_id, by)
        if index not in tree.indexes:
            raise records.Stale
        return await self._change(transfer, tree, {index}, wanted=wanted)

    @require(Right.ORDER)
    async def want_folder(self, transfer_id: str, folder: int, *, wanted: bool, by: Member) -> Transfer:
        """Chooses everything in a folder and below, or leaves it out. Raises Stale."""
        transfer, tree = await self._opened(transfer_id, by)
        if folder >= len(tree.folders):
            raise records.Stale
        return await self._change(transfer, tree, _below(tree, folder), wanted=wanted)

    @require(Right.ORDER)
    async def want_only(self, transfer_id: str, which: Which, *, by: Member) -> Transfer:
        """Chooses all files of a sort, and no others."""
        transfer, tree = await self._opened(transfer_id, by)
        files = zip(tree.indexes, tree.names, strict=True)
        chosen = self._chosen(tree, {index for index, name in files if _is_of(which, name)})
        return await records.choose(transfer, {"chosen": chosen})

    @require(Right.ORDER)
    async def want_matching(self, transfer_id: str, pattern: str, *, update_id: int, by: Member) -> Transfer:
        """Chooses the files that match a pattern, and no others. `update_id` is the message it was typed in.

        Raises NothingMatches, GlobTooLong, GlobTooSlow, Stale.
        """
        transfer, tree = await self._opened(transfer_id, by)
        found = await asyncio.to_thread(matching, tree, pattern)
        if not found:
            raise NothingMatches(pattern)
        chosen = await asyncio.to_thread(self._chosen, tree, found)
        return await records.choose(transfer, {"chosen": chosen, "page": 0, "pattern_from": update_id})

    @require(Right.ORDER)
    async def matched(self, update_id: int, *, by: Member) -> Transfer | None:
        """The order that took a message for a pattern already, when the message comes again."""
        return await Transfer.find_one({"member_id": by.id, "pattern_from": update_id})

    @require(Right.ORDER)
    async def unpack(self, transfer_id: str, *, wanted: bool, by: Member) -> Transfer:
        """Has archives among the files unpacked, or left as they are."""
        transfer = await self._transfers.find(transfer_id, by=by)
        return await records.choose(transfer, {"unpack": wanted})

    @require(Right.ORDER)
    async def open(self, transfer_id: str, folder: int, *, by: Member) -> Transfer:
        """Opens a folder at its first page."""
        transfer = await self._transfers.find(transfer_id, by=by)
        return await records.choose(transfer, {"folder": folder, "page": 0})

    @require(Right.ORDER)
    async def turn(self, transfer_id: str, page: int, *, by: Member) -> Transfer:
        """Turns to a page of the open folder."""
        transfer = await self._transfers.find(transfer_id, by=by)
        return await records.choose(transfer, {"page": max(0, page)})

    @require(Right.ORDER)
    async def newest(self, chat_id: int, *, by: Member) -> Transfer:
        """One's newest order in a chat whose files can be chosen. Raises NothingToChoose."""
        where = {
            "member_id": by.id,
            "chat_id": chat_id,
            "state": TransferState.CHOOSING.value,
            "listed": True,
        }
        found = await Transfer.find(where).sort("-created_at").limit(1).to_list()
        if not found:
            raise NothingToChoose
        return found[0]

    async def picker(self, transfer: Transfer) -> Picker | None:
        """How the choice stands; None while the file list is being read."""
        files = None if transfer.contents is None else await FileList.get(transfer.contents)
        if files is None:
            return None
        return picker_of(transfer, files.tree, await left_for(transfer, self._folder), self._taking())

    async def _opened(self, transfer_id: str, by: Member) -> tuple[Transfer, FileTree]:
        transfer = await self._transfers.find(transfer_id, by=by)
        files = None if transfer.contents is None else await FileList.get(transfer.contents)
        if files is None or transfer.state is not TransferState.CHOOSING:
            raise records.Stale
        return transfer, files.tree

    async def _change(
        self, transfer: Transfer, tree: FileTree, indexes: set[int], *, wanted: bool
    ) -> Transfer:
        before = set(transfer.wanted)
        chosen = self._chosen(tree, before | indexes if wanted else before - indexes)
        return await records.choose(transfer, {"chosen": chosen})

    def _chosen(self, tree: FileTree, wanted: Collection[int]) -> Chosen:
        return chosen_of(tree, wanted, self._taking().beside)


async def keep_files(tree: FileTree) -> str:
    """Saves the tree; the id that finds it again. Who is given a list keeps it from being forgotten as unused."""
    text = packed(tree)
    list_id = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    with failpoint("transfers.keep-files"):
        await FileList.get_pymongo_collection().update_one(
            {"_id": list_id}, {"$set": {"text": text, "saved_at": now()}}, upsert=True
        )
    return list_id


def picker_of(transfer: Transfer, tree: FileTree, left: Left, taking: Taking) -> Picker:
    """The page that an order has open. `left` is of the disk."""
    wanted = frozenset(transfer.wanted)
    number = transfer.folder if transfer.folder < len(tree.folders) else 0
    folder = tree.folders[number]
    inside = tree.inside(number)
    pages = max(1, -(-(len(inside) + folder.end - folder.own) // PAGE))
    page = min(transfer.page, pages - 1)
    shown = range(page * PAGE, (page + 1) * PAGE)
    places = [place for place, index in enumerate(tree.indexes) if index in wanted]
    names, sizes = [tree.names[place] for place in places], [tree.sizes[place] or 0 for place in places]
    return Picker(
        total=len(tree.names),
        way=tuple(tree.folders[step].name for step in tree.way(number)),
        here=_folder_row(tree, number, wanted),
        parent=folder.parent,
        rows=tuple(_rows(tree, number, inside, shown, wanted)),
        page=page,
        pages=pages,
        limit=taking.most,
        parts=sum(map(taking.parts_of, names, sizes)) - transfer.chosen.empty_count,
        archives=sum(map(may_be_archive, names)),
        oversized=0 if taking.splits else sum(size > taking.most for size in sizes),
        free=left.free,
        missing=left.missing,
    )


def _rows(
    tree: FileTree, number: int, inside: list[int], shown: range, wanted: frozenset[int]
) -> Iterable[FolderRow | FileRow]:
    folder = tree.folders[number]
    yield from (_folder_row(tree, inner, wanted) for inner in inside[shown.start : shown.stop])
    first = folder.own - len(inside)
    for place in range(max(folder.own, first + shown.start), min(folder.end, first + shown.stop)):
        index = tree.indexes[place]
        yield FileRow(index, tree.names[place], tree.sizes[place], index in wanted)


def _folder_row(tree: FileTree, number: int, wanted: frozenset[int]) -> FolderRow:
    folder = tree.folders[number]
    return FolderRow(
        number=number,
        name=folder.name,
        chosen=sum(index in wanted for index in tree.indexes[folder.first : folder.end]),
        total=folder.end - folder.first,
        size=total_of(tree.sizes[folder.first : folder.end]),
    )


def _below(tree: FileTree, number: int) -> set[int]:
    folder = tree.folders[number]
    return set(tree.indexes[folder.first : folder.end])


def _is_of(which: Which, name: str) -> bool:
    if which is Which.VIDEO:
        return name.lower().endswith(VIDEO_SUFFIXES)
    return which is Which.ALL
