"""Reads the files in messages: what they are, where Telegram has them, and their bytes."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyrogram.file_id import FileUniqueId, FileUniqueType
from pyrogram.raw import types
from pyrogram.raw.functions import channels, messages

from services.failpoints import failpoint
from services.grabbing.port import Post
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.cdn import Cdns
from services.telegram.mtproto.download import Place, kept, read, read_head
from services.telegram.mtproto.refusals import ours
from services.telegram.pace import Pace
from services.telegram.port import JPEG, MessageFile, MessageGone

_MOST_REMEMBERED = 300
_MOST_COVER = 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A file, and where it is to be had for a while."""

    file: MessageFile
    place: Place
    cover: Place | None = None
    """Where the largest picture of it is."""


class Reader:
    """As a `MessageDoor`, through one account. `pace` is that of all it reads."""

    def __init__(self, account: Account, pace: Pace) -> None:
        self._account = account
        self._pace = pace
        self._cdns = Cdns()
        self._lately: OrderedDict[tuple[int | str, int], Found] = OrderedDict()

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        return (await self.find(chat, message_id)).file

    async def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        async def fresh() -> Place:
            nonlocal unique_id
            found = await self._same(chat, message_id, unique_id)
            # whatever it is: bytes of another file would not go with what was given out already
            unique_id = found.file.unique_id
            return found.place

        async with aclosing(self._read(fresh, start)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def kept(self, chat: int | str, message_id: int, unique_id: str, part: Path) -> int:
        async def fresh() -> Place:
            return (await self._same(chat, message_id, unique_id)).place

        return await kept(self._account, self._pace, self._cdns, fresh, part)

    async def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        """As `PostFiles` says. A post that was on one of the last pages of history needs not be looked at again."""
        async with aclosing(self._read(self._looked_up(chat, post), start)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def head(self, chat: int | str, post: Post, most: int) -> bytes:
        """As `PostHeads` says; of looking, as `fetch`."""
        return await read_head(self._account, self._pace, self._cdns, self._looked_up(chat, post), most)

    def _looked_up(self, chat: int | str, post: Post) -> Callable[[], Awaitable[Place]]:
        known = self._lately.pop((chat, post.message_id), None)

        async def fresh() -> Place:
            nonlocal known
            found, known = known, None
            if found is None or found.file.unique_id != post.unique_id:
                found = await self._same(chat, post.message_id, post.unique_id)
            return found.place

        return fresh

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        place = (await self._same(chat, message_id, unique_id)).cover
        if place is None:
            return b""

        async def fresh() -> Place:
            return (await self._same(chat, message_id, unique_id)).cover or place

        async with aclosing(self._read(fresh, 0)) as chunks:
            cover = b"".join([chunk async for chunk in chunks])
        return cover if cover.startswith(JPEG) else b""

    def remember(self, chat: int | str, message_id: int, found: Found) -> None:
        """That this was seen just now: it is likely to be fetched next."""
        self._lately[chat, message_id] = found
        if len(self._lately) > _MOST_REMEMBERED:
            self._lately.popitem(last=False)

    async def _same(self, chat: int | str, message_id: int, unique_id: str) -> Found:
        """As `find`, and raises MessageGone for another file than this, if one is named."""
        found = await self.find(chat, message_id)
        if unique_id not in {"", found.file.unique_id}:
            raise MessageGone("ANOTHER_FILE")
        return found

    def _read(self, fresh: Callable[[], Awaitable[Place]], start: int) -> AsyncGenerator[bytes, None]:
        return read(self._account, self._pace, self._cdns, fresh, start)

    async def find(self, chat: int | str, message_id: int) -> Found:
        """The file in a message. Raises MessageGone when there is none, and what `MessageDoor.look` raises."""
        wanted = [types.InputMessageID(id=message_id)]
        with ours(), failpoint("telegram.look"):
            peer = await self._account.named(chat)
            if isinstance(peer, types.InputPeerChannel):
                room = types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
                found = await self._account.ask(channels.GetMessages(channel=room, id=wanted))
            else:
                found = await self._account.ask(messages.GetMessages(id=wanted))
        for message in found.messages:
            file = found_in(message)
            if message.id == message_id and file is not None:
                return file
        raise MessageGone("MESSAGE_WITHOUT_FILE")


def found_in(message: Any) -> Found | None:  # noqa: ANN401 - pyrogram's types are not typed
    """The file in a message; None where there is none, or not any more."""
    media = getattr(message, "media", None)
    document, photo = getattr(media, "document", None), getattr(media, "photo", None)
    if isinstance(document, types.Document):
        cover = _cover(document)
        return Found(_file(document, is_shown=cover is not None), Place.of(document), cover)
    if isinstance(photo, types.Photo):
        return _picture(photo)
    return None


def _file(document: Any, *, is_shown: bool) -> MessageFile:  # noqa: ANN401
    names = (getattr(attribute, "file_name", None) for attribute in document.attributes)
    name = next((name for name in names if name), None)
    sounds = (each for each in document.attributes if isinstance(each, types.DocumentAttributeAudio))
    music = next((sound for sound in sounds if not sound.voice), None)
    return MessageFile(
        _unique(document),
        document.size,
        name,
        document.mime_type or None,
        title=getattr(music, "title", None),
        performer=getattr(music, "performer", None),
        has_cover=is_shown and music is not None,
    )


def _picture(photo: Any) -> Found | None:  # noqa: ANN401
    """In the largest of the sizes that Telegram keeps."""
    largest, size = _largest(photo.sizes)
    if not size:
        return None
    location = types.InputPhotoFileLocation(
        id=photo.id,
        access_hash=photo.access_hash,
        file_reference=photo.file_reference,
        thumb_size=largest,
    )
    file = MessageFile(_unique(photo), size, mime="image/jpeg")
    return Found(file, Place(location, file.size, photo.dc_id))


def _cover(document: Any) -> Place | None:  # noqa: ANN401
    largest, size = _largest(document.thumbs or ())
    if not 0 < size <= _MOST_COVER:
        return None
    whole = Place.of(document)
    location = types.InputDocumentFileLocation(
        id=document.id,
        access_hash=document.access_hash,
        file_reference=document.file_reference,
        thumb_size=largest,
    )
    return replace(whole, location=location, size=size)


def _largest(sizes: Iterable[Any]) -> tuple[str, int]:
    """The name of the largest, and its bytes: 0 when there is none."""
    known = {size.type: _bytes_of(size) for size in sizes}
    largest = max(known, key=lambda name: known[name], default="")
    return largest, known.get(largest, 0)


def _bytes_of(size: Any) -> int:  # noqa: ANN401
    """0 for the blurred ones that came along in the message itself."""
    if isinstance(size, types.PhotoSizeProgressive):
        return max(size.sizes, default=0)
    return int(size.size) if isinstance(size, types.PhotoSize) else 0


def _unique(media: Any) -> str:  # noqa: ANN401
    """As the Bot API calls it."""
    return str(FileUniqueId(file_unique_type=FileUniqueType.DOCUMENT, media_id=media.id).encode())
