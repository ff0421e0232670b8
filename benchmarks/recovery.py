"""From the start of the bot until work goes on, with many Transfers in the database: `python -m benchmarks.recovery`.

They were left by a bot that was killed: of each ten seven have ended and three stand still, paused by their members, with an
open Card; a hundred wait for their turn under a lease of the dead one. One more was being looked into for Ada, and its
Card, the last of all, was not sent yet: when it comes, every open Card was looked at, and when it says how that ended, work
goes on. Beside it the same with nothing but that one.
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
from tests.house import ADA, House, open_house

_QUEUED = 100
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


async def measure(count: int, runs: int) -> Times:
    times = Times()
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            async with open_house(Path(folder)) as house:
                data_dir = Path(folder) / "data"
                with instance(data_dir) as owner:
                    await fill(data_dir, partial(_left_over, count, owner, house.bot_id))
                await _start(house, times)
    return times


async def _start(house: House, times: Times) -> None:
    said = await house.ada.say("/help")
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
    for what in ("freed", "answered", "looked", "worked"):
        mine, other = getattr(many, what), getattr(few, what)
        rows.append((_WHAT[what], middle(mine, "s", 2), middle(other, "s", 2), ratio(mine, other)))
    return table(("from the start until", "many Transfers", "one Transfer", "to one"), rows)


_WHAT = {
    "freed": "no lease of the dead one is left",
    "answered": "a person is answered",
    "looked": "every open Card was looked at",
    "worked": "the oldest work was done",
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
