"""Reading through the second door: every byte is checked by Telegram's own hashes, wherever it comes from."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pyrogram.crypto import rsa
from pyrogram.types import InputMediaDocument

from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor
from services.telegram.port import FileDamaged, MessageGone
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import CHANNEL
from tests.data_centre import Centre, news, post, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
MIB = 1 << 20
PIECE = 128 << 10
HOME, AWAY = 2, 4
DATA = os.urandom(5 * MIB + 777)
RANGES = 6
STARTS = (0, 1, PIECE + 5, 3 * MIB, 3 * MIB + PIECE // 2, len(DATA) - 1)
"""From the beginning, in the middle of a piece and of a range, at a range's beginning, the last byte."""


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def as_usual(there: Centre) -> AsyncIterator[None]:
    yield
    await there.http.http.delete("/api/faults")
    await there.http.post("/data-centre", files=HOME, cdn=False)


@pytest_asyncio.fixture(loop_scope="module")
async def door(there: Centre, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecondDoor]:
    who = BotToken(FIRST_BOT_TOKEN, tmp_path_factory.mktemp("door"))
    made = SecondDoor(Access(1, "0" * 32, who, f"{there.program.url}/api/data-centre"), Budget())
    yield made
    await made.close()


async def posted(there: Centre, data: bytes = DATA) -> int:
    return int(news(await there.bot.invoke(post(await uploaded(there.bot, data)))).id)


async def film(there: Centre, *, files: int = HOME, via_cdn: bool = False) -> int:
    """A message with the file, which nobody has read yet; a CDN that is to give it asks for it first."""
    await there.http.post("/data-centre", files=files, cdn=via_cdn)
    return await posted(there)


async def read(door: SecondDoor, message: int, start: int = 0, given: list[bytes] | None = None) -> bytes:
    """`given` has what was given out, also when it ends in an error."""
    given = [] if given is None else given
    async for chunk in door.open(CHANNEL, message, start):
        given.append(chunk)
    return b"".join(given)


async def fault(there: Centre, method: str, action: str, **more: Any) -> None:
    await there.http.post(
        "/faults", method=method if "." in method else f"upload.{method}", action=action, **more
    )


class Calls:
    """How often methods of files were called since it was made."""

    def __init__(self, there: Centre, before: int) -> None:
        self._there = there
        self._before = before

    @classmethod
    async def begun(cls, there: Centre) -> "Calls":
        return cls(there, max((each["seq"] for each in await there.http.get("/record")), default=0))

    async def named(self) -> Sequence[str]:
        """In the order in which they came."""
        record = await self._there.http.get("/record", after=self._before)
        return [call["method"].removeprefix("upload.") for call in record]

    async def counted(self) -> Mapping[str, int]:
        return Counter(await self.named())


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("files", [HOME, AWAY])
async def test_it_reads_from_anywhere(there: Centre, door: SecondDoor, files: int, start: int) -> None:
    message = await film(there, files=files)
    calls = await Calls.begun(there)
    assert await read(door, message, start) == DATA[start:]
    ranges = RANGES - start // MIB
    counted = await calls.counted()
    assert (counted["getFile"], counted["getFileHashes"]) == (ranges, ranges)


async def test_what_arrives_wrong_is_asked_for_again(there: Centre, door: SecondDoor) -> None:
    message = await film(there)
    calls = await Calls.begun(there)
    await fault(there, "getFile", "corrupt", count=2, every=2)
    assert await read(door, message) == DATA
    assert (await calls.counted())["getFile"] == RANGES + 2


async def test_what_always_arrives_wrong_is_not_given_out(there: Centre, door: SecondDoor) -> None:
    message = await film(there)
    await fault(there, "getFile", "corrupt", count=None)
    given: list[bytes] = []
    with pytest.raises(FileDamaged, match="file-damaged"):
        await read(door, message, 2 * MIB + 5, given)
    assert not given


