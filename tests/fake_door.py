"""A door to a Telegram that is a dictionary: it keeps messages, refuses what Telegram refuses, and goes away when told."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

from services.telegram.budget import Budget
from services.telegram.door import BotApiDoor
from services.telegram.port import (
    FileChanged,
    Keyboard,
    Limits,
    Media,
    MessageFile,
    MessageGone,
    Outgoing,
    Seen,
    Sent,
    SentBefore,
    TelegramRefused,
    Told,
)


def bytes_of(media: Media) -> bytes:
    """What is sent of the file."""
    end = None if media.size is None else media.start + media.size
    return media.path.read_bytes()[media.start : end]


@dataclass(frozen=True)
class Message:
    """What stands in a chat: a text of ours, media of ours, or something of somebody else's (neither)."""

    text: str | None = None
    media: Media | None = None
    keyboard: Keyboard = ()
    reply_to: int | None = None
    thread_id: int | None = None
    size: int = 0
    silent: bool = False
    of_person: bool = False


@dataclass(frozen=True)
class Call:
    method: str
    chat_id: int
    message_id: int
    text: str = ""


class Freely(Budget):
    """Lets everything through that was not told to rest."""

    def take(self, chat_id: int, at: float, *, spare: float = 0.0) -> bool:
        if super().take(chat_id, at, spare=spare):
            self._bucket(chat_id, at).level += 1
            self._overall.level += 1
            return True
        return False


@dataclass
class FakeDoor(BotApiDoor):
    """`errors` are raised by the next writing calls, one each; `lost` are raised after the call took effect.

    `refused` are raised for media of these names, whenever they come.
    """

    limits: Limits = field(default_factory=Limits)
    chats: dict[int, dict[int, Message]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    budget: Budget = field(default_factory=Freely)
    errors: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)
    refused: dict[str, Exception] = field(default_factory=dict)
    next_id: int = 100
    bot: int = 42
    members: dict[int, set[int]] = field(default_factory=dict)
    lacking: dict[int, str] = field(default_factory=dict)
    editable: set[int] = field(default_factory=set)
    """Channels where it may edit what others post."""

    @property
    def bot_id(self) -> int:
        return self.bot

    @property
    def username(self) -> str:
        return "magpie_bot"

    def texts(self, chat_id: int) -> list[str]:
        """The texts that stand in a chat, in order."""
        return [
            message.text
            for _, message in sorted(self.chats.get(chat_id, {}).items())
            if message.text is not None
        ]

    def media(self, chat_id: int) -> list[Media]:
        return [
            message.media
            for _, message in sorted(self.chats.get(chat_id, {}).items())
            if message.media is not None
        ]

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
        async with self._writing(chat_id, in_turn=in_turn):
            self._pass()
            self.next_id += 1
            sent = Message(
                text=text, keyboard=keyboard, reply_to=reply_to, thread_id=thread_id, silent=silent
            )
            self._put(chat_id, self.next_id, sent)
            self.calls.append(Call("send", chat_id, self.next_id, text))
            self._lose()
            return Sent(self.next_id)

    async def edit_text(
        self, chat_id: int, message_id: int, text: str, keyboard: Keyboard = (), *, in_turn: bool = False
    ) -> None:
        async with self._writing(chat_id, in_turn=in_turn):
            self._pass()
            message = self._get(chat_id, message_id)
            if message.text is None:
                raise TelegramRefused("there is no text in the message to edit")
            self.calls.append(Call("edit", chat_id, message_id, text))
            self._put(chat_id, message_id, replace(message, text=text, keyboard=keyboard))
            self._lose()

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = ()
    ) -> Sent:
        async with self._writing(chat_id, upload=True):
            self._pass()
            if media.name in self.refused:
                raise self.refused[media.name]
            message = self._get(chat_id, message_id)
            size = len(bytes_of(media))
            self._put(
                chat_id, message_id, replace(message, text=None, media=media, keyboard=keyboard, size=size)
            )
            self.calls.append(Call("media", chat_id, message_id))
            self._lose()
            return Sent(message_id, f"file-{message_id}")

    async def copy(
        self,
        from_chat: int,
        message_ids: Sequence[int],
        to_chat: int,
        *,
        thread_id: int | None = None,
        silent: bool = False,
    ) -> list[int]:
        async with self._writing(to_chat):
            self._pass()
            made = []
            for message_id in sorted(message_ids):
                self.next_id += 1
                copied = replace(self._get(from_chat, message_id), thread_id=thread_id, silent=silent)
                self._put(to_chat, self.next_id, copied)
                made.append(self.next_id)
            self.calls.append(Call("copy", to_chat, len(made)))
            return made

    async def look_at(self, chat_id: int, message_id: int, answer: str) -> Seen:
        seen = self._get(chat_id, message_id)
        sent = await self.send_text(chat_id, answer, reply_to=message_id, silent=True)
        await self.delete(chat_id, sent.message_id)
        return Seen(seen.text, sent.message_id)

    async def delete(self, chat_id: int, message_id: int) -> None:
        async with self._writing(chat_id):
            self._pass()
            self.chats.get(chat_id, {}).pop(message_id, None)
            self.calls.append(Call("delete", chat_id, message_id))

    async def edit_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        async with self._writing(chat_id):
            self._pass()
            message = self._get(chat_id, message_id)
            if message.of_person and chat_id not in self.editable:
                raise TelegramRefused("Bad Request: message can't be edited")
            self._put(chat_id, message_id, replace(message, keyboard=keyboard))

    async def is_member(self, chat_id: int, person_id: int) -> bool:
        return person_id in self.members.get(chat_id, set())

    async def may_edit(self, channel_id: int) -> bool:
        return channel_id in self.editable

    async def lacks(self, channel_id: int) -> str | None:
        return self.lacking.get(channel_id)

    async def fetch(self, file_id: str) -> bytes:
        self._pass()
        return file_id.encode()

    async def open(self, file_id: str, start: int = 0) -> AsyncGenerator[bytes, None]:
        self._pass()
        yield file_id.encode()[start:]

    def _pass(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def _lose(self) -> None:
        if self.lost:
            raise self.lost.pop(0)

    def _put(self, chat_id: int, message_id: int, message: Message) -> None:
        self.chats.setdefault(chat_id, {})[message_id] = message

    def _get(self, chat_id: int, message_id: int) -> Message:
        try:
            return self.chats[chat_id][message_id]
        except KeyError:
            raise MessageGone("Bad Request: message to edit not found") from None


@dataclass
class FakeLargeDoor:
    """The second door to the same dictionary. `errors` are raised by the next uploads, one each; `known` are the limits as they
    are found to be then.
    """

    door: FakeDoor
    limits: Limits = field(default_factory=lambda: Limits(upload=10_000, fetch=10_000))
    errors: list[Exception] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    known: Limits | None = None

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = (), *, told: Told
    ) -> Sent:
        self.limits = self.known or self.limits
        if self.errors:
            raise self.errors.pop(0)
        if not media.path.is_file():
            raise FileChanged(media.name)
        media.check(media.path.stat())
        await self.door.edit_into_media(chat_id, message_id, media, keyboard)
        self.uploads.append(media.name)
        await told(len(bytes_of(media)))
        return Sent(message_id)

    async def greet(self) -> str:
        return "magpie_bot"

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        media = self._media(chat, message_id)
        return MessageFile(f"{chat}/{message_id}", len(bytes_of(media)), media.name)

    async def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        yield bytes_of(self._media(chat, message_id))[start:]

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        return b""

    def _media(self, chat: int | str, message_id: int) -> Media:
        media = self.door.chats.get(int(chat), {}).get(message_id, Message()).media
        if media is None:
            raise MessageGone("nothing there")
        return media


