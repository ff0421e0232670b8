"""What a channel holds, as far as choosing among its posts needs it."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
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

    `date` has a time zone; `size` in bytes, `duration` in whole seconds, `width` and `height` in pixels. `unique_id`: Telegram's for the file, the same
    wherever it is posted. `has_cover`: Telegram has a small picture of it.
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
    has_cover: bool = False
    width: int | None = None
    height: int | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What is written in it and on it."""
        return tuple(text for text in (self.title, self.performer, self.name, self.caption) if text)


@dataclass(frozen=True)
class Page:
    """A stretch of a channel's history: its posts, the newest first, and the number of the oldest message that was looked
    at, whether it has a file or not. `oldest` is None when there is nothing older.
    """

    posts: Sequence[Post]
    oldest: int | None


@dataclass(frozen=True)
class Stretch:
    """The messages of a stretch of numbers: its posts, the oldest first, and whether there is no message at all."""

    posts: Sequence[Post]
    is_empty: bool


class History(Protocol):
    """What is posted in a channel or supergroup: the Bot API's number of it, or its public name. A file of an album is a
    post of its own.

    Both raise ChatClosed, TelegramRefused, AccountLost, and TelegramAway: with `flood` it may be asked again after the
    pause, which nobody waits for here. No bot may read history: ChatClosed("BOT_METHOD_INVALID").
    """

    async def page(self, chat: int | str, before: int | None) -> Page:
        """What is with files among the next 100 messages older than message `before`; None: from the newest on."""

    async def title(self, chat: int | str) -> str:
        """As its admins call it; bots may ask, too."""


class TendedHistory(History, Protocol):
    """A History through an account that somebody tends: where Telegram does not let it in, it is tried again now and then."""

    @property
    def lost(self) -> str | None:
        """Telegram's own word for why it does not let the account in; None while it does, as far as is known."""


class PostFiles(Protocol):
    """The files of posts. All raise what `History` raises, MessageGone where the post has another file by now or none,
    and FileDamaged.
    """

    def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        """Its bytes from offset `start` on, each checked before."""

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        """The largest picture that Telegram has of a file: a JPEG of some kilobytes; empty when there is none."""


class BegunFiles(Protocol):
    """What came of the files of posts another time."""

    async def kept(self, chat: int | str, message_id: int, unique_id: str, part: Path) -> int:
        """How many bytes that lie at `part` are the first ones of the file: up to what is not as Telegram's hashes say.

        All of them where it gives none. Raises what `PostFiles` raises, and OSError.
        """


class PostHeads(Protocol):
    """How the files of posts begin."""

    async def head(self, chat: int | str, post: Post, most: int) -> bytes:
        """The first `most` bytes of its file, checked before, and nothing more is sent. Raises what `PostFiles` raises.

        `most`: a power of two from 128 KiB to 1 MiB.
        """


class Numbered(PostFiles, Protocol):
    """A channel or supergroup whose messages are asked for by their numbers, as bots may, too."""

    async def stretch(self, chat: int | str, first: int) -> Stretch:
        """The 100 messages from number `first` on. Raises as `History` does."""


class Channels(History, PostFiles, BegunFiles, Protocol):
    """Whole channels, as one account sees them. `pause`: seconds for which Telegram wants to give no more of files."""

    @property
    def pause(self) -> float: ...
