"""The HTTP half of the embedded engine, against small servers that say exactly what each test needs."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from structlog.testing import capture_logs

from services.downloads.addresses import PrivateAddress, guarded_transport
from services.downloads.embedded import EmbeddedDownloader, LinkOptions, TorrentOptions
from services.downloads.embedded.origin import Wish
from services.downloads.embedded.web import Web
from services.downloads.networks import IPAddress
from services.downloads.port import (
    Activity,
    Progress,
    SourceRejected,
    SourceUnavailable,
    WebLink,
    download_key,
)
from tests.swarm import WebSeed, make_payload

TORRENTS = TorrentOptions(listen="127.0.0.1:0", dht=False, utp=False)
QUICK = LinkOptions(read_timeout=1.0, retries=2, backoff=0.02, stall_after=0.5)
BODY = random.Random(7).randbytes(300_000)
ALL = frozenset({0})

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request, given its head; the connection is closed after it."""


@asynccontextmanager
async def running(
    folder: Path, options: LinkOptions = QUICK, *, allow_private: bool = False
) -> AsyncIterator[EmbeddedDownloader]:
    """An engine that is started and run, as the assembly does it."""
    engine = EmbeddedDownloader(folder, allow_private=allow_private, torrents=TORRENTS, links=options)
    await engine.start()
    try:
        async with asyncio.TaskGroup() as group:
            runner = group.create_task(engine.run())
            yield engine
            runner.cancel()
    finally:
        await engine.close()


@asynccontextmanager
async def server(*answers: Answer) -> AsyncIterator[tuple[str, list[str]]]:
    """Gives its answers one after the other, the last one again and again; yields its address and the heads it got."""
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await answers[min(len(heads), len(answers)) - 1](heads[-1], writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield f"http://127.0.0.1:{port}/files/some%20file.bin", heads


def says(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> Answer:
    """A fixed answer; `length` is what it declares, when that is not the truth (-1: nothing)."""

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
        if length != -1:
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def part(start: int, end: int, *headers: str, body: bytes | None = None) -> Answer:
    """The range `start` to `end` of BODY; `body`: what is really sent of it."""
    content = f"Content-Range: bytes {start}-{end - 1}/{len(BODY)}"
    sent = BODY[start:end] if body is None else body
    return says("206 Partial Content", content, *headers, body=sent, length=end - start)


def link(url: str) -> WebLink:
    return WebLink(url, "some file.bin", trusted=True)


async def until(
    engine: EmbeddedDownloader, key: str, *wanted: Activity, least: int = 0, seconds: float = 10.0
) -> Progress:
    """Waits for one of the activities and at least so many bytes."""
    async with asyncio.timeout(seconds):
        while True:
            progress = (await engine.progress())[key]
            if progress.activity in wanted and progress.done >= least:
                return progress
            await asyncio.sleep(0.01)


async def fetch(engine: EmbeddedDownloader, url: str, folder: Path) -> tuple[str, Progress]:
    """Adds the link and waits for how it ends."""
    key = download_key(link(url))
    await engine.add(key, link(url), ALL, folder)
    return key, await until(engine, key, Activity.COMPLETE, Activity.FAILED)


def left_in(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_inspect_tells_name_and_size(tmp_path: Path) -> None:
    first = part(0, 1, 'Content-Disposition: attachment; filename="film.mkv"')
    async with server(first) as (url, heads), running(tmp_path / "state") as engine:
        contents = await engine.inspect(link(url))
        assert await engine.progress() == {}
    assert [(entry.index, entry.path, entry.size) for entry in contents.files] == [(0, "film.mkv", len(BODY))]
    assert "range: bytes=0-0" in heads[0].lower()


async def test_inspect_of_a_server_that_says_nothing(tmp_path: Path) -> None:
    chunked = says(
        "200 OK", "Transfer-Encoding: chunked", "Content-Type: text/html", body=b"0\r\n\r\n", length=-1
    )
    async with server(chunked) as (url, _), running(tmp_path / "state") as engine:
        contents = await engine.inspect(WebLink(url.replace("some%20file.bin", "page"), "page", trusted=True))
    assert [(entry.path, entry.size) for entry in contents.files] == [("page.html", None)]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", SourceRejected),
        ("403 Forbidden", SourceRejected),
        ("503 Service Unavailable", SourceUnavailable),
        ("429 Too Many Requests", SourceUnavailable),
    ],
)
async def test_error_pages_are_errors(tmp_path: Path, status: str, error: type[Exception]) -> None:
    page = says(status, "Content-Type: text/html", body=b"<h1>sorry</h1>")
    async with server(page) as (url, _), running(tmp_path / "state") as engine:
        with pytest.raises(error, match="link-status"):
            await engine.inspect(link(url))
        key, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-status")
        assert await engine.files(key) == {}
    assert left_in(tmp_path / "out") == []


async def test_a_silent_server_is_unavailable(tmp_path: Path) -> None:
    async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)

    options = LinkOptions(read_timeout=0.2, retries=0)
    async with server(silent) as (url, _), running(tmp_path / "state", options) as engine:
        with pytest.raises(SourceUnavailable, match="link-unreachable"):
            await engine.inspect(link(url))


