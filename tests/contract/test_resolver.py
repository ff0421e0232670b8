"""What stands behind links of strangers' servers."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest

from services.downloads.addresses import guarded_transport
from services.downloads.embedded.web import strangers_client
from services.downloads.port import SourceRejected, TorrentFile, WebLink
from services.downloads.reading import SourceReader
from services.downloads.resolve import Resolver
from services.telegram.messages import Messages
from tests import torrents
from tests.fake_door import FakeDoor
from tests.loopback import Answer, serve

TORRENT = torrents.torrent(torrents.several(torrents.file(b"a.bin")))
KIND = {"Content-Type": "application/x-bittorrent"}


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    """With the client that the assembly gives it for members' links."""
    async with strangers_client(guarded_transport(allow_private=True), httpx.Timeout(20)) as client:
        reader = SourceReader([], allow_private=True)
        yield Resolver(reader, Messages(FakeDoor()), guarded=client, unguarded=client)


async def test_what_is_packed_is_not_unfolded(resolver: Resolver) -> None:
    """A few bytes may unfold to more than there is memory."""
    bomb = Answer(gzip.compress(b"d" + bytes(100_000_000)), headers={**KIND, "Content-Encoding": "gzip"})
    async with serve(lambda _: bomb) as server:
        link = WebLink(f"{server.url}/1.torrent", "x")
        tracemalloc.start()
        try:
            assert await resolver.resolve(link) == link
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()
        assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_redirect_to_what_is_no_address_is_refused(resolver: Resolver) -> None:
    async with serve(lambda _: Answer(status=302, headers={"Location": "javascript:alert(1)"})) as server:
        with pytest.raises(SourceRejected, match="link-malformed"):
            await resolver.resolve(WebLink(f"{server.url}/1.torrent", "x"))


async def test_links_of_different_people_share_no_log_in(resolver: Resolver) -> None:
    answer = Answer(TORRENT, headers={**KIND, "Set-Cookie": "login=ada; Path=/"})
    async with serve(lambda _: answer) as server:
        for name in ("ada", "blas"):
            assert isinstance(await resolver.resolve(WebLink(f"{server.url}/{name}", "x")), TorrentFile)
        assert not any("cookie" in request.headers for request in server.requests)
