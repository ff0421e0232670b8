"""Inspecting: what the fetched files really are, and what is in those that are to be unpacked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.downloads import Download
from models.media import Facts, Kind
from models.transfers import LeftPacked, Transfer, TransferState
from services.downloads.port import FilesGone, SourceRejected
from services.downloads.service import Downloads
from services.extraction.errors import ArchiveNeedsRoom, ArchiveRejected, ExtractionFailed
from services.extraction.extractor import Extractor
from services.extraction.names import may_be_archive
from services.failpoints import failpoint
from services.media.tools import MediaTools
from services.storage.archive import Archive
from services.storage.parts import Room
from services.transfers.stages.step import Changes


@dataclass(frozen=True)
class Inspect:
    """`folder` is where what archives hold lies until it is stored, one folder a Transfer; `room` is what it may take."""

    downloads: Downloads
    media: MediaTools
    archive: Archive
    extractor: Extractor
    folder: Path
    room: Room

    async def __call__(self, transfer: Transfer) -> Changes:
        paths, left_packed = await self._unpacked(transfer, await self._paths(transfer))
        facts = [await self._inspect(path) for path in paths]
        if not any(fact.size for fact in facts):
            raise SourceRejected("files-empty")
        # what is archived already has its previews there
        archived = await self.archive.holds(transfer, facts)
        return {
            "state": TransferState.STORING if archived else TransferState.PREVIEWING,
            "facts": facts,
            "bytes_known": archived and not await _came_with_another(transfer),
            "chosen": transfer.chosen.model_copy(update={"beside": self._beside(facts)}),
            "title": _title(transfer, facts),
            "left_packed": left_packed,
        }

    def _beside(self, facts: Sequence[Facts]) -> int:
        """As far as was known before they came, it was kept for them already."""
        taking = self.archive.taking
        return sum(taking.beside_of(fact.size, film=fact.kind in {Kind.VIDEO, Kind.AUDIO}) for fact in facts)

    async def _paths(self, transfer: Transfer) -> list[Path]:
        download = None if transfer.download is None else await Download.get(transfer.download)
        if download is None:
            raise FilesGone
        found = await self.downloads.files(download)
        wanted = transfer.worth_fetching
        paths = [found[index] for index in wanted if index in found]
        if len(paths) < len(wanted) or not all(path.is_file() for path in paths):
            await self.downloads.lost(download.id)
            raise FilesGone
        return paths

    async def _unpacked(self, transfer: Transfer, paths: list[Path]) -> tuple[list[Path], list[LeftPacked]]:
        """The files, those in archives instead of the archives; what cannot be unpacked stays as it is, and why."""
        if not transfer.unpack:
            return paths, []
        files: list[Path] = []
        left: list[LeftPacked] = []
        for number, path in enumerate(paths):
            try:
                files += await self._inside(path, transfer.id, str(number))
            except (ArchiveRejected, ArchiveNeedsRoom, ExtractionFailed) as refusal:
                left.append(LeftPacked(name=path.name, reason=refusal.key))
                files.append(path)
        return files, left

    async def _inside(self, path: Path, transfer_id: str, number: str) -> list[Path]:
        if not may_be_archive(path.name):
            return [path]
        folder, room = self.folder / transfer_id / number, await self.room(transfer_id)
        with failpoint("media.unpack"):
            return list(await self.extractor.extract(path, folder, room=max(0, room)))

    async def _inspect(self, path: Path) -> Facts:
        with failpoint("media.inspect"):
            return await self.media.inspect(path)


async def _came_with_another(transfer: Transfer) -> bool:
    """Whether it was archived just now by an order that shares its Download."""
    download = None if transfer.download is None else await Download.get(transfer.download)
    return download is not None and download.stored_by not in {"", transfer.id}


def _title(transfer: Transfer, facts: list[Facts]) -> str:
    """A single work is called what its file says; a collection what its Source says."""
    works = [fact for fact in facts if fact.kind is not Kind.DOCUMENT] or [f for f in facts if f.size]
    return works[0].title if len(works) == 1 else transfer.title
