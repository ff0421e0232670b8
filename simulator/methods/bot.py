"""The bot itself: who it is, its commands, its updates' settings, its answers to presses, its files."""

import re
from typing import Any

from simulator.accounts import user_object
from simulator.commands import stored_commands
from simulator.errors import bad_request
from simulator.files import file_id as make_file_id
from simulator.files import file_unique_id, read_file_id
from simulator.media import DOWNLOAD_LIMIT
from simulator.methods.call import Call
from simulator.presses import Presses
from simulator.storage import encode

MOST_COMMANDS = 100
MOST_DESCRIPTION = 256
LONGEST_ANSWER = 200


def get_me(call: Call) -> dict[str, Any]:
    return user_object(call.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not call.bot.privacy,
        "supports_inline_queries": call.bot.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_webhook_info(call: Call) -> dict[str, Any]:
    info: dict[str, Any] = {"url": "", "has_custom_certificate": False}
    info["pending_update_count"] = call.world.updates.pending(call.bot.id)
    allowed = call.world.updates.allowed(call.bot.id)
    return info | ({"allowed_updates": allowed} if allowed else {})


def delete_webhook(call: Call) -> bool:
    """There never is a webhook; but waiting updates may be dropped this way."""
    if call.get("drop_pending_updates"):
        call.world.updates.clear(call.bot.id)
    return True


def set_my_commands(call: Call) -> bool:
    commands = [{"command": item["command"], "description": item["description"]} for item in call["commands"]]
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for item in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", item["command"].removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(item["description"]) <= MOST_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    sql = "INSERT OR REPLACE INTO commands VALUES (?, ?, ?, ?)"
    call.world.db.run(sql, call.bot.id, encode(_scope(call)), _language(call), encode(commands))
    return True


def get_my_commands(call: Call) -> list[dict[str, Any]]:
    return stored_commands(call.world.db, call.bot.id, _scope(call), _language(call))


def delete_my_commands(call: Call) -> bool:
    sql = "DELETE FROM commands WHERE bot = ? AND scope = ? AND language_code = ?"
    call.world.db.run(sql, call.bot.id, encode(_scope(call)), _language(call))
    return True


def _scope(call: Call) -> dict[str, Any]:
    """The scope, with the chat's number where it is named."""
    scope: dict[str, Any] = call.get("scope") or {"type": "default"}
    if "chat_id" not in scope:
        return scope
    chat = call.world.access.to_read_members(call.bot, scope["chat_id"])
    return scope | {"chat_id": chat.id_for_bot}


def _language(call: Call) -> str:
    language: str = call.get("language_code", "")
    if not re.fullmatch(r"([a-z]{2})?", language):
        raise bad_request("invalid language code specified")
    return language


def answer_callback_query(call: Call) -> bool:
    text = call.get("text", "")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: dict[str, Any] = {
        name: call[name] for name in ("text", "show_alert", "url") if name in call.parameters
    }
    Presses(call.world).answer(call.bot, call["callback_query_id"], answer)
    return True


def get_file(call: Call) -> dict[str, Any]:
    try:
        file = call.world.files.get(read_file_id(call.bot.file_key, call["file_id"]))
    except LookupError:
        raise bad_request("wrong file_id or the file is temporarily unavailable") from None
    if file is None:
        raise bad_request("invalid file_id")
    local = call.world.settings.local
    if file.blob.size > DOWNLOAD_LIMIT and not local:
        raise bad_request("file is too big")
    return {
        "file_id": make_file_id(call.bot.file_key, file),
        "file_unique_id": file_unique_id(file),
        "file_size": file.blob.size,
        "file_path": str(call.world.files.place(file.blob).absolute()) if local else file.path,
    }
