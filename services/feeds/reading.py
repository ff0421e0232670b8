"""What somebody wants looked at again and again, as they type it: an address or a search, and a filter behind it."""

from dataclasses import dataclass

from models.feeds import FeedKind
from services.downloads.port import WebLink
from services.downloads.reading import SourceReader
from services.errors import MagpieError
from services.feeds.filters import read_filter
from services.search.fields import read_query
from services.search.patterns import split_pattern

_SEARCH = "search"


class NoFeed(MagpieError):
    """A text names neither an address nor a search."""

    def __init__(self) -> None:
        super().__init__("feed-none")


@dataclass(frozen=True)
class Wanted:
    """`what` as a Feed keeps it, what it is called for now, and the filter as it was typed."""

    kind: FeedKind
    what: str
    name: str
    wish: str


async def read_wanted(text: str, reader: SourceReader) -> Wanted:
    """`https://… 1080p size<2g`, `search big buck bunny ~1080p`. Raises NoFeed, SourceRejected, and what `read_filter` does."""
    first, _, rest = text.strip().partition(" ")
    if first.lower() == _SEARCH:
        words, pattern = split_pattern(read_query(rest))
        if not words:
            raise NoFeed
        wanted = Wanted(FeedKind.SEARCH, words, words, f"~{pattern}" if pattern else "")
    else:
        link = await reader.text(first)
        if not isinstance(link, WebLink):
            raise NoFeed
        wanted = Wanted(FeedKind.ADDRESS, link.url, link.name, read_query(rest))
    read_filter(wanted.wish)
    return wanted
