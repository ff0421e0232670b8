"""Many small files of a channel into a folder, beside kurigram's own way: `python -m benchmarks.grabbing`.

Kurigram goes through the history and downloads one file after the other, as everybody writes it. Magpie does besides what
it always does: checks every range, brings each file to the disk, hashes it, and notes it in a ledger. Each way goes in a
process of its own: Magpie gives pyrogram a faster cipher, and kurigram shall have what it has by itself.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import load, machine, table
from benchmarks.worlds import apart
from services.grabbing.folder import Grab
from services.grabbing.wish import Wish
from services.telegram.large import Access, UserSession
from services.telegram.user import UserDoor
from tests.house import ADA, House, open_house

_AT_ONCE = 3
"""What `magpie grab` has on its way unless it is told otherwise."""
_UPLOADS = 4
WAYS = ("kurigram", "magpie")


@dataclass(frozen=True)
class Errand:
    """What a process of its own is to do."""

    way: str
    url: str
    room: int
    folder: str


async def measured(count: int, size: int, latencies: Sequence[int]) -> Mapping[tuple[int, str], float]:
    """Files a second, by milliseconds of latency and way."""
    rates = {}
    with tempfile.TemporaryDirectory() as name:
        async with open_house(Path(name) / "house") as house:
            room = await filled(house, count, size)
            for latency in latencies:
                (await house.http.post("/api/line", json={"latency": latency / 1000})).raise_for_status()
                for way in WAYS:
                    folder = Path(name) / f"{way} {latency}"
                    errand = Errand(way, house.url, room, str(folder))
                    seconds = float(await apart("benchmarks.grabbing", errand))
                    came = [path.stat().st_size for path in folder.glob("[!.]*")]
                    if came != [size] * count:
                        raise RuntimeError(f"{way}: {len(came)} of {count} files came")
                    rates[latency, way] = count / seconds
    return rates


async def filled(house: House, count: int, size: int) -> int:
    """A channel with so many files of random bytes."""
    body = {"title": "Sine Waves", "owner": ADA}
    room = (await house.http.post("/api/channels", json=body)).raise_for_status().json()["id"]
    numbers = iter(range(count))

    async def post() -> None:
        for number in numbers:
            files = {"file": (f"tone {number}.bin", os.urandom(size))}
            path = f"/api/people/{ADA}/chats/{room}/file"
            (await house.http.post(path, data={"kind": "document"}, files=files)).raise_for_status()

    await asyncio.gather(*(post() for _ in range(_UPLOADS)))
    return int(room)


# -- in a process of its own


async def run(errand: Errand) -> float:
    ways = {"kurigram": _kurigram, "magpie": _magpie}
    return await ways[errand.way](errand.url, errand.room, Path(errand.folder))


async def _kurigram(url: str, room: int, folder: Path) -> float:
    from tests.data_centre import person_signed_in

    folder.mkdir()
    with tempfile.TemporaryDirectory() as session:
        async with person_signed_in(url, Path(session), ADA) as client:
            _ = [dialog async for dialog in client.get_dialogs()]
            begun = time.perf_counter()
            async for message in client.get_chat_history(room):
                await client.download_media(message, file_name=f"{folder}/")
            return time.perf_counter() - begun


async def _magpie(url: str, room: int, folder: Path) -> float:
    from tests.data_centre import session_of

    session = UserSession(await session_of(url, ADA))
    door = UserDoor(Access(1, "0" * 32, session, f"{url}/api/data-centre"), lease=None)
    try:
        await door.title(room)
        begun = time.perf_counter()
        await Grab(door, room, folder, _AT_ONCE).run(Wish())
        return time.perf_counter() - begun
    finally:
        await door.close()


# -- the table


def _report(count: int, size: int, rates: Mapping[tuple[int, str], float], load_before: float) -> str:
    rows = []
    for latency in dict.fromkeys(latency for latency, _ in rates):
        plain, ours = (rates[latency, way] for way in WAYS)
        rows.append((f"{latency} ms", f"{plain:.1f}", f"{ours:.1f}", f"{ours / plain:.1f} ×"))
    header = ("latency", "kurigram, files/s", "Magpie, files/s", "ratio")
    return f"{count} files of {size // 1024} KiB; {machine(load_before)}\n\n{table(header, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kib", type=int, default=64)
    parser.add_argument("--latencies", type=int, nargs="+", default=[0, 50], help="milliseconds")
    parser.add_argument("--errand")
    options = parser.parse_args()
    if options.errand:
        print(asyncio.run(run(Errand(**json.loads(options.errand)))))
        return
    load_before, size = load(), options.kib * 1024
    rates = asyncio.run(measured(options.files, size, options.latencies))
    print(_report(options.files, size, rates, load_before))


if __name__ == "__main__":
    main()
