"""Torznab documents (https://torznab.github.io/spec-1.3-draft/): capabilities, results, errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from simulator.sample.catalogue import CATEGORIES, MOVIES, MUSIC, TELEVISION
from simulator.sample.releases import SampleRelease

MAX_LIMIT = 100

FUNCTIONS: Mapping[str, tuple[str, str, int | None]] = {
    "search": ("search", "q", None),
    "tvsearch": ("tv-search", "q,season,ep", TELEVISION),
    "movie": ("movie-search", "q,year", MOVIES),
    "music": ("music-search", "q,artist,album", MUSIC),
}
"""The function's name in `t` → its name in the capabilities, its parameters, the category it is about."""

_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:torznab": "http://torznab.com/schemas/2015/feed",
    "xmlns:newznab": "http://www.newznab.com/DTD/2010/feeds/attributes/",
}


@dataclass(frozen=True)
class Page:
    """A part of a search's results: `releases` begins at `offset` of all `total`."""

    releases: Sequence[SampleRelease]
    offset: int
    total: int


def error_document(code: int, description: str) -> bytes:
    return _document(ET.Element("error", code=str(code), description=description))


def caps_document(base_url: str) -> bytes:
    caps = ET.Element("caps")
    ET.SubElement(caps, "server", version="1.0", title="Sample indexer", url=f"{base_url}/sample")
    ET.SubElement(caps, "limits", max=str(MAX_LIMIT), default=str(MAX_LIMIT))
    searching = ET.SubElement(caps, "searching")
    for element, parameters, _ in FUNCTIONS.values():
        ET.SubElement(searching, element, available="yes", supportedParams=parameters)
    ET.SubElement(searching, "book-search", available="no", supportedParams="q")
    categories = ET.SubElement(caps, "categories")
    for number, (name, children) in CATEGORIES.items():
        category = ET.SubElement(categories, "category", id=str(number), name=name)
        for child, child_name in children.items():
            ET.SubElement(category, "subcat", id=str(child), name=child_name)
    return _document(caps)


def results_document(page: Page, base_url: str) -> bytes:
    rss = ET.Element("rss", {"version": "2.0", **_NAMESPACES})
    channel = ET.SubElement(rss, "channel")
    _text(channel, "title", "Sample indexer")
    _text(channel, "description", "Generated works that anybody may copy")
    _text(channel, "link", f"{base_url}/sample")
    ET.SubElement(channel, "newznab:response", offset=str(page.offset), total=str(page.total))
    for release in page.releases:
        _add_item(channel, release, base_url)
    return _document(rss)


def web_seed(base_url: str) -> str:
    return f"{base_url}/sample/files/"


def torrent_url(release: SampleRelease, base_url: str) -> str:
    return f"{base_url}/sample/torrents/{release.infohash}.torrent"


def magnet(release: SampleRelease, base_url: str) -> str:
    """A magnet that names where the .torrent is (`xs`): there is no peer to get the metadata from."""
    extras = urlencode(
        {
            "dn": release.name,
            "xl": release.size,
            "xs": torrent_url(release, base_url),
            "ws": web_seed(base_url),
        },
        quote_via=quote,
    )
    return f"magnet:?xt=urn:btih:{release.infohash}&{extras}"


def _add_item(channel: ET.Element, release: SampleRelease, base_url: str) -> None:
    link = torrent_url(release, base_url)
    item = ET.SubElement(channel, "item")
    _text(item, "title", release.title)
    _text(item, "guid", link)
    _text(item, "type", "public")
    _text(item, "pubDate", format_datetime(datetime.fromisoformat(release.published)))
    _text(item, "size", str(release.size))
    _text(item, "files", str(release.files))
    _text(item, "link", link)
    _text(item, "category", str(release.category))
    ET.SubElement(item, "enclosure", url=link, length=str(release.size), type="application/x-bittorrent")
    for name, value in _attributes(release, base_url):
        ET.SubElement(item, "torznab:attr", name=name, value=value)


def _attributes(release: SampleRelease, base_url: str) -> Sequence[tuple[str, str]]:
    return (
        ("category", str(release.category // 1000 * 1000)),
        ("category", str(release.category)),
        ("size", str(release.size)),
        ("files", str(release.files)),
        ("seeders", str(release.seeders)),
        ("peers", str(release.peers)),
        ("infohash", release.infohash),
        ("magneturl", magnet(release, base_url)),
        ("downloadvolumefactor", "0"),
        ("uploadvolumefactor", "1"),
    )


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
