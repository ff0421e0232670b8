"""The commands that bots register, and which of them a person is offered where."""

import json
from typing import Any

from simulator.accounts import Person
from simulator.chats import Chat
from simulator.storage import Database, encode
from simulator.world import World

JsonObject = dict[str, Any]


def stored_commands(db: Database, bot: int, scope: JsonObject, language: str) -> list[JsonObject]:
    """What the bot registered for exactly this scope and language."""
    sql = "SELECT commands FROM commands WHERE bot = ? AND scope = ? AND language_code = ?"
    return list(json.loads(db.value(sql, bot, encode(scope), language) or "[]"))


def commands_for(world: World, person: Person, chat: Chat) -> list[JsonObject]:
    """What the chat's bots offer this person; in a room each with the `bot` that it is for."""
    if chat.is_private:
        return _of_bot(world, chat.bot, person, _private_scopes(person))
    scopes = _group_scopes(world, person, chat)
    return [
        command | {"bot": bot.username}
        for bot in (world.hearing.bots_in(chat.room) if chat.is_group else [])
        for command in _of_bot(world, bot.id, person, scopes)
    ]


def _of_bot(world: World, bot: int, person: Person, scopes: list[JsonObject]) -> list[JsonObject]:
    """Those of the narrowest scope that is set, in their language if there is one."""
    for scope in scopes:
        for language in (person.language_code.partition("-")[0], ""):
            commands = stored_commands(world.db, bot, scope, language)
            if commands:
                return commands
    return []


def _private_scopes(person: Person) -> list[JsonObject]:
    return [{"type": "chat", "chat_id": person.id}, {"type": "all_private_chats"}, {"type": "default"}]


def _group_scopes(world: World, person: Person, chat: Chat) -> list[JsonObject]:
    """In the order of the Bot API's description, the narrowest first."""
    in_charge = world.rooms.member(chat.room, person.id).in_charge
    scopes: list[JsonObject] = [{"type": "chat_member", "chat_id": chat.room, "user_id": person.id}]
    scopes += [{"type": "chat_administrators", "chat_id": chat.room}] if in_charge else []
    scopes += [{"type": "chat", "chat_id": chat.room}]
    scopes += [{"type": "all_chat_administrators"}] if in_charge else []
    return [*scopes, {"type": "all_group_chats"}, {"type": "default"}]
