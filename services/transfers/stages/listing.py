"""Choosing: finds out what the Source holds, before anything is fetched."""

from dataclasses import dataclass, replace

from models.downloads import FileEntry
from models.transfers import Transfer
from services.downloads.port import Contents, Source, SourceRejected, TorrentFile, WebLink
from services.downloads.resolve import Resolver
from services.downloads.service import Downloads
from services.downloads.vault import keep, recall
from services.transfers.stages.step import Changes


@dataclass(frozen=True)
class ListFiles:
    downloads: Downloads
    resolver: Resolver

    async def __call__(self, transfer: Transfer) -> Changes:
        source = await self.resolver.resolve(await recall(transfer.source))
        contents = await self.downloads.inspect(source)
        if not contents.files:
            raise SourceRejected("source-empty")
        record = await keep(_with_metainfo(source, contents))
        title = contents.name or transfer.title
        return {
            "source": record.model_copy(update={"name": title}),
            "title": title,
            "files": list(contents.files),
            "listed": True,
            "wanted": [file.index for file in contents.files if _is_worth_having(file)],
        }


def _with_metainfo(source: Source, contents: Contents) -> Source:
    """A magnet whose metadata came is a torrent from now on: nobody has to ask for it again."""
    if contents.metainfo is not None and not isinstance(source, WebLink | TorrentFile):
        return TorrentFile(contents.metainfo, source.infohash, contents.name, source.trusted)
    return replace(source, name=contents.name or source.name)


def _is_worth_having(file: FileEntry) -> bool:
    return file.size is None or file.size > 0
