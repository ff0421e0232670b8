"""Large files up and down over MTProto, beside kurigram's own ways: `python -m benchmarks.large_files`.

The simulator's data centre is a process of its own and costs both the same. Each transfer is made by a new process, so
that its processor time and its memory are its own.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import load, machine, table
from benchmarks.worlds import apart
from bot.database import opened_database
from models.media import Kind
from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor
from services.telegram.port import Media, unheard
from tests.house import House, open_house

_MIB = 1 << 20
_POST_SECONDS = 120
_FETCHED = "fetched.bin"
_LINES: Mapping[str, Mapping[str, float]] = {
    "no latency": {},
    "50 ms": {"latency": 0.05},
    "100 ms": {"latency": 0.1},
    "200 ms": {"latency": 0.2},
    "5 MB/s a connection": {"latency": 0.02, "rate": 5_000_000},
}
WAYS = ("kurigram", "magpie")
DIRECTIONS = ("up", "down")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processor, and MiB of memory above what the process had before."""

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True)
class Errand:
    """What a process of its own is to do."""

    way: str
    direction: str
    url: str
    token: str
    channel: int
    message: int
    path: str
    folder: str


async def measured(
    size: int, lines: Sequence[str], directions: Sequence[str], ways: Sequence[str] = WAYS
) -> Mapping[tuple[str, str, str], Cost]:
    """By line, direction and way."""
    costs = {}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "film.bin"
        with path.open("wb") as file:
            for _ in range(size // _MIB):
                file.write(os.urandom(_MIB))
        async with open_house(Path(name) / "house") as house:
            for line in lines:
                (await house.http.post("/api/line", json=dict(_LINES[line]))).raise_for_status()
                message = 0
                for direction in directions:
                    for way in ways:
                        if direction == "up":
                            message = await placeholder(house)
                        costs[line, direction, way] = await _sent(house, path, message, way, direction)
    return costs


async def _sent(house: House, path: Path, message: int, way: str, direction: str) -> Cost:
    errand = Errand(
        way=way,
        direction=direction,
        url=house.url,
        token=house.token,
        channel=house.channel,
        message=message,
        path=str(path),
        folder=str(path.parent / way),
    )
    # nobody is to pay for what others left to be written to the disk
    await asyncio.to_thread(os.sync)
    cost = Cost(**json.loads(await apart("benchmarks.large_files", errand)))
    (Path(errand.folder) / _FETCHED).unlink(missing_ok=True)
    return cost


async def placeholder(house: House) -> int:
    """A message of the bot's in the channel, to be edited into a file."""
    body = {"chat_id": house.channel, "text": "⏳"}
    answer = (await house.http.post(f"/bot{house.token}/sendMessage", json=body)).raise_for_status()
    return int(answer.json()["result"]["message_id"])


# -- in a process of its own


async def run(errand: Errand) -> Cost:
    ways = {"kurigram": _kurigram, "magpie": _magpie}
    async with ways[errand.way](errand) as work:
        before = _most_resident()
        begun, processor = time.perf_counter(), time.process_time()
        await work()
        seconds, processor = time.perf_counter() - begun, time.process_time() - processor
        after = _most_resident()
    return Cost(seconds, processor, after - before)


def _most_resident() -> float:
    """MiB so far. Not what `getrusage` says: that knows what the process was forked from, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@asynccontextmanager
async def _kurigram(errand: Errand) -> AsyncIterator[Any]:
    from pyrogram.raw import functions, types

    from tests.data_centre import signed_in

    folder = Path(errand.folder)
    folder.mkdir(exist_ok=True)
    async with signed_in(errand.url, folder, errand.token) as client:

        async def up() -> None:
            file = await client.save_file(errand.path)
            await client.invoke(
                functions.messages.EditMessage(
                    peer=await client.resolve_peer(errand.channel),
                    id=errand.message,
                    message="",
                    media=types.InputMediaUploadedDocument(
                        file=file, mime_type="video/mp4", attributes=[], force_file=True
                    ),
                ),
                timeout=_POST_SECONDS,
            )

        async def down() -> None:
            message = await client.get_messages(errand.channel, errand.message)
            await client.download_media(message, file_name=str(folder / _FETCHED))

        yield up if errand.direction == "up" else down


def door_to(url: str, token: str, folder: Path) -> SecondDoor:
    """Magpie's, to the data centre of the simulator at `url`; its authorisation lies in the folder."""
    access = Access(1, "0" * 32, BotToken(token, folder / "telegram"), f"{url}/api/data-centre")
    return SecondDoor(access, Budget())


@asynccontextmanager
async def _magpie(errand: Errand) -> AsyncIterator[Any]:
    folder = Path(errand.folder)
    door = door_to(errand.url, errand.token, folder)
    media = Media(kind=Kind.DOCUMENT, path=Path(errand.path), name="film.bin")

    async def up() -> None:
        await door.edit_into_media(errand.channel, errand.message, media, told=unheard)

    async def down() -> None:
        with (folder / _FETCHED).open("wb") as file:
            async for chunk in door.open(errand.channel, errand.message):
                file.write(chunk)

    async with opened_database(None, folder / "db"):
        await door.greet()
        try:
            yield up if errand.direction == "up" else down
        finally:
            await door.close()


# -- the table


def _report(size: int, costs: Mapping[tuple[str, str, str], Cost], load_before: float) -> str:
    header = ("", "kurigram", "Magpie", "ratio", "processor, s/GiB", "of kurigram's", "memory, MiB")
    shown = dict.fromkeys((line, direction) for line, direction, _ in costs)
    rows = [_row(size, costs, line, direction) for line, direction in shown]
    return f"{size // _MIB} MiB; {machine(load_before)}\n\n{table(header, rows)}"


def _row(size: int, costs: Mapping[tuple[str, str, str], Cost], line: str, direction: str) -> tuple[str, ...]:
    plain, ours = (costs[line, direction, way] for way in WAYS)
    gib = size / (1 << 30)
    return (
        f"{line}, {direction}",
        f"{size / _MIB / plain.seconds:.0f} MiB/s",
        f"{size / _MIB / ours.seconds:.0f} MiB/s",
        f"{plain.seconds / ours.seconds:.1f} ×",
        f"{plain.processor / gib:.1f}, {ours.processor / gib:.1f}",
        f"{ours.processor / plain.processor:.0%}",
        f"{plain.memory:.0f}, {ours.memory:.0f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--lines", nargs="+", choices=list(_LINES), default=list(_LINES))
    parser.add_argument(
        "--directions",
        nargs="+",
        choices=DIRECTIONS,
        default=DIRECTIONS,
        help="up first: what is read is what went up",
    )
    parser.add_argument("--errand")
    options = parser.parse_args()
    if options.errand:
        print(json.dumps(asdict(asyncio.run(run(Errand(**json.loads(options.errand)))))))
        return
    load_before, size = load(), options.mib * _MIB
    costs = asyncio.run(measured(size, options.lines, options.directions))
    print(_report(size, costs, load_before))


if __name__ == "__main__":
    main()
