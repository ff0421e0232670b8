"""Feeds as trackers write them, and a little server on loopback that has one."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from tests.loopback import Answer, Request

ETAG = '"{version}"'


def rss(items: Sequence[str], head: str = "<title>Works</title>") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:torznab="http://torznab.com/schemas/2015/feed" '
        'xmlns:nyaa="https://nyaa.si/xmlns/nyaa" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:torrent="http://xmlns.ezrss.it/0.1/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>{head}{"".join(items)}</channel></rss>'
    ).encode()


def item(title: str = "A work", link: str = "https://t.example.org/1.torrent", inner: str = "") -> str:
    return f"<item><title>{escape(title)}</title><link>{escape(link)}</link>{inner}</item>"


def sized(title: str, url: str, size: int) -> str:
    """As most trackers have it: the link leads to a page, the enclosure to the file."""
    enclosure = f'<enclosure url={quoteattr(url)} length="{size}" type="application/x-bittorrent"/>'
    return item(title, "https://t.example.org/page", enclosure)


@dataclass
class FeedServer:
    """`items` stand at `/rss`, the newest first; whatever is in `files` elsewhere. `wrong` is answered instead of the feed."""

    items: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    wrong: Answer | None = None
    looks: int = 0
    unchanged: int = 0

    def __call__(self, request: Request) -> Answer:
        path = unquote(request.path)
        if path in self.files:
            return Answer(self.files[path], headers={"Content-Type": "application/x-bittorrent"})
        self.looks += 1
        if self.wrong is not None:
            return self.wrong
        etag = ETAG.format(version=zlib.crc32(rss(self.items)))
        if request.headers.get("if-none-match") == etag:
            self.unchanged += 1
            return Answer(status=304, headers={"ETag": etag})
        return Answer(rss(self.items), headers={"ETag": etag, "Content-Type": "application/rss+xml"})
