"""Builds the door for large files, when the owner has set what it needs."""

from bot.settings import Settings
from services.telegram.budget import Budget
from services.telegram.large import Access, SecondDoor


def second_door(settings: Settings, token: str, budget: Budget) -> SecondDoor | None:
    """None without API_ID and API_HASH."""
    if settings.api_id is None or settings.api_hash is None:
        return None
    secret, folder = settings.api_hash.get_secret_value(), settings.data_dir.resolve() / "telegram"
    return SecondDoor(Access(settings.api_id, secret, token, folder, settings.mtproto_server), budget)
