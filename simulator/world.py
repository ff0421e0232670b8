"""The world: who there is, what was said, and the rules of who may do what. Knows nothing of HTTP."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.accounts import Accounts, Bot, Chat, Member, channel_chat, chat_of, private_chat
from simulator.contract import Contract, load
from simulator.errors import bad_request, forbidden, internal
from simulator.events import Event, Hub, Signal
from simulator.faults import Faults
from simulator.files import FileStore
from simulator.flood import Flood, Mode
from simulator.messages import Content, Message, Messages
from simulator.storage import Database, encode
from simulator.updates import Polling, UpdateQueue
from simulator.view import View

DELETABLE_SECONDS = 48 * 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """`callback_seconds`: how long a press may be answered."""

    folder: Path
    flood: Mode = "on"
    callback_seconds: float = 15.0
    clock: Callable[[], float] = time.time


class World:
    def __init__(self, settings: Settings) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.clock = settings.clock
        self.contract: Contract = load()
        self.db = Database(settings.folder / "simulator.db")
        self.accounts = Accounts(self.db)
        self.accounts.create_first()
        self.messages = Messages(self.db)
        self.files = FileStore(self.db, settings.folder)
        self.view = View(self.accounts, self.messages, self.files)
        self.updates = UpdateQueue(self.db, self.clock)
        self.signal = Signal()
        self.hub = Hub()
        self.flood = Flood(settings.flood)
        self.faults = Faults()
        self.polling = Polling(self.updates, self.signal, self.faults.is_down)
        self._events: list[tuple[int, Event]] = []

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

    # --- chats, as a bot names them

    def find_chat(self, bot: Bot, chat_id: int | str) -> Chat:
        """The chat with this id or @username. Raises "chat not found"."""
        if isinstance(chat_id, str):
            channel = self.accounts.channel_named(chat_id[1:]) if chat_id.startswith("@") else None
        else:
            channel = self.accounts.channel(chat_id)
        if channel:
            return channel_chat(channel.id)
        if isinstance(chat_id, int) and self.accounts.person(chat_id):
            return private_chat(bot.id, chat_id)
        raise bad_request("chat not found")

    def chat_to_read(self, bot: Bot, chat_id: int | str) -> Chat:
        """A chat that the bot is in."""
        chat = self.find_chat(bot, chat_id)
        if chat.is_channel:
            self._check_presence(self.accounts.member(chat.channel, bot.id))
        elif not self.accounts.has_started(bot.id, chat.person):
            raise bad_request("chat not found")
        return chat

    def _check_presence(self, member: Member) -> None:
        if member.status == "kicked":
            raise forbidden("bot was kicked from the channel chat")
        if not member.present:
            raise forbidden("bot is not a member of the channel chat")

    def chat_to_write(self, bot: Bot, chat_id: int | str) -> Chat:
        """A chat that the bot may post to."""
        chat = self.find_chat(bot, chat_id)
        if not chat.is_channel:
            self._check_dialog(chat)
            return chat
        member = self.accounts.member(chat.channel, bot.id)
        self._check_presence(member)
        if not member.may("can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def _check_dialog(self, chat: Chat) -> None:
        if not self.accounts.has_started(chat.bot, chat.person):
            raise forbidden("bot can't initiate conversation with a user")
        if self.accounts.has_blocked(chat.bot, chat.person):
            raise forbidden("bot was blocked by the user")

    def message(self, chat: Chat, message_id: int, purpose: str) -> Message:
        """The message, or a refusal such as "message to edit not found" (`purpose`: "message to edit")."""
        message = self.messages.get(chat, message_id)
        if message is None:
            raise bad_request(f"{purpose} not found")
        return message

    def message_to_edit(self, bot: Bot, chat_id: int | str, message_id: int) -> Message:
        chat = self.chat_to_read(bot, chat_id)
        message = self.message(chat, message_id, "message to edit")
        if not chat.is_channel:
            self._check_dialog(chat)
        if not self._may_edit(bot, message):
            raise bad_request("message can't be edited")
        return message

    def _may_edit(self, bot: Bot, message: Message) -> bool:
        if not message.chat.is_channel:
            return message.sender == bot.id
        member = self.accounts.member(message.chat.channel, bot.id)
        own = message.sender == bot.id and member.may("can_post_messages")
        return own or member.may("can_edit_messages")

    def check_deletable(self, bot: Bot, message: Message) -> None:
        if message.chat.is_channel:
            member = self.accounts.member(message.chat.channel, bot.id)
            own = message.sender == bot.id and member.may("can_post_messages")
            if not own and not member.may("can_delete_messages"):
                raise bad_request("message can't be deleted")
        elif message.date < self.now() - DELETABLE_SECONDS:
            raise bad_request("message can't be deleted for everyone")

    # --- messages

    def post(self, chat: Chat, sender: int, content: Content) -> Message:
        """A new message: kept, queued for the bots that see it, shown to the people who see it."""
        message = self.messages.add(chat, sender, self.now(), content)
        kind = "channel_post" if chat.is_channel else "message"
        self._queue_message(kind, message)
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
        for person in self.audience(message.chat):
            self.tell(person, self._deletion(message))

    def hide(self, person: int, message: Message) -> None:
        """Deletes on the person's side only; the bot does not learn of it."""
        self.messages.hide(person, message)
        self.tell(person, self._deletion(message))

    def _deletion(self, message: Message) -> Event:
        return {"kind": "deleted", "chat": message.chat.id_for_person, "message_id": message.message_id}

    def audience(self, chat: Chat) -> list[int]:
        """The people who see the chat."""
        return self.accounts.people_in(chat.channel) if chat.is_channel else [chat.person]

    def _queue_message(self, kind: str, message: Message) -> None:
        chat = message.chat
        bots = self.accounts.bots_in(chat.channel) if chat.is_channel else [self.accounts.bot(chat.bot)]
        for bot in bots:
            if bot and bot.id != message.sender:
                self.queue_update(bot, kind, self.view.for_bot(bot, message))

    def queue_update(self, bot: Bot, kind: str, body: dict[str, Any]) -> None:
        """Queues an update. One that the contract does not allow is a fault of the simulator, and loud."""
        update = self.updates.put(bot.id, kind, body)
        problem = self.contract.problem(("Update",), update, "update", strict=True) if update else None
        if problem:
            raise internal(problem)

    def _show(self, kind: str, message: Message) -> None:
        for person in self.audience(message.chat):
            if self.messages.is_hidden(person, message):
                continue
            shown = self.view.for_person(message)
            self.tell(person, {"kind": kind, "chat": message.chat.id_for_person, "message": shown})

    # --- members

    def set_member(self, channel: int, member: Member, by: int) -> None:
        """Changes somebody's place in a channel; the bots there learn of it."""
        old = self.accounts.member(channel, member.user)
        self.accounts.set_member(channel, member)
        chat = channel_chat(channel)
        body = {
            "chat": self.view.chat_for_bot(chat),
            "from": self.view.user(by),
            "date": self.now(),
            "old_chat_member": self.view.member(old),
            "new_chat_member": self.view.member(member),
        }
        bot = self.accounts.bot(member.user)
        if bot:
            self.queue_update(bot, "my_chat_member", body)
        for other in self.accounts.bots_in(channel):
            if other.id != member.user and self.accounts.member(channel, other.id).status == "administrator":
                self.queue_update(other, "chat_member", body)
        if self.accounts.person(member.user):
            self.tell(member.user, {"kind": "chat", "chat": channel})

    def set_blocked(self, bot: Bot, person: int, *, blocked: bool) -> None:
        """The person blocks the bot or takes it back; the bot learns of it."""
        before = self.accounts.has_blocked(bot.id, person)
        self.accounts.set_dialog(bot.id, person, blocked=blocked)
        if before == blocked:
            return
        statuses = ("member", "kicked") if blocked else ("kicked", "member")
        old, new = (self.view.member(Member(bot.id, status, frozenset())) for status in statuses)
        body = {
            "chat": self.view.chat_for_bot(private_chat(bot.id, person)),
            "from": self.view.user(person),
            "date": self.now(),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        self.queue_update(bot, "my_chat_member", body)

    # --- presses

    def press(self, bot: Bot, person: int, chat: Chat, message_id: int, data: str) -> int:
        """A person presses a button: a callback query for the bot. The query's number."""
        sql = "INSERT INTO callbacks (bot, person, box, message_id, data, at) VALUES (?, ?, ?, ?, ?, ?)"
        number = self.db.run(sql, bot.id, person, chat.box, message_id, data, self.clock())
        message = self.messages.get(chat, message_id)
        missing = {"chat": self.view.chat_for_bot(chat), "message_id": message_id, "date": 0}
        body = {
            "id": str(number),
            "from": self.view.user(person),
            "message": self.view.for_bot(bot, message) if message else missing,
            "chat_instance": str(abs(int.from_bytes(chat.box.encode()[-7:], "big"))),
            "data": data,
        }
        self.queue_update(bot, "callback_query", body)
        return number

    def answer_press(self, bot: Bot, query_id: str, answer: dict[str, Any]) -> None:
        """Once, and in time."""
        number = int(query_id) if query_id.isdigit() else 0
        row = self.db.row("SELECT * FROM callbacks WHERE id = ? AND bot = ?", number, bot.id)
        too_old = self.clock() - self.settings.callback_seconds
        if row is None or row["answer"] is not None or row["at"] < too_old:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self.db.run("UPDATE callbacks SET answer = ? WHERE id = ?", encode(answer), number)
        if answer.get("text"):
            chat = chat_of(row["box"]).id_for_person
            self.tell(row["person"], {"kind": "toast", "chat": chat, **answer})

    def answer_of(self, number: int) -> dict[str, Any] | None:
        """How the bot answered the press, None while it has not."""
        answer = self.db.value("SELECT answer FROM callbacks WHERE id = ?", number)
        return None if answer is None else dict(json.loads(answer))
