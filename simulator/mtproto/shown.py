"""The world as MTProto shows it: accounts, channels, messages and documents in pyrogram's types."""

import hashlib
import hmac
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.accounts import Bot
from simulator.files import StoredFile
from simulator.messages import Content, Message
from simulator.mtproto.formatting import write_entities, write_keyboard
from simulator.rooms import Room
from simulator.world import World

DC = 2
CHANNEL_BASE = -1000000000000
REFERENCE_SECONDS = 3600
_DOCUMENTS = ("document", "video", "audio", "animation")


def access_hash(bot: Bot, number: int) -> int:
    """What shows that the bot has met something: nobody else can make it up."""
    digest = hmac.digest(bot.file_key.encode(), str(number).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "little", signed=True)


def file_reference(bot: Bot, file: int, until: int) -> bytes:
    """Good for a while only, and for this bot."""
    body = until.to_bytes(8, "big")
    return body + hmac.digest(bot.file_key.encode(), f"{file} {until}".encode(), hashlib.sha256)[:8]


def is_good_reference(bot: Bot, file: int, reference: bytes, now: int) -> bool | None:
    """None when it is none of ours, False when its time is over."""
    until = int.from_bytes(reference[:8], "big")
    if not hmac.compare_digest(reference, file_reference(bot, file, until)):
        return None
    return now <= until


def user(bot: Bot) -> TLObject:
    return types.User(
        id=bot.id,
        is_self=True,
        bot=True,
        bot_info_version=1,
        access_hash=access_hash(bot, bot.id),
        first_name=bot.first_name,
        username=bot.username,
    )


def channel(bot: Bot, room: Room, *, member: bool) -> TLObject:
    number = CHANNEL_BASE - room.id
    return types.Channel(
        id=number,
        title=room.title,
        photo=types.ChatPhotoEmpty(),
        date=0,
        left=not member or None,
        broadcast=room.kind == "channel" or None,
        megagroup=room.kind == "supergroup" or None,
        forum=room.is_forum or None,
        username=room.username,
        access_hash=access_hash(bot, number),
    )


def message(world: World, bot: Bot, said: Message) -> TLObject:
    """A message of a channel or supergroup. Text and documents: what else it carries is not shown."""
    content = said.content
    text = content.get("text") or content.get("caption") or ""
    entities = content.get("entities") or content.get("caption_entities") or []
    return types.Message(
        id=said.message_id,
        peer_id=types.PeerChannel(channel_id=CHANNEL_BASE - said.chat.room),
        date=said.date,
        message=text,
        out=said.sender == bot.id or None,
        post=said.chat.is_channel or None,
        media=_media(world, bot, content),
        entities=write_entities(entities) or None,
        reply_markup=write_keyboard(content.get("reply_markup")),
        edit_date=said.edit_date,
    )


def _media(world: World, bot: Bot, content: Content) -> TLObject | None:
    kind = next((kind for kind in _DOCUMENTS if kind in content), None)
    if kind is None:
        return types.MessageMediaUnsupported() if "photo" in content else None
    stored = world.files.get(content[kind]["file"])
    assert stored is not None  # noqa: S101 - a message's file is never deleted
    shown = document(bot, stored, content[kind], world.now() + REFERENCE_SECONDS)
    return types.MessageMediaDocument(document=shown, video=kind == "video" or None)


def document(bot: Bot, stored: StoredFile, media: dict[str, Any], until: int) -> TLObject:
    return types.Document(
        id=stored.id,
        access_hash=access_hash(bot, stored.id),
        file_reference=file_reference(bot, stored.id, until),
        date=0,
        mime_type=stored.mime_type,
        size=stored.blob.size,
        dc_id=DC,
        attributes=_attributes(stored, media),
    )


def _attributes(stored: StoredFile, media: dict[str, Any]) -> list[TLObject]:
    attributes: list[TLObject] = [types.DocumentAttributeFilename(file_name=stored.name)]
    if stored.kind in ("video", "animation"):
        size = {"w": media.get("width", 0), "h": media.get("height", 0)}
        attributes.append(types.DocumentAttributeVideo(duration=float(media.get("duration", 0)), **size))
    if stored.kind == "animation":
        attributes.append(types.DocumentAttributeAnimated())
    if stored.kind == "audio":
        about = {"title": media.get("title"), "performer": media.get("performer")}
        attributes.append(types.DocumentAttributeAudio(duration=int(media.get("duration", 0)), **about))
    return attributes
