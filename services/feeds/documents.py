"""Feeds as strangers write them: RSS 2.0 and its elders, RSS 1.0, Atom, with the additions that trackers make.

Elements are known by their local names, so whatever prefix a feed gives its namespaces does not matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from models.clock import Millis
from services.downloads.magnets import read_infohash, read_magnet
from services.downloads.port import SourceRejected
from services.feeds.entries import Entry
from services.feeds.errors import FeedTrouble
from services.grabbing.quantities import read_bytes
from services.search.fields import (
    read_count,
    read_iso_date,
    read_mail_date,
    read_size,
    read_title,
    read_web_address,
)
from services.search.torznab_documents import NotTorznab, parse

MOST_ENTRIES = 5000
_MOST_MARK = 300
_NESTS = frozenset({"torrent", "group"})
"""What is in these belongs to the entry: the torrent namespace, Media RSS."""
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


@dataclass(frozen=True)
class Contents:
    """What a feed says. `pause`: seconds that it asks to be left alone for; `unfit`: entries that lead to no file."""

    name: str
    entries: Sequence[Entry]
    unfit: int = 0
    pause: int = 0


def read_feed(body: bytes, base: str) -> Contents:
    """`base` is the address it came from: links may leave out what they share with it. Raises FeedTrouble.

    Blocks for as long as a large document takes to be read.
    """
    if body.count(b"<item") + body.count(b"<entry") > MOST_ENTRIES:
        raise FeedTrouble("feed-too-large")
    try:
        root = parse(body)
    except NotTorznab as error:
        raise FeedTrouble("feed-unreadable") from error
    head, items = _parts(root)
    if len(items) > MOST_ENTRIES:
        raise FeedTrouble("feed-too-large")
    found = [_Item.of(item).entry(base) for item in items]
    entries = [entry for entry in found if entry is not None]
    about = _Item.of(head)
    return Contents(read_title(about.text("title")), entries, len(found) - len(entries), _pause(about))


def _parts(root: Element) -> tuple[Element, Sequence[Element]]:
    """What speaks of the whole, and the entries."""
    kind = _local(root)
    if kind == "feed":
        return root, _children(root, "entry")
    channel = next(iter(_children(root, "channel")), None)
    if channel is None or kind not in {"rss", "RDF"}:
        raise FeedTrouble("feed-unreadable")
    return channel, _children(channel, "item") + (_children(root, "item") if kind == "RDF" else [])


@dataclass(frozen=True)
class _Item:
    """One entry: its own elements, those of other namespaces, both by name and the first of each, and Torznab's attributes."""

    own: dict[str, Element] = field(default_factory=dict)
    others: dict[str, Element] = field(default_factory=dict)
    links: list[Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, element: Element) -> "_Item":
        item = cls()
        namespace = _namespace(element)
        for child in _inner(element):
            name = _local(child)
            if name == "attr":
                item.attributes.setdefault(child.get("name", "").lower(), child.get("value", ""))
                continue
            elements = item.own if _namespace(child) == namespace else item.others
            elements.setdefault(name if elements is item.own else name.lower(), child)
            if name == "link" and child.get("href"):
                item.links.append(child)
        return item

    def text(self, name: str) -> str:
        """Of an element of its own; with what is within it, as Atom's titles may be XHTML."""
        element = self.own.get(name)
        return "" if element is None else "".join(element.itertext()).strip()

    def entry(self, base: str) -> Entry | None:
        """None where there is nothing to be fetched."""
        link, infohash = self._link(base)
        if link is None:
            return None
        title = read_title(self.text("title")) or _name_in(link)
        if not title:
            return None
        said = self.attributes.get("infohash", "") or self.other("infohash")
        return Entry(
            title=title,
            link=link,
            size=self._size(),
            infohash=infohash or read_infohash(said.strip()),
            published=self._published(),
            mark=(self.text("guid") or self.text("id"))[:_MOST_MARK],
        )

    def other(self, name: str) -> str:
        """Of an element of another namespace; all in small letters."""
        element = self.others.get(name)
        return "" if element is None else (element.text or "").strip()

    def _link(self, base: str) -> tuple[str | None, str | None]:
        """The first magnet with its infohash, else the first other link that may be a file's."""
        web: str | None = None
        for link in filter(None, self._candidates()):
            if link[:7].lower() != "magnet:":
                web = web or _absolute(base, link)
                continue
            try:
                magnet = read_magnet(link, trusted=True)
            except SourceRejected:
                continue
            return magnet.uri, magnet.infohash
        return web, None

    def _candidates(self) -> Iterator[str]:
        """The links of a file before those of a page about it."""
        yield self.attributes.get("magneturl", "").strip()
        yield self.other("magneturi")
        enclosures = [link for link in self.links if link.get("rel") == "enclosure"]
        yield from (link.get("href", "").strip() for link in enclosures)
        for element in (self.own.get("enclosure"), self._media):
            yield "" if element is None else element.get("url", "").strip()
        yield self.text("link")
        # an Atom entry says what is only a page
        rest = [link for link in self.links if link.get("rel", "alternate") == "alternate"]
        yield from (link.get("href", "").strip() for link in rest if "html" not in link.get("type", ""))
        guid = self.text("guid")
        yield guid if guid[:7].lower() == "magnet:" else ""

    @property
    def _media(self) -> Element | None:
        """Media RSS, where it is no picture of the thing."""
        media = self.others.get("content")
        if media is None or "image" in (media.get("medium") or media.get("type") or ""):
            return None
        return media

    def _size(self) -> int | None:
        enclosure, media = self.own.get("enclosure"), self._media
        atom = next((link for link in self.links if link.get("rel") == "enclosure"), None)
        said = [
            self.attributes.get("size"),
            self.text("size"),
            self.other("contentlength"),
            None if media is None else media.get("fileSize"),
            None if enclosure is None else enclosure.get("length"),
            None if atom is None else atom.get("length"),
            _bytes(self.other("size")),
        ]
        return next((size for size in map(read_size, said) if size is not None), None)

    def _published(self) -> Millis | None:
        dates = (self.text("pubDate"), self.text("published"), self.text("updated"), self.other("date"))
        said = next(filter(None, dates), "")
        return read_mail_date(said) or read_iso_date(said)


def _pause(head: _Item) -> int:
    """RSS's minutes, or the period of the syndication namespace."""
    period = _PERIODS.get(head.other("updateperiod").lower(), 0)
    frequency = read_count(head.other("updatefrequency")) or 1
    return max((read_count(head.text("ttl")) or 0) * 60, period // frequency)


def _bytes(text: str) -> str | None:
    """`1.4 GiB`, as some trackers write."""
    size = read_bytes(text)
    return None if size is None else str(int(size))


def _absolute(base: str, link: str) -> str | None:
    """An http(s) address; None for whatever else a link may be."""
    try:
        # blanks in an address are wrong, and common where it ends with a file's name
        return read_web_address(urljoin(base, link.replace(" ", "%20")))
    except ValueError:
        return None


def _name_in(link: str) -> str:
    """What the file of an entry without a title is called."""
    return read_title(unquote(urlsplit(link).path.rpartition("/")[2]))


def _inner(element: Element) -> Iterator[Element]:
    for child in element:
        if _local(child) in _NESTS:
            yield from child
        else:
            yield child


def _children(parent: Element, name: str) -> list[Element]:
    return [child for child in parent if _local(child) == name]


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _namespace(element: Element) -> str:
    return element.tag.rpartition("}")[0]
