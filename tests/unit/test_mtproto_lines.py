"""Over which connections calls go."""

import asyncio
from collections import Counter
from typing import Any, cast

from pyrogram.raw import functions, types

from services.telegram.mtproto.lines import Line, Lines


class Slow:
    """A connection that answers when it is told to."""

    def __init__(self) -> None:
        self.waiting = self.laden = 0
        self.is_lost = False
        self.asked: list[type] = []
        self.answered = asyncio.Event()

    async def ready(self) -> None:
        """It is."""

    def worded(self, query: Any) -> Any:
        return query

    async def ask(self, query: Any, _: float) -> None:
        self.asked.append(type(query))
        await self.answered.wait()


async def test_ranges_are_spread_evenly_whatever_is_asked_beside_them() -> None:
    made: list[Slow] = []

    def line() -> Line:
        made.append(Slow())
        return cast("Line", made[-1])

    lines = Lines(line)
    where = types.InputDocumentFileLocation(id=1, access_hash=1, file_reference=b"", thumb_size="")
    queries = [
        query
        for begin in range(0, 8 << 20, 1 << 20)
        for query in (
            functions.upload.GetFile(location=where, offset=begin, limit=1 << 20),
            functions.upload.GetFileHashes(location=where, offset=begin),
        )
    ]
    asking = asyncio.gather(*(lines.ask(query, 5, spread=4) for query in queries))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [Counter(each.asked)[functions.upload.GetFile] for each in made] == [2, 2, 2, 2]
    for each in made:
        each.answered.set()
    await asking
    assert [(each.waiting, each.laden) for each in made] == [(0, 0)] * 4
