"""The engine for files in messages of Telegram's: as links are fetched, only that Telegram is asked for the bytes."""

import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

import structlog

from services.downloads.embedded.errors import our_disk
from services.downloads.embedded.links import Links
from services.downloads.embedded.options import LinkOptions
from services.downloads.embedded.origin import Offer, OriginBusy, RangeRefused, Wish
from services.downloads.messages import read_address
from services.downloads.port import (
    Contents,
    DownloadKey,
    EngineHealth,
    Progress,
    Selection,
    Source,
    SourceRejected,
    SourceUnavailable,
    TelegramMessage,
    WrongEngine,
    download_key,
)
from services.media.tagging import Tagged, Tags
from services.names import safe_name
from services.telegram.messages import Messages, NoAccount, NoDoor
from services.telegram.port import (
    AccountLost,
    ChatClosed,
    FileDamaged,
    MessageFile,
    MessageGone,
    MessagePlace,
    TelegramAway,
    TelegramRefused,
)

_log = structlog.get_logger(__name__)
Tag = Callable[[Path, Tags], Awaitable[Tagged]]
"""Writes tags into a file of sound that it has not itself; never fails."""


class TelegramDownloader:
    """Takes messages only. `folder` keeps its state, never payload."""

    name = "telegram"

    def __init__(self, folder: Path, messages: Messages, options: LinkOptions, tag: Tag) -> None:
        self._links = Links(folder, _Telegram(messages, tag), options)

    def start(self) -> None:
        """Adopts every job on disk. Call once, before anything else."""
        self._links.start()

    async def run(self) -> None:
        """Fetches what waits, until cancelled."""
        await self._links.run()

    def takes(self, source: Source) -> bool:
        return isinstance(source, TelegramMessage)

    async def inspect(self, source: Source) -> Contents:
        """Leaves no job behind. Raises SourceRejected, SourceUnavailable."""
        address = self._address(source)
        return await self._links.inspect(download_key(source), address, trusted=source.trusted)

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        with our_disk(self.name):
            await self._links.add(key, self._address(source), folder, trusted=source.trusted)

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        return self._links.progress()

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        return self._links.files(key)

    async def pause(self, key: DownloadKey) -> None:
        with our_disk(self.name):
            await self._links.pause(key)

    async def resume(self, key: DownloadKey) -> None:
        with our_disk(self.name):
            await self._links.resume(key)

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        with our_disk(self.name):
            await self._links.remove(key, with_files=with_files)

    async def health(self) -> EngineHealth:
        """Of the doors it goes through others tell."""
        return EngineHealth(ok=True)

    async def close(self) -> None:
        await self._links.close()

    def _address(self, source: Source) -> str:
        if not isinstance(source, TelegramMessage):
            raise WrongEngine(self.name)
        return source.address


class _Telegram:
    """Telegram as where files come from, by the addresses of messages."""

    def __init__(self, messages: Messages, tag: Tag) -> None:
        self._messages = messages
        self._tag = tag

    @asynccontextmanager
    async def ask(
        self, url: str, wish: Wish, *, trusted: bool
    ) -> AsyncIterator[tuple[Offer, AsyncIterator[bytes]]]:
        """As `Origin` says; whom a message may be shown to was asked when it was ordered."""
        message = read_address(url)
        with as_source():
            place = place_of(message)
            found = await self._messages.found(place)
            file = found.file
            if message.unique_id not in {"", file.unique_id}:
                # it was edited: this is not what was chosen
                raise MessageGone("ANOTHER_FILE")
            validator = f'"{file.unique_id}"'
            if wish.start and wish.validator != validator:
                raise RangeRefused
            name, complete = file_name(message, file), partial(self._named, place, file)
            start = wish.start if wish.part is None else min(wish.start, await found.kept(wish.part))
            async with aclosing(found.open(start)) as body:
                yield Offer(name, start, file.size, validator, complete), body

    async def _named(self, place: MessagePlace, file: MessageFile, path: Path) -> None:
        """Telegram knows what music is called and looks like, also where the file does not say."""
        if file.title or file.performer or file.has_cover:
            with as_source():
                cover = await self._cover(place, file)
            await self._tag(path, Tags(title=file.title, performer=file.performer, cover=cover or None))

    async def _cover(self, place: MessagePlace, file: MessageFile) -> bytes:
        """None is worth an order; but it is waited for, as the file was. Raises TelegramAway."""
        try:
            return await self._messages.cover(place, file)
        except (TelegramRefused, AccountLost, FileDamaged) as error:
            _log.info("no-cover", message=place.message_id, exc_info=error)
            return b""

    async def close(self) -> None:
        """The doors are others'."""


def place_of(message: TelegramMessage) -> MessagePlace:
    return MessagePlace(
        message.chat,
        message.message_id,
        message.file_id,
        message.size,
        title=message.title,
        performer=message.performer,
        cover_id=message.cover_id,
    )


def file_name(message: TelegramMessage, file: MessageFile) -> str:
    """What a file is called on our disk: as whoever ordered it named it, as its sender did, else as its message is called."""
    wished = safe_name(message.name)
    # a message is called without an ending as long as nobody has looked at it
    named = wished if PurePosixPath(wished).suffix else ""
    name = named or safe_name(file.name or "") or wished or "file"
    if PurePosixPath(name).suffix or file.mime is None:
        return name
    return safe_name(name + (mimetypes.guess_extension(file.mime, strict=True) or ""))


@contextmanager
def as_source() -> Iterator[None]:
    """What Telegram says of a message becomes what a Downloader says of a Source."""
    try:
        yield
    except TelegramAway as error:
        if error.flood:
            raise OriginBusy(error.key, error.seconds) from error
        raise SourceUnavailable(error.key) from error
    except AccountLost as error:
        raise SourceUnavailable(error.key, **error.values) from error
    except FileDamaged as error:
        raise SourceUnavailable(error.key) from error
    except NoAccount as error:
        raise SourceRejected("message-no-account") from error
    except NoDoor as error:
        raise SourceRejected("message-no-door") from error
    except MessageGone as error:
        raise SourceRejected("message-gone") from error
    except ChatClosed as error:
        raise SourceRejected("message-closed") from error
    except TelegramRefused as error:
        raise SourceRejected("message-refused") from error
