"""Previewing: pictures and clips. Its failure costs the preview, never the Transfer."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import ValidationError

from models.media import Facts, Kind, Previews
from models.transfers import Transfer, TransferState
from services.failpoints import failpoint
from services.media.errors import FfmpegMissing, MediaUnreadable, PreviewFailed
from services.media.tools import MediaTools
from services.transfers.stages.step import Changes

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MakePreviews:
    """What was made of a file is noted beside it, on the disk: begun again, the stage goes on where it was."""

    media: MediaTools
    folder: Path

    async def __call__(self, transfer: Transfer) -> Changes:
        return _changes(transfer, [await self._made(transfer, index) for index in range(len(transfer.facts))])

    async def so_far(self, transfer: Transfer) -> Changes:
        """What there is of them already, when there is no more time: the others are missed."""
        return _changes(transfer, await asyncio.to_thread(self._all_noted, transfer))

    async def _made(self, transfer: Transfer, index: int) -> Previews | None:
        facts, folder = transfer.facts[index], self._place(transfer, index)
        noted = await asyncio.to_thread(_noted, folder, facts)
        if noted is not None:
            return noted
        made = await self._make(facts, folder)
        if made is not None and made.made:
            with failpoint("media.note-previews"):
                await asyncio.to_thread(_note, folder, facts, made)
        return made

    async def _make(self, facts: Facts, folder: Path) -> Previews | None:
        """None when nothing could be made."""
        try:
            with failpoint("media.previews"):
                return await self.media.previews(facts, folder)
        except (PreviewFailed, MediaUnreadable, FfmpegMissing) as error:
            _log.info("no-preview", name=facts.name, error=error.key, exc_info=error)
            return None

    def _all_noted(self, transfer: Transfer) -> list[Previews | None]:
        facts = enumerate(transfer.facts)
        return [_noted(self._place(transfer, index), each) for index, each in facts]

    def _place(self, transfer: Transfer, index: int) -> Path:
        return preview_folder(self.folder, transfer.id) / str(index)


def _changes(transfer: Transfer, found: Sequence[Previews | None]) -> Changes:
    """`found`: of each file what could be made, None where that is nothing. Of a document nothing is missed."""
    of_files = list(zip(transfer.facts, found, strict=True))
    return {
        "state": TransferState.STORING,
        "previews": {str(index): list(one.made) for index, one in enumerate(found) if one and one.made},
        "missed_previews": [
            facts.name
            for facts, one in of_files
            if (facts.kind is not Kind.DOCUMENT if one is None else one.failed)
        ],
    }


def _note(folder: Path, facts: Facts, made: Previews) -> None:
    """Whole or not at all. On a full disk there is none, and that costs nothing but time."""
    place = _place_of_note(folder, facts)
    partial = place.with_suffix(".partial")
    try:
        partial.write_text(made.model_dump_json(), encoding="utf-8")
        partial.replace(place)
    except OSError as error:
        _log.info("previews-not-noted", name=facts.name, exc_info=error)


def _noted(folder: Path, facts: Facts) -> Previews | None:
    """What was made of this very file, if it is all there."""
    try:
        noted = Previews.model_validate_json(_place_of_note(folder, facts).read_bytes())
    except (OSError, ValidationError):
        return None
    return noted if all((folder / Path(one.path).name).is_file() for one in noted.made) else None


def _place_of_note(folder: Path, facts: Facts) -> Path:
    """Named by the file's hash: what changed meanwhile has other previews."""
    return folder / f"{facts.blake3[:16]}.json"


def preview_folder(folder: Path, transfer_id: str) -> Path:
    """Where the previews of a Transfer lie until they are stored."""
    return folder / transfer_id


def remove_work(folder: Path, transfer_id: str) -> None:
    """Gone already is not an error."""
    shutil.rmtree(preview_folder(folder, transfer_id), ignore_errors=True)
