"""Builds the doors that speak MTProto, when the owner has set what they need."""

from bot.settings import Settings
from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor, UserSession
from services.telegram.lease import Lease
from services.telegram.user import UserDoor


def second_door(settings: Settings, token: str, budget: Budget) -> SecondDoor | None:
    """None without API_ID and API_HASH."""
    if settings.api_id is None or settings.api_hash is None:
        return None
    secret, folder = settings.api_hash.get_secret_value(), settings.data_dir.resolve() / "telegram"
    where = settings.mtproto_server, proxy_of(settings)
    return SecondDoor(Access(settings.api_id, secret, BotToken(token, folder), *where), budget)


def user_door(settings: Settings, owner: str | None) -> UserDoor | None:
    """None without USER_SESSION. `owner` names this instance in the lease; None: nobody else can have the session."""
    if settings.user_session is None or settings.api_id is None or settings.api_hash is None:
        return None
    text = settings.user_session.get_secret_value()
    secret = settings.api_hash.get_secret_value()
    where = settings.mtproto_server, proxy_of(settings)
    access = Access(settings.api_id, secret, UserSession(text), *where)
    lease = None if owner is None else Lease(text, owner)
    return UserDoor(access, lease, posts_to=settings.archive_channel)


def proxy_of(settings: Settings) -> str | None:
    """The address of the proxy for Telegram."""
    return None if settings.telegram_proxy is None else settings.telegram_proxy.get_secret_value()
