"""`/healthz`, `/readyz` and `/metrics` on loopback."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.inbox import Inbox
from models.downloads import Download
from models.schema import SchemaVersion
from models.transfers import Transfer, TransferState

Probe = Callable[[], Awaitable[bool]]
_SECONDS = 3.0


class PortTaken(Exception):
    """Somebody else listens there. The text is one line for a person."""


def health_socket(port: int) -> socket.socket:
    """Bound to 127.0.0.1. Raises PortTaken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise PortTaken(
            f"HEALTH_PORT: port {port} cannot be used ({error.strerror}): set another, or 0"
        ) from None


class Health:
    """Alive: this answers. Ready: the database answers, and Telegram did not long ago."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._transfers = Gauge("magpie_transfers", "Transfers by state", ["state"], registry=self._registry)
        self._downloads = Gauge("magpie_downloads", "Downloads in the engines", registry=self._registry)
        self._waiting = Gauge("magpie_inbox_waiting", "Updates not handled yet", registry=self._registry)

    async def run(self, listener: socket.socket) -> None:
        """Serves on a bound socket until cancelled."""
        routes = [Route("/healthz", _alive), Route("/readyz", self._ready), Route("/metrics", self._metrics)]
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        server = uvicorn.Server(config)
        # signals belong to the assembly, not to this server
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        try:
            await server.serve(sockets=[listener])
        except asyncio.CancelledError:
            server.should_exit = True
            await server.shutdown(sockets=[listener])
            raise

    async def _ready(self, _request: Request) -> Response:
        problems = [] if await _database_answers() else ["database"]
        if not self._inbox.heard_lately():
            problems.append("telegram")
        if problems:
            return PlainTextResponse(f"waiting for: {', '.join(problems)}\n", status_code=503)
        return PlainTextResponse("ready\n")

    async def _metrics(self, _request: Request) -> Response:
        try:
            async with asyncio.timeout(_SECONDS):
                await self._count()
        except (TimeoutError, PyMongoError):
            return PlainTextResponse("the database does not answer\n", status_code=503)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    async def _count(self) -> None:
        for state in TransferState:
            self._transfers.labels(state.value).set(await Transfer.find({"state": state.value}).count())
        self._downloads.set(await Download.find({}).count())
        self._waiting.set(self._inbox.waiting)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _database_answers() -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            return await SchemaVersion.get("schema") is not None
    except (TimeoutError, PyMongoError):
        return False
