"""`magpie reindex`: a new index of the library, from the database."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.assembly import INDEX
from bot.database import opened_database
from bot.instance import AlreadyRunning, instance
from bot.settings import Settings
from services.library.follower import Follower
from services.library.generations import Generations
from services.tasks import Bell

_WAIT_SECONDS = 0.5
_PATIENCE_SECONDS = 1800.0


class NotMade(Exception):
    """No new index came. The text is one line for a person."""


async def reindex(settings: Settings, say: Callable[[str], None]) -> None:
    """Makes it, or has a Magpie that runs in this data folder make it: only one writes there. Raises NotMade."""
    data_dir = settings.data_dir.resolve()
    try:
        with instance(data_dir):
            await _made(settings, data_dir, say)
    except AlreadyRunning:
        await _asked_for(data_dir / INDEX, say)


async def _made(settings: Settings, data_dir: Path, say: Callable[[str], None]) -> None:
    url = None if settings.mongodb_url is None else settings.mongodb_url.get_secret_value()
    async with opened_database(url, data_dir / "db"):
        follower = Follower(data_dir / INDEX, Bell())
        await follower.rebuild()
        say(f"The index is made anew: {follower.size} works.")
        follower.close()


async def _asked_for(root: Path, say: Callable[[str], None]) -> None:
    say("Magpie is running: it makes the index anew, and answers from the old one meanwhile.")
    generations = Generations(root)
    generations.wish()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while generations.is_wished:  # noqa: ASYNC110 - another process sets no event here
                await asyncio.sleep(_WAIT_SECONDS)
    except TimeoutError:
        raise NotMade("no new index was made within half an hour: its log says why") from None
    say("It is done.")
