"""Reads the histories of channels that come in: the newest posts first, page by page, each step repeatable."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from models.clock import Millis, now
from models.intake import Intake, IntakeState
from services.documents import update_all, update_if
from services.downloads.embedded.origin import OriginBusy
from services.downloads.port import SourceUnavailable
from services.downloads.telegram import as_source
from services.errors import MagpieError
from services.failpoints import failpoint
from services.grabbing.port import Page, Post, TendedHistory
from services.intake.taking import HeadsAway, Source, Taker, Tally
from services.rounds import Rounds
from services.telegram.messages import NoAccount
from services.telegram.port import AccountLost, ChatClosed, Room

_STEP_SECONDS = 100
_LEASE_MILLIS = 120_000
_PAGE_SECONDS = 30.0
"""After so long no more is begun of a page: what is taken counts, and the next step goes on behind it."""
_AGAIN_MILLIS = 2000
_SHUT_SECONDS = 5.0
_PORTION = 20
_MOST_TRIES = 20
_BEGINNING = 0
"""No message has this number: there is nothing before."""
_log = structlog.get_logger(__name__)
Changes = Mapping[str, Any]


class Rooms(Protocol):
    """Tells what chats are, and who is in them."""

    @property
    def bot_id(self) -> int: ...

    async def room(self, chat: int | str) -> Room | None: ...

    async def is_member(self, chat_id: int, person_id: int) -> bool: ...


class IntakeRunner(Rounds[Intake]):
    """Takes one step of each Intake after the other.

    `changed` is called with the id of an Intake whenever there is something new to show, `news` when there are new Items.
    """

    def __init__(
        self,
        history: TendedHistory,
        rooms: Rooms,
        taker: Taker,
        owner: str,
        changed: Callable[[str], None],
        news: Callable[[], None],
    ) -> None:
        super().__init__()
        self._history = history
        self._rooms = rooms
        self._taker = taker
        self._owner = owner
        self._changed = changed
        self._news = news

    async def _release(self) -> None:
        await asyncio.to_thread(self._taker.tidy)
        with failpoint("intake.release"):
            await update_all(Intake, {"lease_owner": self._owner}, {"lease_until": 0})

    async def _claim(self) -> Intake | None:
        moment = now()
        busy = {"$in": [IntakeState.LOOKING, IntakeState.RUNNING]}
        with failpoint("intake.claim"):
            return await update_if(
                Intake,
                {"state": busy, "lease_until": {"$lt": moment}},
                {"lease_owner": self._owner, "lease_until": moment + _LEASE_MILLIS},
            )

    async def _work(self, claimed: Intake) -> None:
        """One step; the next one when it is due."""
        structlog.contextvars.bind_contextvars(intake=claimed.id)
        until = await self._save(claimed, await self._step(claimed))
        seconds = max(0, until + 1 - now()) / 1000
        asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _step(self, intake: Intake) -> Changes:
        """What one step changes; it waits where Telegram wants a pause, or does not answer."""
        step = self._look if intake.state is IntakeState.LOOKING else self._go_on
        try:
            async with asyncio.timeout(_STEP_SECONDS):
                with as_source():
                    return await step(intake)
        except OriginBusy as busy:
            return _waiting(busy.key, busy.seconds)
        except SourceUnavailable as error:
            return _waiting(error.key, 0 if self._history.lost is None else _SHUT_SECONDS)
        except TimeoutError:
            return _waiting("telegram-away")
        except MagpieError as error:
            _log.warning("intake-failed", error=error.key)
            failed = {"state": IntakeState.FAILED, "resume_to": intake.state, "lease_until": 0}
            return {**failed, "error": error.key, "error_values": error.values}

    async def _save(self, intake: Intake, changes: Changes) -> Millis:
        """When its next step is due. Nothing is saved when it was steered meanwhile: then it is looked at anew."""
        known = intake.model_dump()
        is_news = any(known[name] != value for name, value in changes.items() if name != "lease_until")
        with failpoint("intake.save"):
            await update_if(
                Intake,
                {"_id": intake.id, "state": intake.state, "lease_owner": self._owner},
                {**changes, **({"changed_at": now()} if is_news else {})},
            )
        self._changed(intake.id)
        until: Millis = changes["lease_until"]
        return until

    # -- what channel it is ------------------------------------------------------------------------------------

    async def _look(self, intake: Intake) -> Changes:
        with failpoint("intake.look"):
            room = await self._rooms.room(intake.chat)
        if room is not None and not room.is_channel:
            raise MagpieError("intake-no-channel")
        has_history = await self._has_history(intake)
        number = intake.chat if room is None else room.number
        if not isinstance(number, int) or (room is None and not has_history):
            raise MagpieError("message-closed")
        delivers = room is not None and await self._rooms.is_member(number, self._rooms.bot_id)
        if not delivers and not has_history:
            raise MagpieError("intake-nobody")
        return {
            "state": IntakeState.READY,
            "channel_id": number,
            "name": "" if room is None else room.name,
            "title": room.title if room is not None else await self._history.title(number),
            "has_history": has_history,
            "delivers": delivers,
            "is_protected": room is not None and room.is_protected,
            "resume_to": None,
            "waiting": None,
            "lease_until": 0,
        }

    async def _has_history(self, intake: Intake) -> bool:
        try:
            await self._page(intake, None)
        except (NoAccount, ChatClosed):
            return False
        return True

    # -- what was posted before --------------------------------------------------------------------------------

    async def _go_on(self, intake: Intake) -> Changes:
        """Takes a page, or as much of one as there is time for."""
        if not intake.has_history:
            return {"state": IntakeState.DONE, "waiting": None, "lease_until": 0}
        page = await self._page(intake, intake.before)
        try:
            before, tally = await self._take(intake, page)
        except HeadsAway:
            return {**_waiting("telegram-away"), "tries": intake.tries + 1}
        self._news()
        return {
            "state": IntakeState.DONE if before == _BEGINNING else IntakeState.RUNNING,
            "before": before,
            "looked": intake.looked + tally.looked,
            "taken": intake.taken + tally.taken,
            "known": intake.known + tally.known,
            "skipped": intake.skipped + tally.skipped,
            "untagged": intake.untagged + tally.untagged,
            "tries": 0,
            "waiting": None,
            "lease_until": 0,
        }

    async def _take(self, intake: Intake, page: Page) -> tuple[int, Tally]:
        """Before which message it goes on then, and what became of the posts."""
        source = Source(intake.chat, intake.channel_id, intake.name, intake.member_id, intake.created_at)
        tally, until = Tally(), time.monotonic() + _PAGE_SECONDS
        for portion in _portions(page.posts):
            tally += await self._taker.take(source, portion, patient=intake.tries < _MOST_TRIES)
            if time.monotonic() > until and portion[-1] is not page.posts[-1]:
                return portion[-1].message_id, tally
        return page.oldest or _BEGINNING, tally

    async def _page(self, intake: Intake, before: int | None) -> Page:
        """As `History` says. An account that is known to be lost is not asked: that would be for ever, and often."""
        if (reason := self._history.lost) is not None:
            raise AccountLost(reason)
        with failpoint("intake.page"):
            return await self._history.page(intake.chat, before)


def _portions(posts: Sequence[Post]) -> Sequence[Sequence[Post]]:
    return [posts[start : start + _PORTION] for start in range(0, len(posts), _PORTION)]


def _waiting(key: str, seconds: float = 0) -> Changes:
    return {"waiting": key, "lease_until": now() + max(_AGAIN_MILLIS, round(seconds * 1000))}
