"""Files that no door takes whole stand in pieces, each a Copy of its own.

What can be cut into parts that play is; the pieces of everything else are the file again when they are joined. Every one of
those but the last has the same size, so that they lie at the same bounds for everybody, and for us after a restart; and none
is a file on the disk, but a stretch of the one that is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from models.media import Kind
from models.storage import Copy, Whole
from services.media.hashing import hashes_of
from services.storage.parts import Parts
from services.storage.port import BeingPosted, CopyKey, StoredFile, TooLarge
from services.storage.sharing import archived, make_way, piece_owners, take_share
from services.storage.telegram import TelegramStore
from services.telegram.port import FileChanged, Told
from services.words import Words

Post = Callable[[StoredFile, CopyKey, Told], Awaitable[Copy]]
"""Puts one piece where the others are, exactly once."""


class Pieces:
    """What stands in pieces in one chat."""

    def __init__(self, store: TelegramStore, words: Words, parts: Parts | None) -> None:
        self._store = store
        self._words = words
        self._parts = parts

    async def concern(self, file: StoredFile) -> bool:
        """Whether a file belongs here in pieces: it stands so already, or no door takes it whole."""
        return await self.hold(file.blake3) or (self._store.splits and file.size > self._store.most)

    async def hold(self, blake3: str) -> bool:
        """Whether an Item that is archived has these bytes here, as far as is known without asking Telegram."""
        return any(map(is_complete, by_file(await archived(await piece_owners(blake3, self._store.name)))))

    async def begun(self, key: CopyKey) -> list[Copy]:
        """The pieces of a file that stand, or are to, in order."""
        here = {"item": key.item, "store": self._store.name, "whole": {"$ne": None}}
        copies = [copy for copy in await Copy.find(here).to_list() if copy.file == key.part]
        return sorted(copies, key=lambda copy: copy.number)

    async def put(self, file: StoredFile, *, key: CopyKey, told: Told, post: Post) -> Copy:
        """Has posted what does not stand yet; the first piece, on which the others hang. Repeatable.

        Raises TooLarge, FileChanged besides what the Store raises: what stands by then stays, and is gone on from.
        """
        begun = await self._to_go_on_from(file, key)
        if is_complete(begun):
            return begun[0]
        if not self._store.splits:
            raise TooLarge(self._store.most)
        await self._make_way(file, key, begun)
        cut = await self._cut(file, key, begun)
        # cutting takes long
        await self._make_way(file, key, begun)
        posted, done = list[Copy](), 0
        for number, piece in enumerate(cut, 1):
            captioned = replace(piece, caption=self._caption(piece, number))
            below = replace(captioned, reply_to=posted[0], links=()) if posted else captioned
            if file.reply_to is not None:
                below = replace(below, reply_to=file.reply_to)
            posted.append(await post(below, key.piece(number), _Heard(told, done)))
            done += piece.size
        return posted[0]

    async def _cut(self, file: StoredFile, key: CopyKey, begun: Sequence[Copy]) -> list[StoredFile]:
        """As it was begun; else so that each part plays, if that can be done."""
        known = _whole(begun) if begun else None
        if self._parts is not None and (known is None or known.parts):
            most = self._store.most if known is None else known.each
            parts = await self._parts.of(file, key, most)
            if parts and known in {None, parts[0].whole}:
                return parts
        if known is not None and known.parts:
            # it cannot be cut any more as it was
            await self._need_back(begun)
            known = None
        return await self._cut_bytes(
            file, known or Whole(name=file.name, blake3=file.blake3, size=file.size, each=self._store.most)
        )

    async def _cut_bytes(self, file: StoredFile, whole: Whole) -> list[StoredFile]:
        """The hash of the whole is proven first: nobody is to find out after joining that it was another file by then."""
        try:
            modified = (await asyncio.to_thread(file.path.stat)).st_mtime_ns
            blake3, hashes = await hashes_of(file.path, whole.each)
        except FileNotFoundError as error:
            raise FileChanged(file.name) from error
        if blake3 != whole.blake3:
            raise FileChanged(file.name)
        return [
            replace(
                file,
                name=whole.name_of(number),
                kind=Kind.DOCUMENT,
                start=whole.start_of(number),
                modified=modified,
                size=min(whole.each, whole.size - whole.start_of(number)),
                blake3=each,
                thumbnail=None,
                cover=None,
                whole=whole,
            )
            for number, each in enumerate(hashes, 1)
        ]

    def _caption(self, piece: StoredFile, number: int) -> str:
        count = 0 if piece.whole is None else piece.whole.count
        return f"{piece.caption}\n{self._words('post-piece', number=number, count=count)}"

    async def _to_go_on_from(self, file: StoredFile, key: CopyKey) -> list[Copy]:
        """Own pieces, or those of another file with the same bytes."""
        begun = await self.begun(key)
        if begun and self._is_in_vain(begun, file):
            await self._need_back(begun)
            begun = []
        if is_complete(begun):
            return begun
        twin = await self._twin(file.blake3, key)
        if not twin:
            return begun
        unlike_it = [copy for copy in begun if not copy.shared or copy.whole != twin[0].whole]
        if not await self._taken_back(unlike_it):
            return begun
        for copy in twin:
            await take_share(copy, key.piece(copy.number))
        return await self.begun(key)

    def _is_in_vain(self, begun: Sequence[Copy], file: StoredFile) -> bool:
        """Of a file that is another one by now; or, not all posted, too large for what Telegram takes by now."""
        whole = _whole(begun)
        has_shrunk = self._store.splits and whole.each > self._store.most
        return whole.blake3 != file.blake3 or (has_shrunk and not is_complete(begun))

    async def _need_back(self, copies: Sequence[Copy]) -> None:
        """Raises TooLarge while nobody may look whether a person has sent one of them: it has to be known for the next try."""
        if not await self._taken_back(copies):
            raise TooLarge(self._store.most)

    async def _taken_back(self, copies: Sequence[Copy]) -> bool:
        """The last one first: after a crash what is left is still what one may go on from."""
        for copy in reversed(copies):
            if copy.stored:
                await self._store.remove(copy)
            elif not await self._store.gave_up(CopyKey(copy.item, copy.part)):
                return False
        return True

    async def _twin(self, blake3: str, key: CopyKey) -> list[Copy]:
        """The pieces of another file with these bytes, all sound."""
        for copies in await self._complete_elsewhere(blake3, key):
            if all([await self._store.stands(copy) for copy in copies]):
                return copies
        return []

    async def _complete_elsewhere(self, blake3: str, key: CopyKey) -> list[list[Copy]]:
        files = by_file(await piece_owners(blake3, self._store.name))
        return [copies for copies in files if self._may_share(copies, key)]

    def _may_share(self, copies: Sequence[Copy], key: CopyKey) -> bool:
        """Whether these are all pieces of another file, and in our reach."""
        is_own = (copies[0].item, copies[0].file) == (key.item, key.part)
        return not is_own and is_complete(copies) and all(map(self._store.reaches, copies))

    async def _make_way(self, file: StoredFile, key: CopyKey, begun: Sequence[Copy]) -> None:
        """Raises BeingPosted when somebody else's pieces stand by now, or are being posted."""
        files = by_file(await piece_owners(file.blake3, self._store.name))
        if not begun and any(self._may_share(copies, key) for copies in files):
            raise BeingPosted
        await make_way([copy for copies in files if not is_complete(copies) for copy in copies], key.item)


