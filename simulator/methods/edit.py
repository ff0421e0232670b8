"""Editing and deleting."""

from typing import Any

from simulator.entities import message_caption, message_text
from simulator.errors import bad_request
from simulator.keyboards import inline_content
from simulator.messages import Content, Message
from simulator.methods.call import Call
from simulator.methods.send import MIXABLE, input_media, media_kind

MOST_AT_ONCE = 100
TEXT_FIELDS = ("text", "entities", "link_preview_options")
CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")
MEDIA_FIELDS = ("photo", "video", "audio", "document", "animation", "has_media_spoiler")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(call: Call) -> dict[str, Any]:
    content = message_text(call.parameters)
    message = _message(call)
    if media_kind(message.content):
        raise bad_request("there is no text in the message to edit")
    if call.get("link_preview_options"):
        content["link_preview_options"] = call["link_preview_options"]
    return _replace(call, message, _without(message, TEXT_FIELDS) | content)


def edit_message_caption(call: Call) -> dict[str, Any]:
    message = _message(call)
    if not media_kind(message.content):
        raise bad_request("there is no caption in the message to edit")
    content = _without(message, CAPTION_FIELDS) | message_caption(call.parameters)
    if call.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return _replace(call, message, content)


def edit_message_media(call: Call) -> dict[str, Any]:
    """Also turns a text into media; the other way there is none."""
    message = _message(call)
    new = input_media(call, call["media"])
    _check_album(message, new)
    kept = _without(message, TEXT_FIELDS + CAPTION_FIELDS + MEDIA_FIELDS)
    return _replace(call, message, kept | new)


def edit_message_reply_markup(call: Call) -> dict[str, Any]:
    message = _message(call)
    return _replace(call, message, _without(message, ()))


def _message(call: Call) -> Message:
    if "chat_id" not in call.parameters or "message_id" not in call.parameters:
        raise bad_request("message identifier is not specified")
    return call.world.message_to_edit(call.bot, call["chat_id"], call["message_id"])


def _without(message: Message, names: tuple[str, ...]) -> Content:
    """The content without these fields and without the keyboard: an edit that names none removes it."""
    dropped = {*names, "reply_markup"}
    return {name: value for name, value in message.content.items() if name not in dropped}


def _replace(call: Call, message: Message, content: Content) -> dict[str, Any]:
    content |= inline_content(call.get("reply_markup"))
    if content == message.content:
        raise bad_request(NOT_MODIFIED)
    return call.shown(call.world.replace(message, content, call.bot.id))


def _check_album(message: Message, new: Content) -> None:
    if "media_group_id" not in message.content:
        return
    kinds = {media_kind(message.content), media_kind(new)}
    if len(kinds) > 1 and not kinds <= MIXABLE:
        raise bad_request("can't use the media of the specified type in the album")


def delete_message(call: Call) -> bool:
    chat = call.chat_to_read()
    message = call.world.message(chat, call["message_id"], "message to delete")
    call.world.check_deletable(call.bot, message)
    call.world.remove(message)
    return True


def delete_messages(call: Call) -> bool:
    """Those that are not there are skipped."""
    if len(call["message_ids"]) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    chat = call.chat_to_read()
    found = [call.world.messages.get(chat, message_id) for message_id in dict.fromkeys(call["message_ids"])]
    for message in [message for message in found if message]:
        call.world.check_deletable(call.bot, message)
        call.world.remove(message)
    return True
