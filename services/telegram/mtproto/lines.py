"""Connections to a data centre. One that breaks is not mended but replaced, and whoever waits on it is told at once."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import warpcrypto
from pyrogram.connection.transport.tcp.tcp_abridged import TCPAbridged
from pyrogram.raw import functions, types
from pyrogram.raw.all import layer
from pyrogram.session import Session
from pyrogram.session.session import AuthKeyNotFound, Result, SessionState
from python_socks import ProxyError

from services.tasks import finish
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, unwelcome
from services.telegram.port import AccountLost, TelegramAway

MOST_LINES = 8
_SILENT_SECONDS = 90.0
"""A large part on a slow line keeps the answers to pings waiting."""
_MOST_SALTS = 3
_LADEN = (
    functions.upload.SaveFilePart,
    functions.upload.SaveBigFilePart,
    functions.upload.GetFile,
    functions.upload.GetCdnFile,
)
_CLOSE_SECONDS = 10.0


class Wire(TCPAbridged):  # type: ignore[misc]
    """Reads what is asked for in one go, and waits longer for it than pyrogram does. A proxy that refuses is nobody there."""

    async def _connect_via_proxy(self, destination: tuple[str, int]) -> None:
        try:
            await super()._connect_via_proxy(destination)
        except ProxyError as error:
            raise ConnectionRefusedError(str(error)) from error

    async def _recv_from_socket(self, length: int) -> bytes | None:
        try:
            async with asyncio.timeout(_SILENT_SECONDS):
                return bytes(await self.reader.readexactly(length))
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return None


class Line(Session):  # type: ignore[misc]
    """One connection, used until it breaks."""

    START_TIMEOUT = 15
    is_lost = _is_unknown = False
    waiting = 0
    """Calls on their way, or waiting for it to open."""
    laden = 0
    """How many of them carry a part of a file."""

    def __init__(self, *place: Any, **kind: Any) -> None:  # noqa: ANN401 - pyrogram's
        super().__init__(*place, **kind)
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return not self.is_lost and self.state is SessionState.STARTED

    async def ready(self) -> None:
        """Opens it, unless somebody has. Raises TelegramAway, AccountLost."""
        async with self._opening:
            if self.is_lost:
                raise TelegramAway(AWAY_SECONDS)
            if not self.is_open:
                await self.open()

    async def end(self) -> None:
        """Closes it, after it was opened if somebody is doing that."""
        async with self._opening:
            await self.close()

    async def open(self) -> None:
        """Raises TelegramAway, AccountLost, and leaves nothing open then."""
        try:
            await self._begin()
        except BaseException:
            await self.close()
            raise

    async def _begin(self) -> None:
        try:
            await self.start()
        except RpcRefused as refused:
            raise unwelcome(refused) from refused
        except (OSError, TelegramAway) as error:
            if self._is_unknown:
                raise AccountLost("AUTH_KEY_UNKNOWN") from error
            raise TelegramAway(AWAY_SECONDS, unreachable=True) from error
        if not self.is_open:
            raise TelegramAway(AWAY_SECONDS, unreachable=True)

    async def close(self) -> None:
        """Whoever waits on it is told that nothing comes."""
        self._lose()
        await finish(self._stopped())

    async def _stopped(self) -> None:
        """Cut off first: what is still being sent to somebody who does not read would keep pyrogram waiting."""
        writer = getattr(getattr(self.connection, "protocol", None), "writer", None)
        if writer is not None:
            writer.transport.abort()
        with suppress(OSError):  # a timeout is one
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.stop()

    def _lose(self) -> None:
        self.is_lost = True
        for result in self.results.values():
            result.event.set()

    async def recv_worker(self) -> None:
        """What pyrogram does until the connection ends."""
        try:
            await super().recv_worker()
        except AuthKeyNotFound:
            self._is_unknown = True
        finally:
            self._lose()

    async def send(self, data: Any, wait_response: bool = True, timeout: float = 60.0) -> Any:  # noqa: ANN401, ASYNC109 - pyrogram's
        """How pyrogram itself says hello, pings and acknowledges."""
        if wait_response:
            return await self.ask(data, timeout)
        return await super().send(data, wait_response=False)

    async def restart(self) -> None:
        """What pyrogram does about a broken connection."""
        await self.close()

    async def ask(self, query: Any, seconds: float) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """The result of a call. Raises RpcRefused; TelegramAway when none comes in time."""
        for _ in range(_MOST_SALTS):
            answer = await self._answer(query, seconds)
            if not isinstance(answer, types.BadServerSalt):
                break
            self.salt = answer.new_server_salt
        if isinstance(answer, types.RpcError):
            raise RpcRefused(answer.error_code, answer.error_message)
        if answer is None or isinstance(answer, types.BadMsgNotification | types.BadServerSalt):
            await self.close()
            raise TelegramAway(AWAY_SECONDS)
        return answer

    def worded(self, query: Any) -> Any:  # noqa: ANN401
        """A call as its data centre wants it. A CDN is told with each who asks, and has nothing to say of updates."""
        if not self.is_cdn:
            return functions.InvokeWithoutUpdates(query=query)
        we = self.client
        introduced = functions.InitConnection(
            api_id=we.api_id,
            app_version=we.app_version,
            device_model=we.device_model,
            system_version=we.system_version,
            system_lang_code=we.system_lang_code,
            lang_pack=we.lang_pack,
            lang_code=we.lang_code,
            query=query,
        )
        return functions.InvokeWithLayer(layer=layer, query=introduced)

    async def _answer(self, query: Any, seconds: float) -> Any:  # noqa: ANN401
        """None: nothing came."""
        if self.is_lost:
            return None
        number = await self.msg_factory.allocate_message_identity()
        result = self.results[number] = Result()
        try:
            async with asyncio.timeout(seconds):
                await self.connection.send(await self._packed(number, query))
                await result.event.wait()
        except OSError:  # a timeout is one
            return None
        finally:
            self.results.pop(number, None)
        return result.value

    async def _packed(self, number: int, query: Any) -> bytes:  # noqa: ANN401
        """The message as it goes over the wire, written once: pyrogram writes it twice, only to know how long it is."""
        place = await self.msg_factory.allocate_message_sequence(not isinstance(query, functions.Ping))
        packed: bytes = await self.client.loop.run_in_executor(
            self.connection.protocol.crypto_executor,
            warpcrypto.pack_message,
            number,
            place,
            query.write(),
            self.salt,
            self.session_id,
            self.auth_key,
            self.auth_key_id,
        )
        return packed


class Lines:
    """As many connections to one data centre as are wanted at once, each opened when it is needed first."""

    def __init__(self, made: Callable[[], Line], clock: Callable[[], float] = time.monotonic) -> None:
        self._made = made
        self._clock = clock
        self._lines: list[Line] = []
        self.used_at = clock()

    async def ask(self, query: Any, seconds: float, *, spread: int = 1) -> Any:  # noqa: ANN401
        """Asks over the one of `spread` lines that has the least to do. Raises RpcRefused, TelegramAway, AccountLost."""
        line = self._free(min(spread, MOST_LINES))
        weight = isinstance(query, _LADEN)
        line.waiting += 1
        line.laden += weight
        self.used_at = self._clock()
        try:
            await line.ready()
            return await line.ask(line.worded(query), seconds)
        finally:
            line.waiting -= 1
            line.laden -= weight

    async def close(self) -> None:
        """Closes what is open, and what is being opened."""
        lines, self._lines = self._lines, []
        for line in lines:
            await line.end()

    @property
    def is_idle(self) -> bool:
        return not any(line.waiting for line in self._lines)

    def _free(self, spread: int) -> Line:
        self._lines = [line for line in self._lines if not line.is_lost]
        best = min(self._lines, key=_load, default=None)
        if best is None or (best.waiting > 0 and len(self._lines) < spread):
            best = self._made()
            self._lines.append(best)
        return best


def _load(line: Line) -> tuple[int, int]:
    """Parts of files count, or the small calls that go with them would drive them together on half of the lines."""
    return line.laden, line.waiting
