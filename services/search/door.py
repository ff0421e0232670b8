"""The one door through which Indexers ask over HTTP: bounded in time and size, its errors are the port's."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from services.search.port import IndexerBroken, IndexerBusy, IndexerRejected, Refusal

MOST_BYTES = 8 * 1024 * 1024
SECONDS = 60.0
"""The most one request may take; the caller's deadline is usually shorter."""
REST = timedelta(minutes=15)
"""How long an Indexer rests that says “too many requests” and not until when."""
_MOST_REST = timedelta(days=1)

# Without compression, so that a small answer cannot unfold into a huge one.
_HEADERS = {"Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Reply:
    """An answer that is not a refusal; whether its body is what was asked for is for the reader to say."""

    status: int
    body: bytes
    rest_until: datetime
    """When to ask again, should the body turn out to be a refusal for a while."""


async def get(http: httpx.AsyncClient, url: httpx.URL, indexer: str, seconds: float = SECONDS) -> Reply:
    """Asks once; redirects are not followed. The address may hold a key, so no error names it.

    Raises IndexerBusy (out of reach, too slow, failing), IndexerRejected (401, 403, 429), IndexerBroken (too large).
    """
    try:
        async with (
            asyncio.timeout(seconds),
            http.stream("GET", url, headers=_HEADERS, follow_redirects=False, timeout=None) as response,
        ):
            _refuse(response, indexer)
            body = await _read(response, indexer)
    except (TimeoutError, httpx.TransportError) as error:
        raise IndexerBusy(indexer) from error
    return Reply(response.status_code, body, _rest_until(response))


def _refuse(response: httpx.Response, indexer: str) -> None:
    status = response.status_code
    refusal = Refusal(f"HTTP {status}")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise IndexerRejected(indexer) from refusal
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise IndexerRejected(indexer, _rest_until(response)) from refusal
    if status == httpx.codes.REQUEST_TIMEOUT or response.is_server_error:
        raise IndexerBusy(indexer) from refusal


async def _read(response: httpx.Response, indexer: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise IndexerBroken(indexer) from Refusal(f"more than {MOST_BYTES} bytes")
    return bytes(body)


def _rest_until(response: httpx.Response) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds_of_rest(response))


def seconds_of_rest(response: httpx.Response) -> float:
    """How long until the moment that `Retry-After` names, as seconds or as a date; at most a day."""
    rest = _rest(response.headers.get("retry-after", ""), datetime.now(UTC))
    return min(max(rest, timedelta(0)), _MOST_REST).total_seconds()


def _rest(value: str, now: datetime) -> timedelta:
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), _MOST_REST.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return REST
