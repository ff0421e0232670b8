"""Torznab's documents: capabilities, results, errors (https://torznab.github.io/spec-1.3-draft/).

What Prowlarr and Jackett really send is looser than the specification, so elements are known by their local names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from models.search import Release
from services.downloads.magnets import read_infohash, read_magnet
from services.downloads.port import SourceRejected
from services.search.fields import read_count, read_mail_date, read_size, read_title, read_web_address

DEFAULT_PAGE_SIZE = 100
_MOST_PAGE_SIZE = 1000
_MOST_TAGS = 400_000


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


def parse(body: bytes) -> Element:
    """Reads XML without DTD and entities, and within bounds. Raises NotTorznab."""
    if body.count(b"<") > _MOST_TAGS:
        raise NotTorznab("too many elements")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        # ValueError: what defusedxml forbids; LookupError: an encoding that nobody has
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


def read_page(root: Element, indexer: str) -> Page:
    """Reads results; an item that cannot be fetched or named is left out. Raises NotTorznab."""
    channel = _child(root, "channel")
    if _local(root) != "rss" or channel is None:
        raise NotTorznab("not a results document")
    items = [child for child in channel if _local(child) == "item"]
    response = _child(channel, "response")
    releases = [release for item in items if (release := _release(item, indexer)) is not None]
    return Page(releases, len(items), None if response is None else read_count(response.get("total")))


def _release(item: Element, indexer: str) -> Release | None:
    attributes = _attributes(item)
    title = read_title(_text(item, "title"))
    link, infohash = _best_link(_links(item, attributes))
    if not title or link is None:
        return None
    enclosure = _child(item, "enclosure")
    length = None if enclosure is None else enclosure.get("length")
    return Release(
        title=title,
        link=link,
        indexers=(indexer,),
        size=read_size(attributes.get("size")) or read_size(_text(item, "size")) or read_size(length),
        seeders=read_count(attributes.get("seeders")),
        infohash=infohash or read_infohash(attributes.get("infohash", "").strip()),
        page=_page(item),
        published=read_mail_date(_text(item, "pubDate")),
    )


def _links(item: Element, attributes: Mapping[str, str]) -> Iterator[str]:
    # Prowlarr's `magneturl` is a link of its own that redirects to the magnet, hence it is only one of three.
    yield attributes.get("magneturl", "")
    enclosure = _child(item, "enclosure")
    yield "" if enclosure is None else enclosure.get("url", "")
    yield _text(item, "link")
    yield _text(item, "guid") if _text(item, "guid").lower().startswith("magnet:") else ""


def _best_link(links: Iterator[str]) -> tuple[str | None, str | None]:
    """The first magnet with its infohash, else the first other link: of two web links `enclosure` is the file's."""
    web: list[str] = []
    for link in map(str.strip, links):
        if link.lower().startswith("magnet:"):
            try:
                magnet = read_magnet(link, trusted=True)
            except SourceRejected:
                continue
            return magnet.uri, magnet.infohash
        address = read_web_address(link)
        if address is not None:
            web.append(address)
    return (web[0] if web else None), None


def _page(item: Element) -> str | None:
    """The page about the release. Only `comments` is one: `guid` and `link` may carry the server's key."""
    address = read_web_address(_text(item, "comments"))
    return None if address is None or "apikey=" in address.lower() else address


def _attributes(item: Element) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for child in item:
        if _local(child) == "attr":
            found.setdefault(child.get("name", "").lower(), child.get("value", ""))
    return found


def _child(parent: Element, name: str) -> Element | None:
    return next((child for child in parent if _local(child) == name), None)


def _text(parent: Element, name: str) -> str:
    child = next((child for child in parent if child.tag == name), None)
    return "" if child is None else (child.text or "").strip()


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
