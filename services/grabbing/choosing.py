"""What of a channel matches a wish, page after page: nothing is held but one page."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from itertools import islice
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


@dataclass(frozen=True)
class Pick:
    """What is wanted of a page, the newest first. `is_full`: with it there are as many as are wanted at most; `is_last`:
    nothing older is wanted.
    """

    posts: Sequence[Post]
    is_full: bool
    is_last: bool


def picked(wish: Wish, page: Page, taken: int) -> Pick:
    """The one rule for whoever shows or brings what is wanted: `wish.limit` counts posts that match, whether their files
    are there already or not, so that the same wish is the same posts however often it is begun.

    `taken`: how many newer ones there were. Blocks: a pattern may take its time. Raises what `Wish.matches` raises.
    """
    left = None if wish.limit is None else wish.limit - taken
    posts = list(islice((post for post in page.posts if wish.matches(post)), left))
    is_full = left is not None and len(posts) >= left
    return Pick(posts, is_full, is_last=is_full or page.oldest is None or _is_past(page, wish))


async def chosen(
    history: History, chat: int | str, wish: Wish, wait: Wait = waited
) -> AsyncGenerator[Post, None]:
    """The newest first, at most `wish.limit`. Raises what `History` and `Wish.matches` raise."""
    taken, before = 0, None
    while True:
        page = await _page(history, chat, before, wait)
        pick = await asyncio.to_thread(picked, wish, page, taken)
        for post in pick.posts:
            yield post
        if pick.is_last:
            return
        taken, before = taken + len(pick.posts), page.oldest


async def _page(history: History, chat: int | str, before: int | None, wait: Wait) -> Page:
    return await patiently(lambda: history.page(chat, before), wait)


def _is_past(page: Page, wish: Wish) -> bool:
    """Whether all that follows is older than what is wanted."""
    if wish.after is None or not page.posts:
        return False
    return all(post.date.astimezone(UTC).date() < wish.after for post in page.posts)


@dataclass
class Survey:
    """How many files would come, their bytes, and the first few of them; and how many match but stay out."""

    there: set[str]
    """Whose file is there already, or would come with a newer post, by what tells files apart."""
    files: int = 0
    known: int = 0
    bytes: int = 0
    first: list[Post] = field(default_factory=list)

    def add(self, post: Post, key: str) -> None:
        """One that matches; an empty key is like no other."""
        if key and key in self.there:
            self.known += 1
            return
        self.there.add(key)
        self.files += 1
        self.bytes += post.size or 0
        if len(self.first) < _SHOWN:
            self.first.append(post)


async def surveyed(
    history: History, chat: int | str, wish: Wish, known: frozenset[str], wait: Wait = waited
) -> Survey:
    """What would come, but for files whose numbers are `known`, and for those that are posted again and again."""
    survey = Survey(set(known))
    async for post in chosen(history, chat, wish, wait):
        survey.add(post, post.unique_id)
    return survey
