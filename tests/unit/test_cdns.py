"""When files are read from CDNs, and when not."""

import asyncio

import pytest

from services.telegram.mtproto.cdn import Cdns, Outdated
from services.telegram.mtproto.hashes import BytesWrong
from services.telegram.port import TelegramAway, TelegramRefused


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(cdns: Cdns, error: Exception) -> None:
    with pytest.raises((type(error), Outdated)), cdns.tried():
        raise error


@pytest.mark.parametrize("error", [BytesWrong(), TelegramRefused("CDN_METHOD_INVALID"), TelegramAway(2)])
def test_what_goes_wrong_again_and_again_is_left_for_a_while(error: Exception) -> None:
    clock = Clock()
    cdns = Cdns(clock)
    seen = []
    for _ in range(4):
        seen.append(cdns.is_open)
        fail(cdns, error)
    seen.append(cdns.is_open)
    clock.now += 601
    assert (seen, cdns.is_open) == ([True] * 4 + [False], True)


def test_what_is_right_again_is_forgiven() -> None:
    cdns = Cdns()
    for _ in range(10):
        fail(cdns, BytesWrong())
        with cdns.tried():
            pass
    assert cdns.is_open


def test_a_wait_is_no_failure() -> None:
    cdns = Cdns()
    for _ in range(10):
        fail(cdns, TelegramAway(2, flood=True))
    assert cdns.is_open


async def test_only_one_knocks_where_nobody_is() -> None:
    cdns, knocks = Cdns(), 0

    async def nobody() -> None:
        nonlocal knocks
        knocks += 1
        await asyncio.sleep(0.05)
        raise TelegramAway(2, unreachable=True)

    async def tried() -> None:
        with cdns.tried():
            await cdns.reached(nobody)

    ended = await asyncio.gather(*(tried() for _ in range(8)), return_exceptions=True)
    assert knocks == 1
    assert [type(each) for each in ended] == [TelegramAway] + 7 * [Outdated]
    assert not cdns.is_open
