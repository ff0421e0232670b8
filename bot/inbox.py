"""Updates from Telegram, kept until they are handled: a press survives `kill -9`.

Telegram forgets an update once a higher offset is asked for. So each is inserted first, by its unique id, and only then the
offset advances. Updates of one chat are handled in order, chats side by side.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog
from pymongo.errors import PyMongoError
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from models.clock import now
from models.inbox import InboxUpdate
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.tasks import heed_cancellation

ALLOWED = ["message", "callback_query", "my_chat_member"]
_POLL_SECONDS = 25
_AWAY_SECONDS = 2.0
_PROBATION_SECONDS = 10.0
_KEEP_TRYING_MILLIS = 15 * 60_000
_AGAIN_SECONDS = 2.0
_SILENT_SECONDS = 90.0
_log = structlog.get_logger(__name__)
Handle = Callable[[Update], Awaitable[bool]]
"""Handles one update; False when it has to be handled again because something below is away."""


class SecondInstance(Exception):
    """Another process asks for updates with the same token. The text is one line for a person."""


class TokenRefused(Exception):
    """Telegram does not know the token. The text is one line for a person."""


class Inbox:
    """Receives for one bot, and hands over to `handle`.

    Another process that asks with the same token is taken for the first one during `probation` seconds, for a second
    one later: the newer of the two ends.
    """

    def __init__(self, bot: Bot, handle: Handle, *, probation: float = _PROBATION_SECONDS) -> None:
        self._bot = bot
        self._handle = handle
        self._probation = probation
        self._lanes: dict[str, deque[InboxUpdate]] = {}
        self._delivered: set[int] = set()
        """Update ids that Telegram may still repeat, and that are in a lane or were."""
        self._heard_at = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises SecondInstance or TokenRefused, when it makes no sense to go on."""
        async with asyncio.TaskGroup() as lanes:
            for kept in await self._left_over():
                self._deliver(kept, lanes)
            await self._receive(lanes)

    def heard_lately(self) -> bool:
        """Whether Telegram answered within the time of a few polls."""
        return time.monotonic() - self._heard_at < _SILENT_SECONDS

    async def _left_over(self) -> list[InboxUpdate]:
        """What was received, and not handled, before a restart."""
        return await InboxUpdate.find({"bot_id": self._bot.id, "done": False}).sort("update_id").to_list()

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
                    kept = await self._keep(update)
                    offset = update.update_id + 1
                    if kept is not None:
                        self._deliver(kept, lanes)
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

    async def _poll(self, offset: int | None) -> Sequence[Update]:
        try:
            with failpoint("inbox.poll"):
                updates: Sequence[Update] = await self._bot.get_updates(
                    offset, timeout=_POLL_SECONDS, allowed_updates=ALLOWED
                )
        except Conflict:
            raise
        except InvalidToken as error:
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
        return updates

    async def _keep(self, update: Update) -> InboxUpdate | None:
        """Saves an update; None when it was handled already."""
        fresh = InboxUpdate(
            id=f"{self._bot.id}-{update.update_id}",
            bot_id=self._bot.id,
            update_id=update.update_id,
            lane=_lane(update),
            payload=update.to_dict(),
        )
        with failpoint("inbox.insert"):
            kept = await insert_once(fresh)
        return None if kept.done or kept.update_id in self._delivered else kept

    def _deliver(self, kept: InboxUpdate, lanes: asyncio.TaskGroup) -> None:
        self._delivered.add(kept.update_id)
        queue = self._lanes.get(kept.lane)
        if queue is not None:
            queue.append(kept)
            return
        self._lanes[kept.lane] = deque([kept])
        lanes.create_task(self._work_lane(kept.lane))

    async def _work_lane(self, lane: str) -> None:
        """Handles the updates of one chat in order, and ends when there are none left."""
        queue = self._lanes[lane]
        while queue:
            heed_cancellation()
            if await self._work(queue[0]):
                queue.popleft()
            else:
                await asyncio.sleep(_AGAIN_SECONDS)
        del self._lanes[lane]

    async def _work(self, kept: InboxUpdate) -> bool:
        """Handles one update and marks it done; False when it has to be tried again."""
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(trace=str(kept.update_id))
        try:
            if not await self._handled(kept) and now() - kept.received_at < _KEEP_TRYING_MILLIS:
                return False
            with failpoint("inbox.done"):
                await update_if(InboxUpdate, {"_id": kept.id}, {"done": True})
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            return False
        return True

    async def _handled(self, kept: InboxUpdate) -> bool:
        """Hands an update over. One that cannot even be read would end us at every start: it is told and left."""
        try:
            return await self._handle(Update.de_json(kept.payload, self._bot))
        except PyMongoError:
            raise
        except Exception:  # noqa: BLE001 - the outermost place of an update
            _log.exception("update-given-up", update=kept.update_id)
            return True


def _lane(update: Update) -> str:
    """The chat an update belongs to; without one, the person."""
    if update.effective_chat is not None:
        return str(update.effective_chat.id)
    return f"user{update.effective_user.id}" if update.effective_user is not None else "none"
