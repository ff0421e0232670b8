"""How many parts are on their way: found by trying, on lines that are as long and as wide as told, in a time that only jumps."""

import asyncio
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.telegram.pace import FIRST, MOST, Pace

PART = 512 * 1024


class Jumping(selectors.DefaultSelector):
    """Nothing ever comes from outside: whatever is waited for is there at once, and only the clock knows how long it took."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@dataclass
class Line:
    """`latency` in seconds there and back, `rate` in bytes a second through each of `wires`."""

    latency: float
    rate: float
    wires: int = 1
    free_at: dict[int, float] = field(default_factory=dict)

    async def carry(self, size: int, wire: int) -> None:
        now = asyncio.get_running_loop().time()
        self.free_at[wire] = max(now, self.free_at.get(wire, 0.0)) + size / self.rate
        await asyncio.sleep(self.free_at[wire] - now + self.latency)


class Sending:
    """Sends without end over a line, and says how many parts were allowed each second."""

    def __init__(self, line: Line) -> None:
        self.pace = Pace(asyncio.get_running_loop().time)
        self.sent = 0
        self._line = line
        self._tasks = [asyncio.ensure_future(self._work(number)) for number in range(MOST)]

    async def _work(self, number: int) -> None:
        while True:
            async with self.pace.slot():
                await self._line.carry(PART, number % self._line.wires)
            self.sent += 1
            self.pace.arrived(PART)

    async def allowed(self, seconds: int) -> list[int]:
        seen = []
        for _ in range(seconds):
            await asyncio.sleep(1)
            seen.append(self.pace.allowed)
        return seen

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def in_jumps(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(work)


def test_a_long_line_is_filled() -> None:
    async def story() -> None:
        sending = Sending(Line(latency=0.2, rate=1e9))
        allowed = await sending.allowed(10)
        assert allowed[0] < allowed[2]
        assert allowed[-1] == MOST
        await sending.end()

    in_jumps(story())


def test_more_wires_are_taken_where_each_is_narrow() -> None:
    async def story() -> None:
        sending = Sending(Line(latency=0.02, rate=5e6, wires=8))
        assert max(await sending.allowed(20)) >= 8
        await sending.end()

    in_jumps(story())


@pytest.mark.parametrize("rate", [1e6, 2e7])
def test_a_narrow_line_is_not_crowded(rate: float) -> None:
    """More at once brings nothing: it is tried now and then, and left again."""

    async def story() -> None:
        sending = Sending(Line(latency=0.01, rate=rate))
        allowed = await sending.allowed(60)
        assert sorted(allowed)[len(allowed) // 2] == FIRST
        await sending.end()

    in_jumps(story())


def test_a_complaint_is_obeyed_and_got_over() -> None:
    async def story() -> None:
        sending = Sending(Line(latency=0.2, rate=1e9))
        await sending.allowed(10)
        for _ in range(5):  # those that were on their way together complain together
            sending.pace.complained(5)
        await asyncio.sleep(1)
        sent = sending.sent
        assert set(await sending.allowed(3)) == {MOST // 2}
        assert sending.sent == sent, "nothing was begun while it is shut"
        assert (await sending.allowed(30))[-1] == MOST
        await sending.end()

    in_jumps(story())


def test_broken_connections_slow_it_down_once_in_a_while() -> None:
    async def story() -> None:
        sending = Sending(Line(latency=0.2, rate=1e9))
        await sending.allowed(10)
        for _ in range(5):
            sending.pace.stalled()
        assert sending.pace.allowed == MOST // 2
        assert (await sending.allowed(30))[-1] == MOST
        await sending.end()

    in_jumps(story())
