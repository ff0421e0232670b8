"""What Magpie needs of a door to Telegram: what is sent, what comes of it, and how it may fail."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.media import Kind
from services.errors import MagpieError

_MIB = 1024 * 1024
PART = 512 * 1024
"""Bytes of the parts in which a large file goes."""
MOST_PARTS = 4000


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

    A `thumbnail` is a JPEG of at most 320 x 320 pixels and 200 kB; a video's `cover` has a photo's limits.
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


@dataclass(frozen=True)
class Sent:
    """A message of ours as Telegram confirmed it. `file_id` belongs to this bot alone."""

    message_id: int
    file_id: str | None = None


class AccountLost(MagpieError):
    """Telegram does not know this account's authorisation any more, or never gave one; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__("account-lost", reason=reason)
        self.reason = reason


class FileDamaged(MagpieError):
    """What Telegram gives of a file is not what it says itself that it is, however often it is asked: take another copy."""

    def __init__(self) -> None:
        super().__init__("file-damaged")


class FileChanged(MagpieError):
    """The file is not any more what it was when it was looked at, or is gone."""

    def __init__(self, name: str) -> None:
        super().__init__("file-changed", name=name)


@dataclass(frozen=True)
class Limits:
    """What this door takes and gives, in bytes."""

    upload: int = 50 * _MIB
    photo: int = 10 * _MIB
    fetch: int = 20 * _MIB


Told = Callable[[int], Awaitable[None]]
"""Is told now and then how many bytes of a file are with Telegram."""


async def unheard(*_: object) -> None:
    """Is told how far something is, and has no use for it."""


class LargeDoor(Protocol):
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

    def open(self, chat_id: int, message_id: int, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes of a message's media from offset `start` on, each checked before. Raises MessageGone, FileDamaged."""
