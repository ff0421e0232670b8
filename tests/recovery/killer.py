"""Kills the bot at every failpoint of a journey, each time at the first that it passes, and starts it again."""

import ast
import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

from tests.house import ROOT, House
from tests.recovery import marks

SIDES = ("before", "after")
Journey = Callable[[int], Awaitable[None]]
_MOST_JOURNEYS = 3
"""In a row without a kill: then the failpoint is not on the way at all."""


def all_failpoints() -> set[str]:
    """The names of every failpoint in the code."""
    rooms = ("bot", "handlers", "jobs", "services")
    return {name for room in rooms for path in (ROOT / room).rglob("*.py") for name in _names(path)}


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint":
            yield str(ast.literal_eval(node.args[0]))


def killed_at() -> set[str]:
    """The names of the failpoints at which some journey is killed: what the tests give to `sides`."""
    tests = Path(__file__).parent.glob("test_*.py")
    calls = [node for path in tests for node in ast.walk(ast.parse(path.read_text())) if _is_sides(node)]
    return {name for call in calls for argument in call.args for name in _named(argument)}


def _is_sides(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sides"


def _named(argument: ast.expr) -> Iterator[str]:
    """`"a.b"` itself, and what `*GROUP` stands for."""
    if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Name):
        yield from getattr(marks, argument.value.id)
    else:
        yield str(ast.literal_eval(argument))


def sides(*names: str) -> list[str]:
    return [f"{name}:{side}" for name in names for side in SIDES]


class Killer:
    """Works through `marks`, each `name:side`. The bot that runs is armed with all that are left: so a journey, which costs far
    more than a kill, has as many kills as there are places on its way.
    """

    def __init__(self, house: House, marks: Sequence[str]) -> None:
        self._house = house
        self._left = set(marks)

    async def travel(self, journey: Journey, check: Callable[[], Awaitable[None]]) -> None:
        """Repeats the journey until every mark has killed the bot, and once more without; checks after each."""
        watch = asyncio.ensure_future(self._watch())
        try:
            number = fruitless = 0
            while self._left:
                before = len(self._left)
                await self._one(journey, number, watch)
                await self._one_check(check, watch)
                number += 1
                fruitless = fruitless + 1 if len(self._left) == before else 0
                assert fruitless < _MOST_JOURNEYS, f"never reached: {sorted(self._left)}"
            await self._one(journey, number, watch)
            await self._one_check(check, watch)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _one(self, journey: Journey, number: int, watch: "asyncio.Future[None]") -> None:
        travel = asyncio.ensure_future(journey(number))
        await asyncio.wait((travel, watch), return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            travel.cancel()
            watch.result()
        await travel

    async def _one_check(self, check: Callable[[], Awaitable[None]], watch: "asyncio.Future[None]") -> None:
        async def checked(_number: int) -> None:
            await check()

        await self._one(checked, 0, watch)

    async def _watch(self) -> None:
        while True:
            armed = ",".join(sorted(self._left))
            bot = await self._house.launch_bot(**({"MAGPIE_FAILPOINT": armed} if armed else {}))
            status = await bot.ended(seconds=600)
            said = bot.text()
            assert armed, f"the bot ended by itself: {said[-3000:]}"
            assert status == -signal.SIGKILL, f"ended with {status}: {said[-3000:]}"
            self._left.remove(_where(said))


def _where(log: str) -> str:
    """The mark at which a bot was killed, by its own last word."""
    killed = re.search(r"killed at (\S+)$", log, re.MULTILINE)
    assert killed is not None, f"killed, but not at a failpoint: {log[-3000:]}"
    return killed[1]
