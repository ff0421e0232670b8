"""Puts Magpie together: builds every service once, and closes them in reverse order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import structlog
from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes, ExtBot
from telegram.request import HTTPXRequest

from bot.checkup import build_checkup
from bot.database import EmbeddedDatabase, opened_database
from bot.engines import DOWNLOADS, open_engines, seeding_of
from bot.health import Health, health_socket
from bot.inbox import Handle, Inbox, TokenRefused
from bot.indexers import open_indexers, plugin_indexers, sample_indexers, torznab_addresses
from bot.second_door import second_door, user_door
from bot.settings import Settings
from handlers.again import Again
from handlers.context import BotContext, MagpieApplication, Services
from handlers.library import show_arrived
from handlers.menu import Menu
from handlers.pacing import Pacing
from handlers.register import command_menu, register
from handlers.rendering import Renderer
from jobs.chores import Chores
from jobs.schedule import build_schedule
from jobs.supervisor import Supervisor
from models.transfers import TransferState
from services.access.own_data import OwnData
from services.access.preferences import Preferences
from services.access.service import AccessService
from services.checks.watch import AccountWatch
from services.delivery.results import Results
from services.documents import insist
from services.downloads.addresses import guarded_transport
from services.downloads.embedded.web import strangers_client
from services.downloads.engines import Engines
from services.downloads.reading import SourceReader
from services.downloads.resolve import Resolver
from services.downloads.service import Downloads
from services.extraction.extractor import Extractor
from services.feeds.looking import Looker
from services.feeds.orders import Orders
from services.feeds.runner import FeedRunner
from services.feeds.service import Feeds
from services.grabbing.runner import GrabRunner
from services.grabbing.service import Grabs
from services.intake.runner import IntakeRunner
from services.intake.service import Intakes
from services.intake.taking import Taker
from services.ledger.keys import instance_key
from services.ledger.writer import LedgerWriter
from services.library.alerts import Alerts
from services.library.collections import Collections
from services.library.duplicates import Duplicates
from services.library.encodings import EncodingsKeeper
from services.library.follower import Follower
from services.library.service import Library
from services.media.tools import MediaTools
from services.search.fanout import FanOut
from services.search.runner import SearchRunner
from services.search.service import Searches
from services.storage.archive import Archive
from services.storage.disk import needs_copies
from services.storage.parts import Parts
from services.storage.scan import Scan
from services.storage.telegram import TelegramStore
from services.tasks import Bell
from services.telegram.budget import Budget
from services.telegram.door import BotApiDoor
from services.telegram.messages import Messages
from services.telegram.port import Limits
from services.transfers import records
from services.transfers.choosing import Choosing
from services.transfers.deadlines import DEADLINES
from services.transfers.instant import Instant
from services.transfers.queue import Queue
from services.transfers.records import Task
from services.transfers.room import room_for
from services.transfers.service import Transfers
from services.transfers.stages.fetching import Fetch
from services.transfers.stages.inspecting import Inspect
from services.transfers.stages.listing import ListFiles
from services.transfers.stages.previewing import MakePreviews
from services.transfers.stages.step import Stage
from services.transfers.stages.storing import Store
from services.transfers.upkeep import Upkeep
from services.transfers.worker import Duty, Worker
from services.trusted import authorities
from services.words import Catalogue, Words

LOCALES = Path(__file__).resolve().parent.parent / "locales"
PREVIEWS, UNPACKED = "previews", "unpacked"
"""Folders of the data folder, for what stages make."""
INDEX = "index"
"""Its folder for the library's index."""
HEADS = "heads"
"""Its folder for how files begin that are looked into and not fetched."""
_AT_ONCE = {Task.LOOK: 12, Task.STAGE: 4, Task.STORE: 4}
_TELEGRAM_AGAIN_SECONDS = 3.0
_LOCAL_MODE_BYTES = 2000 * 1024 * 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Magpie:
    """Everything that runs, and what the start has to say."""

    loops: Sequence[Coroutine[Any, Any, None]]
    username: str
    engines: Sequence[str]
    claim_code: str | None
    access: AccessService


