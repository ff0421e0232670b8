"""The one writer of every Card: sends it once, edits it when it looks different, within one budget for all chats.

Cards are documents, so a restart goes on where this left off. Content is rendered when its turn comes: the newest wins.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from handlers.cards.look import Look
from handlers.stale import changed_since, stale_cards
from models.cards import Card
from models.clock import Millis, now
from services.chats import moves
from services.documents import Where, insert_once, insist, load, update_all, update_if
from services.failpoints import failpoint
from services.tasks import News, heed_cancellation
from services.telegram.door import BotApiDoor
from services.telegram.port import ChatClosed, ChatMoved, MessageGone, TelegramAway, TelegramRefused
from services.words.catalogue import MissingWords

_TICK_SECONDS = 0.5
_QUIET_SECONDS = 2.0
"""Between two looks where nothing changed for a while, and nobody told us that something may."""
_LIVELY_SECONDS = 5.0
_KEEP_OPEN_MILLIS = 7 * 24 * 3_600_000
_AWAY_SECONDS = 2.0
_AT_ONCE = 200
_log = structlog.get_logger(__name__)
Render = Callable[[Card], Awaitable[Look | None]]
Shown = Mapping[str, object]
"""What is saved of a Card once Telegram has it."""


@dataclass
class _Waiting:
    """Cards that may look different by now, in the order in which they were asked for; True: a person waits for it."""

    cards: dict[str, bool] = field(default_factory=dict)
    news: News = field(default_factory=News)

    def add(self, card_id: str, *, urgent: bool = True) -> None:
        self.cards[card_id] = urgent or self.cards.get(card_id, False)
        if urgent:
            self.news.tell()

    def put_back(self, card_id: str, *, urgent: bool) -> None:
        """First in the order again, for the next round."""
        self.cards = {card_id: urgent or self.cards.get(card_id, False), **self.cards}


class Pacing:
    """`render` says how a Card looks now. A Card is rendered when there is room for it in the door's budget."""

    def __init__(self, door: BotApiDoor, render: Render) -> None:
        self._door = door
        self._render = render
        self._waiting = _Waiting()
        self._changed: set[str] = set()
        self._cursor: Millis = 0
        self._lively_until = 0.0

    async def show(self, card: Card) -> None:
        """Has a new Card sent. The same Card again is the same message."""
        with failpoint("cards.insert"):
            saved = await insert_once(card)
        if not saved.closed:
            self._waiting.add(saved.id)

    def changed(self, subject: str) -> None:
        """Something a Card shows has changed: look at once instead of at the next tick."""
        self._changed.add(subject)
        self._waiting.news.tell()

    def rouse(self) -> None:
        """Something may have changed: look often for a while, beginning at once."""
        if time.monotonic() >= self._lively_until:
            self._waiting.news.tell()
        self._lively_until = time.monotonic() + _LIVELY_SECONDS

    async def owner_of(self, chat_id: int, message_id: int) -> str | None:
        """The member whose Card a message is; None when it is no Card."""
        card = await Card.find_one(self._message(chat_id, message_id))
        return None if card is None else card.member_id

    async def view(self, chat_id: int, message_id: int, view: str) -> None:
        """Turns a Card to another side."""
        with failpoint("cards.view"):
            card = await update_if(Card, self._message(chat_id, message_id), {"view": view, "closed": False})
        if card is not None:
            self._waiting.add(card.id)

    async def speak(self, member_id: str, language: str) -> None:
        """Has every open Card of a member told in another language."""
        theirs = {"member_id": member_id, "closed": False}
        with failpoint("cards.speak"):
            await update_all(Card, theirs, {"language": language})
        await self._take(theirs)

    async def let_in_again(self, chat_id: int) -> None:
        """Takes up the Cards of a chat that we were shut out of: at least the last edit of each comes now."""
        shut_out = {"chat_id": chat_id, "shut_out": True}
        ids = [found["_id"] async for found in Card.get_pymongo_collection().find(shut_out, {"_id": 1})]
        if not ids:
            return
        again = {"_id": {"$in": ids}}
        with failpoint("cards.let-in"):
            await update_all(Card, again, {"closed": False, "shut_out": False})
        await self._take(again)

    async def is_ours(self, chat_id: int, message_id: int) -> bool:
        """Whether a message is a Card we know of. One of ours that is not is what a crash left: it may go."""
        return await Card.find_one(self._message(chat_id, message_id)) is not None

    def _message(self, chat_id: int, message_id: int) -> Where:
        return {"chat_id": chat_id, "message_id": message_id, "bot_id": {"$in": [0, self._door.bot_id]}}

    async def run(self) -> None:
        """Writes until cancelled."""
        await insist(self._take_over)
        while True:
            heed_cancellation()
            try:
                await self._look_for_changes()
                await self._write_due()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            # a Card whose chat has no budget left waits for the tick
            is_lively = self._waiting.cards or time.monotonic() < self._lively_until
            await self._waiting.news.wait(_TICK_SECONDS if is_lively else _QUIET_SECONDS)

    async def _take_over(self) -> None:
        """Open Cards of a bot whose place we took are sent anew: its messages are not ours to edit."""
        others = {"closed": False, "message_id": {"$ne": None}, "bot_id": {"$nin": [0, self._door.bot_id]}}
        with failpoint("cards.take-over"):
            await update_all(Card, others, {"message_id": None, "shown": None})

    async def _look_for_changes(self) -> None:
        """Finds the open Cards whose subjects changed since the last look; at start: since each was shown."""
        moment, hinted = now(), frozenset(self._changed)
        if self._cursor == 0:
            for card_id in await stale_cards(moment - _KEEP_OPEN_MILLIS):
                self._waiting.add(card_id)
        else:
            await self._take_changed(self._cursor, hinted)
        # only now: a look that the database did not answer is done again
        self._cursor = moment
        self._changed -= hinted

    async def _take_changed(self, since: Millis, hinted: Collection[str]) -> None:
        ids = set(hinted) | await changed_since(since)
        if ids:
            self._lively_until = time.monotonic() + _LIVELY_SECONDS
            await self._take({"subject": {"$in": sorted(ids)}, "closed": False}, urgent=hinted)

    async def _take(self, where: Where, urgent: Collection[str] = ()) -> None:
        async for found in Card.get_pymongo_collection().find(where, {"_id": 1, "subject": 1}):
            self._waiting.add(found["_id"], urgent=found["subject"] in urgent)

    async def _write_due(self) -> None:
        """One round over the waiting Cards; thousands may wait after a start, and none is loaded without room for it."""
        waiting = sorted(self._waiting.cards, key=lambda card_id: not self._waiting.cards[card_id])
        for start in range(0, len(waiting), _AT_ONCE):
            if not self._door.budget.has_any_room(time.monotonic()):
                return
            await self._write_some(waiting[start : start + _AT_ONCE])
            if self._waiting.news.told:
                return  # somebody waits for an answer: the next round begins with it

    async def _write_some(self, ids: list[str]) -> None:
        """Chats side by side, each chat in order."""
        lanes: dict[int, list[Card]] = {}
        for card in await self._load(ids):
            lanes.setdefault(card.chat_id, []).append(card)
        async with asyncio.TaskGroup() as group:
            for lane in lanes.values():
                group.create_task(self._write_lane(lane))

    async def _load(self, ids: list[str]) -> list[Card]:
        found = await _readable(ids)
        for lost in set(ids) - set(found):
            self._waiting.cards.pop(lost, None)
        return [found[card_id] for card_id in ids if card_id in found]

    async def _write_lane(self, cards: list[Card]) -> None:
        """Ends by itself when the database is away: the Cards wait for the next round.

        An error that leaves a task group would also leave the mark of a cancellation on this task (until Python 3.13).
        """
        try:
            await self._write_in_order(cards)
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))

    async def _write_in_order(self, cards: list[Card]) -> None:
        for card in cards:
            # out of the list first: a change while we look or Telegram is asked puts it in again
            urgent = self._waiting.cards.pop(card.id, False)
            done = False
            try:
                done = await self._written(card, urgent=urgent)
            finally:
                if not done:
                    self._waiting.put_back(card.id, urgent=urgent)
            if not done:
                return

    async def _written(self, card: Card, *, urgent: bool) -> bool:
        """Whether the Card shows what it should; False when there is no room for it now, or Telegram is away."""
        budget, spare = self._door.budget, 0 if urgent else 1
        if not budget.has_room(card.chat_id, time.monotonic(), spare=spare):
            return False
        moment = now()
        look = await self._look(card)
        if look is None or look.fingerprint == card.shown:
            await self._settle(card, look)
            return True
        room = budget.take(card.chat_id, time.monotonic(), spare=spare)
        return room and await self._write(card, look, moment)

    async def _look(self, card: Card) -> Look | None:
        """How it looks now; one that no words are there for, or whose subject is damaged, costs itself, not all the others."""
        try:
            return await self._render(card)
        except MissingWords:
            _log.exception("card-without-words", card=card.id)
        except ValidationError:
            _log.exception("card-of-a-damaged-document", card=card.id)
        return None

    async def _settle(self, card: Card, look: Look | None) -> None:
        """Nothing to write; a Card that has had its last edit is closed."""
        if look is None or look.final:
            with failpoint("cards.settle"):
                await update_if(Card, {**_as_read(card), "shown": card.shown}, {"closed": True})

    async def _write(self, card: Card, look: Look, moment: Millis) -> bool:
        """Sends or edits one Card, rendered at that moment; False when it has to be tried again."""
        shown = {"shown": look.fingerprint, "shown_at": moment, "closed": look.final}
        try:
            await (
                self._send(card, look, shown)
                if card.message_id is None
                else self._edit(card, card.message_id, look, shown)
            )
        except TelegramAway as away:
            _log.info("telegram-slows-us-down", seconds=away.seconds, flood=away.flood)
            return False
        except ChatMoved as moved:
            await moves.follow(moved.chat_id, moved.to)
            return False
        except (ChatClosed, MessageGone) as gone:
            _log.info("card-gone", card=card.id, reason=gone.reason)
            closed = {"closed": True, "shut_out": isinstance(gone, ChatClosed)}
            with failpoint("cards.gone"):
                await update_if(Card, _as_read(card), closed)
        except TelegramRefused as refusal:
            _log.warning("card-refused", card=card.id, reason=refusal.reason)
            # this look is not tried again; the next one is
            with failpoint("cards.refused"):
                await update_if(Card, _as_read(card), shown)
        return True

    async def _send(self, card: Card, look: Look, shown: Shown) -> None:
        with failpoint("cards.send"):
            sent = await self._door.send_text(
                card.chat_id,
                look.text,
                look.keyboard,
                reply_to=card.reply_to,
                thread_id=card.thread_id,
                silent=look.silent,
                in_turn=True,
            )
        ours = {"message_id": sent.message_id, "bot_id": self._door.bot_id}
        with failpoint("cards.sent"):
            await update_if(Card, _as_read(card), {**shown, **ours})

    async def _edit(self, card: Card, message_id: int, look: Look, shown: Shown) -> None:
        with failpoint("cards.edit"):
            await self._door.edit_text(card.chat_id, message_id, look.text, look.keyboard, in_turn=True)
        with failpoint("cards.edited"):
            await update_if(Card, _as_read(card), shown)


async def _readable(ids: list[str]) -> dict[str, Card]:
    """The Cards of these ids that are there, and not damaged."""
    found = dict[str, Card]()
    async for stored in Card.get_pymongo_collection().find({"_id": {"$in": ids}}):
        try:
            found[stored["_id"]] = load(Card, stored)
        except ValidationError:
            _log.exception("card-is-damaged", card=stored["_id"])
    return found


def _as_read(card: Card) -> Where:
    """The Card as long as nobody turned it to another side meanwhile."""
    return {"_id": card.id, "view": card.view}
