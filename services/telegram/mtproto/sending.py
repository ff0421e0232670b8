"""Sends files as a person, into channels and supergroups: once for a random id."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.functions import channels, messages

from services.failpoints import failpoint
from services.tasks import finish
from services.telegram.budget import Budget
from services.telegram.mtproto import ledger
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.posting import POST_SECONDS, in_turn, media_of, pictures_of, posted, size_in
from services.telegram.mtproto.reading import found_in
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.mtproto.upload import Upload, opened
from services.telegram.pace import Pace
from services.telegram.port import (
    PART,
    ChatClosed,
    Keyboard,
    Media,
    Outgoing,
    Sent,
    SentBefore,
    TelegramAway,
    Told,
    UploadTooLarge,
)

_PAGE, _MOST_PAGES = 100, 20
_REPEATED, _NOTHING_TO_REPLY_TO = "RANDOM_ID_DUPLICATE", "REPLY_MESSAGE_ID_INVALID"
_NEEDED = ("view_messages", "send_messages", "send_media", "send_docs", "send_videos", "send_audios")


class Sender:
    """Of one account, with a budget of its own: what Telegram asks of a person is no matter of the bot's."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._budget = Budget()
        self._pace = Pace()

    async def most(self) -> int:
        """Bytes of the largest file; 0 without Premium, with which alone a person may send more than a bot."""
        me = await self._account.me()
        return self._account.most_parts * PART if me.is_premium else 0

    async def may_post(self, chat_id: int) -> bool:
        """Whether files may be sent there. Raises ChatClosed where we are not."""
        with ours(), failpoint("telegram.rights"):
            found = (await self._account.ask(channels.GetChannels(id=[await self._room(chat_id)]))).chats
        return any(isinstance(room, types.Channel) and _is_open(room) for room in found)

    async def send(self, chat_id: int, media: Media, which: Outgoing, keyboard: Keyboard, told: Told) -> Sent:
        """As `PersonalDoor.send_media` says."""
        with opened(media) as file:
            if file.parts > self._account.most_parts:
                raise UploadTooLarge("FILE_TOO_BIG")
            parts = await ledger.recorded(f"{which.name}:{file.start}:{file.size}:{file.modified}")
            upload = Upload(self._account, self._pace, file, parts, told)
            with ours():
                answer = await posted(upload, lambda: self._post(chat_id, upload, media, which, keyboard))
        await ledger.forget(upload.name)
        return Sent(await self._checked(chat_id, answer, which, upload.file.size))

    async def sent_since(self, chat_id: int, after: int, size: int) -> Sequence[int]:
        """As `PersonalDoor` says, of the newest two thousand messages."""
        return [
            int(message.id)
            async for message in self._newer(chat_id, after)
            if message.out and (found := found_in(message)) and found.file.size == size
        ]

    async def delete(self, chat_id: int, message_id: int) -> None:
        """As `PersonalDoor` says."""
        query = channels.DeleteMessages(channel=await self._room(chat_id), id=[message_id])
        with ours(), failpoint("telegram.delete-own"):
            await self._account.ask(query)

    async def _post(
        self, chat_id: int, upload: Upload, media: Media, which: Outgoing, keyboard: Keyboard
    ) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """Telegram's answer. Raises RpcRefused, SentBefore, TelegramAway, AccountLost."""
        pictures = await pictures_of(self._account, chat_id, media)
        text, entities = _with_links(*await self._account.marked_up(media.caption), keyboard)
        query = messages.SendMedia(
            peer=await self._account.peer(chat_id),
            media=media_of(upload, media, pictures),
            message=text,
            entities=entities,
            random_id=which.random_id,
            silent=True,
            reply_to=_reply(which.reply_to),
        )
        try:
            return await self._sent(chat_id, query)
        except RpcRefused as refused:
            if refused.name != _NOTHING_TO_REPLY_TO:
                raise
        query.reply_to = None
        return await self._sent(chat_id, query)

    async def _sent(self, chat_id: int, query: Any) -> Any:  # noqa: ANN401
        async with in_turn(self._budget, chat_id):
            try:
                with failpoint("telegram.send-media"):
                    # whoever gives it up meanwhile can look for it when it is there
                    return await finish(self._account.ask(query, POST_SECONDS))
            except RpcRefused as refused:
                if refused.name == _REPEATED:
                    raise SentBefore(refused.name) from refused
                raise

    async def _checked(self, chat_id: int, answer: Any, which: Outgoing, size: int) -> int:  # noqa: ANN401
        """The number of the message. One with another file than ours does not stay."""
        number = _number_in(answer, which.random_id)
        if number is None:
            raise TelegramAway(AWAY_SECONDS)
        if size_in(answer, number) not in {None, size}:
            await self.delete(chat_id, number)
            raise TelegramAway(AWAY_SECONDS)
        return number

    async def _newer(self, chat_id: int, after: int) -> AsyncIterator[Any]:
        """The messages after another one, the newest first."""
        peer, oldest = await self._account.peer(chat_id), 0
        for _ in range(_MOST_PAGES):
            about = {"offset_date": 0, "add_offset": 0, "limit": _PAGE, "max_id": 0, "hash": 0}
            query = messages.GetHistory(peer=peer, offset_id=oldest, min_id=after, **about)
            with ours(), failpoint("telegram.sent-since"):
                page = (await self._account.ask(query)).messages
            for message in page:
                yield message
            if len(page) < _PAGE:
                return
            oldest = min(int(message.id) for message in page)

    async def _room(self, chat_id: int) -> Any:  # noqa: ANN401
        peer = await self._account.peer(chat_id)
        if not isinstance(peer, types.InputPeerChannel):
            raise ChatClosed("CHANNEL_INVALID")
        return types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)


def _is_open(room: Any) -> bool:  # noqa: ANN401
    """Whether we may send files of any kind there."""
    if room.left:
        return False
    if room.creator:
        return True
    if room.broadcast:
        return bool(room.admin_rights and room.admin_rights.post_messages)
    taken = () if room.admin_rights else (room.banned_rights, room.default_banned_rights)
    return not any(getattr(rights, name, None) for rights in taken for name in _NEEDED)


def _reply(message_id: int | None) -> Any:  # noqa: ANN401
    return None if message_id is None else types.InputReplyToMessage(reply_to_msg_id=message_id)


def _with_links(text: str, entities: Sequence[Any], keyboard: Keyboard) -> tuple[str, Sequence[Any]]:
    """Keys that open addresses become links below the text: a person's messages have no keys."""
    linked = list(entities)
    keys = [key for row in keyboard for key in row if key.url is not None]
    for position, key in enumerate(keys):
        text += " · " if position else "\n\n"
        place = {"offset": _units(text), "length": _units(key.text)}
        linked.append(types.MessageEntityTextUrl(**place, url=key.url))
        text += key.text
    return text, linked


def _units(text: str) -> int:
    """Telegram counts in those of UTF-16."""
    return len(text.encode("utf_16_le")) // 2


def _number_in(answer: Any, random_id: int) -> int | None:  # noqa: ANN401
    for update in getattr(answer, "updates", ()):
        if isinstance(update, types.UpdateMessageID) and update.random_id == random_id:
            return int(update.id)
    return None