@dataclass
class FakePersonalDoor:
    """A person's door to the same dictionary. `errors` are raised by the next sendings, `lost` after they took effect."""

    door: FakeDoor
    most: int = 100_000
    errors: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)
    closed: Exception | None = None
    """Raised by everything that reads or deletes."""
    sent: dict[int, int] = field(default_factory=dict)
    """Messages by the random ids that they were sent under."""
    names: list[str] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    def most_in(self, chat_id: int) -> int:
        return self.most

    async def learn(self, chat_id: int) -> int:
        return self.most

    async def send_media(
        self, chat_id: int, media: Media, which: Outgoing, links: Keyboard = (), *, told: Told
    ) -> Sent:
        if self.errors:
            raise self.errors.pop(0)
        if which.random_id in self.sent:
            raise SentBefore("RANDOM_ID_DUPLICATE")
        self.door.next_id += 1
        number, size = self.door.next_id, len(bytes_of(media))
        message = Message(
            media=media, keyboard=links, reply_to=which.reply_to, size=size, silent=True, of_person=True
        )
        self.door.chats.setdefault(chat_id, {})[number] = message
        self.sent[which.random_id] = number
        self.names.append(which.name)
        await told(size)
        if self.lost:
            raise self.lost.pop(0)
        return Sent(number)

    async def sent_since(self, chat_id: int, after: int, size: int) -> Sequence[int]:
        self._pass()
        said = self.door.chats.get(chat_id, {})
        mine = [number for number, message in said.items() if message.of_person and message.size == size]
        return sorted((number for number in mine if number > after), reverse=True)

    async def delete(self, chat_id: int, message_id: int) -> None:
        self._pass()
        self.deleted.append(message_id)
        self.door.chats.get(chat_id, {}).pop(message_id, None)

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        raise NotImplementedError

    async def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        self._pass()
        media = self.door.chats.get(int(chat), {}).get(message_id, Message()).media
        if media is None:
            raise MessageGone("nothing there")
        yield bytes_of(media)[start:]

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        raise NotImplementedError

    def _pass(self) -> None:
        if self.closed is not None:
            raise self.closed
