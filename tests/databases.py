"""A database that a bot and its test share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pymongo.asynchronous.database import AsyncDatabase

from bot.database import connect, wait_until_it_answers
from models.ids import new_id

Stored = AsyncDatabase[dict[str, Any]]


@asynccontextmanager
async def own_database(url: str, name: str) -> AsyncIterator[tuple[str, Stored]]:
    """One that the bot and the test share, and its address."""
    named = urlunsplit(urlsplit(url)._replace(path=f"/{name}-{new_id()}"))
    client = connect(named)
    await wait_until_it_answers(client)
    database = client.get_default_database()
    try:
        yield named, database
    finally:
        await client.drop_database(database.name)
        await client.close()
