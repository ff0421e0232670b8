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
        title, names = folded(self.title), list[str]()
        if self.infohash is not None:
            names.append(_digest("infohash", self.infohash))
        if self.size is not None:
            names.append(_digest("size", title, self.size))
        if self.mark and self.infohash is None:
            # some servers learn the size of a thing only after they have listed it
            names.append(_digest("mark", title, self.mark))
        return names or [_digest("title", title)]


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
