"""Connections to a data centre. One that breaks is not mended but replaced, and whoever waits on it is told at once."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pyrogram.connection.transport.tcp.tcp_abridged import TCPAbridged
from pyrogram.crypto import mtproto
from pyrogram.raw import types
from pyrogram.session import Session
from pyrogram.session.session import AuthKeyNotFound, Result, SessionState

from services.tasks import finish
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, unwelcome
from services.telegram.port import AccountLost, TelegramAway

MOST_LINES = 8
_SILENT_SECONDS = 90.0
"""A large part on a slow line keeps the answers to pings waiting."""
_MOST_SALTS = 3


class Wire(TCPAbridged):  # type: ignore[misc]
    """Reads what is asked for in one go, and waits longer for it than pyrogram does."""

    async def _recv_from_socket(self, length: int) -> bytes | None:
        try:
            async with asyncio.timeout(_SILENT_SECONDS):
                return bytes(await self.reader.readexactly(length))
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return None


class Line(Session):  # type: ignore[misc]
    """One connection, used until it breaks."""

    START_TIMEOUT = 15
    _lost = _is_unknown = False
    waiting = 0
    """Calls on their way."""

    @property
    def is_open(self) -> bool:
        return not self._lost and self.state is SessionState.STARTED

    async def open(self) -> None:
        """Raises TelegramAway, AccountLost, and leaves nothing open then."""
        try:
            await self._begin()
        except BaseException:
            await finish(self.close())
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
        with suppress(OSError):
            await self.stop()

    def _lose(self) -> None:
        self._lost = True
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
        self.waiting += 1
        try:
            for _ in range(_MOST_SALTS):
                answer = await self._answer(query, seconds)
                if not isinstance(answer, types.BadServerSalt):
                    break
                self.salt = answer.new_server_salt
        finally:
            self.waiting -= 1
        if isinstance(answer, types.RpcError):
            raise RpcRefused(answer.error_code, answer.error_message)
        if answer is None or isinstance(answer, types.BadMsgNotification | types.BadServerSalt):
            await self.close()
            raise TelegramAway(AWAY_SECONDS)
        return answer

    async def _answer(self, query: Any, seconds: float) -> Any:  # noqa: ANN401
        """None: nothing came."""
        if self._lost:
            return None
        message = await self.msg_factory.create(query)
        result = self.results[message.msg_id] = Result()
        try:
            async with asyncio.timeout(seconds):
                await self.connection.send(await self._packed(message))
                await result.event.wait()
        except OSError:  # a timeout is one
            return None
        finally:
            self.results.pop(message.msg_id, None)
        return result.value

    async def _packed(self, message: Any) -> bytes:  # noqa: ANN401
        packed: bytes = await self.client.loop.run_in_executor(
            self.connection.protocol.crypto_executor,
            mtproto.pack,
            message,
            self.salt,
            self.session_id,
            self.auth_key,
            self.auth_key_id,
        )
        return packed


class Lines:
    """As many connections to one data centre as are wanted at once, each opened when it is needed first."""

    def __init__(self, opened: Callable[[], Line], clock: Callable[[], float] = time.monotonic) -> None:
        self._opened = opened
        self._clock = clock
        self._lines: list[Line] = []
        self._opening = asyncio.Lock()
        self.used_at = clock()

    async def ask(self, query: Any, seconds: float, *, spread: int = 1) -> Any:  # noqa: ANN401
        """Asks over the one of `spread` lines that has the least to do. Raises RpcRefused, TelegramAway, AccountLost."""
        line = await self._free(min(spread, MOST_LINES))
        self.used_at = self._clock()
        return await line.ask(query, seconds)

    async def close(self) -> None:
        """Closes what is open, and what is being opened."""
        async with self._opening:
            lines, self._lines = self._lines, []
        for line in lines:
            await line.close()

    @property
    def is_idle(self) -> bool:
        return not any(line.waiting for line in self._lines)

    async def _free(self, spread: int) -> Line:
        best = self._best()
        if best is not None and (best.waiting == 0 or len(self._lines) >= spread):
            return best
        async with self._opening:
            best = self._best()  # somebody else may have opened one meanwhile
            if best is not None and (best.waiting == 0 or len(self._lines) >= spread):
                return best
            line = self._opened()
            await line.open()
            self._lines.append(line)
            return line

    def _best(self) -> Line | None:
        self._lines = [line for line in self._lines if line.is_open]
        return min(self._lines, key=_load, default=None)


def _load(line: Line) -> int:
    return line.waiting
