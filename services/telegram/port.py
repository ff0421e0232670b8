"""What Magpie needs of a door to Telegram: what is sent, what comes of it, and how it may fail."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.media import Kind
from services.errors import Fault, MagpieError

_MIB = 1024 * 1024
FIRST_CHANNEL = -1_000_000_000_000
"""The Bot API's number of a channel or supergroup is this less Telegram's own. They number their messages for all who are in
them; elsewhere everybody has numbers of their own.
"""
PART = 512 * 1024
"""Bytes of the parts in which a large file goes."""
MOST_PARTS, PREMIUM = 4000, 2
"""Of which a file may consist; and how many times as many whoever has Telegram Premium may send."""


class TelegramAway(MagpieError):
    """Telegram cannot be reached, or asks us to slow down (`flood`): try again after `seconds`.

    `unreachable`: nobody was there to connect to, so that it is the same for every call.
    """

    def __init__(self, seconds: float, *, flood: bool = False, unreachable: bool = False) -> None:
        super().__init__("telegram-away")
        self.seconds = seconds
        self.flood = flood
        self.unreachable = unreachable


class TelegramRefused(MagpieError):
    """Telegram will not do this, now or later; `reason` is its own description, for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__("telegram-refused", reason=reason)
        self.reason = reason


class ChatClosed(TelegramRefused):
    """We may not write there: blocked, removed, or not an admin."""


class ChatMoved(MagpieError):
    """The group became a supergroup, and everything of it goes to its new id: `chat_id` is the old one, `to` the new one."""

    def __init__(self, chat_id: int, to: int) -> None:
        super().__init__("chat-moved")
        self.chat_id = chat_id
        self.to = to


class MessageGone(TelegramRefused):
    """The message to edit, copy or answer to is not there any more."""


class SentBefore(TelegramRefused):
    """This random id was used already: the message stands, unless somebody has deleted it."""


class UploadTooLarge(TelegramRefused):
    """This server takes no file of that size, whatever the limits say."""


@dataclass(frozen=True)
class Button:
    """One key: exactly one of `data` (at most 64 bytes) and `url`."""

    text: str
    data: str | None = None
    url: str | None = None


Keyboard = Sequence[Sequence[Button]]


@dataclass(frozen=True)
class Media:
    """A file on its way to Telegram. `caption` is HTML; pixels and seconds where they are known.

    A `thumbnail` is a JPEG of at most 320 x 320 pixels and 200 kB; a video's `cover` has a photo's limits. With a `size` only
    so many bytes of the file go, from offset `start` on. `whole` and `modified`: how many the file had when it was looked at,
    and nanoseconds of its last change then, where these are known.
    """

    kind: Kind
    path: Path
    name: str
    caption: str = ""
    thumbnail: Path | None = None
    cover: Path | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    title: str | None = None
    performer: str | None = None
    start: int = 0
    size: int | None = None
    whole: int | None = None
    modified: int | None = None

    def check(self, told: os.stat_result) -> None:
        """Raises FileChanged when the file that was opened is not the one that was looked at."""
        if self.whole not in {None, told.st_size} or self.modified not in {None, told.st_mtime_ns}:
            raise FileChanged(self.name)


@dataclass(frozen=True)
class Seen:
    """A message that was looked at: its text, None for media; and the number that looking took, greater than any before."""

    text: str | None
    number: int


@dataclass(frozen=True)
class Sent:
    """A message of ours as Telegram confirmed it. `file_id` belongs to this bot alone."""

    message_id: int
    file_id: str | None = None


@dataclass(frozen=True)
class Room:
    """A chat of several: the Bot API's number of it, its title, its public name without `@`, or none.

    `is_protected`: what stands there cannot be copied.
    """

    number: int
    title: str
    name: str
    is_channel: bool
    is_protected: bool = False


@dataclass(frozen=True)
class Outgoing:
    """Which message is sent: by `random_id` (63 bits) Telegram knows it again, by `name` we know the parts of its file."""

    name: str
    random_id: int
    reply_to: int | None = None


@dataclass(frozen=True)
class Me:
    """Whom Telegram takes an account for: its username, or its first name where it has none."""

    name: str
    is_premium: bool


