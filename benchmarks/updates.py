"""Updates a second through the inbox, and how long a press waits for its answer: `python -m benchmarks.updates`.

Beside the first a bare python-telegram-bot that keeps nothing: a press that a crash interrupts is lost there. Telegram is
a small program of its own (`benchmarks/telegram.py`) that costs both the same.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from benchmarks.report import load, machine, middle, ratio, table
from benchmarks.telegram import BOT, FIRST_CARD, FIRST_PERSON, READY
from benchmarks.worlds import ended_after, fill
from bot.assembly import LOCALES
from bot.database import opened_database
from bot.inbox import ALLOWED, Inbox
from handlers.buttons import Back, Details, pack
from handlers.cards.transfer import transfer_card
from models.access import Member, Role
from models.cards import Card, CardKind
from models.clock import now
from models.downloads import SourceKind, SourceRecord
from models.inbox import InboxPoll
from models.transfers import Transfer, TransferState
from services.words import Catalogue, Words
from tests.house import Process

_TOKEN = f"{BOT['id']}:{'A' * 35}"
_PERCENT = 100
_MINUTE_MILLIS = 60_000
BareApplication = Application[Any, Any, Any, Any, Any, Any]


@dataclass
class Counter:
    """Counts handled updates, and says when all were."""

    wanted: int
    seen: int = 0
    all: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        self.seen += 1
        if self.seen == self.wanted:
            self.all.set()


@dataclass
class Rates:
    """Updates a second, one of each run."""

    bare: list[float] = field(default_factory=list)
    inbox: list[float] = field(default_factory=list)


async def throughput(updates: int, people: int, runs: int) -> Rates:
    rates = Rates()
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            async with _telegram(Path(folder), people, updates) as url:
                rates.bare.append(updates / await _bare(url, Counter(updates)))
            async with _telegram(Path(folder), people, updates) as url:
                rates.inbox.append(updates / await _inbox(url, Counter(updates), Path(folder)))
    return rates


async def _bare(url: str, counter: Counter) -> float:
    """Seconds until all were handled, one after the other, as python-telegram-bot does by itself."""
    application = ApplicationBuilder().token(_TOKEN).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, counter))
    async with application:
        await application.start()
        begun = time.perf_counter()
        if application.updater is None:
            raise RuntimeError("python-telegram-bot without its updater")
        await application.updater.start_polling(allowed_updates=ALLOWED)
        await counter.all.wait()
        seconds = time.perf_counter() - begun
        await application.updater.stop()
        await application.stop()
    return seconds


async def _inbox(url: str, counter: Counter, folder: Path) -> float:
    """Seconds until all were kept, handled and marked."""
    application: BareApplication = (
        ApplicationBuilder().token(_TOKEN).base_url(f"{url}/bot").updater(None).build()
    )
    application.add_handler(MessageHandler(filters.ALL, counter))

    async def handle(update: Update) -> bool:
        await application.process_update(update)
        return True

    async with opened_database(None, folder / "db"), application, asyncio.TaskGroup() as group:
        begun = time.perf_counter()
        inbox = group.create_task(Inbox(application.bot, handle).run())
        await counter.all.wait()
        while await InboxPoll.find_one({"done": False}):  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - begun
        inbox.cancel()
    return seconds


async def presses(people: int, rate: float, rounds: int) -> Sequence[float]:
    """Seconds that each press of [Details] or [Less] on one's own Card waited, with the whole bot as a process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = Catalogue(LOCALES).words("en")
        await fill(
            folder / "data", lambda: [it for number in range(people) for it in _card_of(number, words)]
        )
        data = [pack(press(_transfer_id(number))) for press in (Details, Back) for number in range(people)]
        async with _telegram(folder, people, 0) as url, AsyncExitStack() as stack:
            await _start_bot(folder, url, stack)
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=600, trust_env=False))
            wish = {"rate": str(rate), "presses": str(people * rounds), "data": json.dumps(data)}
            answer = await http.post(f"{url}/begin", data=wish)
            return [float(seconds) for seconds in answer.raise_for_status().json()]


