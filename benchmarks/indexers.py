"""Torznab servers that answer after a known time, in a process of their own: `python -m benchmarks.indexers`.

Each server's delay is one of `--delays`, in seconds, counted from the request. Half of what a server has, all the others
have too, so there is something to merge. `?t=answered` says when a server last gave its results.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.house import Process
from tests.indexers import CAPS, infohash, item, results

READY = "indexers listening on "
DEADLINE = 30.0
_FASTEST, _SLOWEST = 0.05, 0.5


@dataclass(frozen=True)
class Case:
    """How servers behave: after how many seconds each answers, and whether at length."""

    name: str
    delays: Sequence[float]
    long: bool = False


def cases(servers: int) -> Sequence[Case]:
    """Servers that answer one after another, and, the worst case, all at the same moment."""
    together = [_SLOWEST] * servers
    return (
        Case(f"{_FASTEST * 1000:.0f} to {_SLOWEST * 1000:.0f} ms", spread(servers)),
        Case(f"all {_SLOWEST * 1000:.0f} ms", together),
        Case(f"all {_SLOWEST * 1000:.0f} ms, long", together, long=True),
    )


def spread(servers: int) -> Sequence[float]:
    """Delays from the fastest to the slowest, evenly."""
    step = (_SLOWEST - _FASTEST) / max(1, servers - 1)
    return [round(_FASTEST + number * step, 4) for number in range(servers)]


@asynccontextmanager
async def open_servers(case: Case, releases: int) -> AsyncIterator[Sequence[str]]:
    """The addresses of servers that run while the block does."""
    arguments = ["--releases", str(releases), "--delays", *map(str, case.delays)]
    arguments += ["--long"] if case.long else []
    with tempfile.TemporaryDirectory() as folder:
        servers = await Process.start(Path(folder) / "log", "-m", "benchmarks.indexers", *arguments, env={})
        try:
            yield json.loads((await servers.said(rf"{READY}(.*\])")).group(1))
        finally:
            servers.kill()
            await servers.ended()


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=DEADLINE, limits=httpx.Limits(max_connections=50), trust_env=False)


def document(server: int, releases: int, *, long: bool = False) -> bytes:
    """All results of one server; `long`: with everything that Prowlarr writes, three times as much."""
    works = [number if number % 2 else number + 1000 * (server + 1) for number in range(releases)]
    items = [(_long_item if long else _item)(server, work) for work in works]
    return results(items, f'<newznab:response offset="0" total="{len(items)}"/>')


def _item(server: int, work: int, **more: str) -> str:
    return item(
        f"Work {work} of Somebody 1080p x264",
        f"http://t{server}.example.org/download/{work}.torrent",
        size=str(1_000_000_000 + work),
        seeders=str(work + server),
        infohash=infohash(work),
        **more,
    )


def _long_item(server: int, work: int) -> str:
    page, size = f"http://t{server}.example.org/{work}", 1_000_000_000 + work
    elements = (
        f"<guid>{page}</guid><comments>{page}</comments><size>{size}</size><description/>"
        f"<pubDate>Sat, {1 + work % 28:02} Mar 2025 17:{work % 60:02}:42 -0400</pubDate>"
        f'<category>2000</category><category>2040</category><prowlarrindexer id="7" type="public">T</prowlarrindexer>'
        f'<enclosure url="{page}.torrent" length="{size}" type="application/x-bittorrent"/>'
    )
    more = {"category": "2040", "files": "3", "grabs": "50", "peers": str(work + server + 7)}
    more |= {"downloadvolumefactor": "0", "uploadvolumefactor": "1"}
    return _item(server, work, **more).replace("</title>", f"</title>{elements}", 1)


class DelayedServer:
    """One Torznab address that keeps its connections open, as Prowlarr and Jackett do."""

    def __init__(self, delay: float, found: bytes) -> None:
        self._delay = delay
        self._found = found
        self._answered = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await self._answer(urlsplit(head.split(b" ")[1]).query)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    async def _answer(self, query: bytes) -> bytes:
        if b"t=caps" in query:
            return CAPS.format(most=1000).encode()
        if b"t=answered" in query:
            return repr(self._answered).encode()
        await asyncio.sleep(self._delay)
        self._answered = time.time()
        return self._found


async def run(delays: Sequence[float], releases: int, *, long: bool) -> None:
    """Serves until it is ended."""
    async with AsyncExitStack() as stack:
        urls = []
        for number, delay in enumerate(delays):
            server = DelayedServer(delay, document(number, releases, long=long))
            listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
            await stack.enter_async_context(listener)
            urls.append(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/api")
        print(f"{READY}{json.dumps(urls)}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--delays", type=float, nargs="+", required=True)
    parser.add_argument("--long", action="store_true", help="results as long as Prowlarr's")
    options = parser.parse_args()
    asyncio.run(run(options.delays, options.releases, long=options.long))


if __name__ == "__main__":
    main()
