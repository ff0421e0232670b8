"""Choosing: finds out what the Source holds, before anything is fetched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from models.downloads import FileEntry
from models.transfers import Transfer, TransferState
from services.downloads.port import Contents, Magnet, Source, SourceRejected, TorrentFile, download_key
from services.downloads.resolve import Resolver
from services.downloads.service import Downloads
from services.downloads.vault import keep, known, recall
from services.storage.taking import Taking
from services.transfers.choosing import keep_files
from services.transfers.filetree import chosen_of, tree_of
from services.transfers.stages.step import Changes


@dataclass(frozen=True)
class ListFiles:
    downloads: Downloads
    resolver: Resolver
    taking: Callable[[], Taking]

    async def __call__(self, transfer: Transfer) -> Changes:
        # what somebody brought already is not asked of strangers again, also where a link leads to it
        source = await known(await self.resolver.resolve(await known(await recall(transfer.source))))
        contents = await self.downloads.inspect(source)
        if not any(map(_is_worth_having, contents.files)):
            raise SourceRejected("source-empty")
        found = _with_metainfo(source, contents)
        record = await keep(found)
        title = contents.name or transfer.title
        tree = await asyncio.to_thread(tree_of, contents.files)
        worth_having = {file.index for file in contents.files if _is_worth_having(file)}
        return {
            "state": TransferState.CHOOSING if transfer.feed is None else TransferState.QUEUED,
            "source": record.model_copy(update={"name": title}),
            "title": title,
            "key": download_key(found),
            "contents": await keep_files(tree),
            "listed": True,
            "chosen": chosen_of(tree, worth_having, self.taking().beside),
            "folder": 0,
            "page": 0,
        }


def _with_metainfo(source: Source, contents: Contents) -> Source:
    """A magnet whose metadata came is a torrent from now on: nobody has to ask for it again."""
    if contents.metainfo is not None and isinstance(source, Magnet):
        return TorrentFile(contents.metainfo, source.infohash, contents.name, source.trusted)
    return replace(source, name=contents.name or source.name)


def _is_worth_having(file: FileEntry) -> bool:
    return file.size is None or file.size > 0