def by_file(copies: Iterable[Copy]) -> list[list[Copy]]:
    """Pieces by the file that they are of, in order; what is no piece is left out."""
    pieces = [copy for copy in copies if copy.whole is not None]
    pieces.sort(key=lambda copy: (copy.item, copy.file, copy.number))
    return [list(group) for _, group in groupby(pieces, key=lambda copy: (copy.item, copy.file))]


def first_of(pieces: Sequence[Copy], blake3: str) -> Copy | None:
    """The first of the pieces of one file, when all of them stand, and are of these bytes."""
    return pieces[0] if is_complete(pieces) and _whole(pieces).blake3 == blake3 else None


def is_complete(pieces: Sequence[Copy]) -> bool:
    """Whether these pieces of one file are all that there are, and stand."""
    return bool(pieces) and len(pieces) == _whole(pieces).count and all(piece.stored for piece in pieces)


def _whole(pieces: Sequence[Copy]) -> Whole:
    whole = pieces[0].whole
    if whole is None:
        raise ValueError(pieces[0].id)
    return whole


class _Heard:
    """Tells of a piece how far the whole is."""

    def __init__(self, told: Told, before: int) -> None:
        self._told = told
        self._before = before

    async def __call__(self, done: int) -> None:
        await self._told(self._before + done)
