"""How many parts of a file Magpie has on their way, second by second: `python -m benchmarks.parallelism`.

On lines of the simulator's data centre, over each of which files go up without end. In the middle Telegram asks for a pause.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.large_files import door_to, placeholder
from benchmarks.report import load, machine, table
from bot.database import opened_database
from models.media import Kind
from services.telegram.large import SecondDoor
from services.telegram.port import Media, TelegramAway, unheard
from tests.house import House, open_house

_MIB = 1 << 20
LINES: Mapping[str, Mapping[str, float]] = {
    "100 ms, wide": {"latency": 0.1},
    "5 MB/s a connection": {"latency": 0.02, "rate": 5_000_000},
    "1 MB/s a connection": {"latency": 0.02, "rate": 1_000_000},
}
_PAUSE_SECONDS = 3


async def watched(house: House, folder: Path, line: str, seconds: int, size: int) -> Sequence[int]:
    """What was allowed at the end of each second."""
    (await house.http.post("/api/line", json=dict(LINES[line]))).raise_for_status()
    door = door_to(house.url, house.token, folder)
    path = folder / "film.bin"
    path.write_bytes(os.urandom(size))
    sending = asyncio.ensure_future(_send(house, door, path))
    seen = []
    try:
        for second in range(seconds):
            if second == seconds // 2:
                fault = {"method": "upload.saveBigFilePart", "action": "429", "retry_after": _PAUSE_SECONDS}
                await house.fault(**fault)
            await asyncio.sleep(1)
            up, _ = door.at_once
            seen.append(up)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await door.close()
    return seen


async def _send(house: House, door: SecondDoor, path: Path) -> None:
    while True:
        message = await placeholder(house)
        media = Media(kind=Kind.DOCUMENT, path=path, name="film.bin")
        try:
            await door.edit_into_media(house.channel, message, media, told=unheard)
        except TelegramAway as away:
            await asyncio.sleep(away.seconds)


async def measured(lines: Sequence[str], seconds: int, size: int) -> Mapping[str, Sequence[int]]:
    seen = {}
    for line in lines:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            async with opened_database(None, folder / "db"), open_house(folder / "house") as house:
                seen[line] = await watched(house, folder, line, seconds, size)
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--step", type=int, default=2)
    options = parser.parse_args()
    load_before = load()
    seen = asyncio.run(measured(list(LINES), options.seconds, options.mib * _MIB))
    shown = range(options.step - 1, options.seconds, options.step)
    rows = [(line, *(str(counts[second]) for second in shown)) for line, counts in seen.items()]
    print(f"a pause of {_PAUSE_SECONDS} s is asked for at {options.seconds // 2} s; {machine(load_before)}\n")
    print(table(("seconds", *(str(second + 1) for second in shown)), rows))


if __name__ == "__main__":
    main()
