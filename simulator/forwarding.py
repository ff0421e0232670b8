"""Copies and forwards: what of a message goes along, where it says it comes from, what may not go."""

import uuid
from collections.abc import Iterable
from typing import Any

from simulator.errors import bad_request
from simulator.hearing import is_service
from simulator.messages import Content, Message
from simulator.view import View

# what belongs to a message in its place
LEFT_BEHIND = ("reply_markup", "reply_keyboard", "reply_to", "topic", "thread", "inline_id", "forward_origin")


def new_group_id() -> str:
    return str(uuid.uuid4().int % 10**17)


def copied(content: Content, *, keep_caption: bool) -> Content:
    """The content without what belongs to the message itself: keyboard, reply, origin."""
    dropped = {*LEFT_BEHIND, "via"} | (set() if keep_caption else {"caption", "caption_entities"})
    return {name: value for name, value in content.items() if name not in dropped}


def forwarded(view: View, message: Message, *, hidden: bool = False) -> Content:
    """As a copy, with its origin; `hidden`: the author's settings hide who they are."""
    kept = {name: value for name, value in message.content.items() if name not in LEFT_BEHIND}
    origin = message.content.get("forward_origin") or _origin(view, message, hidden=hidden)
    return kept | {"forward_origin": origin}


def _origin(view: View, message: Message, *, hidden: bool) -> dict[str, Any]:
    if message.chat.is_channel:
        chat = view.chat_for_bot(message.chat)
        return {"type": "channel", "date": message.date, "chat": chat, "message_id": message.message_id}
    user = view.user(message.sender)
    if hidden:
        return {"type": "hidden_user", "date": message.date, "sender_user_name": user["first_name"]}
    return {"type": "user", "date": message.date, "sender_user": user}


def check_movable(message: Message, past: str) -> None:
    """Refuses what cannot be copied or forwarded (`past`: "copied", "forwarded")."""
    if message.content.get("has_protected_content"):
        raise bad_request(f"message has protected content and can't be {past}")
    if is_service(message.content):
        raise bad_request(f"the message can't be {past}")


def is_movable(message: Message) -> bool:
    return not (message.content.get("has_protected_content") or is_service(message.content))


def regrouped(contents: Iterable[Content]) -> list[Content]:
    """Albums stay albums, under new group ids."""
    groups: dict[str, str] = {}
    return [
        content | {"media_group_id": groups.setdefault(content["media_group_id"], new_group_id())}
        if "media_group_id" in content
        else content
        for content in contents
    ]
