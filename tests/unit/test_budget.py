"""The budget of edits: so much in all, so much to a chat, less after a complaint."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telegram.budget import GROUP_PER_SECOND, OVERALL_PER_SECOND, PRIVATE_PER_SECOND, Budget, Pauses
from services.telegram.port import TelegramAway
from tests.unit.test_pace import in_jumps


def taken(budget: Budget, chat: int, at: float, most: int = 200, spare: float = 0.0) -> int:
    return next((n for n in range(most) if not budget.take(chat, at, spare=spare)), most)


def test_a_chat_takes_a_small_burst_and_then_one_a_second() -> None:
    budget = Budget()
    assert taken(budget, 1, 100.0) == 3
    assert not budget.take(1, 100.5)
    assert budget.take(1, 101.0)
    assert not budget.take(1, 101.5)


def test_a_group_takes_twenty_a_minute() -> None:
    """After a burst that leaves room for the posts of one order."""
    budget = Budget()
    burst = taken(budget, -5, 100.0)
    assert 3 <= burst <= 20
    assert not budget.take(-5, 102.9)
    assert budget.take(-5, 103.01)
    at, sent = 103.01, 0
    for _ in range(600):
        at += 0.1
        sent += budget.take(-5, at)
    assert 19 <= sent <= 20


def test_all_chats_together_have_a_limit() -> None:
    budget = Budget()
    sent = sum(taken(budget, chat, 100.0) for chat in range(1, 31))
    assert sent == OVERALL_PER_SECOND
    assert not budget.take(99, 100.0)
    assert budget.take(99, 100.05)


def test_what_nobody_waits_for_leaves_room_for_the_next_press() -> None:
    budget = Budget()
    assert taken(budget, 1, 100.0, spare=1) == 2
    assert budget.take(1, 100.0)


def test_a_flooded_chat_rests_and_the_others_go_on() -> None:
    budget = Budget()
    budget.rest(1, 10, 100.0)
    assert budget.take(2, 101.0)
    assert not budget.take(1, 109.9)
    assert budget.take(1, 110.0)


def test_a_rest_for_all_stops_everybody() -> None:
    budget = Budget()
    budget.rest(None, 5, 100.0)
    assert not budget.take(1, 104.9)
    assert budget.take(1, 105.0)


def test_a_shorter_rest_does_not_end_a_longer_one() -> None:
    budget = Budget()
    budget.rest(1, 30, 100.0)
    budget.rest(1, 1, 100.0)
    assert not budget.take(1, 120.0)


def sent_in(budget: Budget, chat: int, since: float, seconds: int) -> int:
    """Writings that one who asks ten times a second gets."""
    return sum(budget.take(chat, since + step / 10) for step in range(10 * seconds))


def test_a_complaint_makes_a_chat_slower_and_it_recovers() -> None:
    budget = Budget()
    taken(budget, 1, 100.0)
    budget.rest(1, 10, 100.0)
    assert sent_in(budget, 1, 110.0, 20) <= 14, "about half of one a second, and no burst"
    assert 57 <= sent_in(budget, 1, 400.0, 60) <= 63, "after some minutes as before"


def test_every_further_complaint_makes_it_slower_but_not_for_ever() -> None:
    budget, at = Budget(), 100.0
    for _ in range(20):
        budget.rest(1, 1, at)
        at += 1.0
    assert 1 <= sent_in(budget, 1, at, 16) <= 4
    assert 57 <= sent_in(budget, 1, at + 600, 60) <= 63


def test_a_complaint_about_one_chat_leaves_the_others_their_pace() -> None:
    budget = Budget()
    budget.rest(1, 1, 100.0)
    assert taken(budget, 2, 100.0) == 3
    assert 9 <= sent_in(budget, 2, 101.0, 10) <= 10


def test_complaints_about_different_chats_slow_all_of_them() -> None:
    def sent(budget: Budget) -> int:
        steps = [110.0 + step / 10 for step in range(100)]
        return sum(budget.take(1000 + chat, at) for at in steps for chat in range(40))

    calm, complained = Budget(), Budget()
    complained.rest(1, 1, 100.0)
    complained.rest(2, 1, 101.0)
    assert sent(complained) < 0.7 * sent(calm)


def test_who_asks_whether_there_is_room_takes_nothing() -> None:
    budget = Budget()
    assert all(budget.has_room(1, 100.0, spare=2) for _ in range(50))
    assert not budget.has_room(1, 100.0, spare=3)
    assert taken(budget, 1, 100.0) == 3
    assert not budget.has_room(1, 100.0)
    assert budget.has_any_room(100.0)


def test_thousands_of_quiet_chats_are_forgotten_and_a_resting_one_is_not() -> None:
    budget = Budget()
    budget.take(7, 0.0)
    budget.rest(7, 1e9, 0.0)
    for number in range(5000):
        budget.take(1000 + number, 10.0 * number)
    assert len(budget._chats) <= 1001
    assert not budget.take(7, 60_000.0)


@given(st.lists(st.tuples(st.sampled_from([1, 2, -3]), st.floats(0, 0.5)), min_size=1, max_size=200))
def test_no_chat_ever_gets_more_than_its_share(steps: list[tuple[int, float]]) -> None:
    budget, at = Budget(), 50.0
    sent = {1: 0, 2: 0, -3: 0}
    for chat, pause in steps:
        at += pause
        sent[chat] += budget.take(chat, at)
    for chat, count in sent.items():
        rate, burst = (PRIVATE_PER_SECOND, 3) if chat > 0 else (GROUP_PER_SECOND, 20)
        assert count <= burst + rate * (at - 50.0) + 1e-6
    assert sum(sent.values()) <= 25 + OVERALL_PER_SECOND * (at - 50.0)


async def test_a_turn_is_waited_for_and_taken() -> None:
    budget, loop = Budget(), asyncio.get_running_loop()
    for _ in range(3):
        await budget.turn(1)
    begun = loop.time()
    async with asyncio.timeout(5):
        await budget.turn(1)
    assert 0.8 < loop.time() - begun < 3
    assert not budget.take(1, time.monotonic())


# -- pauses of methods


def test_in_a_long_pause_a_method_is_not_asked_for_and_others_are() -> None:
    async def story() -> None:
        pauses, loop = Pauses(asyncio.get_running_loop().time), asyncio.get_running_loop()
        pauses.begin("resolve", 300)
        pauses.begin("resolve", 5)
        await asyncio.sleep(100)
        with pytest.raises(TelegramAway) as away:
            await pauses.over("resolve")
        assert (away.value.flood, round(away.value.seconds)) == (True, 200)
        await pauses.over("history")
        assert round(loop.time()) == 100, "nobody waited"
        await asyncio.sleep(200)
        await pauses.over("resolve")

    in_jumps(story())


def test_a_short_pause_is_waited_for_by_all() -> None:
    async def story() -> None:
        pauses, loop = Pauses(asyncio.get_running_loop().time), asyncio.get_running_loop()
        pauses.begin("resolve", 5)
        waiting = [asyncio.ensure_future(pauses.over("resolve")) for _ in range(3)]
        await asyncio.sleep(2)
        pauses.begin("resolve", 4)
        await asyncio.gather(*waiting)
        assert round(loop.time()) == 6

    in_jumps(story())
