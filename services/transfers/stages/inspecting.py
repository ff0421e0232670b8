"""Inspecting: what the fetched files really are."""

from dataclasses import dataclass
from pathlib import Path

from models.downloads import Download
from models.media import Facts, Kind
from models.transfers import Transfer, TransferState
from services.downloads.port import SourceUnavailable
from services.downloads.service import Downloads
from services.failpoints import failpoint
from services.media.tools import MediaTools
from services.transfers.stages.step import Changes


@dataclass(frozen=True)
class Inspect:
    downloads: Downloads
    media: MediaTools

    async def __call__(self, transfer: Transfer) -> Changes:
        facts = [await self._inspect(path) for path in await self._paths(transfer)]
        return {"state": TransferState.PREVIEWING, "facts": facts, "title": _title(transfer, facts)}

    async def _paths(self, transfer: Transfer) -> list[Path]:
        download = None if transfer.download is None else await Download.get(transfer.download)
        if download is None:
            raise SourceUnavailable("files-gone")
        found = await self.downloads.files(download)
        paths = [found[index] for index in sorted(transfer.wanted) if index in found]
        if len(paths) < len(transfer.wanted) or not all(path.is_file() for path in paths):
            raise SourceUnavailable("files-gone")
        return paths

    async def _inspect(self, path: Path) -> Facts:
        with failpoint("media.inspect"):
            return await self.media.inspect(path)


def _title(transfer: Transfer, facts: list[Facts]) -> str:
    """A single work is called what its file says; a collection what its Source says."""
    works = [fact for fact in facts if fact.kind is not Kind.DOCUMENT] or facts
    return works[0].title if len(works) == 1 else transfer.title
