"""Reads what a channel holds, page after page, through one account."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.functions import channels, messages

from services.grabbing.port import Page, Post, PostKind, Stretch
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.reading import Found, Reader, found_in
from services.telegram.mtproto.refusals import ours
from services.telegram.port import ChatClosed

_PAGE = 100
_NO_FILES = (types.DocumentAttributeSticker, types.DocumentAttributeCustomEmoji)


class ChannelHistory:
    """As a `History`. Of channels and supergroups only: elsewhere everybody has other messages under the same numbers."""

    def __init__(self, account: Account, reader: Reader) -> None:
        self._account = account
        self._reader = reader

    async def page(self, chat: int | str, before: int | None) -> Page:
        if not self._account.reads_history:
            # there is no number of the newest message that a bot could count down from, either
            raise ChatClosed("BOT_METHOD_INVALID")
        peer = await self._channel(chat)
        query = messages.GetHistory(
            peer=peer,
            offset_id=before or 0,
            offset_date=0,
            add_offset=0,
            limit=_PAGE,
            max_id=0,
            min_id=0,
            hash=0,
        )
        with ours():
            said = (await self._account.ask(query)).messages
        oldest = min((each.id for each in said), default=1)
        return Page(tuple(self._posts_in(chat, said)), oldest if oldest > 1 else None)

    async def stretch(self, chat: int | str, first: int) -> Stretch:
        """As `Numbered` says."""
        peer = await self._channel(chat)
        wanted = [types.InputMessageID(id=number) for number in range(first, first + _PAGE)]
        with ours():
            query = channels.GetMessages(channel=_room(peer), id=wanted)
            said = (await self._account.ask(query)).messages
        there = [each for each in said if not isinstance(each, types.MessageEmpty)]
        return Stretch(tuple(reversed(tuple(self._posts_in(chat, there)))), is_empty=not there)

    async def title(self, chat: int | str) -> str:
        peer = await self._channel(chat)
        with ours():
            found = (await self._account.ask(channels.GetChannels(id=[_room(peer)]))).chats
        known = next((each for each in found if isinstance(each, types.Channel)), None)
        if known is None:
            raise ChatClosed("CHANNEL_PRIVATE")
        return str(known.title)

    def _posts_in(self, chat: int | str, said: Iterable[Any]) -> Iterator[Post]:
        """The newest first."""
        for message in sorted(said, key=lambda each: int(each.id), reverse=True):
            found = found_in(message)
            post = None if found is None else post_of(message, found)
            if found is not None and post is not None:
                self._reader.remember(chat, message.id, found)
                yield post

    async def _channel(self, chat: int | str) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        peer = await self._account.named(chat)
        if not isinstance(peer, types.InputPeerChannel):
            raise ChatClosed("CHANNEL_INVALID")
        return peer


def _room(peer: Any) -> Any:  # noqa: ANN401
    return types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)


def post_of(message: Any, found: Found) -> Post | None:  # noqa: ANN401
    """The message as a post; None when its file is one of those that are none to people."""
    document = getattr(message.media, "document", None)
    attributes = {} if document is None else {type(each): each for each in document.attributes}
    if any(each in attributes for each in _NO_FILES):
        return None
    sound = attributes.get(types.DocumentAttributeAudio)
    lasting = sound or attributes.get(types.DocumentAttributeVideo)
    return Post(
        message_id=int(message.id),
        date=datetime.fromtimestamp(message.date, UTC),
        kind=PostKind.PHOTO if document is None else _kind(attributes),
        name=found.file.name or "",
        mime=found.file.mime or "",
        size=found.file.size,
        duration=None if lasting is None else int(lasting.duration),
        title=getattr(sound, "title", None) or "",
        performer=getattr(sound, "performer", None) or "",
        caption=message.message or "",
        unique_id=found.file.unique_id,
        has_cover=found.cover is not None,
        **_pixels(message.media, attributes),
    )


def _pixels(media: Any, attributes: dict[type, Any]) -> dict[str, int]:  # noqa: ANN401
    """Width and height; of a picture those of its largest size."""
    seen = attributes.get(types.DocumentAttributeVideo) or attributes.get(types.DocumentAttributeImageSize)
    photo = getattr(media, "photo", None)
    shown = [seen] if seen else [size for size in getattr(photo, "sizes", ()) if getattr(size, "w", 0)]
    largest = max(shown, key=lambda size: int(size.w) * int(size.h), default=None)
    return {} if largest is None or not largest.w else {"width": int(largest.w), "height": int(largest.h)}


def _kind(attributes: dict[type, Any]) -> PostKind:
    """An animation says that it is a film, too."""
    if types.DocumentAttributeAnimated in attributes:
        return PostKind.ANIMATION
    if types.DocumentAttributeVideo in attributes:
        return PostKind.VIDEO
    sound = attributes.get(types.DocumentAttributeAudio)
    if sound is None:
        return PostKind.DOCUMENT
    return PostKind.VOICE if sound.voice else PostKind.AUDIO
