"""The one door to the web: asks for a link, and turns what may go wrong into what the caller must do."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from services.downloads.addresses import guarded_transport
from services.downloads.embedded.options import LinkOptions
from services.downloads.port import SourceRejected, SourceUnavailable

_MOST_REDIRECTS = 5
_BUSY = frozenset({408, 425, 429, *range(500, 600)})
_RANGE_REFUSED = 416
_PARTIAL = 206
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)", re.ASCII)


@dataclass(frozen=True)
class Offer:
    """What a server says of a link: where its answer starts in the file, the file's whole size if it is told."""

    url: str
    start: int
    size: int | None
    validator: str | None
    disposition: str | None
    content_type: str | None

    def goes_on(self, validator: str | None, size: int | None) -> bool:
        """Whether this is a part of the file that was begun: servers exist that ignore If-Range and send another's."""
        if self.size is not None and size is not None and self.size != size:
            return False
        if self.validator is None or validator is None or _is_etag(self.validator) != _is_etag(validator):
            return True
        return self.validator == validator


class Web:
    """HTTP without memory: no cookies, no proxy or password from the environment, no address that the guard refuses."""

    def __init__(
        self,
        options: LinkOptions,
        *,
        allow_private: bool,
        transport: Callable[[bool], httpx.AsyncBaseTransport] = guarded_transport,
    ) -> None:
        self._options = options
        self._transport = transport
        self._allow_private = allow_private
        self._clients: dict[bool, httpx.AsyncClient] = {}

    @asynccontextmanager
    async def ask(
        self, url: str, *, trusted: bool, range_: Mapping[str, str]
    ) -> AsyncIterator[tuple[Offer, AsyncIterator[bytes]]]:
        """GETs a link; the body is as it was sent, never decompressed.

        Raises SourceRejected (never try again; PrivateAddress among it) and SourceUnavailable (a later try may do).
        """
        headers = {"Accept-Encoding": "identity", **range_}
        try:
            async with self._client(trusted=trusted).stream("GET", url, headers=headers) as response:
                yield _offer(response), response.aiter_raw()
        except httpx.TooManyRedirects as exc:
            raise SourceRejected("link-redirects") from exc
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as exc:
            raise SourceRejected("link-malformed") from exc
        except httpx.HTTPError as exc:
            raise SourceUnavailable("link-unreachable") from exc

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, *, trusted: bool) -> httpx.AsyncClient:
        """A trusted link may be private itself, and may lead nowhere else: its server is not the owner's any more then."""
        if trusted not in self._clients:
            self._clients[trusted] = self._new_client(
                allow_private=trusted or self._allow_private, follow=self._allow_private or not trusted
            )
        return self._clients[trusted]

    def _new_client(self, *, allow_private: bool, follow: bool) -> httpx.AsyncClient:
        options = self._options
        return httpx.AsyncClient(
            transport=self._transport(allow_private),
            timeout=httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
            follow_redirects=follow,
            max_redirects=_MOST_REDIRECTS,
            trust_env=False,
            headers={"User-Agent": "Magpie"},
            # links of different people must not share a log-in
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )


def _offer(response: httpx.Response) -> Offer:
    status = response.status_code
    if status in _BUSY:
        raise SourceUnavailable("link-status", status=status)
    if status == _RANGE_REFUSED:
        return _described(response, 0, _range_refused(response))
    if response.has_redirect_location:
        raise SourceRejected("link-redirects")
    if not response.is_success:
        raise SourceRejected("link-status", status=status)
    if status == _PARTIAL:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if match is None or match[1] is None:
            raise SourceUnavailable("link-unreachable")
        return _described(response, int(match[1]), None if match[2] == "*" else int(match[2]))
    return _described(response, 0, _number(response.headers.get("content-length")))


def _range_refused(response: httpx.Response) -> int:
    """An empty file has no first byte to ask for; anything else that refuses our range must be asked without one."""
    match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if match is None or match[2] != "0":
        raise RangeRefused
    return 0


class RangeRefused(SourceUnavailable):
    """The part we have does not fit the file any more: begin anew."""

    def __init__(self) -> None:
        super().__init__("link-changed")


def _described(response: httpx.Response, start: int, size: int | None) -> Offer:
    headers = response.headers
    return Offer(
        url=str(response.url),
        start=start,
        size=size,
        validator=_validator(headers),
        disposition=headers.get("content-disposition"),
        content_type=headers.get("content-type"),
    )


def _validator(headers: httpx.Headers) -> str | None:
    """What If-Range may carry: a strong ETag, else the date of the last change."""
    etag: str = headers.get("etag", "")
    changed: str = headers.get("last-modified", "")
    return (etag if not etag.startswith("W/") else "") or changed or None


def _is_etag(validator: str) -> bool:
    return validator.startswith('"')


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,18}", text, re.ASCII) else None
