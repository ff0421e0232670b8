"""The line to the data centre, made long and narrow on demand; and what the record keeps of calls over it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
import pytest_asyncio
from pyrogram import errors
from pyrogram.raw import functions, types

from tests.contract.simulator_client import BOT, CHANNEL
from tests.data_centre import PART, Centre, downloaded, news, post, signed_in, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
LATENCY = 0.4


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def short_and_wide(there: Centre) -> AsyncIterator[None]:
    yield
    await there.http.post("/line")
    await there.http.http.delete("/api/faults")


async def seconds(doing: Awaitable[object]) -> float:
    begun = time.monotonic()
    await doing
    return time.monotonic() - begun


async def asking(there: Centre) -> object:
    return await there.bot.invoke(functions.updates.GetState())


async def test_a_line_is_as_long_as_it_is_told(there: Centre) -> None:
    assert await there.http.get("/line") == {"latency": 0.0, "rate": None}
    assert await there.http.post("/line", latency=LATENCY) == {"latency": LATENCY, "rate": None}
    assert await seconds(asking(there)) >= LATENCY
    assert await there.http.post("/line") == {"latency": 0.0, "rate": None}


async def test_latency_holds_up_no_throughput(there: Centre) -> None:
    """Twenty calls at once take as long as one and not as twenty."""
    await there.http.post("/line", latency=LATENCY)
    took = await seconds(asyncio.gather(*(asking(there) for _ in range(20))))
    assert LATENCY <= took < 10 * LATENCY


async def test_a_new_connection_goes_over_the_same_line(there: Centre, tmp_path: Path) -> None:
    """A handshake has three questions, and signing in some more."""
    await there.http.post("/line", latency=LATENCY)
    begun = time.monotonic()
    async with signed_in(there.program.url, tmp_path):
        assert time.monotonic() - begun >= 4 * LATENCY


async def test_a_rate_holds_for_what_goes_up_and_for_what_comes_down(there: Centre) -> None:
    data = os.urandom(4 * PART)
    rate = 2 * PART
    said = news(await there.bot.invoke(post(await uploaded(there.bot, data))))
    await there.http.post("/line", rate=rate)
    assert await seconds(uploaded(there.bot, data)) >= len(data) / rate
    assert await seconds(downloaded(there.bot, said.media.document)) >= len(data) / rate


async def test_each_connection_has_its_own_rate(there: Centre, tmp_path: Path) -> None:
    data = os.urandom(6 * PART)
    async with signed_in(there.program.url, tmp_path) as other:
        await there.http.post("/line", rate=2 * PART)
        busy = asyncio.create_task(uploaded(there.bot, data))
        await other.invoke(functions.updates.GetState())
        assert not busy.done(), "a small question on another connection does not wait for what is large"
        await busy


async def test_on_one_connection_the_small_waits_for_the_large(there: Centre) -> None:
    data = os.urandom(4 * PART)
    said = news(await there.bot.invoke(post(await uploaded(there.bot, data))))
    before = await recorded(there, "upload.getFile")
    await there.http.post("/line", rate=PART)
    large = asyncio.create_task(downloaded(there.bot, said.media.document))
    async with asyncio.timeout(30):
        while await recorded(there, "upload.getFile") < before + 2:  # noqa: ASYNC110 - a page does not wait
            await asyncio.sleep(0.01)
    assert await seconds(asking(there)) > 1
    await large


async def recorded(there: Centre, method: str) -> int:
    """How many calls of a method there were."""
    return sum(call["method"] == method for call in await there.http.get("/record"))


async def test_a_wrong_line_is_refused(there: Centre) -> None:
    for wrong in ({"latency": -1}, {"latency": 100}, {"rate": 0}):
        assert (await there.http.http.post("/api/line", json=wrong)).status_code == 422


async def test_calls_are_recorded_with_who_made_them_and_without_bytes(there: Centre) -> None:
    before = (await there.http.get("/record"))[-1]["seq"]
    answer = await there.bot.invoke(post(await uploaded(there.bot, os.urandom(2 * PART))))
    first, second, sent = await there.http.get("/record", after=before)
    assert {(call["method"], call["bot"], call["ok"]) for call in (first, second)} == {
        ("upload.saveBigFilePart", BOT, True)
    }
    assert sorted(call["parameters"]["file_part"] for call in (first, second)) == [0, 1]
    assert first["parameters"]["bytes"] == f"{PART} bytes"
    assert (sent["method"], sent["chat"], sent["message_id"]) == (
        "messages.sendMedia",
        CHANNEL,
        news(answer).id,
    )
    assert sent["parameters"]["media"]["_"] == "InputMediaUploadedDocument"


async def test_refusals_are_recorded(there: Centre) -> None:
    before = (await there.http.get("/record"))[-1]["seq"]
    await there.http.post("/faults", method="updates.getState", action="429", retry_after=30)
    with pytest.raises(errors.FloodWait):
        await asking(there)
    wrong = types.InputChannel(channel_id=1, access_hash=0)
    with pytest.raises(errors.ChannelInvalid):
        await there.bot.invoke(functions.channels.GetChannels(id=[wrong]))
    calls = await there.http.get("/record", after=before)
    assert [(call["method"], call["ok"], call["error"]) for call in calls] == [
        ("updates.getState", False, "FLOOD_WAIT_30"),
        ("channels.getChannels", False, "CHANNEL_INVALID"),
    ]


async def test_while_all_is_down_no_fault_is_used_up(there: Centre, tmp_path: Path) -> None:
    wish = functions.channels.GetChannels(id=[types.InputChannel(channel_id=1, access_hash=0)])
    await there.http.post("/faults", method="channels.getChannels", action="429", retry_after=30)
    await there.http.post("/faults", action="down", seconds=1.5)
    with pytest.raises((TimeoutError, OSError)):
        await there.bot.invoke(wish, retries=1, timeout=0.5)
    async with asyncio.timeout(20):
        while any(fault["action"] == "down" for fault in await there.http.get("/faults")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with signed_in(there.program.url, tmp_path) as other:
        with pytest.raises(errors.FloodWait):
            await other.invoke(wish)
