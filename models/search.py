"""Searching: the question, the hits, and how each Indexer did."""

import hashlib
from datetime import datetime
from enum import StrEnum

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now


class Query(BaseModel):
    """What is asked of every Indexer. `limit` is the most Releases wanted from one Indexer."""

    model_config = ConfigDict(frozen=True)

    text: str
    limit: int = 100


class Release(BaseModel):
    """One search hit. `link` is a magnet or an http(s) address of a .torrent; `size` is in bytes.

    `infohash`, where known, is 40 lower-case hexadecimal digits (v1) or 64 (v2 only).
    """

    model_config = ConfigDict(frozen=True)

    title: str
    link: str
    indexers: tuple[str, ...]
    size: int | None = None
    seeders: int | None = None
    infohash: str | None = None
    page: str | None = None
    published: datetime | None = None

    @property
    def key(self) -> str:
        """Short, and the same wherever the Release stands in the list: answers that come later re-rank it."""
        return hashlib.blake2b((self.infohash or self.link).encode(), digest_size=6).hexdigest()


class Answer(StrEnum):
    """How one Indexer did in one search."""

    WAITING = "waiting"
    ANSWERED = "answered"
    TIMED_OUT = "timed-out"
    BUSY = "busy"
    REJECTED = "rejected"
    BROKEN = "broken"
    """It answered with something that is not a search result."""


class IndexerReport(BaseModel):
    indexer: str
    answer: Answer = Answer.WAITING
    found: int = 0


class Search(Document):
    """One search of one member, as its Card shows it: a document, so that a restart loses nothing."""

    id: str  # type: ignore[assignment]
    member_id: str
    query: Query
    releases: list[Release] = []
    reports: list[IndexerReport] = []
    page: int = 0
    seconds: float | None = None
    """How long the whole search took; None while Indexers are still being asked."""
    lease_owner: str | None = None
    lease_until: Millis = 0
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "searches"
        indexes = [IndexModel("changed_at"), IndexModel("member_id")]
