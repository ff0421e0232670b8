"""The archive: posts what a Transfer brought, and hands out what is there."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from models.access import Member, Right
from models.clock import now
from models.library import Item
from models.media import Facts, Kind, Preview, PreviewKind, prominence
from models.storage import Copy, Link
from models.transfers import Post, Transfer
from services.access.rights import require
from services.chats import moves
from services.documents import insert_once, update_if
from services.downloads.port import Source
from services.downloads.vault import recall
from services.errors import MagpieError
from services.failpoints import failpoint
from services.intake.channels import opened_channels
from services.library.standing import stands_for_one_of
from services.media.hashing import blake3_of
from services.storage.disk import DiskStore
from services.storage.joining import how_to_join, of_posts, without_stumps
from services.storage.parts import Parts
from services.storage.pieces import Pieces, first_of
from services.storage.port import CopyKey, StoredFile, TooLarge, Verdict
from services.storage.preview_posts import PreviewPosts
from services.storage.taking import Taking
from services.storage.telegram import TelegramStore, in_reach, largest, splits
from services.telegram.door import BotApiDoor
from services.telegram.port import (
    AccountLost,
    ChatClosed,
    ChatMoved,
    FileChanged,
    LargeDoor,
    MessageGone,
    PersonalDoor,
    TelegramAway,
    TelegramRefused,
    Told,
    unheard,
)
from services.words import Words

_log = structlog.get_logger(__name__)


Heard = Callable[[Facts, int], Awaitable[None]]
"""Is told now and then how many bytes of a large file are in the archive."""


class NothingToDeliver(MagpieError):
    """The Item is not in the archive, no part of it is in Telegram, or it has no previews there."""

    def __init__(self, *, previews: bool) -> None:
        super().__init__("preview-none" if previews else "item-not-deliverable")


class NotOfGroup(MagpieError):
    """It was ordered in a group, and is for that group's members only."""

    def __init__(self) -> None:
        super().__init__("not-of-group")


class NotHandedOut(MagpieError):
    """It stands in a channel that was taken in, of which we are no admin, or not any more."""

    def __init__(self) -> None:
        super().__init__("intake-not-handed-out")


class MayNotPost(MagpieError):
    """The right to post is missing; the key says which, and so who must act. What is stored already stays."""


@dataclass(frozen=True)
class Archived:
    """What storing a Transfer came to: its posts, the main one first, and names of files.

    Of those that are kept on disk, and of those a preview of which Telegram did not take.
    """

    posts: Sequence[Post]
    kept_on_disk: Sequence[str]
    missed_previews: Sequence[str] = ()