@pytest.mark.parametrize(
    ("length", "wrong", "kept"),
    [
        (len(DATA), None, len(DATA)),
        (3 * MIB, None, 3 * MIB),
        (3 * MIB + PIECE + 7, None, 3 * MIB + PIECE),
        (len(DATA), 0, 0),
        (len(DATA), 2 * MIB + PIECE + 5, 2 * MIB + PIECE),
        (len(DATA), len(DATA) - 1, 5 * MIB),
        (0, None, 0),
    ],
)
async def test_what_came_another_time_is_held_against_the_hashes(
    there: Centre, door: SecondDoor, tmp_path: Path, length: int, wrong: int | None, kept: int
) -> None:
    """Nothing of it comes again for that. Of a piece that is not all there nobody can tell."""
    message = await film(there)
    data = bytearray(DATA[:length])
    if wrong is not None:
        data[wrong] ^= 1
    (tmp_path / "part").write_bytes(data)
    unique = (await door.look(CHANNEL, message)).unique_id
    calls = await Calls.begun(there)
    assert await door.kept(CHANNEL, message, unique, tmp_path / "part") == kept
    assert (await calls.counted())["getFile"] == 0
    with pytest.raises(MessageGone):
        await door.kept(CHANNEL, message, "another", tmp_path / "part")


async def test_what_came_another_time_counts_where_there_are_no_hashes(
    there: Centre, door: SecondDoor, tmp_path: Path
) -> None:
    message = await film(there)
    await fault(there, "getFileHashes", "error", description="METHOD_INVALID", count=None)
    (tmp_path / "part").write_bytes(bytes(2 * MIB + 5))
    unique = (await door.look(CHANNEL, message)).unique_id
    assert await door.kept(CHANNEL, message, unique, tmp_path / "part") == 2 * MIB + 5


@pytest.mark.parametrize("name", ["LOCATION_INVALID", "METHOD_INVALID"])
async def test_where_there_are_no_hashes_it_reads_on(there: Centre, door: SecondDoor, name: str) -> None:
    message = await film(there)
    await fault(there, "getFileHashes", "error", description=name, count=None)
    calls = await Calls.begun(there)
    assert await read(door, message, 5) == DATA[5:]
    assert (await calls.counted())["getFile"] == RANGES


@pytest.mark.parametrize(
    "trouble",
    [
        {"action": "429", "retry_after": 1},
        {"action": "error", "error_code": 420, "description": "FLOOD_PREMIUM_WAIT_1"},
        {"action": "error", "description": "FILE_REFERENCE_EXPIRED"},
        {"action": "drop", "before": True},
        {"action": "500"},
    ],
    ids=["flood", "premium", "stale", "cut", "error"],
)
async def test_hashes_get_through_all_the_same(
    there: Centre, door: SecondDoor, trouble: dict[str, Any]
) -> None:
    message = await film(there)
    await fault(there, "getFileHashes", **trouble)
    assert await read(door, message) == DATA


STALE = {"action": "error", "description": "FILE_REFERENCE_EXPIRED"}


async def test_a_message_that_gets_another_file_ends_the_reading(
    there: Centre, door: SecondDoor, tmp_path: Path
) -> None:
    """Nobody is given the beginning of one file and the end of another."""
    data = os.urandom(40 * MIB)
    message = await posted(there, data)
    reading = door.open(CHANNEL, message)
    assert await anext(reading) == data[:MIB]
    (tmp_path / "another.bin").write_bytes(bytes(len(data)))
    await there.bot.edit_message_media(CHANNEL, message, InputMediaDocument(str(tmp_path / "another.bin")))
    await fault(there, "getFile", count=4, **STALE)
    with pytest.raises(MessageGone) as gone:
        b"".join([chunk async for chunk in reading])
    assert gone.value.reason == "ANOTHER_FILE"


async def test_what_was_seen_before_is_what_is_read(there: Centre, door: SecondDoor) -> None:
    message = await film(there)
    file = await door.look(CHANNEL, message)
    assert await anext(door.open(CHANNEL, message, 0, file.unique_id)) == DATA[:MIB]
    with pytest.raises(MessageGone):
        await anext(door.open(CHANNEL, message, 0, "another"))


