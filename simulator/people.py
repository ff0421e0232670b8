"""What people do: the rules behind the JSON interface that plays a person."""

import json
import re
from typing import Any

from fastapi import HTTPException

from simulator.accounts import Bot, Chat, Person, channel_chat, private_chat
from simulator.entities import formatted
from simulator.forms import Deletion, Press, Wait
from simulator.keyboards import Button, button_labelled, buttons
from simulator.media import Upload, prepare, store
from simulator.messages import Content, Message
from simulator.methods.call import media_content
from simulator.storage import encode
from simulator.world import World

JsonObject = dict[str, Any]
ALL_MESSAGES = -1


class People:
    """What people do. Raises HTTPException 404 for whom or what there is not, 400 for what cannot be done."""

    def __init__(self, world: World) -> None:
        self.world = world

    def person(self, person: int) -> Person:
        found = self.world.accounts.person(person)
        if found is None:
            raise HTTPException(404, "no such person")
        return found

    def chat(self, person: int, chat: int) -> Chat:
        """The chat that the person names so: a bot's id or that of a channel they are in."""
        self.person(person)
        if self.world.accounts.bot(chat):
            return private_chat(chat, person)
        if self.world.accounts.channel(chat) and self.world.accounts.member(chat, person).present:
            return channel_chat(chat)
        raise HTTPException(404, "no such chat")

    def message(self, person: int, chat: Chat, message_id: int) -> Message:
        message = self.world.messages.get(chat, message_id)
        if message is None or self.world.messages.is_hidden(person, message):
            raise HTTPException(404, "no such message")
        return message

    def chats(self, person: int) -> list[JsonObject]:
        self.person(person)
        chats = [private_chat(bot.id, person) for bot in self.world.accounts.bots()]
        chats += [channel_chat(channel.id) for channel in self.world.accounts.channels_of(person)]
        return [self._chat_shown(person, chat) for chat in chats]

    def _chat_shown(self, person: int, chat: Chat) -> JsonObject:
        messages = self.world.messages
        shown = self.world.view.chat_for_person(chat) | {"unread": messages.unread(person, chat)}
        last = messages.last_seen_by(person, chat)
        if last:
            shown["last_message"] = self.world.view.for_person(last)
        if not chat.is_channel:
            shown["blocked"] = self.world.accounts.has_blocked(chat.bot, person)
            shown["commands"] = self._commands(chat.bot, self.person(person))
        return shown

    def _commands(self, bot: int, person: Person) -> list[JsonObject]:
        """What the bot offers this person: the narrowest scope that is set, in their language if there is one."""
        sql = "SELECT commands FROM commands WHERE bot = ? AND scope = ? AND language_code = ?"
        scopes: list[JsonObject] = [{"type": "chat", "chat_id": person.id}]
        scopes += [{"type": "all_private_chats"}, {"type": "default"}]
        for scope in scopes:
            for language in (person.language_code, ""):
                stored = self.world.db.value(sql, bot, encode(scope), language)
                if stored:
                    return list(json.loads(stored))
        return []

    def history(self, person: int, chat_id: int, after: int, limit: int) -> list[JsonObject]:
        chat = self.chat(person, chat_id)
        found = self.world.messages.seen_by(person, chat, after, limit)
        if found:
            with self.world.db.transaction():
                self.world.messages.mark_read(person, chat, found[-1].message_id)
        return [self.world.view.for_person(message) for message in found]

    def say(self, person: int, chat_id: int, content: Content, reply_to: int | None) -> JsonObject:
        """Posts as the person. Writing to a bot starts it, and unblocks it."""
        chat = self.chat(person, chat_id)
        if reply_to is not None:
            content = content | {"reply_to": self.message(person, chat, reply_to).message_id}
        with self.world.change():
            message = self._post(person, chat, content)
        return self.world.view.for_person(message)

    def _post(self, person: int, chat: Chat, content: Content) -> Message:
        if chat.is_channel and not self.world.accounts.member(chat.channel, person).may("can_post_messages"):
            raise HTTPException(400, "only administrators post in a channel")
        bot = None if chat.is_channel else self.world.accounts.bot(chat.bot)
        if bot:
            self.world.set_blocked(bot, person, blocked=False)
        return self.world.post(chat, person, content)

    async def send_file(
        self, person: int, chat_id: int, upload: Upload, kind: str, caption: str
    ) -> JsonObject:
        chat = self.chat(person, chat_id)
        prepared = await prepare(self.world.files, upload, kind)
        text, entities = formatted(caption, None, None)
        content: Content = {"caption": text} if text else {}
        content |= {"caption_entities": entities} if entities else {}
        with self.world.change():
            content |= media_content(prepared.kind, store(self.world.files, prepared, {}, None))
            message = self._post(person, chat, content)
        return self.world.view.for_person(message)

    async def press(self, person: int, chat_id: int, press: Press) -> JsonObject:
        chat = self.chat(person, chat_id)
        button = self._button(person, chat, press)
        if "url" in button:
            return {"url": button["url"]}
        if "copy_text" in button:
            return {"copied": button["copy_text"]["text"]}
        bot = self._bot_of(chat, press.message_id)
        with self.world.change():
            number = self.world.press(bot, person, chat, press.message_id, button["callback_data"])
        answer = await self.world.signal.wait_for(lambda: self.world.answer_of(number), press.timeout)
        return {"answered": False} if answer is None else {"answered": True} | answer

    def _button(self, person: int, chat: Chat, press: Press) -> Button:
        if press.data is not None:
            return {"callback_data": press.data}
        message = self.message(person, chat, press.message_id)
        try:
            button = button_labelled(message.content, press.label or "")
        except LookupError as error:
            raise HTTPException(400, str(error)) from error
        if button is None:
            raise HTTPException(404, f"no button {press.label!r}")
        return button

    def _bot_of(self, chat: Chat, message_id: int) -> Bot:
        """The bot that hears of a press: the sender, in a channel else its first bot."""
        message = self.world.messages.get(chat, message_id)
        sender = self.world.accounts.bot(message.sender) if message else None
        bots = self.world.accounts.bots_in(chat.channel) if chat.is_channel else []
        bot = sender or (bots[0] if bots else self.world.accounts.bot(chat.bot))
        if bot is None:
            raise HTTPException(404, "no bot in this chat")
        return bot

    async def wait(self, person: int, wanted: Wait) -> JsonObject:
        chat = self.chat(person, wanted.chat)
        pattern = compiled(wanted.pattern or "")

        def find() -> Message | None:
            seen = self.world.messages.seen_by(person, chat, wanted.after or 0, ALL_MESSAGES)
            return next((message for message in seen if fits(message, wanted, pattern)), None)

        message = await self.world.signal.wait_for(find, wanted.timeout)
        if message is None:
            raise HTTPException(408, "no such message in time")
        return self.world.view.for_person(message)

    def delete(self, person: int, chat_id: int, deletion: Deletion) -> None:
        chat = self.chat(person, chat_id)
        message = self.message(person, chat, deletion.message_id)
        with self.world.change():
            if not deletion.for_everyone:
                self.world.hide(person, message)
                return
            if chat.is_channel and not self.world.accounts.member(chat.channel, person).may(
                "can_delete_messages"
            ):
                raise HTTPException(400, "only administrators delete in a channel")
            self.world.remove(message)


def compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise HTTPException(400, f"no pattern: {error}") from error


def fits(message: Message, wanted: Wait, pattern: re.Pattern[str]) -> bool:
    text = message.content.get("text") or message.content.get("caption") or ""
    labels = [button["text"] for button in buttons(message.content)]
    return (
        (wanted.contains is None or wanted.contains in text)
        and pattern.search(text) is not None
        and (wanted.button is None or any(wanted.button in label for label in labels))
        and (wanted.edited_since is None or message.version > wanted.edited_since)
    )
