"""Asking addresses of feeds: guarded, bounded, and told apart by what has to be done."""

import asyncio
import gzip
import time

import httpx
import pytest

from services.downloads.addresses import PrivateAddress, guarded_transport
from services.downloads.embedded.web import strangers_client
from services.downloads.port import SourceRejected
from services.feeds import door
from services.feeds.door import MOST_BYTES, Reply, ask
from services.feeds.errors import FeedTrouble
from tests.feeds import FeedServer, item, rss
from tests.loopback import Answer, Handler, Request, serve


async def asked(handler: Handler, etag: str = "", modified: str = "", *, private: bool = True) -> Reply:
    client = strangers_client(guarded_transport(private), httpx.Timeout(5))
    async with serve(handler) as server, client:
        return await ask(client, f"{server.url}/rss", etag, modified)


async def key_of(handler: Handler) -> str:
    with pytest.raises((FeedTrouble, SourceRejected)) as refused:
        await asked(handler)
    assert isinstance(refused.value, FeedTrouble | SourceRejected)
    return refused.value.key


async def test_what_is_known_is_not_sent_again() -> None:
    server = FeedServer([item()])
    first = await asked(server)
    assert first.body == rss([item()])
    assert (await asked(server, first.etag)).body is None
    assert server.unchanged == 1


async def test_marks_of_a_version_go_back_as_they_came() -> None:
    seen = list[Request]()

    def answer(request: Request) -> Answer:
        seen.append(request)
        return Answer(rss([]), headers={"ETag": "x" * 5000, "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})

    reply = await asked(answer)
    assert (reply.etag, reply.modified) == ("", "Mon, 01 Jan 2024 00:00:00 GMT")
    await asked(answer, modified=reply.modified)
    assert "if-modified-since" not in seen[0].headers
    assert seen[1].headers["if-modified-since"] == reply.modified
    assert not {"cookie", "authorization", "referer"} & set(seen[1].headers)


async def test_packed_answers_are_unpacked_within_bounds() -> None:
    packed = {"Content-Encoding": "gzip"}
    assert (await asked(lambda _: Answer(gzip.compress(b"<rss/>"), headers=packed))).body == b"<rss/>"
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    assert await key_of(lambda _: Answer(bomb, headers=packed)) == "feed-too-large"
    assert await key_of(lambda _: Answer(b"not packed", headers=packed)) == "feed-unreadable"


@pytest.mark.parametrize(
    ("handler", "key"),
    [
        (lambda _: Answer(status=404), "feed-status"),
        (lambda _: Answer(status=500), "feed-status"),
        (lambda _: Answer(dropped=True), "link-unreachable"),
        (lambda _: Answer(b"x" * 65_536, endless=True), "feed-too-large"),
        (lambda _: Answer(b"x" * (MOST_BYTES + 1)), "feed-too-large"),
        (lambda _: Answer(status=302, headers={"Location": "/rss"}), "link-redirects"),
        (lambda _: Answer(status=302, headers={"Location": "file:///etc/passwd"}), "link-malformed"),
        # httpx reads it as a broken answer
        (lambda _: Answer(status=302, headers={"Location": "https://[::1"}), "link-unreachable"),
        (lambda _: Answer(status=302, headers={"Location": "javascript:alert(1)"}), "link-malformed"),
    ],
)
async def test_what_went_wrong_is_told_apart(handler: Handler, key: str) -> None:
    assert await key_of(handler) == key


async def test_who_names_a_time_is_heeded() -> None:
    with pytest.raises(FeedTrouble) as refused:
        await asked(lambda _: Answer(status=429, headers={"Retry-After": "600"}))
    assert (refused.value.seconds, refused.value.values) == (600, {"status": 429})
    with pytest.raises(FeedTrouble) as refused:
        await asked(lambda _: Answer(status=503, headers={"Retry-After": "9" * 30}))
    assert refused.value.seconds == 86_400


async def test_a_redirect_is_followed_and_named() -> None:
    def answer(request: Request) -> Answer:
        moved = Answer(status=301, headers={"Location": "/there/rss"})
        return moved if request.path == "/rss" else Answer(b"<rss/>")

    assert (await asked(answer)).url.endswith("/there/rss")


@pytest.mark.parametrize("private", [True, False])
async def test_private_addresses_are_refused_also_behind_a_redirect(private: bool) -> None:
    if private:
        assert (await asked(lambda _: Answer(b"<rss/>"))).body == b"<rss/>"
        return
    with pytest.raises(PrivateAddress):
        await asked(lambda _: Answer(b"<rss/>"), private=False)


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_SECONDS", 0.3)
    begun = time.monotonic()
    assert await key_of(lambda _: Answer(silent=True)) == "link-unreachable"
    assert time.monotonic() - begun < 20


async def test_one_that_answers_too_late_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_SECONDS", 0.3)
    assert await key_of(lambda _: Answer(b"<rss/>", held=asyncio.Event())) == "link-unreachable"
