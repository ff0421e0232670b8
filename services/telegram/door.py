"""The first door to Telegram: the Bot API.

The only place below the handlers that knows python-telegram-bot. Its exceptions become ours here, named after what the
caller must do, and its objects become plain values.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import httpx
import telegram
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultsButton,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatMemberStatus, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from models.media import Kind
from services.chunks import chunks_of
from services.failpoints import failpoint
from services.tasks import finish
from services.telegram.budget import Budget
from services.telegram.inline import Offer, result_of
from services.telegram.port import (
    FIRST_CHANNEL,
    ChatClosed,
    ChatMoved,
    FileChanged,
    Keyboard,
    Limits,
    Media,
    MessageFile,
    MessageGone,
    Room,
    Seen,
    Sent,
    TelegramAway,
    TelegramRefused,
    UploadTooLarge,
)
from services.telegram.window import Window

_MOST_COPIES = 100
"""In one call."""
_MOST_TRIES = 5
_MOST_PATIENCE_SECONDS = 600.0
_ANSWER_SECONDS = 20.0
_SLOWEST_BYTES = 512 * 1024
"""In a second: a server of one's own answers only when the file is with Telegram."""
Result = TypeVar("Result")
InputMedia = (
    telegram.InputMediaVideo
    | telegram.InputMediaAudio
    | telegram.InputMediaPhoto
    | telegram.InputMediaDocument
)