class AccountLost(Fault):
    """Telegram does not know this account's authorisation any more, or never gave one; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__("account-lost", reason=reason)
        self.reason = reason


IN_USE = "in-use"
"""The reason of an AccountLost that is not Telegram's: somebody else uses the session at this moment."""


class FileDamaged(Fault):
    """What Telegram gives of a file is not what it says itself that it is, however often it is asked: take another copy."""

    def __init__(self) -> None:
        super().__init__("file-damaged")


class FileChanged(Fault):
    """The file is not any more what it was when it was looked at, or is gone."""

    def __init__(self, name: str) -> None:
        super().__init__("file-changed", name=name)


@dataclass(frozen=True)
class Limits:
    """What this door takes and gives, in bytes."""

    upload: int = 50 * _MIB
    photo: int = 10 * _MIB
    fetch: int = 20 * _MIB


JPEG = b"\xff\xd8\xff"
"""How every picture of Telegram's begins."""
Told = Callable[[int], Awaitable[None]]
"""Is told now and then how many bytes of a file are with Telegram."""


@dataclass(frozen=True)
class MessagePlace:
    """Where a message stands: the Bot API's number of its chat, or `@name`, and its own number there.

    `file_id` is what the bot itself may read its file by, as long as `size` (bytes) is within the first door's limits. The
    rest, of music, is what came with that: `cover_id` is what it may read a small picture by.
    """

    chat: int | str
    message_id: int
    file_id: str = ""
    size: int | None = None
    title: str = ""
    performer: str = ""
    cover_id: str = ""


@dataclass(frozen=True)
class MessageFile:
    """The file in a message. `unique_id` is the same in every message that has it; `size` in bytes; the rest as its sender
    said, if at all. `title` and `performer`: of music; `has_cover`: Telegram has a small picture of it.
    """

    unique_id: str
    size: int
    name: str | None = None
    mime: str | None = None
    title: str | None = None
    performer: str | None = None
    has_cover: bool = False


async def unheard(*_: object) -> None:
    """Is told how far something is, and has no use for it."""


class MessageDoor(Protocol):
    """A door through which the files in messages are read."""

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        """What file is in a message. Raises MessageGone, ChatClosed, TelegramRefused, TelegramAway, AccountLost."""

    def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """Its bytes from offset `start` on, each checked before. Raises as `look` does, and FileDamaged.

        And MessageGone where the message has another file than this one, or gets another one while it is read.
        """

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        """The largest picture that Telegram has of this file: a JPEG of some kilobytes; empty when there is none.

        Raises as `open` does, and MessageGone where the message has another file by now.
        """


class LargeDoor(MessageDoor, Protocol):
    """A door for what the Bot API does not take. `limits` are those of this moment: none while it is shut."""

    @property
    def limits(self) -> Limits: ...

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = (), *, told: Told
    ) -> Sent:
        """Turns a message of ours into media. May be repeated; what is with Telegram already is not sent again.

        Raises AccountLost, FileChanged, UploadTooLarge besides what every writing may raise.
        """

    async def greet(self) -> str:
        """Opens it; the name Telegram knows us by there. Raises TelegramAway, AccountLost."""


class PersonalDoor(MessageDoor, Protocol):
    """A person's door, for what is too large for a bot: into channels and supergroups alone, as far as they may post there."""

    def most_in(self, chat_id: int) -> int:
        """Bytes of the largest file that may be sent to a chat now, as far as is known; 0: none."""

    async def learn(self, chat_id: int) -> int:
        """As `most_in`, after Telegram was asked. Raises TelegramAway."""

    async def send_media(
        self, chat_id: int, media: Media, which: Outgoing, links: Keyboard = (), *, told: Told
    ) -> Sent:
        """Sends it silently, with `links` below its caption. What is with Telegram already is not sent again.

        Raises SentBefore; AccountLost, FileChanged, UploadTooLarge besides what every writing may raise.
        """

    async def sent_since(self, chat_id: int, after: int, size: int) -> Sequence[int]:
        """Messages of ours, behind that with the number `after`, whose files have so many bytes; the newest first.

        Raises ChatClosed, TelegramRefused, TelegramAway, AccountLost.
        """

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Deletes a message of ours; one that is gone already is not an error. Raises as `sent_since` does."""
