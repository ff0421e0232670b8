"""What stands in a feed, and by what it is known again."""

import hashlib
from typing import NamedTuple

from models.clock import Millis
from models.search import Release
from services.grabbing.wish import folded


class Entry(NamedTuple):
    """`link` is a magnet or an http(s) address, `size` in bytes, `mark` what the feed itself calls it.

    `indexers`: of a search, who has it.
    """

    title: str
    link: str
    size: int | None = None
    infohash: str | None = None
    published: Millis | None = None
    mark: str = ""
    indexers: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The surest first. Two entries that share one are the same thing.

        Links are none: some servers make up a new one each time, others keep one for whatever is the newest.
        """
        title = folded(self.title)
        sure = [] if self.infohash is None else [_digest("infohash", self.infohash)]
        if self.size is not None:
            return [*sure, _digest("size", title, self.size)]
        return sure or [_digest("mark", title, self.mark) if self.mark else _digest("title", title)]


def entry_of(release: Release) -> Entry:
    return Entry(
        title=release.title,
        link=release.link,
        size=release.size,
        infohash=release.infohash,
        published=release.published,
        mark=release.page or "",
        indexers=release.indexers,
    )


def _digest(*parts: object) -> str:
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()
