"""Pieces through both doors, against the simulator: what comes down, joined, is what was there."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from blake3 import blake3
from telegram import Bot

from bot.assembly import LOCALES
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import TransferState
from services.storage.archive import Archive
from services.storage.telegram import TelegramStore
from services.telegram.budget import Budget
from services.telegram.door import BotApiDoor
from services.telegram.large import Access, BotToken, SecondDoor
from services.telegram.port import PART, Limits
from services.words import Catalogue
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import CHANNEL, Client, Program, program
from tests.services.orders import order
from tests.services.test_pieces import pieces

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.xdist_group("large-door")]
MIB = 1 << 20
MOST_PARTS = 5
EACH = MOST_PARTS * PART
SIZE = 2 * EACH + 777
"""In three pieces, the last of which the first door takes."""


@dataclass(frozen=True)
class Place:
    """An archive that posts through both doors."""

    http: Client
    folder: Path
    archive: Archive
    store: TelegramStore

    async def joined(self, copies: list[Copy]) -> str:
        """The hash of what is read back."""
        hasher = blake3()
        for copy in copies:
            async for chunk in self.store.open(copy):
                hasher.update(chunk)
        return hasher.hexdigest()

    async def names(self) -> list[str]:
        """Of what stands in the channel."""
        posts = await self.http.history(chat=CHANNEL)
        return [post["document"]["file_name"] if "document" in post else post["text"] for post in posts]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


@asynccontextmanager
async def opened(running: Program, folder: Path) -> AsyncIterator[Place]:
    who = BotToken(FIRST_BOT_TOKEN, folder / "telegram")
    large = SecondDoor(Access(1, "0" * 32, who, f"{running.url}/api/data-centre"), Budget())
    bot = Bot(FIRST_BOT_TOKEN, base_url=f"{running.url}/bot", base_file_url=f"{running.url}/file/bot")
    small = BotApiDoor(bot, Limits(upload=MIB, fetch=MIB), Budget())
    archive = Archive(small, Catalogue(LOCALES).words("en"), folder, CHANNEL, large)
    try:
        async with running.client() as http, small.opened():
            await http.new_bot_right(CHANNEL, "administrator", "can_post_messages", "can_edit_messages")
            await http.post("/data-centre", most_parts=MOST_PARTS)
            yield Place(http, folder, archive, TelegramStore(small, CHANNEL, only_posts=True, large=large))
    finally:
        await large.close()


def film(folder: Path) -> Facts:
    data = os.urandom(SIZE)
    (folder / "film.mkv").write_bytes(data)
    hashed = blake3(data).hexdigest()
    return Facts(path="film.mkv", name="film.mkv", size=SIZE, blake3=hashed, kind=Kind.VIDEO, title="A film")


async def test_what_goes_up_in_pieces_comes_down_whole(running: Program, tmp_path: Path) -> None:
    """The limit is the data centre's, and nobody knew it before. An account that is lost in between comes back."""
    facts = film(tmp_path)
    transfer = await order(TransferState.STORING, facts=[facts])
    async with opened(running, tmp_path) as place:
        assert await place.archive.opens()
        banned = {"action": "error", "error_code": 401, "description": "USER_DEACTIVATED", "count": None}
        # each piece has five parts
        await place.http.post("/faults", method="upload.saveBigFilePart", every=7, **banned)
        await place.http.post("/faults", method="auth.importBotAuthorization", **banned)
        assert list((await place.archive.store(transfer)).kept_on_disk) == ["film.mkv"]
        assert await place.names() == ["film.mkv.001"]
        (tmp_path / "film.mkv").unlink()
        await place.http.http.delete("/api/faults")
    async with opened(running, tmp_path) as again:
        assert list((await again.archive.store(transfer)).kept_on_disk) == []
        assert await again.names() == ["film.mkv.001", "film.mkv.002", "film.mkv.003"]
        copies = await pieces(transfer)
        assert [copy.size for copy in copies] == [EACH, EACH, 777]
        assert await again.joined(copies) == facts.blake3
