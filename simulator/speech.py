"""What people say and send: texts, files, albums, forwards, the results of inline queries."""

from collections.abc import Sequence
from typing import Any

from fastapi import HTTPException

from simulator.access import SENDING, thread_of_replies
from simulator.chats import Chat
from simulator.entities import formatted
from simulator.entities.found import find_entities
from simulator.forms import Choice, Edit, Forward, Place, Query, Text
from simulator.forwarding import check_movable, forwarded, new_group_id, regrouped
from simulator.inline import Inline
from simulator.media import Prepared, Upload, prepare, store
from simulator.members import Members
from simulator.messages import Content, Message
from simulator.methods.call import media_content
from simulator.methods.send import check_mix
from simulator.people import People, may_post
from simulator.rooms import GENERAL_TOPIC

JsonObject = dict[str, Any]


class Speech:
    """Raises HTTPException as `People` does."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._world = people.world

    def say(self, person: int, chat_id: int, said: Text) -> JsonObject:
        """Posts as the person. Writing to a bot starts it, and unblocks it."""
        text, entities = formatted_by_person(said.text, said.parse_mode)
        content: Content = {"text": text} | ({"entities": entities} if entities else {})
        with self._world.change():
            return self._posted(person, chat_id, [content], said)[0]

    def edit(self, person: int, chat_id: int, edit: Edit) -> JsonObject:
        """Says something else in a message of one's own, or below one's own file; bots learn of it."""
        chat = self._people.chat(person, chat_id)
        message = self._people.message(person, chat, edit.message_id)
        fields = _written_in(message.content)
        if message.sender != person or "via" in message.content or fields is None:
            raise HTTPException(400, "only texts and captions of one's own are edited")
        text, entities = formatted_by_person(edit.text, None)
        kept = {name: value for name, value in message.content.items() if name not in fields}
        kept |= {fields[0]: text} | ({fields[1]: entities} if entities else {})
        with self._world.change():
            changed = self._world.replace(message, kept, person)
        return self._world.view.for_person(changed)

    async def send_files(
        self, person: int, chat_id: int, files: Sequence[tuple[Upload, str]], caption: str, place: Place
    ) -> list[JsonObject]:
        """Sends files, each as its kind. Several are an album, whose first has the caption."""
        self._people.chat(person, chat_id)
        prepared = [await prepare(self._world.files, upload, kind) for upload, kind in files]
        text, entities = formatted_by_person(caption, None)
        first: Content = {"caption": text} if text else {}
        first |= {"caption_entities": entities} if entities else {}
        with self._world.change():
            contents = [self._content(item) for item in prepared]
            contents[0] |= first
            if len(contents) > 1:
                check_mix(contents)
                group = new_group_id()
                contents = [content | {"media_group_id": group} for content in contents]
            return self._posted(person, chat_id, contents, place)

    def _content(self, prepared: Prepared) -> Content:
        return media_content(prepared.kind, store(self._world.files, prepared, {}, None))

    def forward(self, person: int, chat_id: int, wanted: Forward) -> list[JsonObject]:
        """Forwards messages of a chat that the person sees; albums stay albums."""
        source = self._people.chat(person, wanted.from_chat)
        messages = [self._people.message(person, source, number) for number in wanted.message_ids]
        for message in messages:
            check_movable(message, "forwarded")
        view = self._world.view
        contents = [forwarded(view, message, hidden=wanted.hidden) for message in messages]
        with self._world.change():
            return self._posted(person, chat_id, regrouped(contents), wanted)

    def _posted(self, person: int, chat_id: int, contents: list[Content], place: Place) -> list[JsonObject]:
        chat = self._people.chat(person, chat_id)
        self._check_right(person, chat)
        placed = self._placed(person, chat, place)
        messages = [self._post(person, chat, content | placed) for content in contents]
        return [self._world.view.for_person(message) for message in messages]

    def _check_right(self, person: int, chat: Chat) -> None:
        if chat.is_private:
            return
        room = self._world.rooms.of(chat)
        if not may_post(room, self._world.rooms.member(room.id, person)):
            raise HTTPException(400, f"this person may not post in the {room.kind}")

    def _post(self, person: int, chat: Chat, content: Content) -> Message:
        bot = self._world.accounts.bot(chat.bot) if chat.is_private else None
        if bot:
            Members(self._world).set_blocked(bot, person, blocked=False)
        return self._world.post(chat, person, content)

    def _placed(self, person: int, chat: Chat, place: Place) -> Content:
        """The topic or thread, and the message that is answered; a reply stands in the topic of what it answers."""
        replied = None
        if place.reply_to is not None:
            replied = self._people.message(person, chat, place.reply_to)
        content: Content = {"reply_to": replied.message_id} if replied else {}
        if chat.is_private or not self._world.rooms.of(chat).is_forum:
            return content | thread_of_replies(chat, replied)
        thread = place.thread if replied is None else replied.content.get("topic")
        if thread in (None, GENERAL_TOPIC):
            return content
        topic = self._people.topic(self._world.rooms.of(chat), thread)
        member = self._world.rooms.member(chat.room, person)
        if topic.closed and not member.may("can_manage_topics"):
            raise HTTPException(400, "the topic is closed")
        return content | {"topic": topic.thread}

    # --- inline mode

    async def ask(self, person: int, chat_id: int, query: Query) -> JsonObject:
        """Asks a bot from a chat, and shows what it offers."""
        chat = self._people.chat(person, chat_id)
        bot = self._world.accounts.bot(query.bot)
        if bot is None or not bot.inline:
            raise HTTPException(404, "no bot with inline mode")
        inline = Inline(self._world)
        with self._world.change():
            number = inline.ask(bot, person, chat, query.query, query.offset)
        answer = await self._world.signal.wait_for(lambda: inline.answer_to(number), query.timeout)
        if answer is None:
            return {"query_id": str(number), "answered": False}
        results = [self._result_shown(result) for result in answer["results"]]
        return {"query_id": str(number), "answered": True} | answer | {"results": results}

    def _result_shown(self, result: JsonObject) -> JsonObject:
        shown = {name: value for name, value in result.items() if name != "content"}
        return shown | {"message": self._world.view.content_for_person(result["content"])}

    def choose(self, person: int, chat_id: int, choice: Choice) -> JsonObject:
        """Sends a result that the person was shown, as their own message via the bot."""
        chat = self._people.chat(person, chat_id)
        inline = Inline(self._world)
        content = inline.chosen(person, chat, int(choice.query_id), choice.result_id)
        if content is None:
            raise HTTPException(404, "no such result")
        self._check_right(person, chat)
        placed = self._placed(person, chat, choice)
        with self._world.change():
            message = self._post(person, chat, content | placed)
            inline.report(message, int(choice.query_id), choice.result_id)
        return self._world.view.for_person(message)


def formatted_by_person(text: str, parse_mode: str | None) -> tuple[str, list[JsonObject]]:
    """A person's text as it is, or with the marks of a parse mode."""
    if parse_mode is None:
        return text, find_entities(text, [])
    return formatted(text, parse_mode, None)


def _written_in(content: Content) -> tuple[str, str] | None:
    """The names of what was written and of how it is formatted; None where nobody writes anything."""
    if "text" in content:
        return "text", "entities"
    has_file = any(kind in content for kind in SENDING)
    return ("caption", "caption_entities") if has_file else None
