"""`magpie check`: what is configured, reachable and missing, in plain words."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial

import httpx
from pymongo.errors import PyMongoError
from rich.console import Console

from bot.alone import lone_user_door
from bot.assembly import LOCALES
from bot.database import connect
from bot.engines import remote_engines
from bot.indexers import open_indexers, torznab_addresses
from bot.instance import AlreadyRunning
from bot.second_door import second_door
from bot.settings import Settings
from handlers.cards.setup import finding_words, part_words
from services.checks.findings import Finding, Verdict, sound, unset, wrong
from services.checks.parts import engine_parts, indexer_parts, known, large_part, machine_parts
from services.checks.probes import found_groups, probe_database, probe_user
from services.checks.service import Part
from services.downloads.embedded.session import interface_present
from services.redaction import Redaction
from services.telegram.budget import Budget
from services.trusted import authorities
from services.words import Catalogue

_SECONDS = 15.0
_MARKS = {Verdict.SOUND: "[green]✓[/]", Verdict.WRONG: "[red]✗[/]"}
_MERELY_NOT_SET = "[dim]–[/]"


async def check_everything(settings: Settings) -> bool:
    """Prints what is found, as it is found; whether nothing is wrong."""
    console, redaction = Console(highlight=False), Redaction(settings.secrets)
    t = Catalogue(LOCALES).words("en")
    wrong_ones = 0
    async with AsyncExitStack() as stack:
        async for part in _parts(settings, stack):
            finding = await part.ask()
            console.print(_MARKS.get(finding.verdict, _MERELY_NOT_SET), end=" ")
            line = f"{part_words(part.kind, part.name, t)}: {finding_words(finding, t)}"
            console.print(redaction.text(line), markup=False)
            wrong_ones += finding.verdict is Verdict.WRONG
    return wrong_ones == 0


async def _parts(settings: Settings, stack: AsyncExitStack) -> AsyncIterator[Part]:
    for part in await _telegram(settings):
        yield part
    yield known("owner", _owner(settings))
    yield _large(settings, stack)
    yield _user(settings)
    yield known("archive", _archive(settings))
    yield known(
        "ledger", unset("found-ledger-unset") if settings.ledger_channel is None else sound("found-set")
    )
    yield known("database", await _database(settings))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for part in (*machine_parts(settings.data_dir), *_engines(settings, stack), *_indexers(settings, stack)):
        yield part


def _engines(settings: Settings, stack: AsyncExitStack) -> list[Part]:
    """The embedded engine is not started here: one that runs already has its jobs."""
    embedded = known("engine", _embedded(settings), "embedded")
    engines = remote_engines(settings, settings.data_dir.resolve())
    for engine in engines.values():
        stack.push_async_callback(engine.close)
    return [embedded, *engine_parts(engines.values())]


def _embedded(settings: Settings) -> Finding:
    if settings.torrent_interface is not None and not interface_present(settings.torrent_interface):
        return wrong("interface-gone")
    return sound("found-engine-embedded", choice=settings.downloader)


def _indexers(settings: Settings, stack: AsyncExitStack) -> list[Part]:
    """The owner's own ones."""
    own = {name for name, _ in torznab_addresses(settings)}
    found = [indexer for indexer in open_indexers(settings, stack) if indexer.name in own]
    return list(indexer_parts(found, own=bool(own)))


async def _telegram(settings: Settings) -> Sequence[Part]:
    """Who the bot is, and what it hears in groups: both are in Telegram's one answer."""
    if settings.bot_token is None:
        return [known("telegram", unset("found-telegram-unset"))]
    token = settings.bot_token.get_secret_value()
    proxy = None if settings.telegram_proxy is None else settings.telegram_proxy.get_secret_value()
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, verify=authorities(), proxy=proxy) as http:
            answer = (await http.get(f"{settings.telegram_api_url}/bot{token}/getMe")).json()
    except (httpx.HTTPError, ValueError):
        return [known("telegram", wrong("found-telegram-silent", address=settings.telegram_api_url))]
    if not answer.get("ok"):
        reason = str(answer.get("description", "?"))
        return [known("telegram", wrong("found-telegram-refused", reason=reason))]
    me = answer["result"]
    return [
        known("telegram", sound("found-telegram", username=str(me.get("username", "?")))),
        known("groups", found_groups(hears_all=bool(me.get("can_read_all_group_messages")))),
    ]


def _large(settings: Settings, stack: AsyncExitStack) -> Part:
    if settings.bot_token is None:
        return known("large", unset("found-large-simulated"))
    door = second_door(settings, settings.bot_token.get_secret_value(), Budget())
    if door is not None:
        stack.push_async_callback(door.close)
    return large_part(door)


def _user(settings: Settings) -> Part:
    if settings.user_session is None:
        return known("user", unset("found-user-unset"))
    if settings.api_id is None:
        return known("user", sound("found-set"))
    return Part("user", partial(_as_the_user, settings))


async def _as_the_user(settings: Settings) -> Finding:
    """Used by two at once, a session is ended for good: nobody signs in beside a Magpie that runs."""
    async with AsyncExitStack() as stack:
        try:
            door = await stack.enter_async_context(lone_user_door(settings))
        except AlreadyRunning:
            return sound("found-user-running")
        except PyMongoError:
            return wrong("found-database-away")
        return unset("found-user-unset") if door is None else await probe_user(door.me)


def _owner(settings: Settings) -> Finding:
    if settings.owner_id is not None:
        return sound("found-set")
    return unset("found-owner-simulated" if settings.bot_token is None else "found-owner-unset")


def _archive(settings: Settings) -> Finding:
    if settings.archive_channel is not None:
        return sound("found-set")
    return unset("found-archive-simulated" if settings.bot_token is None else "found-archive-unset")


async def _database(settings: Settings) -> Finding:
    if settings.mongodb_url is None:
        return sound("found-database-embedded")
    client = connect(settings.mongodb_url.get_secret_value())
    try:
        return await probe_database(client)
    finally:
        await client.close()
