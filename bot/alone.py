"""The owner's account for a command that runs alone: never beside a Magpie that may use the same session."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from beanie import init_beanie

from bot.database import NAME, connect
from bot.instance import instance
from bot.second_door import user_door
from bot.settings import Settings
from models.sessions import SessionLease
from services.telegram.user import UserDoor


@asynccontextmanager
async def lone_user_door(settings: Settings) -> AsyncIterator[UserDoor | None]:
    """None without USER_SESSION. Used by two at once, a session is ended for good: so this raises AlreadyRunning when a
    Magpie runs in the same folder, and PyMongoError when it cannot be known whether others use it.
    """
    async with AsyncExitStack() as stack:
        owner = stack.enter_context(instance(settings.data_dir))
        # the embedded database is this folder's: nobody else can have written into it
        shared = settings.mongodb_url is not None
        if shared:
            await _open_leases(settings, stack)
        door = user_door(settings, owner if shared else None)
        if door is not None:
            stack.push_async_callback(door.close)
        yield door


async def _open_leases(settings: Settings, stack: AsyncExitStack) -> None:
    """As much of the database as says who uses a session."""
    client = connect(None if settings.mongodb_url is None else settings.mongodb_url.get_secret_value())
    stack.push_async_callback(client.close)
    database = client[client.get_default_database(NAME).name]
    await init_beanie(database=database, document_models=[SessionLease], skip_indexes=True)
