"""A small swarm on 127.0.0.1 for tests: payloads, torrents, a real tracker, real peers and a web seed.

Everything is used as a context manager, listens on 127.0.0.1 only and ends when its block ends:

    folder = make_payload(tmp_path / "seed" / "work", {"a.bin": 100_000, "sub/b.bin": 50_000})
    with Tracker() as tracker:
        metainfo, infohash = make_torrent(folder, tracker=tracker.url)
        tracker.allow(infohash)
        with Peer(metainfo, folder.parent):
            ...

Allow a torrent before its peers start; a downloader that announces after the peer learns of it at once.
"""

import hashlib
import http.client
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

import libtorrent as lt

from tests.programs import need

if TYPE_CHECKING:
    from libtorrent import settings_pack

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds that anything here may take to start or to end."""
_ASK_AGAIN_SECONDS = 2.0
_BLOCK = 16 * 1024


class Made(NamedTuple):
    """A torrent: the bytes of its .torrent and its infohash (40 lower-case hexadecimal digits)."""

    metainfo: bytes
    infohash: str


class Logged(NamedTuple):
    """One request a web seed got: its path as sent and its Range header, if any."""

    path: str
    range: str | None


def make_payload(folder: Path, files: Mapping[str, int], seed: int = 0) -> Path:
    """Writes files of random bytes, the same for the same seed; `files` maps relative paths to sizes."""
    for path, size in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(random.Random(f"{seed}:{path}").randbytes(size))
    return folder


def make_torrent(
    content: Path, *, tracker: str | None = None, web_seed: str | None = None, piece_size: int = _BLOCK
) -> Made:
    """A v1 torrent of a folder or a file. `web_seed` ends with a slash and serves `content`'s parent."""
    creator = lt.create_torrent(lt.list_files(str(content)), piece_size, lt.create_torrent.v1_only)
    if tracker:
        creator.add_tracker(tracker)
    if web_seed:
        creator.add_url_seed(web_seed)
    lt.set_piece_hashes(creator, str(content.parent))
    metainfo = lt.bencode(creator.generate())
    return Made(metainfo, str(lt.torrent_info(metainfo).info_hashes().v1))


