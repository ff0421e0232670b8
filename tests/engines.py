"""Real download engines on 127.0.0.1 for tests: each in a profile of its own, on free ports, ended by its pid."""

import base64
import contextlib
import http.client
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

import aria2p
import libtorrent as lt
import qbittorrentapi

from tests.programs import need
from tests.swarm import HOST, PATIENCE, free_port, wait_until

_QBITTORRENT_SETTINGS = """
[BitTorrent]
Session\\AddTrackersEnabled=false
Session\\DHTEnabled=false
Session\\InterfaceAddress={host}
Session\\LSDEnabled=false
Session\\MultiConnectionsPerIp=true
Session\\PeXEnabled=false
Session\\Port={peers}
Session\\QueueingSystemEnabled=false

[LegalNotice]
Accepted=true

[Network]
PortForwardingEnabled=false

[Preferences]
General\\Locale=en
WebUI\\Address={host}
WebUI\\HostHeaderValidation=false
"""

_RUNNING = {
    *("time_active", "time_elapsed", "eta", "reannounce", "last_activity", "last_seen", "seen_complete"),
    *("availability", "connections", "nb_connections", "numSeeders", "creation_date"),
    # what a tracker says of others, whenever it answers, and which of the trackers that was
    *("num_complete", "num_incomplete", "num_leechs", "num_seeds", "tracker"),
    *("peers", "peers_total", "seeds", "seeds_total"),
}


class EngineProcess:
    """A program with a Web API at `port`. It can be killed and started again on the same profile."""

    def __init__(self, program: str) -> None:
        need(program)
        self.port = free_port()
        self.peers = free_port()
        self.profile = Path(tempfile.mkdtemp(prefix=f"{program}-"))
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.profile)

    def add_foreign(self, metainfo: bytes, folder: Path, *, paused: bool) -> None:
        """Adds a torrent as somebody else would."""
        raise NotImplementedError

    def state(self) -> object:
        """Everything the engine says of every torrent it has, less clocks and counters that run by themselves."""
        raise NotImplementedError

    def clear(self) -> None:
        """Removes everything, whoever's it is."""
        raise NotImplementedError

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers, f"{self.command()[0]} does not start", seconds=3 * PATIENCE)

    def kill(self) -> None:
        """SIGKILL, as a crash does; harmless when it is down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"{self.command()[0]} ended")
        connection = http.client.HTTPConnection(HOST, self.port, timeout=1)
        try:
            connection.request("GET", "/")
            return bool(connection.getresponse().read() or True)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Aria2(EngineProcess):
    """aria2c without a session file: what it knew is gone when it is started again."""

    secret = "a secret of the tests"

    def __init__(self) -> None:
        super().__init__("aria2c")
        self.url = f"http://{HOST}:{self.port}/jsonrpc"

    def command(self) -> list[str]:
        return [
            *("aria2c", "--no-conf", "--enable-rpc", "--quiet", f"--rpc-listen-port={self.port}"),
            *(f"--rpc-secret={self.secret}", f"--listen-port={self.peers}", f"--dir={self.profile}"),
            *("--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", f"--interface={HOST}"),
        ]

    @property
    def client(self) -> aria2p.Client:
        return aria2p.Client(f"http://{HOST}", self.port, self.secret, PATIENCE)

    def add_foreign(self, metainfo: bytes, folder: Path, *, paused: bool) -> None:
        options = {"dir": str(folder), "pause": str(paused).lower(), "rpc-save-upload-metadata": "false"}
        self.client.add_torrent(base64.b64encode(metainfo).decode(), [], options)

    def state(self) -> object:
        jobs = self._jobs()
        return sorted((job["gid"], _fixed(job), self.client.get_option(job["gid"])) for job in jobs)

    def clear(self) -> None:
        def empty() -> bool:
            for job in self._jobs():
                with contextlib.suppress(aria2p.ClientException):
                    self.client.force_remove(job["gid"])
            self.client.purge_download_result()
            return not self._jobs()

        wait_until(empty, "aria2 does not let go")

    def _jobs(self) -> list[dict[str, Any]]:
        client = self.client
        return [*client.tell_active(), *client.tell_waiting(0, 1000), *client.tell_stopped(0, 1000)]


class QBittorrent(EngineProcess):
    """qbittorrent-nox with the password that version 4.5 has from the start."""

    username, password = "admin", "adminadmin"

    def __init__(self) -> None:
        super().__init__("qbittorrent-nox")
        self.url = f"http://{HOST}:{self.port}"
        settings = self.profile / "qBittorrent" / "config" / "qBittorrent.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(_QBITTORRENT_SETTINGS.format(host=HOST, peers=self.peers))

    def __enter__(self) -> Self:
        """4.5 may hang from its first torrent on, on a busy machine: it answers, and lists nothing. Then another one is started."""
        super().__enter__()
        try:
            while not self._takes_torrents():
                self.kill()
                self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _takes_torrents(self) -> bool:
        client, key = self.client, "5" * 40
        client.torrents_add(urls=f"magnet:?xt=urn:btih:{key}", is_stopped=True)
        try:
            wait_until(lambda: bool(client.torrents_info()), "it lists nothing", seconds=10)
        except TimeoutError:
            return False
        self.clear()
        return True

    @property
    def client(self) -> qbittorrentapi.Client:
        return qbittorrentapi.Client(
            self.url,
            username=self.username,
            password=self.password,
            FORCE_SCHEME_FROM_HOST=True,
            SIMPLE_RESPONSES=True,
        )

    def add_foreign(self, metainfo: bytes, folder: Path, *, paused: bool) -> None:
        self.client.torrents_add(
            torrent_files=metainfo,
            save_path=str(folder),
            is_stopped=paused,
            category="films",
            tags="mine,kept",
        )
        key = str(lt.torrent_info(metainfo).info_hashes().v1)
        wait_until(lambda: self._is_settled(key), "not added")

    def state(self) -> object:
        client = self.client
        torrents = sorted(client.torrents_info(), key=lambda torrent: str(torrent["hash"]))
        return [self._whole(client, _fixed(torrent)) for torrent in torrents], client.torrents_categories()

    def clear(self) -> None:
        client = self.client
        client.torrents_delete(delete_files=True, torrent_hashes="all")
        wait_until(lambda: not client.torrents_info(), "qBittorrent does not let go")

    def _is_settled(self, key: str) -> bool:
        """It may look settled before it is checked: then its pieces are not known yet, and its path is not whole."""
        client = self.client
        told = client.torrents_info(torrent_hashes=key)
        if not told or told[0]["state"] not in {"pausedDL", "stoppedDL", "stalledDL"}:
            return False
        return bool(client.torrents_piece_states(key)) and Path(str(told[0]["content_path"])).is_absolute()

    def _whole(self, client: qbittorrentapi.Client, torrent: dict[str, Any]) -> object:
        key = torrent["hash"]
        about = _fixed(client.torrents_properties(key)), client.torrents_files(key)
        trackers = [(tracker["url"], tracker["tier"]) for tracker in client.torrents_trackers(key)]
        # the exported file carries the time of the export as its date
        return torrent, about, trackers, lt.torrent_info(client.torrents_export(key)).info_section()

    def command(self) -> list[str]:
        return ["qbittorrent-nox", f"--profile={self.profile}", f"--webui-port={self.port}"]


def differences(before: object, after: object, where: str = "") -> list[str]:
    """Where two states differ, by path, so that a failing test names the field."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        pairs = [(f"{where}.{key}", before.get(key), after.get(key)) for key in keys]
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(before, after, strict=True))]
    else:
        return [] if before == after else [f"{where}: {before!r} → {after!r}"]
    return [found for path, old, new in pairs for found in differences(old, new, path)]


