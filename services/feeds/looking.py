"""One look at a feed: what stands there now, behind its address or in the Indexers' answers."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from models.clock import now
from models.feeds import Feed, FeedKind
from models.search import Answer, IndexerReport, Query, Release
from services.failpoints import failpoint
from services.feeds.documents import read_feed
from services.feeds.door import ask
from services.feeds.entries import Entry, entry_of
from services.feeds.errors import FeedTrouble
from services.search import breaker
from services.search.fanout import FanOut

_SPARE_SECONDS = 60.0


@dataclass(frozen=True)
class Sight:
    """What one look brought; no entries where nothing has changed since the last one.

    `pause`: seconds that the feed asks to be left alone for. `answered` and `silent` are names of Indexers.
    """

    entries: Sequence[Entry]
    name: str = ""
    pause: int = 0
    etag: str = ""
    modified: str = ""
    unfit: int = 0
    answered: Sequence[str] = ()
    silent: Sequence[str] = ()


class Looker:
    """`http` is the client for links of strangers: members give the addresses."""

    def __init__(self, http: httpx.AsyncClient, fan_out: FanOut) -> None:
        self._http = http
        self._fan_out = fan_out

    @property
    def seconds(self) -> float:
        """The most that one look takes."""
        return self._fan_out.deadline + _SPARE_SECONDS

    async def look(self, feed: Feed) -> Sight:
        """Raises FeedTrouble, SourceRejected."""
        if feed.kind is FeedKind.ADDRESS:
            return await self._behind(feed)
        return await self._searched(feed)

    async def _behind(self, feed: Feed) -> Sight:
        reply = await ask(self._http, feed.what, feed.etag, feed.modified)
        if reply.body is None:
            return Sight((), unfit=feed.unfit, etag=feed.etag, modified=feed.modified)
        # a long one takes seconds, and nobody else is to wait for it
        contents = await asyncio.to_thread(read_feed, reply.body, reply.url)
        return Sight(
            contents.entries,
            name=contents.name,
            pause=contents.pause,
            etag=reply.etag,
            modified=reply.modified,
            unfit=contents.unfit,
        )

    async def _searched(self, feed: Feed) -> Sight:
        """Indexers that rest are not asked: a search that runs by itself never insists."""
        names = self._fan_out.names
        rests, moment = await breaker.known_rests(names), now()
        reports = [breaker.rested(IndexerReport(indexer=name), rests.get(name), moment) for name in names]
        asked = [report.indexer for report in reports if report.answer is Answer.WAITING]
        releases, ended = await self._asked(feed.what, asked)
        answered = [report.indexer for report in ended if report.answer is Answer.ANSWERED]
        if not answered:
            raise FeedTrouble("feed-no-indexer")
        silent = [name for name in names if name not in answered]
        return Sight([entry_of(release) for release in releases], answered=answered, silent=silent)

    async def _asked(
        self, words: str, names: Sequence[str]
    ) -> tuple[Sequence[Release], Sequence[IndexerReport]]:
        """Everything found, and how each of them did; the breaker is told of it."""
        releases: Sequence[Release] = ()
        reports: Sequence[IndexerReport] = ()
        with failpoint("feeds.search"):
            async with aclosing(self._fan_out.search(Query(text=words), only=names)) as pictures:
                async for releases, reports in pictures:  # noqa: B007 - the last one has everything
                    pass
        return releases, await breaker.note(reports)