def make_magnet(torrent: Made, *, tracker: str | None = None) -> str:
    """The magnet link of a torrent, naming no peers."""
    suffix = f"&tr={urllib.parse.quote(tracker, safe='')}" if tracker else ""
    return f"magnet:?xt=urn:btih:{torrent.infohash}{suffix}"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def free_port() -> int:
    """A port that was free a moment ago, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Polls from outside an event loop; fails with `what` when the time is up."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


class Tracker:
    """A real opentracker. It serves only the infohashes that were allowed."""

    def __init__(self) -> None:
        need("opentracker")
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}/announce"

    def __enter__(self) -> Self:
        # As root it changes its root to this folder and becomes nobody, who must be able to read the list.
        self._folder = Path(tempfile.mkdtemp(prefix="tracker-"))
        self._folder.chmod(0o755)
        self._list = self._folder / "allowed"
        self._list.touch()
        port = str(self.port)
        command = [
            "opentracker",
            "-i",
            HOST,
            "-p",
            port,
            "-P",
            port,
            "-d",
            str(self._folder),
            "-w",
            "allowed",
        ]
        self._process = subprocess.Popen(command, cwd=self._folder, stderr=subprocess.DEVNULL)
        try:
            wait_until(self._answers, "the tracker does not start")
        except TimeoutError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        shutil.rmtree(self._folder)

    def allow(self, infohash: str) -> None:
        """Serves this torrent, too; peers of others stay known."""
        with self._list.open("a") as allowed:
            allowed.write(f"{infohash}\n")
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: b"failure" not in self._announce(infohash, "started"), "the tracker refuses")
        self._announce(infohash, "stopped")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"the tracker ended with {self._process.returncode}")
        try:
            self._announce("00" * 20, "stopped")
        except OSError:
            return False
        return True

    def _announce(self, infohash: str, event: str) -> bytes:
        fields = {"peer_id": "-XX0000-000000000000", "port": 1, "left": 1, "event": event, "compact": 1}
        query = urllib.parse.urlencode(fields)
        info = urllib.parse.quote_from_bytes(bytes.fromhex(infohash))
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"/announce?info_hash={info}&{query}")
            return connection.getresponse().read()
        finally:
            connection.close()


class Peer:
    """A libtorrent session that seeds what lies in `folder` (the parent of the torrent's name).

    Its trackers know it when its block begins: who asks them later is told of it at once, and not only half an hour
    later. It goes on asking them, and dials who is there: a downloader whose dial found a busy machine waits minutes
    before its next one. `upload_limit` is in bytes a second.
    """

    def __init__(self, metainfo: bytes, folder: Path, *, upload_limit: int | None = None) -> None:
        self._params = lt.load_torrent_buffer(metainfo)
        self._params.save_path = str(folder)
        self._params.flags = lt.torrent_flags.update_subscribe
        if upload_limit is not None:
            self._params.upload_limit = upload_limit
        self._over = threading.Event()
        self._asking = threading.Thread(target=self._ask_again, daemon=True)

    def __enter__(self) -> Self:
        self._session = lt.session(_peer_settings())
        self._handle = self._session.add_torrent(self._params)
        try:
            wait_until(lambda: self._handle.status().is_seeding, "the peer does not seed")
            wait_until(lambda: self._session.listen_port() != 0, "the peer does not listen")
            wait_until(self._announced, "no tracker answers the peer")
        except TimeoutError:
            self.__exit__(None, None, None)
            raise
        self._asking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._asking.is_alive():
            self._asking.join(PATIENCE)
        # Destroying the session ends its threads.
        del self._handle
        del self._session

    @property
    def endpoint(self) -> tuple[str, int]:
        """Where it listens."""
        return HOST, self._session.listen_port()

    def connect(self, endpoint: tuple[str, int]) -> None:
        """Dials another client, for swarms without a tracker."""
        self._handle.connect_peer(endpoint)

    def set_upload_limit(self, rate: int) -> None:
        """Bytes a second; 0: no limit."""
        self._handle.set_upload_limit(rate)

    def _ask_again(self) -> None:
        """The trackers, for whom to dial."""
        while not self._over.wait(_ASK_AGAIN_SECONDS):
            self._handle.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)

    def _announced(self) -> bool:
        """Each tracker answered under the first infohash; a hybrid torrent's second one is asked about apart."""
        first = [
            [endpoint["info_hashes"][0] for endpoint in tracker["endpoints"]]
            for tracker in self._handle.trackers()
        ]
        return all(any(told["start_sent"] for told in tracker) for tracker in first)


def _peer_settings() -> "settings_pack":
    return {
        "listen_interfaces": f"{HOST}:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        # every peer of a test has the same address
        "allow_multiple_connections_per_ip": True,
        "ignore_limits_on_local_network": False,
        "ssrf_mitigation": False,
        "min_reconnect_time": 1,
        "stop_tracker_timeout": 0,
        # a uTP connection keeps the session from ending for three seconds; others may still open one to us
        "enable_outgoing_utp": False,
        "alert_mask": 0,
    }


class WebSeed:
    """Serves the files below `folder` over HTTP with ranges, and remembers what it was asked for.

    `rate` is in bytes a second for each connection; it and `status` (an error to answer instead) may be changed
    while it runs.
    """

    def __init__(self, folder: Path, *, rate: int | None = None) -> None:
        self.folder = folder
        self.rate = rate
        self.status: int | None = None
        self.log: list[Logged] = []
        self.url = ""

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.url = f"http://{HOST}:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.hang_up()
        self._server.shutdown()
        self._thread.join(PATIENCE)
        self._server.server_close()

    def find(self, path: str) -> Path | None:
        """The file that a request's path names, inside the folder."""
        relative = urllib.parse.unquote(urllib.parse.urlsplit(path).path).lstrip("/")
        target = (self.folder / relative).resolve()
        return target if target.is_relative_to(self.folder.resolve()) and target.is_file() else None


class _Server(ThreadingHTTPServer):
    def __init__(self, seed: WebSeed) -> None:
        super().__init__((HOST, 0), _Answer)
        self.seed = seed
        self._open: set[socket.socket] = set()

    def process_request_thread(self, request: object, client_address: object) -> None:
        if not isinstance(request, socket.socket):
            raise TypeError("a TCP server's requests are sockets")
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is nothing special."""

    def hang_up(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30.0
    server: _Server

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on stderr: `WebSeed.log` has it."""

    def _answer(self, *, body: bool) -> None:
        seed = self.server.seed
        wanted = self.headers.get("Range")
        seed.log.append(Logged(self.path, wanted))
        target = seed.find(self.path)
        if seed.status or target is None:
            self._refuse(seed.status or 404)
            return
        size = target.stat().st_size
        start, end = _range(wanted, size)
        if start >= end and size:
            self._refuse(416)
            return
        self._head(206 if wanted else 200, start, end, size)
        if body:
            self._send(target, start, end)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _head(self, status: int, start: int, end: int, size: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{size}"')
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.end_headers()

    def _send(self, target: Path, start: int, end: int) -> None:
        with target.open("rb") as stream:
            stream.seek(start)
            while start < end and (block := stream.read(min(_BLOCK, end - start))):
                self.wfile.write(block)
                start += len(block)
                if self.server.seed.rate:
                    time.sleep(len(block) / self.server.seed.rate)


def _range(header: str | None, size: int) -> tuple[int, int]:
    """First byte and the one after the last; one range only, which is all that clients of ours ask for."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", header or "")
    if not match:
        return 0, size
    return int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