@asynccontextmanager
async def assembled(settings: Settings, owner: str, token: str) -> AsyncIterator[Magpie]:
    """Builds everything for one bot token. `owner` is the instance's name in leases."""
    data_dir = settings.data_dir.resolve()
    async with AsyncExitStack() as stack:
        url = None if settings.mongodb_url is None else settings.mongodb_url.get_secret_value()
        database = await stack.enter_async_context(opened_database(url, data_dir / "db"))
        await insist(partial(records.release_all, owner))
        application = await _application(settings, token, stack)
        yield await _Builder(settings, data_dir, owner, application, stack).build(database)


class _Builder:
    """One use: holds what the parts share while they are put together."""

    def __init__(
        self,
        settings: Settings,
        data_dir: Path,
        owner: str,
        application: MagpieApplication,
        stack: AsyncExitStack,
    ) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._owner = owner
        self._application = application
        self._stack = stack
        self._catalogue = Catalogue(LOCALES)
        self._reader = SourceReader(
            [url for _, url in torznab_addresses(settings)],
            samples=sample_indexers(settings),
            allow_private=settings.allow_private_addresses,
        )
        limits = (
            Limits(upload=_LOCAL_MODE_BYTES, fetch=_LOCAL_MODE_BYTES)
            if settings.telegram_local_mode
            else Limits()
        )
        budget = Budget()
        self._door = BotApiDoor(application.bot, limits, budget)
        self._large = second_door(settings, application.bot.token, budget)
        self._user = user_door(settings, owner)
        self._media = MediaTools(data_dir)
        self._messages = Messages(self._door, self._large, self._user)
        self._room = partial(room_for, folder=data_dir)

    async def build(self, database: EmbeddedDatabase | None) -> Magpie:
        settings, bell = self._settings, Bell()
        engines, engines_at_work = await open_engines(
            settings, self._data_dir, self._messages, self._media, self._stack
        )
        downloads = self._downloads(engines)
        english = self._catalogue.words("en")
        archive = await self._archive(english)
        transfers = Transfers(bell.ring)
        choosing = Choosing(transfers, self._data_dir, lambda: archive.taking)
        supervisor = Supervisor(self._worker(downloads, archive, bell), bell, at_once=_AT_ONCE)
        indexers = [*open_indexers(settings, self._stack), *plugin_indexers(settings, engines)]
        checkup = build_checkup(
            settings, self._data_dir, self._door, engines, indexers, english, self._large, self._user
        )
        follower = Follower(self._data_dir / INDEX, bell)
        library = self._library(follower)
        duplicates = Duplicates(bell.ring)
        renderer = Renderer(self._catalogue, transfers, choosing, checkup, library, duplicates)
        pacing = Pacing(self._door, renderer.look)
        bell.listen(pacing.rouse)
        fan_out = FanOut(indexers, settings.search_seconds)
        runner = SearchRunner(fan_out, self._owner, pacing.changed)
        grabber = GrabRunner(self._messages, self._owner, pacing.changed, bell.ring, lambda: archive.taking)
        access = self._access()
        feeds, feed_runner = self._feeds(Looker(self._strangers(), fan_out), transfers, pacing, access)
        taking_in, intakes = self._taking_in(pacing, bell)
        services = Services(
            access=access,
            again=Again(),
            archive=archive,
            catalogue=self._catalogue,
            checkup=checkup,
            choosing=choosing,
            collections=Collections(library),
            door=self._door,
            duplicates=duplicates,
            feeds=feeds,
            grabs=Grabs(transfers, grabber.wake),
            instant=Instant(transfers, archive),
            intakes=intakes,
            library=library,
            menu=(menu := Menu(self._application.bot, self._catalogue, command_menu)),
            own_data=OwnData(transfers),
            pacing=pacing,
            preferences=Preferences(self._catalogue.languages),
            reader=self._reader,
            searches=Searches(fan_out.names, runner.wake),
            transfers=transfers,
        )
        inbox = self._inbox(services)
        self._chores(downloads, archive, pacing, bell)
        loops = [inbox.run(), pacing.run(), supervisor.run(), runner.run(), grabber.run(), menu.run()]
        loops += [follower.run(), Alerts(library, follower, partial(show_arrived, pacing), bell).run()]
        loops += [EncodingsKeeper(bell, pacing.changed).run(), Results(archive, bell).run()]
        loops += [feed_runner.run(), taking_in.run(), *engines_at_work, *await self._ledger(bell)]
        loops += [] if database is None else [database.run()]
        loops += [*self._connections(), *self._health(inbox)]
        _log.info("downloaders", configured=list(engines.names), choice=settings.downloader)
        return Magpie(loops, self._door.username, engines.names, await insist(access.claim_code), access)

    def _inbox(self, services: Services) -> Inbox:
        """Through which every update comes to its handler."""
        self._application.bot_data["services"] = services
        register(self._application)
        return Inbox(self._application.bot, _handler(self._application, services.again))

    def _connections(self) -> list[Coroutine[Any, Any, None]]:
        """What keeps the doors over MTProto open, and tells of one that was shut."""
        doors = [door.run() for door in (self._large, self._user) if door is not None]
        return [*doors, self._watch().run()]

    def _access(self) -> AccessService:
        return AccessService(
            owner_id=self._settings.owner_id,
            open_access=self._settings.open_access,
            claim_secret=f"{self._owner}{self._application.bot.token}",
        )

    def _library(self, follower: Follower) -> Library:
        channel, door = self._settings.archive_channel, self._door
        return Library(lambda: follower.index, follower.damaged, channel, door.is_member, door.room)

    async def _archive(self, english: Words) -> Archive:
        copies = await asyncio.to_thread(needs_copies, self._data_dir / DOWNLOADS, self._data_dir)
        return Archive(
            self._door,
            english,
            self._data_dir,
            self._settings.archive_channel,
            self._large,
            person=self._user,
            parts=Parts(self._media, self._data_dir / PREVIEWS, self._room),
            copies=copies,
        )

    def _taking_in(self, pacing: Pacing, bell: Bell) -> tuple[IntakeRunner, Intakes]:
        """What reads the histories of channels, and what is done with them."""
        taker = Taker(self._messages, self._media, self._data_dir / HEADS)
        runner = IntakeRunner(self._messages, self._door, taker, self._owner, pacing.changed, bell.ring)
        return runner, Intakes(taker, runner.wake, bell.ring)

    def _health(self, inbox: Inbox) -> list[Coroutine[Any, Any, None]]:
        if not self._settings.health_port:
            return []
        listener = self._stack.enter_context(health_socket(self._settings.health_port))
        return [Health(inbox).run(listener)]

    async def _ledger(self, bell: Bell) -> list[Coroutine[Any, Any, None]]:
        """Who writes the archive down in Telegram, where there is a channel for that."""
        channel = self._settings.ledger_channel
        if channel is None:
            return []
        key = await asyncio.to_thread(instance_key, self._data_dir)
        store = TelegramStore(self._door, channel, only_posts=True, large=self._large)
        return [LedgerWriter(store, key, self._data_dir, bell).run()]

    def _watch(self) -> AccountWatch:
        accounts = {"bot": self._large, "user": self._user}
        known = {name: door for name, door in accounts.items() if door is not None}
        return AccountWatch(self._door, self._catalogue, known)

    def _downloads(self, engines: Engines) -> Downloads:
        settings = self._settings
        return Downloads(
            engines,
            self._data_dir / DOWNLOADS,
            dead_after=settings.stalled_hours * 3600,
            seeding=seeding_of(settings),
        )

    def _worker(self, downloads: Downloads, archive: Archive, bell: Bell) -> Worker:
        unpacked = self._data_dir / UNPACKED
        inspect = Inspect(downloads, self._media, archive, Extractor(), unpacked, self._room)
        queue = Queue(self._data_dir, self._settings.downloads_at_once)
        previews = MakePreviews(self._media, self._data_dir / PREVIEWS)
        stages: Mapping[TransferState, Stage] = {
            TransferState.CHOOSING: ListFiles(downloads, self._resolver(), lambda: archive.taking),
            TransferState.QUEUED: Fetch(downloads, archive, self._data_dir),
            TransferState.INSPECTING: inspect,
            TransferState.PREVIEWING: previews,
            TransferState.STORING: Store(downloads, archive),
        }
        duties = {state: Duty(stage, DEADLINES[state]) for state, stage in stages.items()}
        duties[TransferState.PREVIEWING] = replace(duties[TransferState.PREVIEWING], so_far=previews.so_far)
        return Worker(duties, queue, self._owner, bell)

    def _resolver(self) -> Resolver:
        guarded = self._strangers()
        return Resolver(self._reader, self._messages, guarded=guarded, unguarded=self._opened(_client()))

    def _strangers(self) -> httpx.AsyncClient:
        """For addresses that members give."""
        private = self._settings.allow_private_addresses
        return self._opened(strangers_client(guarded_transport(private), httpx.Timeout(20)))

    def _feeds(
        self, looker: Looker, transfers: Transfers, pacing: Pacing, access: AccessService
    ) -> tuple[Feeds, FeedRunner]:
        orders = Orders(transfers, self._reader, pacing.show)
        runner = FeedRunner(
            looker, orders, self._owner, admits=access.admits, changed=pacing.changed, show=pacing.show
        )
        return Feeds(self._reader, orders, runner.wake), runner

    def _opened(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        self._stack.push_async_callback(client.aclose)
        return client

    def _chores(self, downloads: Downloads, archive: Archive, pacing: Pacing, bell: Bell) -> None:
        upkeep = Upkeep(downloads, archive, [self._data_dir / PREVIEWS, self._data_dir / UNPACKED])
        scan = Scan(archive, pacing.show, self._settings.verify_per_hour)
        self._schedule(Chores(downloads, upkeep, bell, scan))

    def _schedule(self, chores: Chores) -> None:
        schedule = build_schedule(chores)
        schedule.start()
        self._stack.callback(schedule.shutdown, wait=False)


async def _application(settings: Settings, token: str, stack: AsyncExitStack) -> MagpieApplication:
    proxy = None if settings.telegram_proxy is None else settings.telegram_proxy.get_secret_value()
    application: MagpieApplication = (
        ApplicationBuilder()
        .bot(_bot(settings, token, proxy))
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=BotContext, bot_data=dict[str, Services]))
        .build()
    )
    await _initialize(application)
    stack.push_async_callback(application.shutdown)
    return application


