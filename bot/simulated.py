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

import httpx

from bot.settings import Settings
from services.trusted import authorities

API_ID, API_HASH = 1, "0" * 32
"""It asks nobody what programs are called."""
DATA_CENTRE = "/api/data-centre"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_READY = "simulator listening on "


class SimulatorFailed(Exception):
    """It does not start. The text is one line for a person."""


class NothingSet(Exception):
    """There is nothing to speak MTProto with. The text is one line for a person."""


@dataclass(frozen=True)
class Simulated:
    """What the bot needs to know of the simulator's world."""

    url: str
    pid: int
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


@asynccontextmanager
async def simulated_telegram(data_dir: Path, port: int) -> AsyncIterator[Simulated]:
    """Starts it, or takes over the one that an earlier run left. It is ended with a clean end of ours, not with a crash."""
    folder = data_dir / "simulator"
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "process.json"
    url, pid = await _running(note, folder) or await _start(folder, port)
    note.write_text(json.dumps({"url": url, "pid": pid}))
    try:
        yield await _world(url, pid)
    finally:
        await _stop(pid)
        note.unlink(missing_ok=True)


async def running_simulator(data_dir: Path) -> str | None:
    """The address of the simulator that a Magpie of this folder runs in now; None: there is none."""
    folder = data_dir / "simulator"
    known = await _running(folder / "process.json", folder)
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


async def _running(note: Path, folder: Path) -> tuple[str, int] | None:
    known = _noted(note)
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
    try:
        async with asyncio.timeout(_START_SECONDS):
            line = (await process.stdout.readline()).decode() if process.stdout is not None else ""
    except TimeoutError:
        line = ""
    if not line.startswith(_READY):
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise SimulatorFailed(
            f"the simulator does not start on port {port}: set SIMULATOR_PORT to a free one, or to 0"
        )
    return line.removeprefix(_READY).strip(), process.pid


async def _world(url: str, pid: int) -> Simulated:
    async with httpx.AsyncClient(base_url=url, timeout=10, verify=authorities(), trust_env=False) as http:
        bots = (await http.get("/api/bots")).raise_for_status().json()
        people = (await http.get("/api/people")).raise_for_status().json()
        first = people[0]["id"]
        chats = (await http.get(f"/api/people/{first}/chats")).raise_for_status().json()
    channels = [chat["id"] for chat in chats if chat["type"] == "channel"]
    persons = tuple((person["id"], person["first_name"], person["language_code"]) for person in people)
    return Simulated(url, pid, bots[0]["token"], channels[0], persons)


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