async def test_a_file_arrives_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    payload = make_payload(tmp_path / "web", {"some file.bin": 1_000_000})
    with WebSeed(payload) as web:
        async with running(tmp_path / "state") as engine:
            url = f"{web.url}some%20file.bin"
            await engine.inspect(link(url))
            key, ended = await fetch(engine, url, out)
            assert (ended.activity, ended.done, ended.total) == (Activity.COMPLETE, 1_000_000, 1_000_000)
            assert await engine.files(key) == {0: out / "some file.bin"}
    assert (out / "some file.bin").read_bytes() == (payload / "some file.bin").read_bytes()
    assert left_in(out) == ["some file.bin"]


async def test_a_cut_connection_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = says("200 OK", 'ETag: "v1"', body=BODY[:100_000], length=len(BODY))
    rest = part(100_000, len(BODY), 'ETag: "v1"')
    async with server(whole, rest) as (url, heads), running(tmp_path / "state") as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
    assert (tmp_path / "out" / "some file.bin").read_bytes() == BODY
    assert "range: bytes=100000-" in heads[1].lower()
    assert 'if-range: "v1"' in heads[1].lower()


async def test_a_server_that_ignores_ranges_begins_anew(tmp_path: Path) -> None:
    cut = says("200 OK", 'ETag: "v1"', body=BODY[::-1][:100_000], length=len(BODY))
    changed = says("200 OK", 'ETag: "v2"', body=BODY)
    async with server(cut, changed) as (url, _), running(tmp_path / "state") as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
    assert (tmp_path / "out" / "some file.bin").read_bytes() == BODY


async def test_without_a_validator_nothing_is_glued_together(tmp_path: Path) -> None:
    cut = says("200 OK", body=BODY[:100_000], length=len(BODY))
    async with server(cut, says("200 OK", body=BODY)) as (url, heads), running(tmp_path / "state") as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
    assert "range:" not in heads[1].lower()
    assert (tmp_path / "out" / "some file.bin").read_bytes() == BODY


async def test_a_body_that_stays_too_short_fails(tmp_path: Path) -> None:
    """It is told from a server that does not answer, and the log has what was noticed."""
    cut = says("200 OK", body=BODY[:1000], length=len(BODY))
    noticed = "received 1000 bytes, expected 300000"
    with capture_logs() as logged:
        async with server(cut) as (url, heads), running(tmp_path / "state") as engine:
            _, ended = await fetch(engine, url, tmp_path / "out")
    assert (ended.activity, ended.error) == (Activity.FAILED, "link-short")
    assert noticed in ended.said
    assert len(heads) == 1 + QUICK.retries
    interrupted = [line for line in logged if line["event"] == "link interrupted"]
    assert [noticed in line["said"] for line in interrupted] == [True] * len(heads)
    assert "some file.bin" not in left_in(tmp_path / "out")


async def test_a_body_that_stands_still_is_told_from_a_server_that_does_not_answer(tmp_path: Path) -> None:
    async def stands(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + BODY[:1000])
        await asyncio.sleep(1)

    options = LinkOptions(read_timeout=0.2, retries=0)
    async with server(stands) as (url, _), running(tmp_path / "state", options) as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
    assert (ended.activity, ended.error) == (Activity.FAILED, "link-short")
    assert ended.said.startswith("ReadTimeout")