def _bot(settings: Settings, token: str, proxy: str | None) -> ExtBot[None]:
    trusting = {"verify": authorities()}
    return ExtBot(
        token,
        base_url=f"{settings.telegram_api_url}/bot",
        base_file_url=f"{settings.telegram_api_url}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=32,
            proxy=proxy,
            read_timeout=20,
            write_timeout=20,
            media_write_timeout=600,
            httpx_kwargs=trusting,
        ),
        get_updates_request=HTTPXRequest(
            connection_pool_size=1, proxy=proxy, read_timeout=35, httpx_kwargs=trusting
        ),
        local_mode=settings.telegram_local_mode,
    )


async def _initialize(application: MagpieApplication) -> None:
    """Waits for Telegram as long as it takes, and says so. A webhook that was set once would keep every update from us."""
    while True:
        try:
            await application.initialize()
            await application.bot.delete_webhook(drop_pending_updates=False)
            return
        except InvalidToken:
            raise TokenRefused("Telegram does not know this BOT_TOKEN") from None
        except TelegramError as error:
            _log.warning("telegram-away", error=str(error))
            await asyncio.sleep(_TELEGRAM_AGAIN_SECONDS)


def _handler(application: MagpieApplication, again: Again) -> Handle:
    async def handle(update: Update) -> bool:
        await application.process_update(update)
        return not again.asked(update.update_id)

    return handle


def _client() -> httpx.AsyncClient:
    """For the owner's own addresses."""
    return httpx.AsyncClient(verify=authorities(), timeout=20, limits=httpx.Limits(max_connections=50))
