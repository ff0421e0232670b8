"""Previewing: pictures and clips. Its failure costs the preview, never the Transfer."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import structlog

from models.media import Facts, Preview, Previews
from models.transfers import Transfer, TransferState
from services.failpoints import failpoint
from services.media.errors import FfmpegMissing, MediaUnreadable, PreviewFailed
from services.media.tools import MediaTools
from services.transfers.stages.step import Changes

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MakePreviews:
    media: MediaTools
    folder: Path

    async def __call__(self, transfer: Transfer) -> Changes:
        previews: dict[str, list[Preview]] = {}
        missed: list[str] = []
        for index, facts in enumerate(transfer.facts):
            made = await self._make(facts, preview_folder(self.folder, transfer.id) / str(index))
            if made is not None and made.made:
                previews[str(index)] = list(made.made)
            if made is None or made.failed:
                missed.append(facts.name)
        return {"state": TransferState.STORING, "previews": previews, "missed_previews": missed}

    async def _make(self, facts: Facts, folder: Path) -> Previews | None:
        """None when nothing could be made."""
        try:
            with failpoint("media.previews"):
                return await self.media.previews(facts, folder)
        except (PreviewFailed, MediaUnreadable, FfmpegMissing) as error:
            _log.info("no-preview", name=facts.name, error=error.key, exc_info=error)
            return None


def preview_folder(folder: Path, transfer_id: str) -> Path:
    """Where the previews of a Transfer lie until they are stored."""
    return folder / transfer_id


def remove_work(folder: Path, transfer_id: str) -> None:
    """Gone already is not an error."""
    shutil.rmtree(preview_folder(folder, transfer_id), ignore_errors=True)
