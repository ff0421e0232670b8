"""What a channel holds, as far as choosing among its posts needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from models.media import Kind


class PostKind(StrEnum):
    """What Telegram calls it. A round video is a VIDEO, a sticker none of these.

    `models.media.Kind` says what the bytes of a file are, once they are here; Telegram tells music from a voice message,
    and a film from an animation, before. A DOCUMENT may be anything.
    """

    AUDIO = "audio"
    VIDEO = "video"
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    ANIMATION = "animation"

    @property
    def media(self) -> Kind:
        """What its bytes should turn out to be."""
        return _MEDIA[self]


_MEDIA = {
    PostKind.AUDIO: Kind.AUDIO,
    PostKind.VIDEO: Kind.VIDEO,
    PostKind.PHOTO: Kind.IMAGE,
    PostKind.DOCUMENT: Kind.DOCUMENT,
    PostKind.VOICE: Kind.AUDIO,
    PostKind.ANIMATION: Kind.VIDEO,
}


@dataclass(frozen=True)
class Post:
    """One message of a channel with one file. None or empty: Telegram does not say.

    `date` has a time zone; `size` in bytes, `duration` in whole seconds. `unique_id`: Telegram's for the file, the same
    wherever it is posted.
    """

    message_id: int
    date: datetime
    kind: PostKind
    name: str = ""
    mime: str = ""
    size: int | None = None
    duration: int | None = None
    title: str = ""
    performer: str = ""
    caption: str = ""
    unique_id: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What is written in it and on it."""
        return tuple(text for text in (self.title, self.performer, self.name, self.caption) if text)


@dataclass(frozen=True)
class Page:
    """The posts with a file among some messages, the newest first. `oldest` is the number of the oldest message among all
    of them; None: there are no older ones.
    """

    posts: Sequence[Post]
    oldest: int | None


class History(Protocol):
    """What tells the messages of chats."""

    async def page(self, chat: int | str, before: int | None) -> Page:
        """The next hundred messages older than `before`, from the newest on where that is None.

        Raises ChatClosed, TelegramRefused, TelegramAway, AccountLost.
        """

    async def title(self, chat: int | str) -> str:
        """What a chat is called. Raises as `page` does."""
