"""Edits and complaints with many open Cards that change all the time: `python -m benchmarks.pacing`.

Telegram is the simulator under its flood limits. Beside it the plain way: every Card is edited as soon as it changes, and an
edit that is complained about is left out.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from telegram import Bot
from telegram.error import NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from benchmarks.report import load, machine, middle, table
from bot.database import opened_database
from handlers.cards.look import Look
from handlers.pacing import Pacing
from models.cards import Card, CardKind
from services.telegram.budget import OVERALL_PER_SECOND, Budget
from services.telegram.door import BotApiDoor
from services.telegram.port import Limits
from tests.house import House, open_house

_COMPLAINT = 429
_PATIENCE = 60.0
"""Seconds for the last edits."""


@dataclass
class Counts:
    """One of each run: edits that Telegram took, its complaints, Cards that show an old look in the end."""

    edits: list[float] = field(default_factory=list)
    complaints: list[float] = field(default_factory=list)
    stale: list[float] = field(default_factory=list)


class CountingRequest(HTTPXRequest):
    """Counts what Telegram said to edits and sends."""

    def __init__(self) -> None:
        super().__init__(connection_pool_size=64)
        self.edits = 0
        self.complaints = 0

    async def do_request(self, url: str, *arguments: object, **options: object) -> tuple[int, bytes]:
        code, said = await super().do_request(url, *arguments, **options)  # type: ignore[arg-type]
        self.edits += code == 200 and url.endswith("editMessageText")
        self.complaints += code == _COMPLAINT
        return code, said


async def measure(cards: int, people: int, seconds: float, runs: int) -> tuple[Counts, Counts]:
    magpie, plain = Counts(), Counts()
    for _ in range(runs):
        for counts, way in ((magpie, _magpie), (plain, _plain)):
            async with _world(people) as (bot, request, chats):
                stale = await way(bot, _cards(cards, chats), seconds)
                counts.edits.append(request.edits)
                counts.complaints.append(request.complaints)
                counts.stale.append(stale)
    return magpie, plain


@asynccontextmanager
async def _world(people: int) -> AsyncIterator[tuple[Bot, CountingRequest, Sequence[int]]]:
    """A Telegram with flood limits, in which so many people have begun a chat with the bot."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with open_house(folder, flood="on") as house, opened_database(None, folder / "db"):
            request = CountingRequest()
            async with Bot(house.token, base_url=f"{house.url}/bot", request=request) as bot:
                yield bot, request, [await _newcomer(house) for _ in range(people)]


async def _newcomer(house: House) -> int:
    answer = await house.http.post("/api/people", json={"first_name": "P", "language_code": "en"})
    number = int(answer.raise_for_status().json()["id"])
    chat = f"/api/people/{number}/chats/{house.bot_id}/text"
    (await house.http.post(chat, json={"text": "/start"})).raise_for_status()
    return number


def _cards(count: int, chats: Sequence[int]) -> Sequence[Card]:
    return [
        Card(
            id=f"c{number:015}",
            chat_id=chats[number % len(chats)],
            member_id="1",
            language="en",
            kind=CardKind.NOTICE,
            subject=f"s{number}",
        )
        for number in range(count)
    ]


async def _magpie(bot: Bot, cards: Sequence[Card], seconds: float) -> int:
    """Every Card changes once a second; how many never come to show the last change."""
    begun = time.monotonic()

    async def look(_card: Card) -> Look:
        return Look(str(int(min(seconds, time.monotonic() - begun))))

    pacing = Pacing(BotApiDoor(bot, Limits(), Budget()), look)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(pacing.run())
        for card in cards:
            await pacing.show(card)
        while time.monotonic() < begun + seconds:
            for card in cards:
                pacing.changed(card.subject)
            await asyncio.sleep(1)
        for card in cards:
            pacing.changed(card.subject)
        last = (await look(cards[0])).fingerprint
        old = {"shown": {"$ne": last}}
        while (stale := await Card.find(old).count()) and time.monotonic() < begun + seconds + _PATIENCE:  # noqa: ASYNC110 - Cards set no event
            await asyncio.sleep(1)
        writing.cancel()
    return stale


async def _plain(bot: Bot, cards: Sequence[Card], seconds: float) -> int:
    shown = dict.fromkeys((card.id for card in cards), "")
    sent = {card.id: await _sent(bot, card) for card in cards}
    begun = time.monotonic()

    async def edit(card: Card, text: str) -> None:
        try:
            await bot.edit_message_text(text, card.chat_id, sent[card.id])
        except (RetryAfter, NetworkError):
            return
        shown[card.id] = text

    text = ""
    while time.monotonic() < begun + seconds:
        text = str(time.monotonic())
        await asyncio.gather(*(edit(card, text) for card in cards))
        await asyncio.sleep(1)
    return sum(seen != text for seen in shown.values())


async def _sent(bot: Bot, card: Card) -> int:
    """Sent as slowly as Telegram wants: that is not what is compared."""
    await asyncio.sleep(1 / OVERALL_PER_SECOND)
    return (await bot.send_message(card.chat_id, "-")).message_id


def report(magpie: Counts, plain: Counts) -> str:
    header = ("", "edits", "complaints (429)", "Cards with an old look in the end")
    rows = [
        (name, middle(counts.edits, ""), middle(counts.complaints, ""), middle(counts.stale, ""))
        for name, counts in (("plain", plain), ("Magpie", magpie))
    ]
    return table(header, rows)


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--cards", type=int, default=200)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    magpie, plain = asyncio.run(measure(options.cards, options.people, options.seconds, options.runs))
    print(
        f"{report(magpie, plain)}\n\n{options.runs} runs of {options.seconds:g} s, {options.cards} Cards ",
        end="",
    )
    print(f"in {options.people} chats; {machine(load_before)}")


if __name__ == "__main__":
    main()
