"""Torznab servers that answer after a known time, in a process of their own: `python -m benchmarks.indexers`.

Each server's delay is one of `--delays`, in seconds, counted from the request. Half of what a server has, all the others
have too, so there is something to merge.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from tests.indexers import CAPS, infohash, item, results

READY = "indexers listening on "


def document(server: int, releases: int) -> bytes:
    """All results of one server."""
    works = [number if number % 2 else number + 1000 * (server + 1) for number in range(releases)]
    items = [
        item(
            f"Work {work} of Somebody 1080p x264",
            f"http://t{server}.example.org/download/{work}.torrent",
            size=str(1_000_000_000 + work),
            seeders=str(work + server),
            infohash=infohash(work),
        )
        for work in works
    ]
    return results(items, f'<newznab:response offset="0" total="{len(items)}"/>')


class DelayedServer:
    """One Torznab address that keeps its connections open, as Prowlarr and Jackett do."""

    def __init__(self, delay: float, found: bytes) -> None:
        self._delay = delay
        self._found = found

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
        await asyncio.sleep(self._delay)
        return self._found


async def run(delays: Sequence[float], releases: int) -> None:
    """Serves until it is ended."""
    async with AsyncExitStack() as stack:
        urls = []
        for number, delay in enumerate(delays):
            server = DelayedServer(delay, document(number, releases))
            listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
            await stack.enter_async_context(listener)
            urls.append(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/api")
        print(f"{READY}{json.dumps(urls)}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--delays", type=float, nargs="+", required=True)
    options = parser.parse_args()
    asyncio.run(run(options.delays, options.releases))


if __name__ == "__main__":
    main()