class Archive:
    """Chooses a Store for each file. `channel` is where posts go; None: the orderer's own chat."""

    def __init__(
        self,
        door: BotApiDoor,
        words: Words,
        root: Path,
        channel: int | None,
        large: LargeDoor | None = None,
        person: PersonalDoor | None = None,
        parts: Parts | None = None,
        *,
        copies: bool = False,
    ) -> None:
        """`copies`: what stays on the disk comes from another file system than that of `root`."""
        self._door = door
        self._large = large
        self._person = person
        self._parts = parts
        self._words = words
        self._root = root
        self._channel = channel
        self._copies = copies
        self._disk = DiskStore(root)
        self._previews = PreviewPosts(words, root, self._lack)
        self._chats: dict[int, TelegramStore] = {}

    @property
    def channel(self) -> int | None:
        return self._channel

    @property
    def most(self) -> int:
        """Bytes of the largest file that Telegram takes from us now."""
        most = largest(self._door, self._large)
        return most if self._channel is None else max(most, self._chat(self._channel).most)

    @property
    def splits(self) -> bool:
        """Whether larger files come in pieces; else they stay on the disk."""
        return splits(self._door, self._large)

    @property
    def taking(self) -> Taking:
        """What becomes of a file by its size, as things are now."""
        return Taking(self.most, self.splits, self._copies)

    async def opens(self) -> bool:
        """Whether one of the doors for large files does, as far as can be found out now; the first door always does."""
        try:
            return await self._person_takes() or self._large is None or bool(await self._large.greet())
        except (AccountLost, TelegramAway, TelegramRefused):
            return False

    async def _person_takes(self) -> bool:
        if self._person is None or self._channel is None:
            return False
        return await self._person.learn(self._channel) > 0

    async def store(self, transfer: Transfer, told: Heard = unheard) -> Archived:
        """Puts every file and preview where it belongs. Repeatable: what is there already is found again.

        Raises MayNotPost. A group that has moved meanwhile is followed, and TelegramAway asks to begin again there.
        """
        try:
            return await self._store(transfer, told)
        except ChatMoved as moved:
            await moves.follow(moved.chat_id, moved.to)
            raise TelegramAway(1) from moved
        except MessageGone:
            raise
        except TelegramRefused as refusal:
            lack = await self._lack(refusal)
            if lack is None:
                raise
            raise MayNotPost(lack) from refusal

    async def _lack(self, refusal: TelegramRefused) -> str | None:
        if self._channel is None:
            return "chat-closed" if isinstance(refusal, ChatClosed) else None
        return await self._door.lacks(self._channel)

    async def _store(self, transfer: Transfer, told: Heard) -> Archived:
        store = self._chat(self._channel or transfer.chat_id)
        posts: list[Post] = []
        kept: list[str] = []
        missed: list[str] = []
        main: Copy | None = None
        for index, facts in _in_order(transfer.facts):
            copy = await self._store_file(store, transfer, index, facts, main, told)
            if copy.message_id is None:
                kept.append(facts.name)
            else:
                posts.append(Post(copy_id=copy.id, link=public_link(copy)))
                main = main or copy
            below = copy if copy.message_id else main
            if not await self._previews.store(store, transfer, index, facts, below):
                missed.append(facts.name)
        await self._record(transfer, posts, main)
        return Archived(posts, kept, missed)

    async def holds(self, transfer: Transfer, facts: Sequence[Facts]) -> bool:
        """Whether every one of these files is archived already where this Transfer would be posted."""
        store = self._chat(self._channel or transfer.chat_id)
        hashes = [fact.blake3 for fact in facts if fact.size > 0]
        return all([await store.holds(each) or await self._pieces(store).hold(each) for each in hashes])

    async def discard(self, transfer_id: str) -> None:
        """Takes back what a cancelled Transfer had posted so far. Repeatable."""
        # those that share first: to them nothing has to be left
        for copy in sorted(
            await Copy.find({"item": transfer_id}).to_list(), key=lambda each: not each.shared
        ):
            if copy.channel_id is None:
                await self._disk.remove(copy)
            else:
                await self._chat(copy.channel_id).remove(copy)
        await self._disk.discard(transfer_id)

    async def verify(self, copy: Copy) -> Verdict | None:
        """Whether the message of a Copy is there, without leaving a trace; None: nobody can tell from here.

        Raises TelegramAway, TelegramRefused.
        """
        if copy.channel_id is None or copy.message_id is None or not in_reach(copy, self._door.bot_id):
            return None
        return await self._chat(copy.channel_id).verify(copy)

    @require(Right.RECEIVE)
    async def deliver(
        self,
        item_id: str,
        chat_id: int,
        *,
        only: Sequence[Post] | None = None,
        previews: bool = False,
        thread_id: int | None = None,
        by: Member,
    ) -> int:
        """Copies an Item's posts into a chat; nothing is uploaded again. How many of them are not there any more.

        `only`: those of a part of it. The id of an order that was handed out of somebody else's Item stands for what it
        wanted of that. Where files are in pieces, it says first how to put them together.

        Raises NothingToDeliver when all are gone, NotOfGroup, NotHandedOut.

        What lies in the archive channel, or one that was taken in, is for all members, or for those of the group where it
        was ordered; what lies in an orderer's own chat, for the orderer. What stands for a work that somebody ordered in the
        same place is for them, too. `services.library.reach` finds by the same rule.
        """
        shown = await self._shown(item_id, chat_id, by)
        seen = shown if only is None else of_posts(shown, only)
        wanted = {previews, previews or by.with_previews}
        asked = [copy for copy in seen if copy.is_preview in wanted]
        copies = without_stumps([copy for copy in asked if not copy.lost_at])
        if not copies:
            raise NothingToDeliver(previews=previews)
        posts: dict[int, set[int]] = {}
        for copy in copies:
            if copy.channel_id is not None and copy.message_id is not None:
                posts.setdefault(copy.channel_id, set()).add(copy.message_id)
        made, silent = 0, by.is_silent_in(chat_id, now())
        for text in how_to_join(copies, self._words.spoken_in(by.language)):
            with failpoint("storage.tell"):
                await self._door.send_text(chat_id, text, thread_id=thread_id, silent=silent)
        for channel, ids in posts.items():
            try:
                with failpoint("storage.deliver"):
                    copied = await self._door.copy(
                        channel, sorted(ids), chat_id, thread_id=thread_id, silent=silent
                    )
            except ChatClosed as closed:
                if channel == self._channel or channel not in await opened_channels():
                    raise
                raise NotHandedOut from closed
            made += len(copied)
        if made and not previews:
            await self._handed_out(item_id)
        if not made:
            # copying leaves out, without a word, what is not there any more
            raise NothingToDeliver(previews=previews)
        return sum(map(len, posts.values())) - made + sum(1 for copy in asked if copy.lost_at)

    async def _handed_out(self, item_id: str) -> None:
        """Counted, so that the most wanted can be listed first."""
        ordered = await Transfer.get(item_id)
        brought = item_id if ordered is None or ordered.item is None else ordered.item
        with failpoint("library.handed-out"):
            await update_if(Item, {"_id": brought}, {"changed_at": now()}, increase={"handed_out": 1})

    @require(Right.ORDER)
    async def source(self, item_id: str, chat_id: int, *, by: Member) -> Source:
        """Where an Item came from, for whom it may be delivered to. Raises NothingToDeliver, NotOfGroup, SourceRejected."""
        transfer = await Transfer.get(item_id)
        if transfer is None or not await self._shown(item_id, chat_id, by):
            raise NothingToDeliver(previews=False)
        return await recall(transfer.source)

    async def _shown(self, item_id: str, chat_id: int, by: Member) -> list[Copy]:
        """The Copies in Telegram that a member may be shown in a chat. Raises NotOfGroup."""
        ordered = await Transfer.get(item_id)
        if ordered is not None and ordered.item not in {None, item_id}:
            return of_posts(await self._shown(ordered.item, chat_id, by), ordered.posts)
        there = {"item": item_id, "stored": True, "message_id": {"$ne": None}}
        found = [copy for copy in await Copy.find(there).to_list() if in_reach(copy, self._door.bot_id)]
        item = await Item.get(item_id)
        own = item is not None and (item.member_id == by.id or await stands_for_one_of(item, by.id))
        if by.may(Right.OVERSEE) or own:
            return found
        group = _group_of(item, ordered)
        common = {self._channel, group, *await opened_channels()}
        shown = [copy for copy in found if copy.channel_id in common]
        if shown and group not in {None, chat_id} and not await self._is_in(group, by):
            raise NotOfGroup
        return shown

    async def _is_in(self, group: int | None, by: Member) -> bool:
        return group is not None and await self._door.is_member(group, int(by.id))

    async def _store_file(
        self,
        store: TelegramStore,
        transfer: Transfer,
        index: int,
        facts: Facts,
        main: Copy | None,
        told: Heard,
    ) -> Copy:
        previews = transfer.previews.get(str(index), [])
        file = StoredFile(
            path=self._root / facts.path,
            name=facts.name,
            # of a photo Telegram keeps a picture of its own, and a moving one stands still
            kind=Kind.DOCUMENT if facts.kind is Kind.IMAGE else facts.kind,
            size=facts.size,
            blake3=facts.blake3,
            modified=facts.modified,
            caption=self._caption(facts),
            links=self._links(transfer.id, transfer.previews) if main is None else (),
            reply_to=main,
            thumbnail=self._picture(previews, PreviewKind.THUMBNAIL),
            cover=self._picture(previews, PreviewKind.POSTER),
            width=facts.width,
            height=facts.height,
            duration=facts.duration,
            title=facts.title,
            performer=facts.performer,
            container=facts.container,
        )
        return await self._put(store, file, CopyKey(transfer.id, str(index)), partial(told, facts))

    async def _put(self, store: TelegramStore, file: StoredFile, key: CopyKey, told: Told) -> Copy:
        """Into Telegram where it takes the file, else onto the disk; from there, when it takes larger ones than it did."""
        await self._drop_outdated(store, file, key)
        pieces = self._pieces(store)
        begun = await pieces.begun(key)
        standing = await store.standing(key) or first_of(begun, file.blake3)
        kept = await self._disk.kept(key)
        if standing is None and kept is not None and store.most <= kept.beyond:
            return kept
        if kept is not None:
            file = replace(file, path=self._disk.place(kept))
        try:
            copy = standing or await self._put_there(store, file, key, told, begun=bool(begun))
        except TooLarge as error:
            _log.warning("too-large-for-telegram", name=file.name, size=file.size, exc_info=error)
            await store.withdraw(key)
            return await self._stays(file, key, kept, error.limit)
        except (FileChanged, FileNotFoundError) as error:
            if kept is None:
                raise FileChanged(file.name) from error
            _log.warning("kept-file-gone", name=file.name, exc_info=error)
            await store.withdraw(key)
            return await self._stays(file, key, kept, store.most)
        if kept is not None:
            await self._disk.remove(kept)
        if copy.whole is not None and copy.whole.parts and self._parts is not None:
            await self._parts.remove(key, copy.whole)
        return copy

    async def _drop_outdated(self, store: TelegramStore, file: StoredFile, key: CopyKey) -> None:
        """Takes back what was posted or kept of the file, and made of it, before it changed. A placeholder may stay."""
        known = [await Copy.get(key.in_store(name)) for name in (store.name, self._disk.name)]
        if not any(copy is not None and _is_outdated(copy, file) for copy in known):
            return
        for copy in await Copy.find({"item": key.item}).to_list():
            if str(copy.index) == key.part:
                await self._take_back(store, copy)

    async def _take_back(self, store: TelegramStore, copy: Copy) -> None:
        if copy.store == self._disk.name:
            await self._disk.remove(copy)
        elif copy.stored:
            await store.remove(copy)
        else:
            await store.withdraw(CopyKey(copy.item, copy.part))

    async def _stays(self, file: StoredFile, key: CopyKey, kept: Copy | None, beyond: int) -> Copy:
        """On the disk, until Telegram takes files larger than `beyond`."""
        if kept is None:
            return await self._disk.put(file, key=key, beyond=beyond)
        with failpoint("storage.stays"):
            return await update_if(Copy, {"_id": kept.id}, {"beyond": beyond}) or kept

    async def _put_there(
        self, store: TelegramStore, file: StoredFile, key: CopyKey, told: Told, *, begun: bool
    ) -> Copy:
        """Whole or in pieces, as it was begun; else as it stands there already; else as Telegram takes it."""
        pieces = self._pieces(store)
        borrowed = None if begun else await store.borrow(file, key=key)
        if borrowed is not None:
            return borrowed
        if not begun:
            file = await _as_inspected(file)
        await store.learn_limits(file.size)
        if not begun and not await pieces.concern(file):
            try:
                return await self._post(store, file, key, told)
            except TooLarge:
                # only by trying it is known how little a door takes now
                if not await pieces.concern(file):
                    raise
        if not await store.withdrawn(key):
            raise TooLarge(store.most)
        return await pieces.put(file, key=key, told=told, post=partial(self._post, store))

    async def _post(self, store: TelegramStore, file: StoredFile, key: CopyKey, told: Told) -> Copy:
        """If Telegram refuses it with its pictures, then without them."""
        try:
            return await store.put(file, key=key, told=told)
        except (ChatClosed, MessageGone):
            raise
        except TelegramRefused as refusal:
            bare = replace(file, thumbnail=None, cover=None)
            if bare == file or await self._lack(refusal) is not None:
                raise
            _log.warning("pictures-not-posted", name=file.name, exc_info=refusal)
            return await store.put(bare, key=key, told=told)

    async def _record(self, transfer: Transfer, posts: Sequence[Post], main: Copy | None) -> None:
        item = Item(
            id=transfer.id,
            title=transfer.title,
            files=[facts for facts in transfer.facts if facts.size > 0],
            member_id=transfer.member_id,
            source=transfer.download or "",
            wanted=transfer.chosen.full,
            unpacked=transfer.unpack,
            posts=list(posts),
            channel_id=None if main is None else main.channel_id,
            group=transfer.chat_id if transfer.chat_id < 0 else None,
        )
        with failpoint("library.insert"):
            known = await insert_once(item)
        if known.posts != item.posts:
            standing = {"posts": item.posts, "channel_id": item.channel_id, "changed_at": now()}
            with failpoint("library.posts"):
                await update_if(Item, {"_id": item.id}, standing)

    def _caption(self, facts: Facts) -> str:
        words = self._words
        details = [words.size(facts.size)]
        if facts.duration:
            details.append(words.duration(facts.duration))
        if facts.width and facts.height and facts.kind in {Kind.VIDEO, Kind.IMAGE}:
            details.append(f"{facts.width}×{facts.height}")
        credit = " — ".join(part for part in (facts.performer, facts.album) if part)
        return words(
            "post-caption",
            title=facts.title,
            credit=credit,
            has_credit="yes" if credit else "no",
            details=" · ".join(details),
            tag=facts.kind.value,
        )

    def _links(self, item: str, previews: object) -> Sequence[Link]:
        start = f"https://t.me/{self._door.username}?start="
        get = Link(text=self._words.label("button-get"), url=f"{start}get_{item}")
        preview = Link(text=self._words.label("button-preview"), url=f"{start}preview_{item}")
        return (get, preview) if previews else (get,)

    def _picture(self, previews: Sequence[Preview], kind: PreviewKind) -> Path | None:
        found = next((self._root / p.path for p in previews if p.kind is kind), None)
        return found if found is not None and found.is_file() else None

    def _pieces(self, store: TelegramStore) -> Pieces:
        return Pieces(store, self._words, self._parts)

    def _chat(self, chat_id: int) -> TelegramStore:
        return self._chats.setdefault(
            chat_id,
            TelegramStore(
                self._door,
                chat_id,
                only_posts=chat_id == self._channel,
                large=self._large,
                person=self._person,
            ),
        )


