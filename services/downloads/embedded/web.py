"""The one door to the web: asks for a link, and turns what may go wrong into what the caller must do."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from services.downloads.addresses import guarded_transport
from services.downloads.embedded.filenames import link_name
from services.downloads.embedded.options import LinkOptions
from services.downloads.embedded.origin import Offer, RangeRefused, Wish
from services.downloads.port import SourceRejected, SourceUnavailable

_MOST_REDIRECTS = 5
_BUSY = frozenset({408, 425, 429, *range(500, 600)})
_RANGE_REFUSED = 416
_PARTIAL = 206
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)", re.ASCII)


class Web:
    """HTTP that reaches no address that the guard refuses."""

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
        self, url: str, wish: Wish, *, trusted: bool
    ) -> AsyncIterator[tuple[Offer, AsyncIterator[bytes]]]:
        """GETs a link; the body is as it was sent, never decompressed. Raises PrivateAddress besides.

        A server that stops in the middle of the body is told from one that does not answer.
        """
        problem = "link-unreachable"
        headers = {"Accept-Encoding": "identity", **_ranged(wish)}
        try:
            async with self._answer(url, headers, trusted=trusted) as response:
                offer = _offer(response)
                problem = "link-short"
                yield offer, response.aiter_raw()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as exc:
            raise SourceRejected("link-malformed") from exc
        except httpx.HTTPError as exc:
            raise SourceUnavailable(problem) from exc

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    @asynccontextmanager
    async def _answer(
        self, url: str, headers: Mapping[str, str], *, trusted: bool
    ) -> AsyncIterator[httpx.Response]:
        """What a link leads to. A trusted one leads nowhere else: its server would not be the owner's any more."""
        client = self._client(trusted=trusted)
        request: httpx.Request | None = client.build_request("GET", url, headers=headers)
        redirects = _MOST_REDIRECTS if self._allow_private or not trusted else 0
        while request is not None:
            # httpx would read what comes with a redirect, however much that is
            async with aclosing(await client.send(request, stream=True, follow_redirects=False)) as response:
                if redirects == 0 or response.next_request is None:
                    yield response
                    return
                request, redirects = response.next_request, redirects - 1

    def _client(self, *, trusted: bool) -> httpx.AsyncClient:
        if trusted not in self._clients:
            options = self._options
            self._clients[trusted] = strangers_client(
                self._transport(trusted or self._allow_private),
                httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
            )
        return self._clients[trusted]


def strangers_client(transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> httpx.AsyncClient:
    """For links of members: HTTP without memory, and without anything of ours."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        trust_env=False,
        headers={"User-Agent": "Magpie"},
        # links of different people must not share a log-in
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _ranged(wish: Wish) -> Mapping[str, str]:
    if wish.is_look:
        return {"Range": "bytes=0-0"}
    if wish.start == 0 or wish.validator is None or not _fits_header(wish.validator):
        return {}
    return {"Range": f"bytes={wish.start}-", "If-Range": wish.validator}


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


def _described(response: httpx.Response, start: int, size: int | None) -> Offer:
    headers = response.headers
    name = link_name(headers.get("content-disposition"), str(response.url), headers.get("content-type"))
    return Offer(name=name, start=start, size=size, validator=_validator(headers))


def _validator(headers: httpx.Headers) -> str | None:
    """What If-Range may carry: a strong ETag, else the date of the last change; never what no header can."""
    etag: str = headers.get("etag", "")
    changed: str = headers.get("last-modified", "")
    told = (etag if not etag.startswith("W/") else "") or changed
    return told if told and _fits_header(told) else None


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,18}", text, re.ASCII) else None
