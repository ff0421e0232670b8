"""What several benchmarks start beside Magpie."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from beanie import Document

from bot.database import opened_database
from services.documents import plain
from tests.house import House, Process

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_AT_ONCE = 500


async def fill(data_dir: Path, made: Callable[[], Iterable[Document]]) -> None:
    """Puts documents into the embedded database of a bot that does not run; `made` needs an open one to make them."""
    async with opened_database(None, data_dir / "db"):
        await insert(list(made()))


async def insert(documents: Sequence[Document]) -> None:
    """Many at once, into the database that is open."""
    kinds = {type(document) for document in documents}
    for kind in kinds:
        stored = [_stored(document) for document in documents if type(document) is kind]
        for start in range(0, len(stored), _AT_ONCE):
            await kind.get_pymongo_collection().insert_many(stored[start : start + _AT_ONCE])


def _stored(document: Document) -> dict[str, object]:
    return {"_id": document.id, **plain(document.model_dump(exclude={"id", "revision_id"}))}


async def apart(module: str, errand: "DataclassInstance") -> str:
    """The last line that `python -m MODULE --errand ERRAND` prints, in a process of its own; `errand` is a dataclass."""
    command = (sys.executable, "-m", module, "--errand", json.dumps(asdict(errand)))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"an errand of {module} failed")
    return out.decode().splitlines()[-1]


@asynccontextmanager
async def ended_after(process: Process) -> AsyncIterator[Process]:
    """The process is killed with the block."""
    try:
        yield process
    finally:
        process.kill()
        await process.ended()


async def start_plain_bot(house: House) -> Process:
    """The plain bot, on the house's Telegram with the house's token. It ends with the house."""
    env = {"BOT_TOKEN": house.token, "TELEGRAM_API_URL": house.url}
    bot = await Process.start(house.folder / "plain.log", "-m", "benchmarks.plain_bot", env=env)
    house.bots.append(bot)
    return bot


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
