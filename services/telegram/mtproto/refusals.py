"""What Telegram answers instead of a result, and what it means here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import MagpieError
from services.telegram.port import AccountLost, ChatClosed, MessageGone, TelegramAway, TelegramRefused

AWAY_SECONDS = 2.0
_FLOOD = 420
_SEE_OTHER, _UNAUTHORIZED, _FORBIDDEN, _NOT_ACCEPTABLE = 303, 401, 403, 406
_INTERNAL = 500
_NUMBER = re.compile(r"_(\d+)")
_WAITS = (
    "FLOOD_WAIT_X",
    "FLOOD_PREMIUM_WAIT_X",
    "FLOOD_TEST_PHONE_WAIT_X",
    "SLOWMODE_WAIT_X",
    "2FA_CONFIRM_WAIT_X",
    "TAKEOUT_INIT_DELAY_X",
)
"""Those of code 420 that name seconds: another one names a date."""
_GONE = ("MESSAGE_ID_INVALID", "MSG_ID_INVALID")
_CLOSED = (
    "CHANNEL_PRIVATE",
    "CHANNEL_INVALID",
    "PEER_ID_INVALID",
    "CHAT_ADMIN_REQUIRED",
    "CHAT_ID_INVALID",
    "USER_IS_BLOCKED",
    "USER_BANNED_IN_CHANNEL",
    "CHAT_RESTRICTED",
    "INPUT_USER_DEACTIVATED",
    "USERNAME_NOT_OCCUPIED",
    "USERNAME_INVALID",
)


class RpcRefused(Exception):
    """An error of Telegram's, such as 400 FILE_PART_7_MISSING. `number` is the one in its name."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(f"{code} {name}")
        self.code = code
        self.name = name

    @property
    def number(self) -> int | None:
        found = _NUMBER.search(self.name)
        return None if found is None else int(found[1])

    @property
    def is_flood(self) -> bool:
        """Whether the same may be asked after `number` seconds."""
        return self.code == _FLOOD and any(self.is_like(each) for each in _WAITS)

    @property
    def is_slow_mode(self) -> bool:
        """Whether it is a rule of the chat's, for everybody in it: no complaint of Telegram's about us."""
        return self.code == _FLOOD and self.is_like("SLOWMODE_WAIT_X")

    @property
    def is_lost(self) -> bool:
        """Whether the authorisation is worth nothing any more: also where the account moved, which another key is for."""
        return (
            self.code == _UNAUTHORIZED
            or (self.code == _NOT_ACCEPTABLE and self.name == "AUTH_KEY_DUPLICATED")
            or (self.code == _SEE_OTHER and self.is_like("USER_MIGRATE_X"))
        )

    @property
    def is_internal(self) -> bool:
        """Whether it is Telegram's own fault, and goes by."""
        return abs(self.code) >= _INTERNAL

    def is_like(self, pattern: str) -> bool:
        """Whether it has this name, with X for a number: FILE_PART_X_MISSING."""
        return _NUMBER.sub("_X", self.name) == pattern


@contextmanager
def ours() -> Iterator[None]:
    """Errors of a call become the doors' own ones, named after what the caller must do."""
    try:
        yield
    except RpcRefused as refused:
        raise _meaning(refused) from refused


def unwelcome(refused: RpcRefused) -> AccountLost | TelegramAway:
    """What a refusal to let us in means: whatever does not go by needs the owner."""
    if refused.is_flood:
        return TelegramAway(refused.number or AWAY_SECONDS, flood=True)
    return TelegramAway(AWAY_SECONDS) if refused.is_internal else AccountLost(refused.name)


def _meaning(refused: RpcRefused) -> MagpieError:
    if refused.is_flood or refused.is_lost or refused.is_internal:
        return unwelcome(refused)
    if refused.name in _GONE:
        return MessageGone(refused.name)
    closed = refused.code == _FORBIDDEN or refused.name in _CLOSED
    return ChatClosed(refused.name) if closed else TelegramRefused(refused.name)
