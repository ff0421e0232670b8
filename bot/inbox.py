"""Updates from Telegram, kept until they are handled: a press survives `kill -9`.

Telegram forgets an update once a higher offset is asked for. So what a poll brings is inserted first, as one document, and
only then the offset advances. Updates of one chat are handled in order, chats side by side, and what was handled is marked
in the document of its poll (`bot/marks.py`).

The messages of an album are updates of their own, and Telegram does not promise to bring them together: each waits a moment
before it is handled, so that whoever handles it can ask the inbox for the others.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import structlog
from pymongo.errors import PyMongoError
from telegram import Bot, Update
from telegram.error import Conflict, EndPointNotFound, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.marks import Marks, OpenPoll
from models.clock import Millis, now
from models.inbox import InboxPoll, KeptUpdate
from services.documents import insist
from services.failpoints import failpoint
from services.tasks import heed_cancellation

ALLOWED = [
    "message",
    "callback_query",
    "my_chat_member",
    "channel_post",
    "edited_channel_post",
    "inline_query",
]
_AT_ONCE = "inline_query"
"""Telegram drops an answer that comes late: what is typed in other chats is answered at once, or not at all."""
_AT_ONCE_SECONDS = 8.0
_MOST_AT_ONCE = 100
_POLL_SECONDS = 25
_ANSWER_SECONDS = _POLL_SECONDS + 10
_AWAY_SECONDS = 2.0
_PROBATION_SECONDS = 10.0
_KEEP_TRYING_MILLIS = 15 * 60_000
_AGAIN_SECONDS = 2.0
_ALBUM_SECONDS = 1.0
"""People's apps send an album at once, so the rest of it comes with the first message or right behind it."""
_SILENT_SECONDS = 90.0
_log = structlog.get_logger(__name__)
Raw = Mapping[str, Any]
"""An update as Telegram's JSON has it."""
Handle = Callable[[Update], Awaitable[bool]]
"""Handles one update; False when it has to be handled again because something below is away."""


class SecondInstance(Exception):
    """Another process asks for updates with the same token. The text is one line for a person."""


class TokenRefused(Exception):
    """Telegram does not know the token. The text is one line for a person."""


@dataclass(frozen=True)
class _Waiting:
    """An update that was kept in a poll. `since`: when this process had it, by the monotonic clock."""

    poll: OpenPoll
    received_at: Millis
    kept: KeptUpdate
    since: float = field(default_factory=time.monotonic)