async def test_a_length_larger_than_inspected_is_a_lie(tmp_path: Path) -> None:
    small = says("206 Partial Content", "Content-Range: bytes 0-0/1000", body=b"x")
    async with (
        server(small, says("200 OK", body=BODY)) as (url, heads),
        running(tmp_path / "state") as engine,
    ):
        await engine.inspect(link(url))
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-lied")
    assert len(heads) == 2
    assert "some file.bin" not in left_in(tmp_path / "out")


async def test_an_endless_body_is_a_lie_as_soon_as_it_is_too_long(tmp_path: Path) -> None:
    small = says("206 Partial Content", "Content-Range: bytes 0-0/100000", body=b"x")
    sent = 0

    async def endless(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")
            await writer.drain()
            sent += 0x4000

    async with server(small, endless) as (url, _), running(tmp_path / "state") as engine:
        await engine.inspect(link(url))
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-lied")
        assert ended.done <= 100_000
    assert sent < 20_000_000


async def test_what_is_too_large_is_refused_early_and_late(tmp_path: Path) -> None:
    options = LinkOptions(max_link_size=200_000, retries=0)
    chunks = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
    undeclared = says("200 OK", "Transfer-Encoding: chunked", body=chunks, length=-1)
    async with (
        server(part(0, 1), undeclared) as (url, _),
        running(tmp_path / "state", options) as engine,
    ):
        with pytest.raises(SourceRejected, match="link-too-large"):
            await engine.inspect(link(url))
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-endless")
    assert left_in(tmp_path / "out") == []


def endless(*headers: str) -> Answer:
    """A body that does not end, without a length."""

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(["HTTP/1.1 200 OK", "Connection: close", *headers, "", ""]).encode())
        while True:
            writer.write(bytes(0x4000))
            await writer.drain()

    return answer


async def test_a_body_without_length_or_end_is_stopped_at_the_limit(tmp_path: Path) -> None:
    options = LinkOptions(max_unsized=3_000_000, retries=0)
    async with server(endless()) as (url, heads), running(tmp_path / "state", options) as engine:
        contents = await engine.inspect(link(url))
        assert [entry.size for entry in contents.files] == [None]
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error, ended.done) == (Activity.FAILED, "link-endless", 0)
    assert len(heads) == 2
    assert left_in(tmp_path / "out") == []


async def test_a_body_without_length_leaves_the_disk_some_room(tmp_path: Path) -> None:
    """It is stopped before the disk is full: here as if all that is free were to be kept."""
    keep = shutil.disk_usage(tmp_path).total
    options = LinkOptions(keep_free=keep, retries=0)
    async with server(endless()) as (url, _), running(tmp_path / "state", options) as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "disk-too-small")
    assert left_in(tmp_path / "out") == []


async def test_a_body_without_length_that_ends_is_kept(tmp_path: Path) -> None:
    async with (
        server(says("200 OK", body=BODY, length=-1)) as (url, _),
        running(tmp_path / "state") as engine,
    ):
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.total) == (Activity.COMPLETE, len(BODY))
    assert (tmp_path / "out" / "some file.bin").read_bytes() == BODY


@pytest.mark.parametrize("length", [0, -1])
async def test_an_empty_file_is_refused_and_leaves_nothing(tmp_path: Path, length: int) -> None:
    async with (
        server(says("200 OK", body=b"", length=length)) as (url, _),
        running(tmp_path / "state") as engine,
    ):
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-empty")
    assert left_in(tmp_path / "out") == []


@pytest.mark.parametrize(
    "empty", [says("200 OK"), says("416 Range Not Satisfiable", "Content-Range: bytes */0")]
)
async def test_an_empty_file_is_refused_when_it_is_looked_at(tmp_path: Path, empty: Answer) -> None:
    async with server(empty) as (url, _), running(tmp_path / "state") as engine:
        with pytest.raises(SourceRejected, match="link-empty"):
            await engine.inspect(link(url))


OTHER = BODY[::-1]


