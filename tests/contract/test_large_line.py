"""What happens to large files on the way: lines that break in the middle, a data centre that wants pauses, files that go."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.media import Kind
from services.grabbing.choosing import patiently
from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, Server
from services.telegram.mtproto.bots import BotAccount
from services.telegram.mtproto.door import MtprotoDoor
from services.telegram.port import PART, FileChanged, Media, unheard
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import CHANNEL, Client, Program, program
from tests.house import until
from tests.relay import Relay, relay_to

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.xdist_group("large-door")]
PARTS = 12
SIZE = PARTS * PART - 9


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


@pytest.fixture
async def http(running: Program) -> AsyncIterator[Client]:
    async with running.client() as client:
        await client.new_bot_right(CHANNEL, "administrator", "can_post_messages")
        yield client


@pytest.fixture
async def line(http: Client) -> AsyncIterator[Relay]:
    """That to the data centre."""
    facts = await http.get("/data-centre")
    async with relay_to(facts["host"], facts["port"]) as relay:
        yield relay


@pytest.fixture
async def door(http: Client, line: Relay, tmp_path: Path) -> AsyncIterator[MtprotoDoor]:
    """That of the first bot, which is let in."""
    facts = await http.get("/data-centre")
    key = int(facts["modulus"], 16), facts["exponent"], facts["fingerprint"]
    access = Access(1, "0" * 32, BotToken(FIRST_BOT_TOKEN, tmp_path / "telegram"))
    account = BotAccount(access, Server("127.0.0.1", line.port, *key))
    await account.me()
    yield MtprotoDoor(account, Budget())
    await account.close()


def film(folder: Path) -> Media:
    path = folder / "film.bin"
    path.write_bytes(os.urandom(SIZE))
    return Media(kind=Kind.DOCUMENT, path=path, name="film.bin")


async def placeholder(http: Client) -> int:
    return int((await http.result("sendMessage", chat_id=CHANNEL, text="⏳"))["message_id"])


async def asked(http: Client, method: str) -> int:
    return len([call for call in await http.get("/record") if call["method"] == method])


async def bytes_of(door: MtprotoDoor, message: int) -> bytes:
    """Read as an order is: what is there already is not asked for again."""
    data = b""

    async def rest() -> bytes:
        nonlocal data
        async for chunk in door.reader.open(CHANNEL, message, len(data)):
            data += chunk
        return data

    return await patiently(rest)


async def put(door: MtprotoDoor, message: int, media: Media) -> None:
    await patiently(lambda: door.edit_into_media(CHANNEL, message, media, told=unheard))


async def test_a_line_that_breaks_within_a_part(
    door: MtprotoDoor, line: Relay, http: Client, tmp_path: Path
) -> None:
    """A half of it had gone: it is sent again, whole, and only what was on the same line with it."""
    media, message = film(tmp_path), await placeholder(http)
    line.cut_after(PART // 2)
    await door.edit_into_media(CHANNEL, message, media, told=unheard)
    assert line.cuts == 1
    assert PARTS <= await asked(http, "upload.saveBigFilePart") < 2 * PARTS
    assert await bytes_of(door, message) == media.path.read_bytes()


@pytest.mark.parametrize("is_before", [False, True], ids=["answer lost", "part lost"])
async def test_a_line_that_breaks_at_the_last_part(
    door: MtprotoDoor, http: Client, tmp_path: Path, *, is_before: bool
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    about = {"action": "drop", "before": is_before, "every": PARTS}
    await http.post("/faults", method="upload.saveBigFilePart", **about)
    await door.edit_into_media(CHANNEL, message, media, told=unheard)
    assert await http.get("/faults") == [], "it was not met"
    assert await bytes_of(door, message) == media.path.read_bytes()


async def test_a_data_centre_that_wants_pauses_again_and_again(
    door: MtprotoDoor, http: Client, tmp_path: Path
) -> None:
    """Every tenth call, whatever it is: up and down, parts and all that goes with them."""
    media, message = film(tmp_path), await placeholder(http)
    await http.post("/faults", method="*", action="429", retry_after=5, every=10, count=None)
    await put(door, message, media)
    data = await bytes_of(door, message)
    await http.http.delete("/api/faults")
    assert data == media.path.read_bytes()
    assert len([call for call in await http.get("/record") if not call["ok"]]) >= 2


async def test_a_file_that_is_removed_while_it_is_sent(
    door: MtprotoDoor, http: Client, tmp_path: Path
) -> None:
    """It was open: all of it goes. After that there is nothing to send."""
    media, message = film(tmp_path), await placeholder(http)
    data = media.path.read_bytes()
    await http.post("/line", latency=0.5)
    sending = asyncio.ensure_future(door.edit_into_media(CHANNEL, message, media, told=unheard))
    await until(lambda: is_begun(http), "no part was sent")
    media.path.unlink()
    assert not sending.done()
    await sending
    await http.post("/line")
    assert await bytes_of(door, message) == data
    with pytest.raises(FileChanged):
        await door.edit_into_media(CHANNEL, await placeholder(http), media, told=unheard)


async def test_a_file_that_is_cut_short_while_it_is_sent(
    door: MtprotoDoor, http: Client, tmp_path: Path
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await http.post("/line", latency=0.5)
    sending = asyncio.ensure_future(door.edit_into_media(CHANNEL, message, media, told=unheard))
    await until(lambda: is_begun(http), "no part was sent")
    os.truncate(media.path, PART)
    with pytest.raises(FileChanged):
        await sending
    assert (await http.history(chat=CHANNEL))[-1]["text"] == "⏳"


async def is_begun(http: Client) -> bool:
    return await asked(http, "upload.saveBigFilePart") > 0