class Inbox:
    """Receives for one bot, and hands over to `handle`.

    Another process that asks with the same token is taken for the first one during `probation` seconds, for a second
    one later: the newer of the two ends. A message of an album waits `together` seconds for the others.
    """

    def __init__(
        self,
        bot: Bot,
        handle: Handle,
        *,
        probation: float = _PROBATION_SECONDS,
        together: float = _ALBUM_SECONDS,
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._probation = probation
        self._together = together
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._marks = Marks()
        self._numbers = count()
        self._delivered: set[int] = set()
        """Update ids that Telegram may still repeat, and that are in a lane or were."""
        self._heard_at = 0.0
        self._typed = 0
        """How many inline queries are being answered."""

    async def run(self) -> None:
        """Until cancelled. Raises SecondInstance or TokenRefused, when it makes no sense to go on."""
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(self._marks.run())
            for poll in await insist(self._left_over):
                for waiting in self._opened(poll):
                    self._deliver(waiting, lanes)
            await self._receive(lanes)

    def heard_lately(self) -> bool:
        """Whether Telegram answered within the time of a few polls."""
        return time.monotonic() - self._heard_at < _SILENT_SECONDS

    @property
    def waiting(self) -> int:
        """How many updates are not handled yet."""
        return sum(len(lane) for lane in self._lanes.values())

    async def _left_over(self) -> list[InboxPoll]:
        """What was received, and not handled, before a restart."""
        return await InboxPoll.find({"bot_id": self._bot.id, "done": False}).sort("first").to_list()

    async def _receive(self, lanes: asyncio.TaskGroup) -> None:
        offset: int | None = None
        loop = asyncio.get_running_loop()
        trusted_at = loop.time() + self._probation
        while True:
            heed_cancellation()
            try:
                updates = await self._poll(offset)
                self._delivered = {known for known in self._delivered if offset is None or known >= offset}
                for update in updates:
                    if _AT_ONCE in update and self._typed < _MOST_AT_ONCE:
                        self._typed += 1
                        lanes.create_task(self._answer_at_once(update))
                for waiting in await self._keep([each for each in updates if _AT_ONCE not in each]):
                    self._deliver(waiting, lanes)
                offset = updates[-1]["update_id"] + 1 if updates else offset
            except Conflict as conflict:
                if loop.time() < trusted_at:
                    raise SecondInstance(
                        "another process uses this bot token already: stop it first"
                    ) from conflict
                _log.warning("another-instance-was-started")
                await asyncio.sleep(_AWAY_SECONDS)
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)

    async def _poll(self, offset: int | None) -> Sequence[Raw]:
        """What is new, each once and in the order of ids: Telegram promises both, and everything here relies on it."""
        wish = {"offset": offset, "timeout": _POLL_SECONDS, "allowed_updates": ALLOWED}
        try:
            with failpoint("inbox.poll"):
                # not get_updates, whose objects do not give back what they were made of
                updates = await self._bot.do_api_request(
                    "getUpdates", api_kwargs=wish, read_timeout=_ANSWER_SECONDS
                )
        except Conflict:
            raise
        except (InvalidToken, EndPointNotFound) as error:
            raise TokenRefused("Telegram does not know this BOT_TOKEN") from error
        except (NetworkError, RetryAfter) as error:
            _log.warning("telegram-away", error=str(error))
            await asyncio.sleep(_AWAY_SECONDS)
            return ()
        except TelegramError as error:
            _log.error("telegram-refuses-updates", error=str(error))
            await asyncio.sleep(_AWAY_SECONDS)
            return ()
        self._heard_at = time.monotonic()
        by_id: Mapping[int, Raw] = {update["update_id"]: update for update in updates}
        return [by_id[number] for number in sorted(by_id)]

    async def _keep(self, updates: Sequence[Raw]) -> Sequence[_Waiting]:
        """Saves updates; those that are to be handled now, in their order."""
        fresh = [update for update in updates if update["update_id"] not in self._delivered]
        if not fresh:
            return []
        polls = await self._kept_before(fresh)
        known = {number for poll in polls for number in poll.ids}
        new = [update for update in fresh if update["update_id"] not in known]
        if new:
            polls.append(await self._insert(new))
        waiting = [waiting for poll in polls for waiting in self._opened(poll)]
        return [each for each in waiting if each.kept.update_id not in self._delivered]

    async def _kept_before(self, updates: Sequence[Raw]) -> list[InboxPoll]:
        """The polls that have some of these already: Telegram repeats what it was not told that we have it."""
        first, last = updates[0]["update_id"], updates[-1]["update_id"]
        overlap = {"bot_id": self._bot.id, "last": {"$gte": first}, "first": {"$lte": last}}
        return await InboxPoll.find(overlap).sort("first").to_list()

    async def _insert(self, updates: Sequence[Raw]) -> InboxPoll:
        poll = self._poll_of(updates)
        with failpoint("inbox.insert"):
            await InboxPoll.get_pymongo_collection().insert_one(_stored(poll))
        heed_cancellation()
        return poll

    def _poll_of(self, updates: Sequence[Raw]) -> InboxPoll:
        first = updates[0]["update_id"]
        return InboxPoll(
            id=f"{self._bot.id}-{first}",
            bot_id=self._bot.id,
            first=first,
            last=updates[-1]["update_id"],
            updates=[
                KeptUpdate(
                    update_id=update["update_id"],
                    lane=_lane(update),
                    payload=json.dumps(update),
                    album=_album(update),
                )
                for update in updates
            ],
        )

    async def _answer_at_once(self, update: Raw) -> None:
        """Kept nowhere: whoever typed it types on."""
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace=str(update["update_id"]))
        try:
            async with asyncio.timeout(_AT_ONCE_SECONDS):
                await self._handed_over(update)
        except (TimeoutError, PyMongoError) as error:
            _log.warning("inline-query-left", error=str(error))
        finally:
            self._typed -= 1

    def _opened(self, poll: InboxPoll) -> Iterator[_Waiting]:
        """What of a poll is still to be handled."""
        opened = OpenPoll(next(self._numbers), poll.id, len(poll.updates), list(poll.handled))
        for kept in poll.updates:
            if kept.update_id not in poll.handled:
                yield _Waiting(opened, poll.received_at, kept)

    def _deliver(self, waiting: _Waiting, lanes: asyncio.TaskGroup) -> None:
        lane = waiting.kept.lane
        self._delivered.add(waiting.kept.update_id)
        queue = self._lanes.get(lane)
        if queue is not None:
            queue.append(waiting)
            return
        self._lanes[lane] = deque([waiting])
        lanes.create_task(self._work_lane(lane))

    async def _work_lane(self, lane: str) -> None:
        """Handles the updates of one chat in order, and ends when there are none left."""
        queue = self._lanes[lane]
        while queue:
            heed_cancellation()
            await self._rest_of_album(queue[0])
            if await self._work(queue[0]):
                queue.popleft()
            else:
                await asyncio.sleep(_AGAIN_SECONDS)
        del self._lanes[lane]

    async def _rest_of_album(self, waiting: _Waiting) -> None:
        """Waits for what may follow a message of an album. After a restart, too: the rest may still be with Telegram."""
        if waiting.kept.album:
            await asyncio.sleep(max(0.0, waiting.since + self._together - time.monotonic()))

    async def _work(self, waiting: _Waiting) -> bool:
        """Handles one update and has it marked; False when it has to be tried again."""
        kept = waiting.kept
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace=str(kept.update_id))
        try:
            if (
                not await self._handed_over(json.loads(kept.payload))
                and now() - waiting.received_at < _KEEP_TRYING_MILLIS
            ):
                return False
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            return False
        self._marks.add(waiting.poll, kept.update_id)
        return True

    async def _handed_over(self, update: Raw) -> bool:
        """Hands an update over. One that cannot even be read would end us at every start: it is told and left."""
        try:
            return await self._handle(Update.de_json(dict(update), self._bot))
        except (PyMongoError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - the outermost place of an update
            _log.exception("update-given-up", update=update["update_id"])
            return True


def _stored(poll: InboxPoll) -> dict[str, object]:
    """As the database keeps it. Beanie's own way looks at every value of every update."""
    return {"_id": poll.id, **poll.model_dump(exclude={"id", "revision_id"})}


def _lane(update: Raw) -> str:
    """The chat an update belongs to; without one, the person."""
    content: Raw = next((update[kind] for kind in ALLOWED if kind in update), {})
    try:
        chat = content.get("chat") or content.get("message", {}).get("chat")
        return f"user{content['from']['id']}" if chat is None else str(chat["id"])
    except (AttributeError, KeyError, TypeError):
        return "none"  # unlike anything that is documented: its reader will say so


def _album(update: Raw) -> str:
    """The album that somebody's message is part of, if it is. A channel's posts are each by themselves."""
    message = update.get("message")
    found = message.get("media_group_id") if isinstance(message, dict) else None
    return found if isinstance(found, str) else ""
