"""Previews in the archive: pictures and clips that hang as replies on the posts of their files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from blake3 import blake3

from models.media import Facts, Kind, Preview, PreviewKind
from models.storage import Copy
from models.transfers import Transfer
from services.storage.port import CopyKey, StoredFile, TooLarge
from services.storage.telegram import TelegramStore
from services.telegram.port import ChatClosed, MessageGone, TelegramRefused
from services.words import Words

_REPLIES = (PreviewKind.SHEET, PreviewKind.CLIP, PreviewKind.COVER, PreviewKind.WAVEFORM)
_log = structlog.get_logger(__name__)
Lack = Callable[[TelegramRefused], Awaitable[str | None]]
"""Which right of ours is behind a refusal, as a locale key; None: it is about what was to be posted."""


class PreviewPosts:
    """`root` is the data folder, where they lie."""

    def __init__(self, words: Words, root: Path, lack: Lack) -> None:
        self._words = words
        self._root = root
        self._lack = lack

    async def store(
        self, store: TelegramStore, transfer: Transfer, index: int, facts: Facts, reply_to: Copy | None
    ) -> bool:
        """Whether all of them are there now."""
        shown = _REPLIES + ((PreviewKind.POSTER,) if facts.kind is Kind.IMAGE else ())
        previews = [one for one in transfer.previews.get(str(index), []) if one.kind in shown]
        return all([await self._post(store, transfer.id, index, facts, one, reply_to) for one in previews])

    async def _post(
        self,
        store: TelegramStore,
        item: str,
        index: int,
        facts: Facts,
        preview: Preview,
        reply_to: Copy | None,
    ) -> bool:
        """False when this preview could not be posted: that costs the preview, never the Transfer."""
        key = CopyKey(item, f"{index}.{preview.kind.value}")
        if await store.standing(key) is not None:
            return True
        try:
            await store.put(await asyncio.to_thread(self._file, facts, preview, reply_to), key=key)
        except (ChatClosed, MessageGone):
            raise
        except (FileNotFoundError, TooLarge, TelegramRefused) as error:
            if isinstance(error, TelegramRefused) and await self._lack(error) is not None:
                raise
            _log.warning("preview-not-posted", name=facts.name, preview=preview.kind.value, exc_info=error)
            await store.withdraw(key)
            return False
        return True

    def _file(self, facts: Facts, preview: Preview, reply_to: Copy | None) -> StoredFile:
        path = self._root / preview.path
        caption = self._words(f"preview-{preview.kind.value}", title=facts.title)
        return StoredFile(
            path=path,
            name=path.name,
            kind=preview.media,
            size=path.stat().st_size,
            blake3=blake3(path.read_bytes()).hexdigest(),
            caption=caption,
            reply_to=reply_to,
            width=preview.width,
            height=preview.height,
            duration=preview.duration,
            title=facts.title,
            performer=facts.performer,
        )
