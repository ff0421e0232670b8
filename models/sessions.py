"""Sessions of people's accounts, as far as several Magpies must know of them."""

from beanie import Document

from models.clock import Millis


class SessionLease(Document):
    """Who uses a session at this moment: used by two at once, Telegram ends it for good.

    `id` is derived from the session string, and does not give it away.
    """

    id: str  # type: ignore[assignment]
    owner: str
    until: Millis

    class Settings:
        name = "session_leases"
        validate_on_save = True


class AccountTold(Document):
    """What the owner is told of an account: `reason` is why Telegram does not let it in, None when it does.

    `is_told`: whether that was sent. `id` is the account's name here, `session` derived from its secret as in `SessionLease`.
    """

    id: str  # type: ignore[assignment]
    session: str = ""
    reason: str | None = None
    is_told: bool = False

    class Settings:
        name = "accounts_told"
        validate_on_save = True
