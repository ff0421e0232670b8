"""Editing and deleting."""

from typing import Any

from simulator.entities import message_caption, message_text
from simulator.errors import bad_request
from simulator.inline import Inline
from simulator.keyboards import inline_content
from simulator.messages import Content, Message
from simulator.methods.call import Call
from simulator.methods.send import MIXABLE, input_media, media_kind
from simulator.parameters import ATTACH

MOST_AT_ONCE = 100
TEXT_FIELDS = ("text", "entities", "link_preview_options")
CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")
MEDIA_FIELDS = ("photo", "video", "audio", "document", "animation", "has_media_spoiler")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)

Edited = dict[str, Any] | bool


def edit_message_text(call: Call) -> Edited:
    content = message_text(call.parameters)
    message = _message(call)
    if media_kind(message.content):
        raise bad_request("there is no text in the message to edit")
    if call.get("link_preview_options"):
        content["link_preview_options"] = call["link_preview_options"]
    return _replace(call, message, without(message, TEXT_FIELDS) | content)


def edit_message_caption(call: Call) -> Edited:
    message = _message(call)
    if not media_kind(message.content):
        raise bad_request("there is no caption in the message to edit")
    content = without(message, CAPTION_FIELDS) | message_caption(call.parameters)
    if call.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return _replace(call, message, content)


def edit_message_media(call: Call) -> Edited:
    """Also turns a text into media; the other way there is none."""
    message = _message(call)
    if "inline_message_id" in call.parameters and call["media"]["media"].startswith(ATTACH):
        raise bad_request("invalid message content specified")
    new = input_media(call, call["media"])
    _check_album(message, new)
    kept = without(message, TEXT_FIELDS + CAPTION_FIELDS + MEDIA_FIELDS)
    return _replace(call, message, kept | new)


def edit_message_reply_markup(call: Call) -> Edited:
    message = _message(call)
    return _replace(call, message, without(message, ()))


def _message(call: Call) -> Message:
    if "inline_message_id" in call.parameters:
        return Inline(call.world).message(call.bot, call["inline_message_id"])
    if "chat_id" not in call.parameters or "message_id" not in call.parameters:
        raise bad_request("message identifier is not specified")
    return call.world.access.message_to_edit(call.bot, call["chat_id"], call["message_id"])


def without(message: Message, names: tuple[str, ...]) -> Content:
    """The content without these fields and without the keyboard: an edit that names none removes it."""
    dropped = {*names, "reply_markup"}
    return {name: value for name, value in message.content.items() if name not in dropped}


def _replace(call: Call, message: Message, content: Content) -> Edited:
    """The message as it is now; True for one that somebody sent via the bot, who need not be in the chat."""
    content |= inline_content(call.get("reply_markup"))
    if content == message.content:
        raise bad_request(NOT_MODIFIED)
    changed = call.world.replace(message, content, call.bot.id)
    return True if "inline_message_id" in call.parameters else call.shown(changed)


def _check_album(message: Message, new: Content) -> None:
    if "media_group_id" not in message.content:
        return
    kinds = {media_kind(message.content), media_kind(new)}
    if len(kinds) > 1 and not kinds <= MIXABLE:
        raise bad_request("can't use the media of the specified type in the album")


def delete_message(call: Call) -> bool:
    chat = call.chat_to_edit()
    message = call.world.access.message(chat, call["message_id"], "message to delete")
    call.world.access.check_deletable(call.bot, message)
    call.world.remove(message)
    return True


def delete_messages(call: Call) -> bool:
    """Those that are not there are skipped."""
    if len(call["message_ids"]) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    chat = call.chat_to_edit()
    found = [call.world.messages.get(chat, message_id) for message_id in dict.fromkeys(call["message_ids"])]
    for message in [message for message in found if message]:
        call.world.access.check_deletable(call.bot, message)
        call.world.remove(message)
    return True
