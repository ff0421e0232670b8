"""The world: who there is, what was said, and the rules of who may do what. Knows nothing of HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from simulator.access import Access
from simulator.accounts import Accounts, Bot
from simulator.beginning import create_first
from simulator.chats import Chat
from simulator.contract import Contract, load
from simulator.errors import internal
from simulator.events import Event, Hub, Signal
from simulator.faults import Faults
from simulator.files import FileStore
from simulator.flood import Flood, Mode
from simulator.hearing import Hearing
from simulator.line import Line
from simulator.logins import Logins
from simulator.messages import Content, Message, Messages
from simulator.rooms import Rooms
from simulator.storage import Database
from simulator.updates import Polling, UpdateQueue
from simulator.view import View

Repeats = Literal["refused", "answered"]


@dataclass(frozen=True, slots=True)
class Settings:
    """`callback_seconds`: how long a press may be answered. `local`: a Bot API server beside its bots, run with `--local`."""

    folder: Path
    flood: Mode = "on"
    callback_seconds: float = 15.0
    local: bool = False
    clock: Callable[[], float] = time.time


class World:
    def __init__(self, settings: Settings) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.clock = settings.clock
        self.contract: Contract = load()
        self.db = Database(settings.folder / "simulator.db")
        self.accounts = Accounts(self.db)
        self.logins = Logins(self.db)
        self.rooms = Rooms(self.db)
        self.messages = Messages(self.db)
        self.files = FileStore(self.db, settings.folder)
        self.view = View(self.accounts, self.rooms, self.messages, self.files)
        self.access = Access(self.accounts, self.rooms, self.messages, self.now)
        self.hearing = Hearing(self.accounts, self.rooms, self.messages)
        self.updates = UpdateQueue(self.db, self.clock)
        self.signal = Signal()
        self.hub = Hub()
        self.flood = Flood(settings.flood)
        self.faults = Faults()
        self.line = Line()
        self.repeats: Repeats = "refused"
        """What a channel makes of a random id that comes again."""
        self.polling = Polling(self.updates, self.signal, self.faults.is_down)
        self._events: list[tuple[int, Event]] = []
        self._begin()

    def _begin(self) -> None:
        if self.accounts.bots():
            return
        with self.db.transaction():
            create_first(self.accounts, self.rooms, self.messages, self.now())

    def stop_waiting(self) -> None:
        """Ends all long polls and event streams, before the server closes its connections."""
        self.signal.close()
        self.hub.close()

    def close(self) -> None:
        self.stop_waiting()
        self.db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One change of the world: on disk as a whole or not at all; then everybody concerned is told."""
        self._events.clear()
        with self.db.transaction():
            yield
        events, self._events = self._events, []
        for person, event in events:
            self.hub.publish(person, event)
        self.signal.notify()

    def tell(self, person: int, event: Event) -> None:
        """Sends the event to the person's open pages once the change is on disk."""
        self._events.append((person, event))

    def now(self) -> int:
        return int(self.clock())

    # --- messages

    def post(self, chat: Chat, sender: int, content: Content) -> Message:
        """A new message: kept, queued for the bots that see it, shown to the people who see it."""
        message = self.messages.add(chat, sender, self.now(), content)
        self._queue_message("channel_post" if chat.is_channel else "message", message)
        self._show("message", message)
        return message

    def replace(self, message: Message, content: Content, editor: int) -> Message:
        """The message with a new content."""
        changed = self.messages.replace(message, self.now(), content)
        if editor == message.sender and self.accounts.person(editor):
            self._queue_message(
                "edited_channel_post" if message.chat.is_channel else "edited_message", changed
            )
        self._show("edited", changed)
        return changed

    def remove(self, message: Message) -> None:
        """Deletes for everybody."""
        self.messages.remove(message)
        for person in self.hearing.audience(message.chat):
            self.tell(person, self._deletion(message))

    def hide(self, person: int, message: Message) -> None:
        """Deletes on the person's side only; the bot does not learn of it."""
        self.messages.hide(person, message)
        self.tell(person, self._deletion(message))

    def _deletion(self, message: Message) -> Event:
        return {"kind": "deleted", "chat": message.chat.id_for_person, "message_id": message.message_id}

    def _queue_message(self, kind: str, message: Message) -> None:
        for bot in self.hearing.hearers(message):
            self.queue_update(bot, kind, self.view.for_bot(bot, message))

    def queue_update(self, bot: Bot, kind: str, body: dict[str, Any]) -> None:
        """Queues an update. One that the contract does not allow is a fault of the simulator, and loud."""
        update = self.updates.put(bot.id, kind, body)
        problem = self.contract.problem(("Update",), update, "update", strict=True) if update else None
        if problem:
            raise internal(problem)

    def _show(self, kind: str, message: Message) -> None:
        event = {"kind": kind, "chat": message.chat.id_for_person, "message": self.view.for_person(message)}
        for person in self.hearing.audience(message.chat):
            if not self.messages.is_hidden(person, message):
                self.tell(person, event)
