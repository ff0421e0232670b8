"""The one door through which addresses of feeds are asked: guarded, bounded in time and size, with the errors of feeds."""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from services.downloads.port import SourceRejected
from services.downloads.sources import read_link
from services.failpoints import failpoint
from services.feeds.errors import FeedTrouble
from services.search.door import seconds_of_rest

MOST_BYTES = 8 * 1024 * 1024
_MOST_REDIRECTS = 5
_SECONDS = 30.0
_MOST_MARK = 300
_GZIP = 31
"""As zlib calls that form."""


@dataclass(frozen=True)
class Reply:
    """`body` is None when nothing has changed. `url` is where it came from at last; the marks tell its version."""

    body: bytes | None
    url: str
    etag: str = ""
    modified: str = ""


async def ask(http: httpx.AsyncClient, url: str, etag: str, modified: str) -> Reply:
    """`http` is the client for links of strangers. What the server said of the version that is known goes along.

    Raises FeedTrouble, and SourceRejected for where nobody may go.
    """
    headers = {"Accept-Encoding": "gzip", "Accept": "application/rss+xml, application/atom+xml, */*;q=0.5"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": modified} if modified else {}
    try:
        async with asyncio.timeout(_SECONDS):
            with failpoint("feeds.fetch"):
                return await _follow(http, url, headers)
    except httpx.InvalidURL as error:  # which a redirect leads to
        raise SourceRejected("link-malformed") from error
    except (TimeoutError, httpx.HTTPError) as error:
        raise FeedTrouble("link-unreachable") from error


async def _follow(http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> Reply:
    """Each step is judged anew, by the client."""
    step = url
    for _ in range(_MOST_REDIRECTS + 1):
        async with http.stream("GET", step, headers=headers, follow_redirects=False) as response:
            if not response.has_redirect_location:
                return await _read(response, step)
            step = _target(step, response.headers["location"])
    raise SourceRejected("link-redirects")


def _target(step: str, location: str) -> str:
    try:
        return read_link(urljoin(step, location)).url
    except ValueError as error:
        raise SourceRejected("link-malformed") from error


async def _read(response: httpx.Response, url: str) -> Reply:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Reply(None, url)
    if not response.is_success:
        rest = seconds_of_rest(response) if "retry-after" in response.headers else 0
        raise FeedTrouble("feed-status", status=response.status_code, seconds=rest)
    body = bytearray()
    # as it was sent: what a stranger has packed may unfold without end
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise FeedTrouble("feed-too-large")
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    said = _mark(response, "etag"), _mark(response, "last-modified")
    return Reply(await asyncio.to_thread(_unpacked, bytes(body)) if packed else bytes(body), url, *said)


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        whole = unpacking.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise FeedTrouble("feed-unreadable") from error
    if unpacking.unconsumed_tail:
        raise FeedTrouble("feed-too-large")
    return whole


def _mark(response: httpx.Response, name: str) -> str:
    """What may go back in a header as it came."""
    mark: str = response.headers.get(name, "")
    return mark if len(mark) <= _MOST_MARK and mark.isascii() and mark.isprintable() else ""