class BotApiDoor:
    """Sends, edits, copies and deletes through one Bot, whose requests carry the deadlines.

    Every writing waits for its turn in the one budget, but for what took it already (`in_turn`); when Telegram complains
    about one, all wait.
    """

    def __init__(self, bot: telegram.Bot, limits: Limits, budget: Budget) -> None:
        self._bot = bot
        self.budget = budget
        self.limits = limits

    @property
    def bot_id(self) -> int:
        return int(self._bot.id)

    @property
    def username(self) -> str:
        return str(self._bot.username)

    @property
    def hears_groups(self) -> bool:
        """Whether privacy mode is off, as Telegram said when it was last asked: we are told all that is said in groups."""
        return bool(self._bot.bot.can_read_all_group_messages)

    async def hears_groups_now(self) -> bool:
        """The same, asked anew."""
        return bool((await _ours(self._bot.get_me())).can_read_all_group_messages)

    async def send_text(
        self,
        chat_id: int,
        text: str,
        keyboard: Keyboard = (),
        *,
        reply_to: int | None = None,
        thread_id: int | None = None,
        silent: bool = False,
        in_turn: bool = False,
    ) -> Sent:
        """Sends HTML, in a forum to the topic. A message to reply to that is gone is no reason not to send."""
        async with self._writing(chat_id, in_turn=in_turn):
            message = await _ours(
                self._bot.send_message(
                    chat_id,
                    text,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(keyboard),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_parameters=_reply(reply_to),
                    message_thread_id=thread_id,
                    disable_notification=silent,
                )
            )
        return Sent(message.message_id)

    async def send_document(
        self, chat_id: int, name: str, file: BinaryIO, caption: str = "", *, silent: bool = False
    ) -> Sent:
        """Sends an open file under a name, with a caption in HTML. Repeated, it is sent again. Raises UploadTooLarge besides."""
        async with self._writing(chat_id, upload=True):
            message = await _ours(
                self._bot.send_document(
                    chat_id,
                    InputFile(file, filename=name, attach=True, read_file_handle=False),
                    caption=caption or None,
                    parse_mode=ParseMode.HTML,
                    disable_content_type_detection=True,
                    disable_notification=silent,
                )
            )
        return Sent(message.message_id, _file_id(message))

    async def edit_text(
        self, chat_id: int, message_id: int, text: str, keyboard: Keyboard = (), *, in_turn: bool = False
    ) -> None:
        """Edits to HTML; equal content counts as done."""
        async with self._writing(chat_id, in_turn=in_turn):
            await _unless_equal(
                self._bot.edit_message_text(
                    text,
                    chat_id=chat_id,
                    message_id=message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_markup(keyboard),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            )

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = ()
    ) -> Sent:
        """Turns a message of ours into media, streaming the file from disk. May be repeated any number of times.

        Raises UploadTooLarge besides.
        """
        async with self._writing(chat_id, upload=True):
            edited = await self._edit_media(chat_id, message_id, media, keyboard)
        return Sent(message_id, _file_id(edited) if isinstance(edited, telegram.Message) else None)

    async def copy(
        self,
        from_chat: int,
        message_ids: Sequence[int],
        to_chat: int,
        *,
        thread_id: int | None = None,
        silent: bool = False,
    ) -> list[int]:
        """Copies messages without uploading anything again, in a forum to the topic; the new ids.

        With the first hundred copied, Telegram is waited for: who repeated the call would have those twice.
        """
        ordered, made = sorted(message_ids), list[int]()
        for start in range(0, len(ordered), _MOST_COPIES):
            batch = ordered[start : start + _MOST_COPIES]
            copy = partial(self._copy, from_chat, batch, to_chat, thread_id, silent=silent)
            copies = await (_patiently(copy) if made else copy())
            made += [one.message_id for one in copies]
        return made

    async def look_at(self, chat_id: int, message_id: int, answer: str) -> Seen:
        """What a message is. Bots cannot read: it is answered, silently, which brings it along, and the `answer` deleted.

        A crash in between leaves that answer. Raises MessageGone, TelegramRefused.
        """
        return await finish(self._look_at(chat_id, message_id, answer))

    async def _look_at(self, chat_id: int, message_id: int, answer: str) -> Seen:
        with failpoint("telegram.answer"):
            async with self._writing(chat_id):
                sent = await _ours(
                    self._bot.send_message(
                        chat_id,
                        answer,
                        reply_parameters=ReplyParameters(message_id),
                        disable_notification=True,
                    )
                )
        await self.delete(chat_id, sent.message_id)
        seen = sent.reply_to_message
        return Seen(None if seen is None else seen.text, sent.message_id)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Deletes a message of ours; one that is gone already is not an error."""
        with suppress(MessageGone):
            async with self._writing(chat_id):
                await _ours(self._bot.delete_message(chat_id, message_id))

    async def answer(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answers a press, at most 200 characters. One that is too old for an answer is not an error."""
        try:
            await _ours(self._bot.answer_callback_query(query_id, text[:200] or None, show_alert=alert))
        except TelegramRefused:
            return

    async def offer(
        self, query_id: str, offers: Sequence[Offer], *, following: str = "", hint: str = "", seconds: int
    ) -> None:
        """Answers an inline query, for the one who asked, who is answered the same for so many seconds.

        `following` comes back when they want more; `hint` is shown above and leads to us. A file that Telegram does not
        take any more costs itself only. One that is too old for an answer is not an error.
        """
        for some in (offers, [replace(each, file_id=None) for each in offers]):
            try:
                await _ours(
                    self._bot.answer_inline_query(
                        query_id,
                        [result_of(each) for each in some],
                        cache_time=seconds,
                        is_personal=True,
                        next_offset=following,
                        button=InlineQueryResultsButton(hint, start_parameter="help") if hint else None,
                    )
                )
            except TelegramRefused:
                continue
            return

    async def edit_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Sets the keys under a message; equal ones count as done. Raises MessageGone when it is not there."""
        async with self._writing(chat_id):
            await _unless_equal(
                self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=_markup(keyboard))
            )

    async def fetch(self, file_id: str) -> bytes:
        """The bytes of a file a member sent, at most `limits.fetch`."""
        handle = await _ours(self._bot.get_file(file_id))
        return bytes(await _ours(handle.download_as_bytearray()))

    async def look(self, file_id: str) -> MessageFile:
        """What a file is that a message brought. Raises TelegramRefused, TelegramAway."""
        found = await _ours(self._bot.get_file(file_id))
        return MessageFile(found.file_unique_id, found.file_size or 0)

    async def open(self, file_id: str, start: int = 0) -> AsyncGenerator[bytes, None]:
        """Its bytes from offset `start` on: of a server in local mode from the disk, where we see it.

        Raises TelegramRefused, TelegramAway.
        """
        handle = await _ours(self._bot.get_file(file_id))
        path = Path(handle.file_path or "")
        if self._bot.local_mode and await asyncio.to_thread(path.is_file):
            async with aclosing(chunks_of(path, start)) as chunks:
                async for chunk in chunks:
                    yield chunk
        elif (handle.file_size or 0) > Limits().fetch:
            raise TelegramRefused("the Bot API server's disk is not to be seen from here")
        else:
            yield bytes(await _ours(handle.download_as_bytearray()))[start:]

    async def is_member(self, chat_id: int, person_id: int) -> bool:
        """Whether somebody is in a group or a channel. Where we may not look, nobody is."""
        try:
            found = await _ours(self._bot.get_chat_member(chat_id, person_id))
        except TelegramRefused:
            return False
        inside = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER}
        return found.status in inside or getattr(found, "is_member", False)

    async def room(self, chat: int | str) -> Room | None:
        """What a chat is; None where we may not look, or where there is none."""
        try:
            found = await _ours(self._bot.get_chat(chat))
        except TelegramRefused:
            return None
        return Room(
            found.id,
            found.title or "",
            found.username or "",
            is_channel=found.type == telegram.Chat.CHANNEL,
            is_protected=bool(found.has_protected_content),
        )

    async def may_edit(self, channel_id: int) -> bool:
        """Whether we may edit what others post in a channel. In a group nobody may."""
        try:
            found = await _ours(self._bot.get_chat_member(channel_id, self.bot_id))
        except TelegramRefused:
            return False
        return isinstance(found, telegram.ChatMemberAdministrator) and bool(found.can_edit_messages)

    async def lacks(self, channel_id: int) -> str | None:
        """What keeps us from posting in a channel, as a locale key; None: nothing that Telegram tells."""
        try:
            found = await _ours(self._bot.get_chat_member(channel_id, self.bot_id))
        except TelegramRefused:
            return "channel-removed"
        return lack_of(found)

    async def _copy(
        self,
        from_chat: int,
        message_ids: Sequence[int],
        to_chat: int,
        thread_id: int | None,
        *,
        silent: bool,
    ) -> Sequence[telegram.MessageId]:
        async with self._writing(to_chat):
            try:
                return await _ours(
                    self._bot.copy_messages(
                        to_chat,
                        from_chat,
                        message_ids,
                        message_thread_id=thread_id,
                        disable_notification=silent,
                    )
                )
            except _Migrated as migrated:
                # which of the two chats it means is not said; what stood in a group that moved cannot be copied
                if from_chat != to_chat and FIRST_CHANNEL < from_chat < 0:
                    raise MessageGone(migrated.reason) from migrated
                raise

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["BotApiDoor"]:
        """The door for as long as the block lasts."""
        async with self._bot:
            yield self

    async def _edit_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard
    ) -> telegram.Message | bool:
        with _opened(media) as (input_media, beside):
            return await _ours(
                self._bot.edit_message_media(
                    input_media,
                    chat_id=chat_id,
                    message_id=message_id,
                    reply_markup=_markup(keyboard),
                    read_timeout=_ANSWER_SECONDS + _size(media) / _SLOWEST_BYTES,
                    api_kwargs=beside,
                )
            )

    @asynccontextmanager
    async def _writing(
        self, chat_id: int, *, in_turn: bool = False, upload: bool = False
    ) -> AsyncIterator[None]:
        """An upload that fails tells nothing about the other chats, unless nobody could be reached at all."""
        if not in_turn:
            await self.budget.turn(chat_id)
        try:
            yield
        except _Migrated as migrated:
            raise ChatMoved(chat_id, migrated.to) from migrated
        except TelegramAway as away:
            if away.flood or away.unreachable or not upload:
                self.budget.rest(chat_id if away.flood else None, away.seconds, time.monotonic())
            raise


def lack_of(member: telegram.ChatMember) -> str | None:
    """What a place in a channel lacks for posting there, as a locale key."""
    if isinstance(member, telegram.ChatMemberAdministrator):
        return None if member.can_post_messages else "channel-may-not-post"
    gone = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
    return "channel-removed" if member.status in gone else "channel-not-admin"


class _Migrated(TelegramRefused):
    """As ChatMoved, before it is known which chat was asked for."""

    def __init__(self, reason: str, to: int) -> None:
        super().__init__(reason)
        self.to = to


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(b.text, url=b.url, callback_data=b.data) for b in row]
        for row in keyboard
        if row
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _reply(message_id: int | None) -> ReplyParameters | None:
    return None if message_id is None else ReplyParameters(message_id, allow_sending_without_reply=True)


@contextmanager
def _opened(media: Media) -> Iterator[tuple[InputMedia, dict[str, object]]]:
    """What is to be sent, and the parameters that carry further files."""
    with ExitStack() as files:
        handle = files.enter_context(_reading(media))
        upload = InputFile(handle, filename=media.name, attach=True, read_file_handle=False)
        thumbnail = None
        if media.thumbnail is not None:
            thumbnail = files.enter_context(media.thumbnail.open("rb"))
        if media.kind is not Kind.VIDEO or media.cover is None:
            yield _input_media(media, upload, thumbnail), {}
            return
        # python-telegram-bot uploads no cover of an InputMedia: it goes beside it, named by its address
        cover = InputFile(media.cover.read_bytes(), filename="cover.jpg", attach=True)
        yield _input_media(media, upload, thumbnail, cover.attach_uri), {"cover": cover}


def _reading(media: Media) -> BinaryIO:
    """What is to be sent of the file. Raises FileChanged."""
    try:
        media.check(media.path.stat())
    except FileNotFoundError as error:
        raise FileChanged(media.name) from error
    if media.size is None:
        return media.path.open("rb")
    return cast("BinaryIO", Window(media.path, media.start, media.size))


def _size(media: Media) -> int:
    return media.path.stat().st_size if media.size is None else media.size


def _input_media(media: Media, upload: InputFile, thumbnail: object, cover: str | None = None) -> InputMedia:
    common = {"media": upload, "caption": media.caption or None, "parse_mode": ParseMode.HTML}
    seconds = None if media.duration is None else timedelta(seconds=round(media.duration))
    if media.kind is Kind.IMAGE:
        return telegram.InputMediaPhoto(**common)  # type: ignore[arg-type]
    if media.kind is Kind.VIDEO:
        return telegram.InputMediaVideo(
            **common,  # type: ignore[arg-type]
            width=media.width,
            height=media.height,
            duration=seconds,
            supports_streaming=True,
            thumbnail=thumbnail,  # type: ignore[arg-type]
            cover=cover,
        )
    if media.kind is Kind.AUDIO:
        return telegram.InputMediaAudio(
            **common,  # type: ignore[arg-type]
            duration=seconds,
            title=media.title,
            performer=media.performer,
            thumbnail=thumbnail,  # type: ignore[arg-type]
        )
    return telegram.InputMediaDocument(
        **common,  # type: ignore[arg-type]
        disable_content_type_detection=True,
        thumbnail=thumbnail,  # type: ignore[arg-type]
    )


def _file_id(message: telegram.Message) -> str | None:
    attachment = message.effective_attachment
    if isinstance(attachment, Sequence):
        return str(attachment[-1].file_id) if attachment else None
    return getattr(attachment, "file_id", None)


async def _patiently(call: Callable[[], Awaitable[Result]]) -> Result:
    """Tries again while Telegram is away, for a while; it is the budget that waits as long as Telegram asked for."""
    for _ in range(_MOST_TRIES - 1):
        try:
            return await call()
        except TelegramAway as away:
            if away.seconds > _MOST_PATIENCE_SECONDS:
                raise
    return await call()


async def _unless_equal(call: Awaitable[object]) -> None:
    try:
        await _ours(call)
    except TelegramRefused as refusal:
        if "message is not modified" not in refusal.reason.lower():
            raise


async def _ours(call: Awaitable[Result]) -> Result:
    """Awaits one call; foreign errors become ours, with their cause kept."""
    try:
        return await call
    except RetryAfter as error:
        wait = error.retry_after
        raise TelegramAway(
            wait.total_seconds() if isinstance(wait, timedelta) else wait, flood=True
        ) from error
    except Forbidden as error:
        raise ChatClosed(error.message) from error
    except ChatMigrated as error:
        raise _Migrated(error.message, error.new_chat_id) from error
    except BadRequest as error:
        raise _refusal(error.message) from error
    except (TimedOut, NetworkError) as error:
        raise _unanswered(error) from error
    except TelegramError as error:
        raise TelegramRefused(error.message) from error


def _unanswered(error: NetworkError) -> TelegramAway | UploadTooLarge:
    """For the library every status that it does not know is the network's fault."""
    if "too large" in error.message.lower():
        return UploadTooLarge(error.message)
    unreachable = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
    return TelegramAway(2, unreachable=unreachable)


def _refusal(reason: str) -> TelegramRefused:
    lower = reason.lower()
    if ("message to" in lower and "not found" in lower) or "message_id_invalid" in lower:
        return MessageGone(reason)
    closed = ("not enough rights", "need administrator rights", "chat not found", "have no rights")
    return ChatClosed(reason) if any(words in lower for words in closed) else TelegramRefused(reason)
