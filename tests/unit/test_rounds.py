"""What takes up documents goes on, whatever becomes of one of them."""

import asyncio

from models.search import Search
from services.rounds import Rounds


class Works(Rounds[Search]):
    """Has one that breaks before one that does not."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = ["broken", "whole"]
        self.done = asyncio.Event()

    async def _release(self) -> None:
        """Nobody had any."""

    async def _claim(self) -> Search | None:
        return Search.model_construct(id=self._waiting.pop(0)) if self._waiting else None

    async def _work(self, claimed: Search) -> None:
        if claimed.id == "broken":
            raise ZeroDivisionError
        self.done.set()


async def test_one_that_breaks_does_not_end_the_others() -> None:
    works = Works()
    running = asyncio.ensure_future(works.run())
    async with asyncio.timeout(20):
        await works.done.wait()
    assert not running.done()
    running.cancel()
