"""A Bot API server that stands beside its bots (`--local`): larger files, and a disk that both see."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from models.media import Kind
from services.telegram.budget import Budget
from services.telegram.door import BotApiDoor
from services.telegram.port import Limits, Media, TelegramRefused
from tests.contract.simulator_client import ADA, TOKEN, Client, Program, in_process, program

pytestmark = pytest.mark.timeout(120)
MIB = 1 << 20
SIZE = 51 * MIB
"""More than Telegram's own server takes or gives."""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "telegram", "--flood", "off", "--local") as running:
        yield running


@pytest.fixture
async def door(person: Client) -> AsyncIterator[BotApiDoor]:
    """Of the bot that the person has started."""
    url = str(person.http.base_url).rstrip("/")
    request = HTTPXRequest(media_write_timeout=60)
    bot = Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=request, local_mode=True)
    async with BotApiDoor(bot, Limits(2000 * MIB, fetch=2000 * MIB), Budget()).opened() as door:
        yield door


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


async def sent(door: BotApiDoor, path: Path) -> str:
    """The id of the file, once a message has become it."""
    placeholder = await door.send_text(ADA, "…")
    media = Media(Kind.DOCUMENT, path, path.name)
    return str((await door.edit_into_media(ADA, placeholder.message_id, media)).file_id)


async def test_it_takes_what_is_larger_and_gives_it_from_its_disk(door: BotApiDoor, large: Path) -> None:
    file_id = await sent(door, large)
    assert (await door.look(file_id)).size == SIZE
    for start in (0, 30 * MIB + 1):
        assert b"".join([chunk async for chunk in door.open(file_id, start)]) == large.read_bytes()[start:]


async def test_what_lies_on_a_disk_that_we_do_not_see_is_refused(
    door: BotApiDoor, person: Client, large: Path
) -> None:
    file_id = await sent(door, large)
    there = Path((await person.result("getFile", file_id=file_id))["file_path"])
    there.rename(there.with_name("elsewhere"))
    with pytest.raises(TelegramRefused) as refused:
        await anext(door.open(file_id))
    assert "disk" in refused.value.reason


async def test_a_file_path_is_one_of_the_servers_disk_and_nothing_is_given_over_http(tmp_path: Path) -> None:
    async with in_process(tmp_path / "telegram", local=True) as client:
        await client.say("/start")
        message = await client.result("sendDocument", {"document": ("a.txt", b"0123456789")}, chat_id=ADA)
        path = Path((await client.result("getFile", file_id=message["document"]["file_id"]))["file_path"])
        assert path.is_absolute()
        assert path.read_bytes() == b"0123456789"
        for named in (path, "documents/file_1.txt"):
            assert (await client.http.get(f"/file/bot{TOKEN}/{named}")).status_code == 404
