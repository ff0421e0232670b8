"""Reads the files in messages: what they are, where Telegram has them, and their bytes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pyrogram.file_id import FileUniqueId, FileUniqueType
from pyrogram.raw import types
from pyrogram.raw.functions import channels, messages

from services.failpoints import failpoint
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.cdn import Cdns
from services.telegram.mtproto.download import Place, read
from services.telegram.mtproto.refusals import ours
from services.telegram.pace import Pace
from services.telegram.port import MessageFile, MessageGone


@dataclass(frozen=True)
class Found:
    """A file, and where it is to be had for a while."""

    file: MessageFile
    place: Place


class Reader:
    """As a `MessageDoor`, through one account. `pace` is that of all it reads."""

    def __init__(self, account: Account, pace: Pace) -> None:
        self._account = account
        self._pace = pace
        self._cdns = Cdns()

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        return (await self.find(chat, message_id)).file

    async def open(self, chat: int | str, message_id: int, start: int = 0) -> AsyncGenerator[bytes, None]:
        async def fresh() -> Place:
            return (await self.find(chat, message_id)).place

        async with aclosing(read(self._account, self._pace, self._cdns, fresh, start)) as chunks:
            async for chunk in chunks:
                yield chunk

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
        return Found(_file(document), Place.of(document))
    if isinstance(photo, types.Photo):
        return _picture(photo)
    return None


def _file(document: Any) -> MessageFile:  # noqa: ANN401
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
    )


def _picture(photo: Any) -> Found | None:  # noqa: ANN401
    """In the largest of the sizes that Telegram keeps."""
    sizes = {size.type: _bytes_of(size) for size in photo.sizes}
    largest = max(sizes, key=lambda name: sizes[name], default=None)
    if largest is None or not sizes[largest]:
        return None
    location = types.InputPhotoFileLocation(
        id=photo.id,
        access_hash=photo.access_hash,
        file_reference=photo.file_reference,
        thumb_size=largest,
    )
    file = MessageFile(_unique(photo), sizes[largest], mime="image/jpeg")
    return Found(file, Place(location, file.size, photo.dc_id))


def _bytes_of(size: Any) -> int:  # noqa: ANN401
    """0 for the blurred ones that came along in the message itself."""
    if isinstance(size, types.PhotoSizeProgressive):
        return max(size.sizes, default=0)
    return int(size.size) if isinstance(size, types.PhotoSize) else 0


def _unique(media: Any) -> str:  # noqa: ANN401
    """As the Bot API calls it."""
    return str(FileUniqueId(file_unique_type=FileUniqueType.DOCUMENT, media_id=media.id).encode())
