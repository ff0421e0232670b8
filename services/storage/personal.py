"""Posts of a person's: what is too large for the bot goes into a channel as its owner.

A bot cannot edit what others send, so here is no placeholder: the message is sent whole, under a random id that follows from
what it is, and Telegram lets that stand once. A crash between sending and saving leaves a message that we know nothing of but
where it must be, who sent it, its size and its first bytes. By those it is found.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path

import structlog

from models.clock import now
from models.storage import Copy
from services.documents import update_if
from services.failpoints import failpoint
from services.storage.port import StoredFile
from services.telegram.door import BotApiDoor
from services.telegram.port import (
    AccountLost,
    ChatClosed,
    FileChanged,
    Keyboard,
    Media,
    MessageGone,
    Outgoing,
    PersonalDoor,
    SentBefore,
    TelegramRefused,
    Told,
)

_HEAD = 128 * 1024
_MOST_GENERATIONS = 8
_log = structlog.get_logger(__name__)


class PersonalPosts:
    """Into one channel or supergroup, as one person."""

    def __init__(self, door: BotApiDoor, person: PersonalDoor, chat_id: int) -> None:
        self._door = door
        self._person = person
        self._chat_id = chat_id

    @property
    def most(self) -> int:
        """Bytes of the largest file that the person may send here, as far as is known."""
        return self._person.most_in(self._chat_id)

    async def learn(self) -> int:
        """As `most`, after Telegram was asked. Raises TelegramAway."""
        return await self._person.learn(self._chat_id)

    async def put(
        self, copy: Copy, media: Media, keys: Keyboard, reply_to: int | None, told: Told, *, again: bool
    ) -> Copy:
        """Posts it, unless a former try came through: `again`, when there may have been one.

        Raises AccountLost, ChatClosed, UploadTooLarge, FileChanged; MessageGone when the next try has to begin anew.
        """
        below = not await self._door.may_edit(self._chat_id)
        message_id = await self._found(copy) if again else None
        if message_id is None:
            copy, message_id = await self._sent(copy, media, keys if below else (), reply_to, told)
        if not below:
            await self._set_keys(message_id, keys)
        return await self._noted(copy, message_id)

    async def take_back(self, copy: Copy) -> bool:
        """Deletes the message of a Copy, also one that nobody noted. False when the account may not look, or not delete."""
        try:
            message_id = copy.message_id or await self._found(copy)
            if message_id is not None:
                await self._person.delete(self._chat_id, message_id)
        except (AccountLost, ChatClosed) as closed:
            _log.warning("post-not-taken-back", copy=copy.id, reason=closed.reason)
            return False
        return True

    def open(self, message_id: int, start: int) -> AsyncGenerator[bytes, None]:
        """The bytes in a post. Raises as `MessageDoor.open` does."""
        return self._person.open(self._chat_id, message_id, start)

    async def _sent(
        self, copy: Copy, media: Media, links: Keyboard, reply_to: int | None, told: Told
    ) -> tuple[Copy, int]:
        """The Copy as it is then, and its message."""
        for _ in range(_MOST_GENERATIONS):
            which = Outgoing(copy.id, random_id_of(copy), reply_to)
            try:
                sent = await self._person.send_media(self._chat_id, media, which, links, told=told)
            except SentBefore:
                message_id = await self._found(copy)
            else:
                message_id = sent.message_id
            if message_id is not None:
                return copy, message_id
            copy = await self._begun_anew(copy)
        raise MessageGone("deleted again and again")

    async def _begun_anew(self, copy: Copy) -> Copy:
        """It was sent, and somebody has deleted it: under this random id it cannot be sent again."""
        generation = copy.generation or 0
        with failpoint("storage.anew"):
            anew = await update_if(
                Copy,
                {"_id": copy.id, "stored": False, "generation": generation},
                {"generation": generation + 1},
            )
        if anew is None:
            raise MessageGone("given up meanwhile")
        return anew

    async def _set_keys(self, message_id: int, keys: Keyboard) -> None:
        try:
            with failpoint("storage.keys"):
                await self._door.edit_keyboard(self._chat_id, message_id, keys)
        except MessageGone:
            raise
        except TelegramRefused as refusal:
            _log.warning("keys-not-set", message=message_id, reason=refusal.reason)

    async def _noted(self, copy: Copy, message_id: int) -> Copy:
        where = {"_id": copy.id, "stored": False, "message_id": None, "generation": copy.generation}
        with failpoint("storage.sent"):
            stored = await update_if(
                Copy, where, {"message_id": message_id, "stored": True, "verified_at": now()}
            )
        if stored is not None:
            _log.info("posted", copy=copy.id, message=message_id)
            return stored
        latest = await Copy.get(copy.id)
        if latest is None or latest.message_id != message_id:
            # the Copy was given up, or somebody else placed it, while we sent
            await self._person.delete(self._chat_id, message_id)
        return latest or copy

    async def _found(self, copy: Copy) -> int | None:
        """The message of a try of which nothing was noted."""
        sent = await self._person.sent_since(self._chat_id, copy.after or 0, copy.size)
        known = await Copy.find({"channel_id": self._chat_id, "message_id": {"$in": list(sent)}}).to_list()
        others = {other.message_id for other in known}
        for message_id in sent:
            if message_id not in others and await self._begins_like(copy, message_id):
                return message_id
        return None

    async def _begins_like(self, copy: Copy, message_id: int) -> bool:
        begin = bytearray()
        try:
            async with aclosing(self.open(message_id, 0)) as chunks:
                async for chunk in chunks:
                    begin += chunk
                    if len(begin) >= _HEAD:
                        break
        except MessageGone:
            return False
        return _digest(begin) == copy.head


def random_id_of(copy: Copy) -> int:
    """63 bits, the same for every try of the same message, and another one for each other message."""
    named: Sequence[object] = (copy.item, copy.part, copy.channel_id, copy.blake3, copy.generation)
    digest = sha256("\n".join(map(str, named)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


async def head_of(file: StoredFile) -> str:
    """By what `Copy.head` is known. Raises FileChanged when the file is gone."""
    try:
        return await asyncio.to_thread(_read_head, file.path, file.start, min(_HEAD, file.size))
    except FileNotFoundError as error:
        raise FileChanged(file.name) from error


def _read_head(path: Path, start: int, size: int) -> str:
    with path.open("rb") as file:
        file.seek(start)
        return _digest(file.read(size))


def _digest(data: bytes | bytearray) -> str:
    return sha256(data[:_HEAD]).hexdigest()