async def test_a_reference_that_all_find_expired_is_renewed_once(there: Centre, door: SecondDoor) -> None:
    message = await film(there)
    await fault(there, "getFile", count=4, **STALE)
    await fault(there, "getFileHashes", "delay", seconds=0.3, count=4)
    calls = await Calls.begun(there)
    assert await read(door, message) == DATA
    called = [name for name in await calls.named() if name in ("getFile", "channels.getMessages")]
    assert called.count("getFile") == RANGES + 4
    first, *looked = [list(group) for name, group in groupby(called) if name == "channels.getMessages"]
    assert len(first) == 1
    assert 1 <= len(looked) <= 4
    assert all(len(looks) == 1 for looks in looked), "one look for all that were refused together"


# -- a CDN


@pytest.mark.parametrize("start", STARTS)
async def test_a_cdn_gives_a_file(there: Centre, door: SecondDoor, start: int) -> None:
    """It asks for the file first, which is brought there once."""
    message = await film(there, via_cdn=True)
    calls = await Calls.begun(there)
    assert await read(door, message, start) == DATA[start:]
    counted = await calls.counted()
    ranges = RANGES - start // MIB
    assert ranges <= counted["getCdnFile"] <= 2 * ranges
    assert counted["reuploadCdnFile"] == 1
    again = await Calls.begun(there)
    assert await read(door, message, start) == DATA[start:]
    counted = await again.counted()
    assert (counted["getCdnFile"], counted.get("reuploadCdnFile", 0)) == (ranges, 0)


async def test_a_cdn_gives_what_is_kept_away(there: Centre, door: SecondDoor) -> None:
    message = await film(there, files=AWAY, via_cdn=True)
    calls = await Calls.begun(there)
    assert await read(door, message, 7) == DATA[7:]
    assert (await calls.counted())["getCdnFile"] >= RANGES


async def test_what_a_cdn_gives_wrong_once_is_asked_for_again(there: Centre, door: SecondDoor) -> None:
    message = await film(there, via_cdn=True)
    assert await read(door, message) == DATA
    calls = await Calls.begun(there)
    await fault(there, "getCdnFile", "corrupt", every=3)
    assert await read(door, message) == DATA
    assert (await calls.counted())["getCdnFile"] == RANGES + 1


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        ("getCdnFile", {"action": "corrupt"}),
        ("getCdnFile", {"action": "error", "description": "CDN_METHOD_INVALID"}),
        ("getCdnFile", {"action": "error", "description": "FILE_TOKEN_INVALID"}),
        ("getCdnFileHashes", {"action": "error", "description": "METHOD_INVALID"}),
        ("reuploadCdnFile", {"action": "error", "description": "REQUEST_TOKEN_INVALID"}),
        ("getCdnFile", {"action": "drop", "before": True}),
        ("help.getCdnConfig", {"action": "error", "description": "METHOD_INVALID"}),
    ],
    ids=["wrong", "refusing", "forgetful", "without hashes", "not supplied", "cut off", "unknown"],
)
async def test_who_sends_to_a_cdn_that_is_no_good_gives_the_file_itself(
    there: Centre, door: SecondDoor, method: str, trouble: dict[str, Any]
) -> None:
    message = await film(there, via_cdn=True)
    await fault(there, method, count=None, **trouble)
    assert await read(door, message) == DATA


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        ("getCdnFile", {"action": "error", "description": "FILE_TOKEN_INVALID"}),
        ("reuploadCdnFile", {"action": "error", "description": "REQUEST_TOKEN_INVALID"}),
        ("getCdnFile", {"action": "429", "retry_after": 1}),
        ("getCdnFile", {"action": "error", "error_code": 401, "description": "AUTH_KEY_UNREGISTERED"}),
    ],
    ids=["token", "request", "flood", "key"],
)
async def test_a_cdn_is_asked_again(
    there: Centre, door: SecondDoor, method: str, trouble: dict[str, Any]
) -> None:
    message = await film(there, via_cdn=True)
    await fault(there, method, **trouble)
    calls = await Calls.begun(there)
    assert await read(door, message) == DATA
    assert (await calls.counted())["getCdnFile"] >= RANGES


async def test_the_key_of_a_cdn_is_trusted_for_its_handshake_only(there: Centre, door: SecondDoor) -> None:
    known = set(rsa.server_public_keys)
    message = await film(there, via_cdn=True)
    assert await read(door, message) == DATA
    assert set(rsa.server_public_keys) == known
