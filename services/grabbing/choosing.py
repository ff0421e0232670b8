"""What of a channel matches a wish, page after page: nothing is held but one page."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import TypeVar

from services.grabbing.port import History, Page, Post
from services.grabbing.wish import Wish
from services.telegram.port import TelegramAway

_MOST_TRIES = 8
_SHOWN = 5
Result = TypeVar("Result")
Wait = Callable[[TelegramAway], Awaitable[None]]
"""Waits as long as Telegram, or a line that broke, needs to."""


async def waited(away: TelegramAway) -> None:
    await asyncio.sleep(away.seconds)


async def patiently(ask: Callable[[], Awaitable[Result]], wait: Wait = waited) -> Result:
    """The answer. Pauses that Telegram asks for are waited for, however many; raises TelegramAway when nobody answers."""
    for _ in range(_MOST_TRIES):
        while True:
            try:
                return await ask()
            except TelegramAway as away:
                await wait(away)
                if not away.flood:
                    break
    return await ask()


async def chosen(
    history: History, chat: int | str, wish: Wish, wait: Wait = waited
) -> AsyncGenerator[Post, None]:
    """The newest first, at most `wish.limit`. Raises what `History` and `Wish.matches` raise."""
    left, before, is_first = wish.limit, None, True
    while is_first or before is not None:
        page = await _page(history, chat, before, wait)
        for post in page.posts:
            if wish.matches(post):
                yield post
                left = None if left is None else left - 1
                if left == 0:
                    return
        if _is_past(page, wish):
            return
        before, is_first = page.oldest, False


async def _page(history: History, chat: int | str, before: int | None, wait: Wait) -> Page:
    return await patiently(lambda: history.page(chat, before), wait)


def _is_past(page: Page, wish: Wish) -> bool:
    """Whether all that follows is older than what is wanted."""
    if wish.after is None or not page.posts:
        return False
    return all(post.date.astimezone(UTC).date() < wish.after for post in page.posts)


@dataclass
class Survey:
    """How many files would come, their bytes, and the first few of them."""

    files: int = 0
    bytes: int = 0
    first: list[Post] = field(default_factory=list)

    def add(self, post: Post) -> None:
        self.files += 1
        self.bytes += post.size or 0
        if len(self.first) < _SHOWN:
            self.first.append(post)


async def surveyed(
    history: History, chat: int | str, wish: Wish, known: frozenset[str], wait: Wait = waited
) -> Survey:
    """What would come, but for files whose numbers are `known`, and for those that are posted again and again."""
    survey, seen = Survey(), set[str]()
    async for post in chosen(history, chat, wish, wait):
        if post.unique_id not in known and post.unique_id not in seen:
            survey.add(post)
            if post.unique_id:
                seen.add(post.unique_id)
    return survey
