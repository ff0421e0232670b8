"""A Telegram chat as a Store. Each Copy is posted exactly once, whatever happens in between.

The Bot API has no idempotency key and bots cannot read history. So a short silent placeholder is sent, its message id saved,
and then edited into the post, which may be repeated. A crash between sending and saving leaves one placeholder that we know
nothing of but where it must be: between the last message known before and the next one. It is removed on repeating.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress

import structlog

from models.cards import Card
from models.clock import now
from models.media import Kind
from models.storage import Copy, Link
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.storage.personal import PersonalPosts, head_of
from services.storage.port import BeingPosted, CopyKey, CopyMissing, StoredFile, TooLarge, Verdict
from services.storage.sharing import (
    archived,
    drop_share,
    heir_of,
    inherit,
    lose,
    make_way,
    piece_owners,
    take_share,
    touch,
    turn_of,
    whole_owners,
)
from services.tasks import finish
from services.telegram.door import BotApiDoor
from services.telegram.port import (
    FIRST_CHANNEL,
    AccountLost,
    Button,
    ChatClosed,
    Keyboard,
    LargeDoor,
    Limits,
    Media,
    MessageGone,
    PersonalDoor,
    Seen,
    Sent,
    TelegramRefused,
    Told,
    UploadTooLarge,
    unheard,
)

_PLACEHOLDER = "⏳"
_log = structlog.get_logger(__name__)
_MOST_ORPHANS = 20
_MOST_BEHIND = 100
"""So far behind is looked, where most belongs to Copies."""
_NOT_OURS = "message can't be edited"


def in_reach(copy: Copy, bot_id: int) -> bool:
    """Whether a bot finds the Copy by channel and message id.

    Supergroups and channels number their messages for everybody. Elsewhere each bot has numbers of its own, so those of
    the bot before us would be other messages.
    """
    return (copy.channel_id or 0) < FIRST_CHANNEL or copy.bot_id in {0, bot_id}


def largest(door: BotApiDoor, large: LargeDoor | None) -> int:
    """Bytes of the largest file that one of the doors takes now."""
    return max(door.limits.upload, 0 if large is None else large.limits.upload)


def splits(door: BotApiDoor, large: LargeDoor | None) -> bool:
    """Whether what is larger than that comes in pieces: not in such small ones as the Bot API takes."""
    return largest(door, large) > min(door.limits.upload, Limits().upload)


class TelegramStore:
    """Posts into one chat. Orphans are looked for only in a channel that is ours for posts: elsewhere Cards live, too."""

    def __init__(
        self,
        door: BotApiDoor,
        chat_id: int,
        *,
        only_posts: bool,
        large: LargeDoor | None = None,
        person: PersonalDoor | None = None,
    ) -> None:
        self._door = door
        self._large = large
        is_shared = chat_id < FIRST_CHANNEL
        self._person = PersonalPosts(door, person, chat_id) if person is not None and is_shared else None
        self._chat_id = chat_id
        self._only_posts = only_posts
        self._sending = asyncio.Lock()
        self._announcing = asyncio.Lock()

    @property
    def name(self) -> str:
        return f"telegram{self._chat_id}"

    @property
    def most(self) -> int:
        """Bytes of the largest file that one of the doors takes now, as far as is known."""
        return max(self._most_of_bot, 0 if self._person is None else self._person.most)

    @property
    def _most_of_bot(self) -> int:
        return largest(self._door, self._large)

    @property
    def splits(self) -> bool:
        """Whether larger files come in pieces."""
        return splits(self._door, self._large)

    async def learn_limits(self, size: int) -> None:
        """What the doors for large files take, they know when they are open: for so many bytes. Raises TelegramAway."""
        if self._large is not None and size > self._door.limits.upload:
            with suppress(AccountLost):
                await self._large.greet()
        if self._person is not None and size > self._most_of_bot:
            await self._person.learn()

    def takes(self, file: StoredFile) -> bool:
        return 0 < file.size <= self.most

    async def put(self, file: StoredFile, *, key: CopyKey, told: Told = unheard) -> Copy:
        """Large files take long: `told` hears how many bytes are there. Raises BeingPosted, too."""
        person = await self._person_for(file)
        if not self.takes(file):
            raise TooLarge(self.most)
        fresh = await self._announcement(file, key, by_person=person is not None)
        copy = await self._announced(fresh, key)
        if not copy.is_of(file.blake3, file.size):
            # a person may have sent it before the file changed, and is not there to say so
            raise TooLarge(self._most_of_bot)
        if copy.stored:
            return copy
        if copy.generation is not None and person is None:
            # what was begun as a person's goes on so, also when the bot takes it by now
            person = await self._taking(file)
        if (copy.generation is None) != (person is None) and await self.withdrawn(key):
            return await self.put(file, key=key, told=told)
        again = copy is not fresh
        if person is None:
            return await self._put_by_bot(copy, file, key, told, again=again)
        return await self._put_by_person(person, copy, file, key, told, again=again)

    async def _put_by_bot(
        self, copy: Copy, file: StoredFile, key: CopyKey, told: Told, *, again: bool
    ) -> Copy:
        try:
            placed = await self._placed(copy, file.reply_to)
            if again:
                await self._remove_orphans(placed)
            return await self._posted(placed, file, told)
        except MessageGone:
            # somebody deleted the placeholder: the next try sends a new one
            with failpoint("storage.lost"):
                await update_if(Copy, {"_id": copy.id, "stored": False}, {"message_id": None})
            raise
        except UploadTooLarge as refusal:
            await self.withdraw(key)
            if await self._person_for(file) is not None:
                # only now is it known how little the bot may send
                return await self.put(file, key=key, told=told)
            raise TooLarge(self.most) from refusal
        except AccountLost as lost:
            await self.withdraw(key)
            # for as long as the second door is shut
            raise TooLarge(self._door.limits.upload) from lost

    async def _person_for(self, file: StoredFile) -> PersonalPosts | None:
        """Who posts what is too large for the bot, if anybody may."""
        return None if file.size <= self._most_of_bot else await self._taking(file)

    async def _taking(self, file: StoredFile) -> PersonalPosts | None:
        if self._person is None or file.size > await self._person.learn():
            return None
        return self._person

    async def withdrawn(self, key: CopyKey) -> bool:
        """As `withdraw`; whether that could be done now. What a person may have sent, only they can take back."""
        await self.withdraw(key)
        return await Copy.get(key.in_store(self.name)) is None

    async def _put_by_person(
        self,
        person: PersonalPosts,
        copy: Copy,
        file: StoredFile,
        key: CopyKey,
        told: Told,
        *,
        again: bool,
    ) -> Copy:
        reply_to = None if file.reply_to is None else file.reply_to.message_id
        media, keys = self._media(file), _keyboard(file.links)
        try:
            return await person.put(copy, media, keys, reply_to, told, again=again)
        except (AccountLost, ChatClosed, UploadTooLarge) as refusal:
            # what it may still do tells what has to change before it is worth another try
            await person.learn()
            await self.withdraw(key)
            raise TooLarge(self.most) from refusal

    async def standing(self, key: CopyKey) -> Copy | None:
        """What stands here already."""
        copy = await Copy.get(key.in_store(self.name))
        return copy if copy is not None and copy.stored else None

    async def withdraw(self, key: CopyKey) -> None:
        """Takes back what was begun under this key and came to nothing, the placeholder with it."""
        copy = await Copy.get(key.in_store(self.name))
        if copy is None or copy.stored:
            return
        if copy.shared:
            await drop_share(copy.id, unfinished=True)
            return
        if copy.generation is not None:
            # while its person may not look whether it was sent, it has to be known for the next try
            if await self._taken_back(copy):
                await self._forget(copy)
            return
        await (self._forget(copy) if copy.message_id is None else self.remove(copy))

    async def open(self, copy: Copy, start: int = 0) -> AsyncIterator[bytes]:
        file_id = copy.file_ids.get(str(self._door.bot_id))
        if file_id is not None and copy.size <= self._door.limits.fetch:
            async with aclosing(self._door.open(file_id, start)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        if copy.message_id is None or not in_reach(copy, self._door.bot_id):
            raise CopyMissing
        try:
            async with aclosing(self._opened(copy, copy.message_id, start)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except MessageGone as gone:
            raise CopyMissing from gone

    def _opened(self, copy: Copy, message_id: int, start: int) -> AsyncGenerator[bytes, None]:
        if self._large is not None and copy.size <= self._large.limits.fetch:
            return self._large.open(self._chat_id, message_id, start)
        if self._person is None:
            raise TooLarge(self._door.limits.fetch)
        return self._person.open(message_id, start)

    async def verify(self, copy: Copy) -> Verdict:
        """Bots cannot read messages: setting the keys under the post to what they are tells whether it is there."""
        if not copy.stored or copy.message_id is None or not in_reach(copy, self._door.bot_id):
            return Verdict.MISSING
        try:
            await self._door.edit_keyboard(self._chat_id, copy.message_id, _keyboard(copy.links))
        except MessageGone:
            return Verdict.MISSING
        except TelegramRefused as refusal:
            # a post of the bot whose place we took: it is there, but not ours to edit
            if _NOT_OURS not in refusal.reason.lower():
                raise
        return Verdict.SOUND

    async def borrow(self, file: StoredFile, *, key: CopyKey) -> Copy | None:
        """A Copy that is the post of another one with the same bytes, when there is one: nothing is sent again.

        What was begun of its own is taken back then. Nobody else's post is lost by that, nor by what comes after.
        """
        for twin in await self._standing_posts(file.blake3):
            if twin.id == key.in_store(self.name) or not await self.stands(twin):
                continue
            shared = await take_share(twin, key) if await self.gave_up(key) else await self.standing(key)
            if shared is not None:
                return shared
        return None

    async def _standing_posts(self, blake3: str) -> list[Copy]:
        """The owners of posts of these bytes that our bot finds."""
        owners = await whole_owners(blake3, self.name)
        return [copy for copy in owners if copy.stored and self.reaches(copy)]

    async def gave_up(self, key: CopyKey) -> bool:
        """Takes back what was begun of this; False when it stands by now, or nobody may look whether a person has sent it."""
        own = await Copy.get(key.in_store(self.name))
        if own is None or own.stored or own.generation is not None:
            return own is None or await self.withdrawn(key)
        await self.remove(own)
        return True

    def reaches(self, copy: Copy) -> bool:
        """Whether our bot finds its message."""
        return in_reach(copy, self._door.bot_id)

    async def stands(self, copy: Copy) -> bool:
        """Whether the message of a Copy in reach is there; one that is not counts for nobody any more."""
        if await self.verify(copy) is Verdict.SOUND:
            return True
        await lose(copy)
        return False

    async def holds(self, blake3: str) -> bool:
        """Whether an Item that is archived has these bytes here, as far as is known without asking Telegram."""
        return bool(await archived(await self._standing_posts(blake3)))

    async def remove(self, copy: Copy) -> None:
        if copy.shared:
            await drop_share(copy.id)
            left = await Copy.get(copy.id)
            if left is None:
                return
            copy = left  # the message was left to it just now
        if copy.stored and await self._left_to_another(copy):
            await self._forget(copy)
            return
        is_back = copy.generation is not None and await self._taken_back(copy)
        if copy.generation is None and not copy.stored and self._only_posts:
            # a crash may have come between sending a placeholder and noting it: below another one it is found
            copy = await self._placed(copy)
            await self._remove_orphans(copy)
        if not is_back and copy.message_id is not None and in_reach(copy, self._door.bot_id):
            with failpoint("storage.remove-post"):
                await self._door.delete(self._chat_id, copy.message_id)
        await self._forget(copy)

    async def _left_to_another(self, copy: Copy) -> bool:
        """Whether the post of a Copy that goes is another's from now on, with the keys under it."""
        while (heir := await heir_of(copy)) is not None:
            if not heir.shared:
                await touch(heir.item)
                return True
            links = [Link(text=link.text, url=link.url.replace(copy.item, heir.item)) for link in copy.links]
            if copy.message_id is not None and in_reach(copy, self._door.bot_id):
                with suppress(TelegramRefused):
                    await self._door.edit_keyboard(self._chat_id, copy.message_id, _keyboard(links))
            await inherit(heir, copy, links)
        return False

    async def _taken_back(self, copy: Copy) -> bool:
        return self._person is not None and await self._person.take_back(copy)

    async def _forget(self, copy: Copy) -> None:
        with failpoint("storage.remove-copy"):
            await Copy.get_pymongo_collection().delete_one({"_id": copy.id})

    async def _announcement(self, file: StoredFile, key: CopyKey, *, by_person: bool) -> Copy:
        return Copy(
            id=key.in_store(self.name),
            item=key.item,
            part=key.part,
            store=self.name,
            blake3=file.blake3,
            size=file.size,
            whole=file.whole,
            channel_id=self._chat_id,
            after=await self._last_known(),
            turn=await turn_of(key.item),
            generation=0 if by_person else None,
            head=await head_of(file) if by_person else "",
            links=list(file.links),
        )

    async def _announced(self, fresh: Copy, key: CopyKey) -> Copy:
        """As it is known. Who is the first to announce these bytes posts them. Raises BeingPosted."""
        async with self._announcing:
            own = await Copy.get(fresh.id)
            if own is not None and own.shared and not own.stored:
                await drop_share(own.id, unfinished=True)
                own = await Copy.get(fresh.id)
            is_free = own is None or (own.generation is None and not own.stored)
            if is_free and not fresh.is_preview:
                await self._make_way(fresh, key)
            return await _announce(fresh)

    async def _make_way(self, fresh: Copy, key: CopyKey) -> None:
        if fresh.whole is not None:
            await make_way(await piece_owners(fresh.whole.blake3, self.name), key.item)
            return
        owners = await whole_owners(fresh.blake3, self.name)
        if any(each.stored and each.item != key.item and self.reaches(each) for each in owners):
            # it came since we looked whether there is one
            raise BeingPosted
        await make_way([each for each in owners if not each.stored], key.item)

    async def _placed(self, copy: Copy, reply_to: Copy | None = None) -> Copy:
        if copy.message_id is not None and copy.bot_id in {0, self._door.bot_id}:
            return copy
        if copy.message_id is not None:
            copy = await self._without_placeholder(copy)
        async with self._sending:
            # may take long, and may be given up
            await self._door.budget.turn(self._chat_id)
            # what was sent is written down, even when the Transfer is given up meanwhile
            return await finish(
                self._send_placeholder(copy, None if reply_to is None else reply_to.message_id)
            )

    async def _without_placeholder(self, copy: Copy) -> Copy:
        """A placeholder of the bot whose place we took: we cannot edit it, so a new one takes its place."""
        if in_reach(copy, self._door.bot_id) and copy.message_id is not None:
            with suppress(TelegramRefused):
                await self._door.delete(self._chat_id, copy.message_id)
        with failpoint("storage.replace"):
            freed = await update_if(
                Copy,
                {"_id": copy.id, "stored": False, "message_id": copy.message_id},
                {"message_id": None},
            )
        return freed or copy

    async def _send_placeholder(self, copy: Copy, reply_to: int | None) -> Copy:
        with failpoint("storage.placeholder"):
            sent = await self._door.send_text(
                self._chat_id, _PLACEHOLDER, reply_to=reply_to, silent=True, in_turn=True
            )
        with failpoint("storage.placed"):
            placed = await update_if(
                Copy,
                {"_id": copy.id, "message_id": None},
                {"message_id": sent.message_id, "bot_id": self._door.bot_id},
            )
        if placed is not None:
            return placed
        # the Copy was given up, or somebody else placed it, while we sent
        await self._sweep([sent.message_id])
        return await Copy.get(copy.id) or copy

    async def _posted(self, copy: Copy, file: StoredFile, told: Told) -> Copy:
        if copy.message_id is None:
            raise CopyMissing
        with failpoint("storage.post"):
            sent = await self._edited(copy.message_id, file, told)
        changes: dict[str, object] = {"stored": True, "verified_at": now(), "generation": None}
        if sent.file_id is not None:
            changes["file_ids"] = {**copy.file_ids, str(self._door.bot_id): sent.file_id}
        with failpoint("storage.stored"):
            stored = await update_if(Copy, {"_id": copy.id, "message_id": copy.message_id}, changes) or copy
        _log.info("posted", copy=copy.id, message=copy.message_id)
        return stored

    async def _edited(self, message_id: int, file: StoredFile, told: Told) -> Sent:
        media, keys = self._media(file), _keyboard(file.links)
        if file.size <= self._door.limits.upload or self._large is None:
            return await self._door.edit_into_media(self._chat_id, message_id, media, keys)
        return await self._large.edit_into_media(self._chat_id, message_id, media, keys, told=told)

    async def _remove_orphans(self, copy: Copy) -> None:
        """On repeating: placeholders that a crash left between the announcement and this one, ours and nobody's Copy."""
        if not self._only_posts or copy.after is None or copy.message_id is None:
            return
        first = max(copy.after + 1, copy.message_id - _MOST_ORPHANS)
        async with self._sending:
            await self._sweep(range(first, copy.message_id), behind=copy.message_id)

    async def _sweep(self, ids: Sequence[int], behind: int | None = None) -> None:
        """Removes placeholders that are nobody's. Looking at one needs another for a moment, and a crash leaves that one, too:
        it is `behind` all of them, and has to go before the one that leads to it.
        """
        for message_id in await self._unknown(ids):
            with failpoint("storage.sweep"):
                seen = await self._seen(message_id)
                if seen is not None and behind is not None:
                    await self._sweep(range(behind + 1, min(seen.number, behind + 1 + _MOST_BEHIND)))
                    behind = None
                # what is no placeholder was posted by somebody, and is not ours to touch
                if seen is not None and seen.text == _PLACEHOLDER:
                    await self._remove_orphan(message_id)

    async def _unknown(self, ids: Sequence[int]) -> list[int]:
        known = await Copy.find({"channel_id": self._chat_id, "message_id": {"$in": list(ids)}}).to_list()
        cards = await Card.find({"chat_id": self._chat_id, "message_id": {"$in": list(ids)}}).to_list()
        return sorted(set(ids) - {other.message_id for other in (*known, *cards)})

    async def _seen(self, message_id: int) -> Seen | None:
        try:
            return await self._door.look_at(self._chat_id, message_id, _PLACEHOLDER)
        except TelegramRefused:
            return None

    async def _remove_orphan(self, message_id: int) -> None:
        with suppress(TelegramRefused):
            await self._door.delete(self._chat_id, message_id)

    async def _last_known(self) -> int:
        newest = (
            await Copy.find({"channel_id": self._chat_id, "message_id": {"$ne": None}})
            .sort("-message_id")
            .first_or_none()
        )
        return 0 if newest is None or newest.message_id is None else newest.message_id

    def _media(self, file: StoredFile) -> Media:
        photo_too_big = file.kind is Kind.IMAGE and file.size > self._door.limits.photo
        return Media(
            kind=Kind.DOCUMENT if photo_too_big else file.kind,
            path=file.path,
            name=file.name,
            caption=file.caption,
            thumbnail=file.thumbnail,
            cover=file.cover,
            width=file.width,
            height=file.height,
            duration=file.duration,
            title=file.title,
            performer=file.performer,
            start=file.start,
            modified=file.modified,
            size=None if file.whole is None else file.size,
            whole=file.size if file.whole is None or file.whole.parts else file.whole.size,
        )


async def _announce(fresh: Copy) -> Copy:
    """As it is known. A placeholder that stands for what has changed since, or was made anew, stands for that now."""
    with failpoint("storage.announce"):
        known = await insert_once(fresh)
    if known is fresh or known.stored:
        return known
    changes: dict[str, object] = {"turn": fresh.turn}
    if known.generation is None:
        changes |= {"blake3": fresh.blake3, "size": fresh.size}
    where = {"_id": known.id, "stored": False, "blake3": known.blake3}
    with failpoint("storage.announce-anew"):
        return await update_if(Copy, where, changes) or known


def _keyboard(links: Sequence[Link]) -> Keyboard:
    return [[Button(link.text, url=link.url) for link in links]]
