"""The Indexer port: a place that can be searched."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from models.search import Query, Release
from services.errors import Fault


class IndexerError(Fault):
    """An Indexer that failed. An error is not “no results”."""


class IndexerBusy(IndexerError):
    """Skip it this time: it is overloaded, timed out or out of reach."""

    def __init__(self, indexer: str) -> None:
        super().__init__("indexer-busy", indexer=indexer)


class IndexerRejected(IndexerError):
    """It refuses us (wrong key, banned, limit reached): rest it until `retry_at`; None: until the settings change."""

    def __init__(self, indexer: str, retry_at: datetime | None = None) -> None:
        super().__init__("indexer-rejected", indexer=indexer)
        self.retry_at = retry_at


class IndexerBroken(IndexerError):
    """It answered with something that is not a search result."""

    def __init__(self, indexer: str) -> None:
        super().__init__("indexer-broken", indexer=indexer)


class Refusal(Exception):
    """What an Indexer answered instead of results, as the cause of an IndexerError: for the log."""


class Indexer(Protocol):
    @property
    def name(self) -> str: ...

    def search(self, query: Query) -> AsyncIterator[Release]:
        """Yields Releases as they come, page after page, at most `query.limit`.

        Raises IndexerBusy, IndexerRejected or IndexerBroken. The caller sets the deadline.
        """

    async def check(self) -> str:
        """One cheap call; returns a short description such as a server's title. Raises as `search` does."""
