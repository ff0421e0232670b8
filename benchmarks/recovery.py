"""From the start of the bot until work goes on, with many Transfers in the database: `python -m benchmarks.recovery`.

They were left by a bot that was killed: of each ten seven have ended and three stand still, paused by their members, with an
open Card; a hundred wait for their turn under a lease of the dead one; twenty were being fetched by a bot that is really
killed, from a server that sees when each of them goes on. One more was being looked into for Ada, and its Card, the last of
all, was not sent yet: when it comes, every open Card was looked at, and when it says how that ended, work goes on. Beside it
the same with none of the ten thousand.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from beanie import Document

from benchmarks.report import load, machine, middle, ratio, table
from benchmarks.worlds import fill
from bot.assembly import LOCALES
from bot.instance import instance
from handlers.cards.transfer import transfer_card
from models.cards import Card, CardKind
from models.clock import now
from models.downloads import SourceKind, SourceRecord
from models.transfers import Transfer, TransferState
from services.words import Catalogue
from tests.house import ADA, EMBEDDED, House, open_house, until
from tests.swarm import WebSeed

_QUEUED = 100
_FETCHED = 20
_FETCHED_BYTES = 20_000_000
_RATE = 50_000
_ENDED_OF_TEN = 7
_LEASE_MILLIS = 60_000
_MINUTE_MILLIS = 60_000
_STRANGER = 5_000_000


@dataclass
class Times:
    """Seconds from the start of the process, one of each run."""

    freed: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    fetched: list[float] = field(default_factory=list)


async def measure(count: int, runs: int) -> Times:
    times = Times()
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            await _recover(count, Path(folder), times)
    return times


async def _recover(count: int, folder: Path, times: Times) -> None:
    content = folder / "content"
    content.mkdir()
    (content / "a.bin").write_bytes(bytes(_FETCHED_BYTES))
    settings = {
        "ALLOW_PRIVATE_ADDRESSES": "true", "OPEN_ACCESS": "true", "DOWNLOADS_AT_ONCE": str(_FETCHED),
    }  # fmt: skip
    with WebSeed(content, rate=_RATE) as server:
        async with open_house(folder, **EMBEDDED, **settings) as house:
            await _begin_fetching(house, server)
            with instance(folder / "data") as owner:
                await fill(folder / "data", partial(_left_over, count, owner, house.bot_id))
            await _start(house, server, times)


async def _begin_fetching(house: House, server: WebSeed) -> None:
    """A bot that fetches, until it is killed; for Cleo, as no more than one Card a second may be edited in a chat."""
    bot, cleo = await house.start_bot(), house.cleo
    for number in range(_FETCHED):
        sent = await cleo.say(f"{server.url}a.bin?{number}")
        picker = await cleo.wait(button="Start", after=sent["message_id"])
        await cleo.press(picker, "Start", seconds=0)
        await cleo.wait(button="Pause", after=picker["message_id"] - 1)
    await until(partial(_all_come, server, 0), "not all of them are fetched")
    bot.kill()
    await bot.ended()


async def _all_come(server: WebSeed, since: int) -> bool:
    """All that are fetched were asked for, not counting so many requests of before."""
    asked = {request.path for request in list(server.log)[since:]}
    return len(asked) == _FETCHED


async def _start(house: House, server: WebSeed, times: Times) -> None:
    said, asked = await house.ada.say("/help"), len(server.log)
    begun = time.perf_counter()
    bot = await house.launch_bot()

    async def at(what: Awaitable[object], seconds: list[float]) -> None:
        await what
        seconds.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        group.create_task(at(bot.said(r"Magpie runs as"), times.freed))
        group.create_task(at(house.ada.wait(contains="/search", after=said["message_id"]), times.answered))
        group.create_task(at(house.ada.wait(contains="The last one"), times.looked))
        group.create_task(at(house.ada.wait(contains="The last one", button="Retry"), times.worked))
        on = until(partial(_all_come, server, asked), "not all of them are fetched on")
        group.create_task(at(on, times.fetched))


def _left_over(count: int, owner: str, bot_id: int) -> Iterable[Document]:
    words = Catalogue(LOCALES).words("en")
    for number in range(count):
        transfer = _transfer(number, owner)
        yield transfer
        if transfer.state is not TransferState.DONE:
            shown = transfer_card(transfer, words).fingerprint
            known = {"message_id": number, "shown": shown, "shown_at": now(), "bot_id": bot_id}
            yield _card(transfer).model_copy(update=known)
    last = _transfer(count, owner).model_copy(
        update={
            "chat_id": ADA, "member_id": str(ADA), "title": "The last one", "state": TransferState.CHOOSING,
            "listed": False, "created_at": 1, "lease_owner": owner, "lease_until": now() + _LEASE_MILLIS,
        }
    )  # fmt: skip
    yield last
    yield _card(last)


def _transfer(number: int, owner: str) -> Transfer:
    person = _STRANGER + number
    held = number < _QUEUED
    state = TransferState.PAUSED if number % 10 >= _ENDED_OF_TEN else TransferState.DONE
    if held:
        state = TransferState.QUEUED
    return Transfer(
        id=f"t{number:015}",
        member_id=str(person),
        chat_id=person,
        title=f"Order {number}",
        source=SourceRecord(kind=SourceKind.LINK, value="http://127.0.0.1:1/a.bin", name="a.bin"),
        listed=True,
        state=state,
        resume_to=TransferState.QUEUED if state is TransferState.PAUSED else None,
        trace=str(number),
        changed_at=now() - _MINUTE_MILLIS,
        lease_owner=owner if held else None,
        lease_until=now() + _LEASE_MILLIS if held else 0,
        tidied=state is TransferState.DONE,
    )


def _card(transfer: Transfer) -> Card:
    return Card(
        id=f"c{transfer.id}",
        chat_id=transfer.chat_id,
        member_id=transfer.member_id,
        language="en",
        kind=CardKind.TRANSFER,
        subject=transfer.id,
    )


def report(many: Times, few: Times) -> str:
    rows = []
    for what in ("freed", "answered", "looked", "worked", "fetched"):
        mine, other = getattr(many, what), getattr(few, what)
        rows.append((_WHAT[what], middle(mine, "s", 2), middle(other, "s", 2), ratio(mine, other)))
    return table(("from the start until", "many Transfers", "one Transfer", "to one"), rows)


_WHAT = {
    "freed": "no lease of the dead one is left",
    "answered": "a person is answered",
    "looked": "every open Card was looked at",
    "worked": "the oldest work was done",
    "fetched": "all twenty are fetched on",
}


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--transfers", type=int, default=10_000)
    options = parser.parse_args()
    many = asyncio.run(measure(options.transfers, options.runs))
    few = asyncio.run(measure(0, options.runs))
    print(
        f"{report(many, few)}\n\n{options.transfers} Transfers, {options.runs} runs; {machine(load_before)}"
    )


if __name__ == "__main__":
    main()
