"""Runs Magpie until it is told to stop, or until it makes no sense to go on."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from typing import Any

import structlog
from pydantic import SecretStr

from bot.assembly import Magpie, assembled
from bot.instance import instance
from bot.settings import Settings
from bot.simulated import API_HASH, API_ID, Simulated, simulated_telegram
from models.access import Role
from services.access.service import AccessService, Person
from services.tasks import LostHold, while_held

_STOP_SECONDS = 8.0
Say = Callable[[str], None]
_log = structlog.get_logger(__name__)


async def run(settings: Settings, say: Say) -> None:
    """Starts, says where to go, and runs until SIGTERM or SIGINT. Raises what stops a start, one clear line each."""
    with instance(settings.data_dir) as owner, _stop_asked() as stop:
        async with AsyncExitStack() as stack:
            try:
                magpie = await while_held(_started(settings, owner, say, stack), _set(stop))
                await while_held(_side_by_side(magpie.loops), _set(stop))
            except LostHold:
                _log.info("stopping")


async def _started(settings: Settings, owner: str, say: Say, stack: AsyncExitStack) -> Magpie:
    """May take long, as long as Telegram or the database is away."""
    simulator = simulated = None
    if settings.bot_token is None:
        simulator = await stack.enter_async_context(
            simulated_telegram(settings.data_dir.resolve(), settings.simulator_port)
        )
        simulated = await simulator.world()
        settings = in_simulator(settings, simulated)
    token = settings.bot_token.get_secret_value() if settings.bot_token is not None else ""
    magpie = await stack.enter_async_context(assembled(settings, owner, token))
    if simulated is not None:
        await _enrol(magpie.access, settings.owner_id, simulated)
    _greet(say, magpie.username, simulated, magpie.claim_code)
    return magpie if simulator is None else replace(magpie, loops=[*magpie.loops, simulator.run()])


def in_simulator(settings: Settings, simulated: Simulated) -> Settings:
    """The settings as they are for trying out: what is not set comes from the simulator's world."""
    changes: dict[str, object] = {
        "bot_token": simulated.token,
        "telegram_api_url": simulated.url,
        "mtproto_server": simulated.data_centre,
        "api_id": settings.api_id or API_ID,
        "api_hash": settings.api_hash or SecretStr(API_HASH),
        "owner_id": settings.owner_id or simulated.people[0][0],
        "archive_channel": settings.archive_channel or simulated.channel,
    }
    if not settings.torznab_urls:
        # nothing but the samples: trying out needs no network
        changes |= {"torznab_urls": (simulated.indexer,), "internet_archive": False}
    return settings.model_validate({**settings.model_dump(), **changes})


async def _enrol(access: AccessService, owner_id: int | None, simulated: Simulated) -> None:
    for number, name, language in simulated.people:
        role = Role.OWNER if number == owner_id else Role.MEMBER
        await access.add(Person(str(number), name, language), role)


def _greet(say: Say, username: str, simulated: Simulated | None, claim_code: str | None) -> None:
    if simulated is not None:
        say(f"Magpie runs in the simulator. Chat with it at {simulated.url}/")
        say("Set BOT_TOKEN to run it on Telegram. Ctrl-C ends it.")
        return
    say(f"Magpie runs as @{username}.")
    if claim_code is not None:
        say(f"It has no owner yet: send it this code once to become the owner: {claim_code}")


async def _side_by_side(loops: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Runs the loops. One that fails ends them all, and its error is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)
    except BaseExceptionGroup as errors:
        raise next(_leaves(errors)) from None


async def _set(stop: asyncio.Event) -> None:
    await stop.wait()


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


@contextmanager
def _stop_asked() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set. Soon after that the process ends, whatever it still waits for."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    at_last = threading.Timer(_STOP_SECONDS, _end)
    at_last.daemon = True

    def told() -> None:
        if not stop.is_set():
            stop.set()
            at_last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _end() -> None:
    """A thread or a server that does not answer is cut off: as by a kill, which loses nothing."""
    _log.warning("stopped-late")
    logging.shutdown()
    os._exit(0)