@pytest.mark.parametrize(
    "part_of_another",
    [
        pytest.param(part(100_000, len(BODY), 'ETag: "v2"', body=OTHER[100_000:]), id="other ETag"),
        pytest.param(
            says(
                "206 Partial Content",
                f"Content-Range: bytes 100000-{len(BODY) - 2}/{len(BODY) - 1}",
                body=OTHER[100_001:],
            ),
            id="other size",
        ),
        pytest.param(says("416 Range Not Satisfiable", "Content-Range: bytes */99"), id="no such range"),
    ],
)
async def test_two_versions_of_a_file_are_never_glued_together(
    tmp_path: Path, part_of_another: Answer
) -> None:
    """The file changed while it was fetched, and the server does not heed If-Range as it should."""
    cut = says("200 OK", 'ETag: "v1"', body=BODY[:100_000], length=len(BODY))
    anew = says("200 OK", 'ETag: "v2"', body=OTHER)
    async with (
        server(cut, part_of_another, anew) as (url, heads),
        running(tmp_path / "state") as engine,
    ):
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
    assert ["range:" in head.lower() for head in heads] == [False, True, False]
    assert (tmp_path / "out" / "some file.bin").read_bytes() == OTHER


async def test_a_part_that_does_not_name_its_version_is_taken_by_its_size(tmp_path: Path) -> None:
    """To If-Range a server need not say more than the range."""
    cut = says(
        "200 OK",
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
        body=BODY[:100_000],
        length=len(BODY),
    )
    async with (
        server(cut, part(100_000, 200_000), part(200_000, len(BODY))) as (url, heads),
        running(tmp_path / "state") as engine,
    ):
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
    assert "if-range: mon, 01 jan 2024" in heads[2].lower()
    assert (tmp_path / "out" / "some file.bin").read_bytes() == BODY