def _transfer_id(number: int) -> str:
    return f"t{number:015}"


def _card_of(number: int, words: Words) -> tuple[Member, Transfer, Card]:
    """A member with an order that stands still, and the Card of it as it stands in the chat."""
    person = FIRST_PERSON + number
    member = Member(id=str(person), name=f"P{number}", role=Role.MEMBER)
    transfer = Transfer(
        id=_transfer_id(number),
        member_id=member.id,
        chat_id=person,
        title=f"Order {number}",
        source=SourceRecord(kind=SourceKind.LINK, value=f"http://t.example.org/{number}", name="a"),
        state=TransferState.PAUSED,
        resume_to=TransferState.QUEUED,
        listed=True,
        trace=str(number),
        changed_at=now() - _MINUTE_MILLIS,
    )
    card = Card(
        id=f"c{number:015}",
        chat_id=person,
        member_id=member.id,
        language="en",
        kind=CardKind.TRANSFER,
        subject=transfer.id,
        message_id=FIRST_CARD + number,
        bot_id=BOT["id"],
        shown=transfer_card(transfer, words).fingerprint,
        shown_at=now(),
    )
    return member, transfer, card


async def _start_bot(folder: Path, url: str, stack: AsyncExitStack) -> None:
    env = {
        "BOT_TOKEN": _TOKEN,
        "OWNER_ID": "1",
        "TELEGRAM_API_URL": url,
        "INTERNET_ARCHIVE": "false",
        "DATA_DIR": str(folder / "data"),
        "HEALTH_PORT": "0",
        "TORRENT_LISTEN": "127.0.0.1:0",
    }
    bot = await Process.start(folder / "bot.log", "-m", "bot", "run", env=env)
    await stack.enter_async_context(ended_after(bot))
    await bot.said(r"Magpie runs as")


@asynccontextmanager
async def _telegram(folder: Path, people: int, updates: int) -> AsyncIterator[str]:
    log = folder / "telegram.log"
    log.unlink(missing_ok=True)
    arguments = ("--people", str(people), "--updates", str(updates))
    process = await Process.start(log, "-m", "benchmarks.telegram", *arguments, env={})
    async with ended_after(process):
        yield (await process.said(rf"{READY}(\S+)")).group(1)


def report(rates: Rates, waited: Sequence[Sequence[float]]) -> str:
    rows = [
        ("bare python-telegram-bot", middle(rates.bare, "/s"), "1 ×"),
        ("Magpie's inbox", middle(rates.inbox, "/s"), ratio(rates.inbox, rates.bare)),
    ]
    handled = table(("updates handled", "median (range)", "to plain"), rows)
    shares = {"median": [1000 * median(run) for run in waited]}
    for percent in (95, 99):
        cut = [quantiles(run, n=_PERCENT)[percent - 1] for run in waited]
        shares[f"p{percent}"] = [1000 * seconds for seconds in cut]
    lines = [(name, middle(values, "ms")) for name, values in shares.items()]
    return f"{handled}\n\n{table(('a press waits for its answer', 'median (range) of runs'), lines)}"


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=20.0, help="presses a second, of all people")
    parser.add_argument("--rounds", type=int, default=1, help="how often each person presses")
    options = parser.parse_args()
    rates = asyncio.run(throughput(options.updates, options.people, options.runs))
    waited = [asyncio.run(presses(options.people, options.rate, options.rounds)) for _ in range(options.runs)]
    print(report(rates, waited))
    print(f"\n{options.runs} runs of {options.updates} updates; {options.people} people, ", end="")
    print(f"{options.rate:g} presses a second, {len(waited[0])} in all; {machine(load_before)}")


if __name__ == "__main__":
    main()
