"""Torznab's documents: capabilities, results, errors (https://torznab.github.io/spec-1.3-draft/).

What Prowlarr and Jackett really send is looser than the specification, so elements are known by their local names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from models.search import Release
from services.downloads.magnets import read_infohash, read_magnet
from services.downloads.port import SourceRejected
from services.search.fields import (
    read_category,
    read_count,
    read_mail_date,
    read_page_address,
    read_people,
    read_size,
    read_title,
    read_web_address,
)

DEFAULT_PAGE_SIZE = 100
_MOST_PAGE_SIZE = 1000
_MOST_TAGS = 400_000
_PIECE = 64 * 1024


class NotTorznab(ValueError):
    """Not a document of Torznab."""


@dataclass(frozen=True)
class Capabilities:
    title: str
    page_size: int


@dataclass(frozen=True)
class Page:
    """One page of results. `items` counts also those that are no use; `total`, where the server says it, all pages'."""

    releases: Sequence[Release]
    items: int
    total: int | None


class _WithoutDoctype(TreeBuilder):
    """Where no document type is taken, no entity can be declared: neither a bomb, nor a way out of the document."""

    def doctype(self, _name: str, _public: str, _system: str) -> None:
        raise NotTorznab("a document type")


def parse(body: bytes) -> Element:
    """Reads XML without DTD and entities, and within bounds. Raises NotTorznab."""
    if body.count(b"<") > _MOST_TAGS:
        raise NotTorznab("too many elements")
    parser = XMLParser(target=_WithoutDoctype())  # noqa: S314 - see the target
    try:
        for start in range(0, len(body), _PIECE):
            # in a thread the others get their turn in between
            parser.feed(body[start : start + _PIECE])
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        # LookupError: an encoding that nobody has
        raise NotTorznab("not well-formed, or forbidden XML") from error
    return root


def error_code(root: Element) -> int | None:
    """The code of an error document (0 when it has none), None for any other document."""
    if _local(root) != "error":
        return None
    return read_count(root.get("code")) or 0


def read_capabilities(root: Element) -> Capabilities:
    """Raises NotTorznab."""
    if _local(root) != "caps":
        raise NotTorznab("not a capabilities document")
    server = _child(root, "server")
    limits = _child(root, "limits")
    size = None if limits is None else read_count(limits.get("max")) or read_count(limits.get("default"))
    return Capabilities(
        title=read_title("" if server is None else server.get("title", "")),
        page_size=min(size or DEFAULT_PAGE_SIZE, _MOST_PAGE_SIZE),
    )


def read_page(root: Element, indexer: str, most: int = _MOST_PAGE_SIZE) -> Page:
    """Reads the first `most` results; one that cannot be fetched or named is left out. Raises NotTorznab."""
    channel = _child(root, "channel")
    if _local(root) != "rss" or channel is None:
        raise NotTorznab("not a results document")
    items = [child for child in channel if _local(child) == "item"]
    response = _child(channel, "response")
    found = (_release(item, indexer) for item in items)
    releases = list(islice((release for release in found if release is not None), most))
    return Page(releases, len(items), None if response is None else read_count(response.get("total")))


class _Item(NamedTuple):
    """One result: its elements by name and its Torznab attributes, the first of each."""

    elements: Mapping[str, Element]
    attributes: Mapping[str, str]

    def text(self, name: str) -> str:
        element = self.elements.get(name)
        return "" if element is None else (element.text or "").strip()

    def attribute(self, name: str, attribute: str) -> str:
        element = self.elements.get(name)
        return "" if element is None else element.get(attribute, "")


def _item(element: Element) -> _Item:
    elements: dict[str, Element] = {}
    attributes: dict[str, str] = {}
    for child in element:
        tag = child.tag
        if tag.endswith("}attr"):
            attributes.setdefault(child.get("name", "").lower(), child.get("value", ""))
        else:
            elements.setdefault(tag, child)
    return _Item(elements, attributes)


def _release(element: Element, indexer: str) -> Release | None:
    item = _item(element)
    attributes = item.attributes
    title = read_title(item.text("title"))
    link, infohash = _best_link(item)
    if not title or link is None:
        return None
    seeders = read_people(attributes.get("seeders"))
    return Release(
        title=title,
        link=link,
        indexers=(indexer,),
        size=_size(item),
        seeders=seeders,
        leechers=_leechers(attributes, seeders),
        infohash=infohash or read_infohash(attributes.get("infohash", "").strip()),
        page=_page(item),
        published=read_mail_date(item.text("pubDate")),
        category=read_category(attributes.get("category")) or read_category(item.text("category")),
    )


def _size(item: _Item) -> int | None:
    return (
        read_size(item.attributes.get("size"))
        or read_size(item.text("size"))
        or read_size(item.attribute("enclosure", "length"))
    )


def _leechers(attributes: Mapping[str, str], seeders: int | None) -> int | None:
    """Torznab's `peers` are all who take part."""
    leechers, peers = read_people(attributes.get("leechers")), read_people(attributes.get("peers"))
    return leechers if leechers is not None or peers is None else max(0, peers - (seeders or 0))


def _best_link(item: _Item) -> tuple[str | None, str | None]:
    """The first magnet with its infohash, else the first other link: of two web links `enclosure` is the file's."""
    web: str | None = None
    for link in filter(None, _links(item)):
        if link[:7].lower() != "magnet:":
            web = web or read_web_address(link)
            continue
        try:
            magnet = read_magnet(link, trusted=True)
        except SourceRejected:
            continue
        return magnet.uri, magnet.infohash
    return web, None


def _links(item: _Item) -> Sequence[str]:
    guid = item.text("guid")
    return (
        # Prowlarr's is a link of its own that redirects to the magnet, hence it is only one of several
        item.attributes.get("magneturl", "").strip(),
        item.attribute("enclosure", "url").strip(),
        item.text("link"),
        guid if guid[:7].lower() == "magnet:" else "",
    )


def _page(item: _Item) -> str | None:
    """The page about the release. Only `comments` is one: `guid` and `link` may carry the server's key."""
    address = read_page_address(item.text("comments"))
    return None if address is None or "apikey=" in address.lower() else address


def _child(parent: Element, name: str) -> Element | None:
    return next((child for child in parent if _local(child) == name), None)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
