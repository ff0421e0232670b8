"""Telegram for trying out: the simulator as a process of its own, found again when it runs already."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from bot.settings import Settings
from services.trusted import authorities

API_ID, API_HASH = 1, "0" * 32
"""It asks nobody what programs are called."""
DATA_CENTRE = "/api/data-centre"
_FOLDER, _NOTE = "simulator", "process.json"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_READY = "simulator listening on "
_log = structlog.get_logger(__name__)


class SimulatorFailed(Exception):
    """It does not start. The text is one line for a person."""


class NothingSet(Exception):
    """There is nothing to speak MTProto with. The text is one line for a person."""


@dataclass(frozen=True)
class Simulated:
    """What the bot needs to know of the simulator's world."""

    url: str
    token: str
    channel: int
    people: tuple[tuple[int, str, str], ...]
    """Id, first name and language of each."""

    @property
    def data_centre(self) -> str:
        """What describes its data centre."""
        return f"{self.url}{DATA_CENTRE}"

    @property
    def indexer(self) -> str:
        return f"Samples={self.url}/sample/api?apikey=sample"


class Simulator:
    """The simulator with its files under `folder`. It outlives a crash of ours, and is started again when it ends alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._note = folder / _NOTE
        self._url = ""
        self._pid: int | None = None

    async def start(self, port: int) -> None:
        """Starts it, or takes over the one that an earlier run left. Raises SimulatorFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keep(await _running(self._folder) or await _start(self._folder, port))

    async def world(self) -> Simulated:
        return await _world(self._url)

    async def run(self) -> None:
        """Starts it again whenever it ends, where it was, until cancelled. Raises SimulatorFailed."""
        port = urlsplit(self._url).port or 0
        while self._pid is not None:
            while not _is_over(self._pid):  # noqa: ASYNC110 - one that an earlier run left is no child to wait for
                await asyncio.sleep(_LOOK_SECONDS)
            _log.error("simulator-ended")
            self._keep(await _start(self._folder, port))

    async def stop(self) -> None:
        pid, self._pid = self._pid, None
        if pid is not None:
            await _stop(pid)
            self._note.unlink(missing_ok=True)

    def _keep(self, known: tuple[str, int]) -> None:
        self._url, self._pid = known
        self._note.write_text(json.dumps({"url": self._url, "pid": self._pid}))


@asynccontextmanager
async def simulated_telegram(data_dir: Path, port: int) -> AsyncIterator[Simulator]:
    """Runs with it. It is ended with a clean end of ours, not with a crash."""
    simulator = Simulator(data_dir / _FOLDER)
    try:
        await simulator.start(port)
        yield simulator
    finally:
        await simulator.stop()


async def running_simulator(data_dir: Path) -> str | None:
    """The address of the simulator that a Magpie of this folder runs in now; None: there is none."""
    known = await _running(data_dir / _FOLDER)
    return None if known is None else known[0]


async def simulator_to_sign_in_to(settings: Settings) -> str:
    """The address of the simulator that runs, for a command that has no API_ID. Raises NothingSet."""
    missing = "API_ID and API_HASH are not set: my.telegram.org gives them"
    if settings.bot_token is not None:
        raise NothingSet(missing)
    url = await running_simulator(settings.data_dir.resolve())
    if url is None:
        raise NothingSet(f"{missing}. To try it out, start the simulator first: make run")
    return url


async def _running(folder: Path) -> tuple[str, int] | None:
    known = _noted(folder / _NOTE)
    is_there = known is not None and _plays_in(folder, known[1]) and await _answers(known[0])
    return known if is_there else None


def _plays_in(folder: Path, pid: int) -> bool:
    """Whether this process is a simulator of ours: after a reboot the number may be anybody's, who must not be ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"simulator" in words and os.fsencode(folder) in words


def _noted(note: Path) -> tuple[str, int] | None:
    try:
        known = json.loads(note.read_text())
        return str(known["url"]), int(known["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=3, verify=authorities(), trust_env=False) as http:
            return (await http.get(f"{url}/api/bots")).is_success
    except httpx.HTTPError:
        return False


async def _start(folder: Path, port: int) -> tuple[str, int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", str(port), "--data-dir", str(folder), "--samples"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    line = ""
    try:
        async with asyncio.timeout(_START_SECONDS):
            line = (await process.stdout.readline()).decode() if process.stdout is not None else ""
    except TimeoutError:
        pass
    finally:
        # also when we are told to end meanwhile: nobody would know of it
        if not line.startswith(_READY) and process.returncode is None:
            process.kill()
    if not line.startswith(_READY):
        await process.wait()
        raise SimulatorFailed(
            f"the simulator does not start on port {port}: set SIMULATOR_PORT to a free one, or to 0"
        )
    return line.removeprefix(_READY).strip(), process.pid


async def _world(url: str) -> Simulated:
    async with httpx.AsyncClient(base_url=url, timeout=10, verify=authorities(), trust_env=False) as http:
        bots = (await http.get("/api/bots")).raise_for_status().json()
        people = (await http.get("/api/people")).raise_for_status().json()
        first = people[0]["id"]
        chats = (await http.get(f"/api/people/{first}/chats")).raise_for_status().json()
    channels = [chat["id"] for chat in chats if chat["type"] == "channel"]
    persons = tuple((person["id"], person["first_name"], person["language_code"]) for person in people)
    return Simulated(url, bots[0]["token"], channels[0], persons)


async def _stop(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    for _ in range(int(_STOP_SECONDS / 0.05)):
        if _is_over(pid):
            return
        await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


def _is_over(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