def _fixed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _RUNNING}


class CountingProxy:
    """Passes HTTP on to `port` and counts the requests at the socket: `requests` are their first lines."""

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.requests: list[str] = []

    def __enter__(self) -> Self:
        self._server = _ProxyServer(self)
        self.port = int(self._server.server_address[1])
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


class _ProxyServer(ThreadingTCPServer):
    daemon_threads = False

    def __init__(self, proxy: CountingProxy) -> None:
        super().__init__((HOST, 0), _Passage)
        self.proxy = proxy
        self.sockets: set[socket.socket] = set()

    def hang_up(self) -> None:
        for connection in list(self.sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Passage(StreamRequestHandler):
    """One client's connection: whole requests go up, whatever comes back goes down as it comes."""

    server: _ProxyServer

    def handle(self) -> None:
        with socket.create_connection((HOST, self.server.proxy.upstream), PATIENCE) as upstream:
            self.server.sockets |= {self.connection, upstream}
            back = threading.Thread(target=self._pass_back, args=(upstream,))
            back.start()
            with contextlib.suppress(OSError):
                while request := self._request():
                    upstream.sendall(request)
            with contextlib.suppress(OSError):
                upstream.shutdown(socket.SHUT_RDWR)
            back.join(PATIENCE)
            self.server.sockets -= {self.connection, upstream}

    def _request(self) -> bytes:
        head = b""
        while (line := self.rfile.readline()) not in {b"\r\n", b""}:
            head += line
        if not head:
            return b""
        self.server.proxy.requests.append(head.split(b"\r\n", 1)[0].decode())
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        return head + b"\r\n" + self.rfile.read(int(length[1]) if length else 0)

    def _pass_back(self, upstream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := upstream.recv(65_536):
                self.connection.sendall(data)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
