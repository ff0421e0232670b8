"""What Telegram's refusals over MTProto mean: which are waits, and for how long."""

import pytest

from services.telegram.budget import Budget
from services.telegram.mtproto.refusals import RpcRefused, ours, unwelcome
from services.telegram.port import TelegramAway, TelegramRefused


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("FLOOD_WAIT_31", 31),
        ("FLOOD_PREMIUM_WAIT_4", 4),
        ("SLOWMODE_WAIT_3600", 3600),
        ("FLOOD_TEST_PHONE_WAIT_9", 9),
        ("TAKEOUT_INIT_DELAY_86400", 86400),
        ("2FA_CONFIRM_WAIT_604800", 604800),
    ],
)
def test_waits_name_their_seconds(name: str, seconds: int) -> None:
    refused = RpcRefused(420, name)
    with pytest.raises(TelegramAway) as away, ours():
        raise refused
    assert (away.value.seconds, away.value.flood, away.value.unreachable) == (seconds, True, False)
    asked_in = unwelcome(refused)
    assert isinstance(asked_in, TelegramAway)
    assert asked_in.seconds == seconds


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (400, "SLOWMODE_MULTI_MSGS_DISABLED"),
        (420, "PREMIUM_SUB_ACTIVE_UNTIL_1900000000"),
        (420, "FROZEN_METHOD_INVALID"),
        (400, "PEER_FLOOD"),
    ],
)
def test_what_names_no_seconds_is_no_wait(code: int, name: str) -> None:
    with pytest.raises(TelegramRefused) as refused, ours():
        raise RpcRefused(code, name)
    assert refused.value.reason == name


def test_slow_mode_is_the_chats_own() -> None:
    assert RpcRefused(420, "SLOWMODE_WAIT_5").is_slow_mode
    assert not RpcRefused(420, "FLOOD_WAIT_5").is_slow_mode


def test_a_chats_slow_mode_keeps_only_that_chat_waiting() -> None:
    slow, other, third = -1001, -1002, -1003
    budget = Budget()
    for chat in (slow, other):
        budget.rest(chat, 30, 0.0, is_complaint=False)
    assert not budget.has_room(slow, 29.0)
    assert budget.has_room(slow, 31.0)
    assert all(budget.take(third, 1.0) for _ in range(15)), "nobody else is slower for it"