async def test_a_file_that_is_another_at_every_try_is_given_up(tmp_path: Path) -> None:
    asked = 0

    async def changing(head: str, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        start = 100_000 if "range:" in head.lower() else 0
        headers = [f'ETag: "v{asked}"', f"Content-Length: {len(BODY) - start}"]
        if start:
            headers.append(f"Content-Range: bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        status = "206 Partial Content" if start else "200 OK"
        writer.write("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + BODY[:100_000])

    async with server(changing) as (url, heads), running(tmp_path / "state") as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.FAILED
    assert len(heads) <= 2 * (1 + QUICK.retries)


async def test_a_member_reaches_no_private_address(tmp_path: Path) -> None:
    async with server(says("200 OK", body=BODY)) as (url, heads), running(tmp_path / "state") as engine:
        source = WebLink(url, "file")
        with pytest.raises(SourceRejected, match="link-private"):
            await engine.inspect(source)
        key = download_key(source)
        await engine.add(key, source, ALL, tmp_path / "out")
        ended = await until(engine, key, Activity.FAILED)
        assert ended.error == "link-private"
    assert heads == []


class Internet(httpcore.AnyIOBackend):
    """Dials one server on loopback, whatever public address it is asked for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.dialled: list[str] = []

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        return await super().connect_tcp("127.0.0.1", self._port, *args, **kwargs)


async def names(host: str, _port: int) -> Sequence[IPAddress]:
    """A resolver: one public name, one name that leads inside, addresses as they are."""
    known = {"public.example": "93.184.215.14", "inside.example": "10.0.0.7"}
    return [ip_address(known.get(host, host))]


@pytest.mark.parametrize("target", ["http://127.0.0.1/secret", "http://inside.example/", "http://[::1]/x"])
async def test_a_redirect_leads_no_member_inside(target: str) -> None:
    async with server(says("302 Found", f"Location: {target}")) as (url, heads):
        internet = Internet(httpx.URL(url).port or 0)
        web = Web(
            QUICK,
            allow_private=False,
            transport=lambda private: guarded_transport(private, resolve=names, network=internet),
        )
        with pytest.raises(PrivateAddress):
            async with web.ask("http://public.example/f", Wish(), trusted=False):
                pass
        await web.close()
    assert (len(heads), internet.dialled) == (1, ["93.184.215.14"])


async def test_redirects_are_followed_but_not_for_ever(tmp_path: Path) -> None:
    async with server(says("200 OK", body=BODY)) as (target, _):
        moved = says("302 Found", f"Location: {target}")
        async with server(moved) as (url, _), running(tmp_path / "state", allow_private=True) as engine:
            _, ended = await fetch(engine, url, tmp_path / "out")
            assert ended.activity is Activity.COMPLETE
    async with server(says("302 Found", "Location: /again")) as (url, heads):
        async with running(tmp_path / "state2", allow_private=True) as engine:
            with pytest.raises(SourceRejected, match="link-redirects"):
                await engine.inspect(link(url))
        assert len(heads) == 6


async def test_a_trusted_link_leads_nowhere_else(tmp_path: Path) -> None:
    """Its server is the owner's own, and may be private; where it sends us to is not."""
    async with server(says("200 OK", body=BODY)) as (target, asked):
        moved = says("302 Found", f"Location: {target}")
        async with server(moved) as (url, _), running(tmp_path / "state") as engine:
            with pytest.raises(SourceRejected, match="link-redirects"):
                await engine.inspect(link(url))
        assert asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x"])
async def test_redirects_lead_to_http_only(tmp_path: Path, target: str) -> None:
    moved = says("302 Found", f"Location: {target}")
    async with server(moved) as (url, _), running(tmp_path / "state", allow_private=True) as engine:
        with pytest.raises(SourceRejected, match="link-malformed"):
            await engine.inspect(link(url))


async def test_a_hostile_name_stays_in_the_folder(tmp_path: Path) -> None:
    named = says("200 OK", 'Content-Disposition: attachment; filename="../../outside.bin"', body=BODY)
    async with server(named) as (url, _), running(tmp_path / "state") as engine:
        key, ended = await fetch(engine, url, tmp_path / "deep" / "out")
        assert ended.activity is Activity.COMPLETE
        assert await engine.files(key) == {0: tmp_path / "deep" / "out" / "outside.bin"}
    assert not (tmp_path / "outside.bin").exists()


async def test_no_cookie_is_kept(tmp_path: Path) -> None:
    answer = says("200 OK", "Set-Cookie: session=1; Path=/", body=b"x")
    async with server(answer) as (url, heads), running(tmp_path / "state") as engine:
        await engine.inspect(link(url))
        await engine.inspect(link(url))
    assert not any("cookie" in head.lower() for head in heads)


async def test_pause_survives_a_restart_and_resume_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    payload = make_payload(tmp_path / "web", {"f.bin": 1_000_000})
    with WebSeed(payload, rate=1_000_000) as web:
        source = link(f"{web.url}f.bin")
        key = download_key(source)
        async with running(tmp_path / "state") as engine:
            await engine.add(key, source, ALL, out)
            await until(engine, key, Activity.FETCHING, least=100_000)
            await engine.pause(key)
            paused = (await engine.progress())[key]
            assert paused.activity is Activity.PAUSED
            assert 0 < paused.done < 1_000_000
        web.rate = None
        async with running(tmp_path / "state") as engine:
            again = (await engine.progress())[key]
            assert (again.activity, again.done, again.total) == (Activity.PAUSED, paused.done, 1_000_000)
            await engine.resume(key)
            await until(engine, key, Activity.COMPLETE)
        assert web.log[-1].range == f"bytes={paused.done}-"
        async with running(tmp_path / "state") as engine:
            assert (await engine.progress())[key].activity is Activity.COMPLETE
    assert (out / "f.bin").read_bytes() == (payload / "f.bin").read_bytes()


async def test_a_failed_link_can_be_tried_again_by_the_same_key(tmp_path: Path) -> None:
    answers = (says("404 Not Found"), says("200 OK", body=BODY))
    async with server(*answers) as (url, _), running(tmp_path / "state") as engine:
        key, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.FAILED
        await engine.add(key, link(url), ALL, tmp_path / "out")
        await until(engine, key, Activity.COMPLETE)
        assert list(await engine.progress()) == [key]


async def test_only_a_few_are_fetched_at_once(tmp_path: Path) -> None:
    now, most = 0, 0

    async def slow(head: str, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.05)
        await says("200 OK", body=head.split()[1].encode())(head, writer)
        now -= 1

    options = LinkOptions(at_once=2)
    async with server(slow) as (url, heads), running(tmp_path / "state", options) as engine:
        sources = [link(f"{url}?{number}") for number in range(6)]
        for source in sources:
            await engine.add(download_key(source), source, ALL, tmp_path / download_key(source))
        for source in sources:
            await until(engine, download_key(source), Activity.COMPLETE)
    assert (len(heads), most) == (6, 2)


async def test_remove_leaves_what_is_not_the_jobs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    async with server(says("200 OK", body=BODY)) as (url, _), running(tmp_path / "state") as engine:
        key, _ = await fetch(engine, url, out)
        await engine.remove(key, with_files=True)
        await engine.remove(key, with_files=True)
        assert await engine.progress() == {}
    assert left_in(out) == ["mine.txt"]
    assert [path for path in (tmp_path / "state").rglob("*") if path.is_file()] == []


async def test_remove_in_the_middle_takes_the_part(tmp_path: Path) -> None:
    out = tmp_path / "out"
    payload = make_payload(tmp_path / "web", {"f.bin": 1_000_000})
    with WebSeed(payload, rate=1_000_000) as web:
        source = link(f"{web.url}f.bin")
        key = download_key(source)
        async with running(tmp_path / "state") as engine:
            await engine.add(key, source, ALL, out)
            await until(engine, key, Activity.FETCHING, least=1)
            await engine.remove(key, with_files=False)
            assert left_in(out) == []


async def test_what_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    async with server(says("200 OK", body=BODY)) as (url, _), running(tmp_path / "state") as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "disk-error")


async def test_a_trickle_does_not_hold_a_place(tmp_path: Path) -> None:
    async def trickle(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    options = LinkOptions(slow_after=0.2, retries=1, backoff=0.01)
    async with server(trickle) as (url, heads), running(tmp_path / "state", options) as engine:
        _, ended = await fetch(engine, url, tmp_path / "out")
        assert (ended.activity, ended.error) == (Activity.FAILED, "link-slow")
    assert len(heads) == 2


async def test_nothing_coming_is_stalled(tmp_path: Path) -> None:
    async def stuck(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(1000))
        await writer.drain()
        await asyncio.sleep(5)

    options = LinkOptions(read_timeout=5, stall_after=0.3)
    async with server(stuck) as (url, _), running(tmp_path / "state", options) as engine:
        key = download_key(link(url))
        await engine.add(key, link(url), ALL, tmp_path / "out")
        stalled = await until(engine, key, Activity.STALLED)
        assert (stalled.done, stalled.total) == (1000, 100_000)


@pytest.mark.parametrize("header", ['ETag: "é"', "Last-Modified: é", 'ETag: "a\tb"'])
async def test_a_mark_that_no_request_can_carry_is_left_out(tmp_path: Path, header: str) -> None:
    cut = says("200 OK", header, body=BODY[:100_000], length=len(BODY))
    async with server(cut, says("200 OK", header, body=BODY)) as (url, heads):
        async with running(tmp_path / "state") as engine:
            _, ended = await fetch(engine, url, tmp_path / "out")
        assert ended.activity is Activity.COMPLETE
        assert "range" not in heads[1].lower()
        web = Web(QUICK, allow_private=True)
        async with web.ask(url, Wish(5, '"é"'), trusted=True) as (offer, _):
            assert offer.start == 0, "nor one that an older version has kept"
        await web.close()


async def test_what_comes_with_a_redirect_is_not_read(tmp_path: Path) -> None:
    sent = 0

    async def moved(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\n\r\n".encode())
        while sent < 200_000_000:
            writer.write(bytes(1_000_000))
            await writer.drain()
            sent += 1_000_000

    async with (
        server(says("200 OK", body=BODY)) as (target, _),
        server(moved) as (url, _),
        running(tmp_path / "state", allow_private=True) as engine,
    ):
        _, ended = await fetch(engine, url, tmp_path / "out")
    assert ended.activity is Activity.COMPLETE
    assert sent < 50_000_000


async def test_who_waits_for_a_turn_is_not_called_stalled(tmp_path: Path) -> None:
    async def silent(_: str, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    options = LinkOptions(at_once=1, stall_after=0.1, read_timeout=30)
    async with server(silent) as (url, heads), running(tmp_path / "state", options) as engine:
        first, second = link(url), link(url + "?second")
        for each in (first, second):
            await engine.add(download_key(each), each, ALL, tmp_path / "out")
        await until(engine, download_key(first), Activity.STALLED)
        assert (await engine.progress())[download_key(second)].activity is Activity.FETCHING
        await engine.remove(download_key(first), with_files=True)
        await until(engine, download_key(second), Activity.STALLED)
        assert len(heads) == 2
