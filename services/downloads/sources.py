"""Sources as people send them: magnets, .torrent files, http(s) links, links to messages, bare infohashes."""

import re
from urllib.parse import unquote

import httpx

from services.downloads import magnets, metainfo
from services.downloads.addresses import PrivateAddress, Resolve, looks_private, public_hosts, system_resolve
from services.downloads.magnets import read_infohash, read_magnet
from services.downloads.messages import read_message_link
from services.downloads.metainfo import contents_of, read_torrent
from services.downloads.names import display_name
from services.downloads.port import Magnet, Source, SourceRejected, TelegramMessage, WebLink

__all__ = [
    "contents_of",
    "read_infohash",
    "read_link",
    "read_magnet",
    "read_source",
    "read_torrent",
    "without_private_hosts",
]

MOST_LINK_CHARACTERS = 8 * 1024
"""Prowlarr wraps whole magnets into its own links, so the browsers' 2,048 would be too few."""

_LINK = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
_MOST_PORT = 65_535


def read_link(text: str, *, trusted: bool = False) -> WebLink:
    """An http(s) link in its normal spelling (host in IDNA, no fragment). Whether its host is private is not asked here.

    Raises SourceRejected: `link-malformed`.
    """
    text = text.strip()
    if len(text) > MOST_LINK_CHARACTERS or not _LINK.match(text) or re.search(r"[\s\\]", text):
        raise SourceRejected("link-malformed")
    try:
        url = httpx.URL(text).copy_with(fragment=None)
        shown_host = url.host  # its punycode is read only here
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceRejected("link-malformed") from error
    host = url.raw_host.decode("ascii")
    if url.userinfo or not _HOST.fullmatch(host) or (url.port or 0) > _MOST_PORT:
        raise SourceRejected("link-malformed")
    last = display_name(unquote(url.raw_path.decode("ascii").partition("?")[0].rpartition("/")[2]))
    return WebLink(url=str(url), name=last or shown_host, trusted=trusted)


async def read_source(
    text: str, *, trusted: bool = False, allow_private: bool = False, resolve: Resolve = system_resolve
) -> Source | None:
    """The Source that a text is, or None when it is none (words to search for).

    Names of trackers and web seeds are resolved and private ones left out, unless `trusted` or `allow_private`.
    Raises SourceRejected, also as PrivateAddress for a link to a private address; a link's host name is not resolved here
    but when it is connected to.
    """
    text = text.strip()
    open_to_private = trusted or allow_private
    if text.lower().startswith("magnet:"):
        magnet = read_magnet(text, trusted=trusted, allow_private=allow_private)
        return magnet if open_to_private else await without_private_hosts(magnet, resolve=resolve)
    message = read_message_link(text)
    if message is not None:
        return message
    if _LINK.match(text):
        link = read_link(text, trusted=trusted)
        host = httpx.URL(link.url).host
        if not open_to_private and looks_private(host):
            raise PrivateAddress(host)
        return link
    if re.fullmatch(r"[0-9a-fA-F]{40}", text):
        return read_magnet(f"magnet:?xt=urn:btih:{text}", trusted=trusted)
    return None


async def without_private_hosts(source: Source, *, resolve: Resolve = system_resolve) -> Source:
    """A member's Source without the trackers, web seeds, nodes and peers whose host is not shown to be public now.

    Bounded in time and hosts (see `public_hosts`). Trusted Sources, links and messages are returned as they are.
    """
    if source.trusted or isinstance(source, WebLink | TelegramMessage):
        return source
    if isinstance(source, Magnet):
        public = await public_hosts(magnets.hosts_in(source), resolve=resolve)
        return magnets.keep_hosts(source, public.__contains__)
    public = await public_hosts(metainfo.hosts_in(source), resolve=resolve)
    return metainfo.keep_hosts(source, public.__contains__)
