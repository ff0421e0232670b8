"""Flood limits, on a clock that the test moves."""

import pytest

from simulator.errors import ApiError
from simulator.flood import LIMITS, Flood

BOT, PERSON, CHANNEL = 7, 1001, -1001000000001


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def refused_after(flood: Flood, chat: int, most: int = 1000) -> tuple[int, ApiError]:
    """How many single messages pass at once, and the refusal of the next."""
    for count in range(most):
        try:
            flood.spend(BOT, chat, 1)
        except ApiError as error:
            return count, error
    raise AssertionError("never refused")


@pytest.mark.parametrize("mode", ["on", "strict"])
def test_a_private_chat_takes_a_burst_and_then_one_message_a_second(mode: str, clock: Clock) -> None:
    flood = Flood(mode, clock)  # type: ignore[arg-type]
    count, error = refused_after(flood, PERSON)
    assert count == LIMITS[mode].private.burst
    assert (error.code, error.description) == (429, "Too Many Requests: retry after 1")
    assert error.parameters == {"retry_after": 1}
    clock.now += 1
    flood.spend(BOT, PERSON, 1)
    with pytest.raises(ApiError):
        flood.spend(BOT, PERSON, 1)


@pytest.mark.parametrize("mode", ["on", "strict"])
def test_a_channel_takes_a_burst_and_then_twenty_messages_a_minute(mode: str, clock: Clock) -> None:
    flood = Flood(mode, clock)  # type: ignore[arg-type]
    count, error = refused_after(flood, CHANNEL)
    assert count == LIMITS[mode].channel.burst
    assert error.parameters == {"retry_after": 3}
    clock.now += 3.01
    flood.spend(BOT, CHANNEL, 1)


def test_all_chats_together_have_a_limit(clock: Clock) -> None:
    flood = Flood("strict", clock)
    for person in range(30):
        flood.spend(BOT, person, 1)
    with pytest.raises(ApiError, match="retry after 1"):
        flood.spend(BOT, 31, 1)


def test_an_album_counts_for_each_of_its_messages(clock: Clock) -> None:
    flood = Flood("on", clock)
    flood.spend(BOT, CHANNEL, 10)
    flood.spend(BOT, CHANNEL, 10)
    with pytest.raises(ApiError):
        flood.spend(BOT, CHANNEL, 1)


def test_another_bot_has_a_budget_of_its_own(clock: Clock) -> None:
    flood = Flood("strict", clock)
    refused_after(flood, PERSON)
    flood.spend(BOT + 1, PERSON, 1)


def test_the_limits_can_be_off(clock: Clock) -> None:
    flood = Flood("off", clock)
    for _ in range(1000):
        flood.spend(BOT, CHANNEL, 1)


def test_what_is_refused_is_not_counted(clock: Clock) -> None:
    flood = Flood("strict", clock)
    refused_after(flood, PERSON)
    for _ in range(5):
        with pytest.raises(ApiError, match="retry after 1"):
            flood.spend(BOT, PERSON, 1)