def _group_of(item: Item | None, ordered: Transfer | None) -> int | None:
    """The group whose members alone may have it. Of an Item that came with an import there is no order."""
    if item is not None:
        return item.group
    return ordered.chat_id if ordered is not None and ordered.chat_id < 0 else None


async def _as_inspected(file: StoredFile) -> StoredFile:
    """Written to since it was hashed it may be another file, of the same size even: the hash tells. Raises FileChanged."""
    if file.modified is None:
        return file
    modified = (await asyncio.to_thread(file.path.stat)).st_mtime_ns
    if modified != file.modified and (await blake3_of(file.path))[0] != file.blake3:
        raise FileChanged(file.name)
    return replace(file, modified=modified)


def _is_outdated(copy: Copy, file: StoredFile) -> bool:
    stands = copy.stored or copy.generation is not None
    return stands and not copy.is_of(file.blake3, file.size)


def _in_order(facts: Sequence[Facts]) -> list[tuple[int, Facts]]:
    """The main file first, then as they came.

    An empty file is left out: Telegram takes none, and there is nothing to keep.
    """
    numbered = [(index, fact) for index, fact in enumerate(facts) if fact.size > 0]
    main = min(numbered, key=lambda pair: prominence(pair[1]), default=None)
    return [] if main is None else [main, *(pair for pair in numbered if pair[0] != main[0])]


def public_link(copy: Copy) -> str | None:
    """The address of a post in a channel; private chats have none."""
    text = str(copy.channel_id)
    return (
        f"https://t.me/c/{text.removeprefix('-100')}/{copy.message_id}" if text.startswith("-100") else None
    )
