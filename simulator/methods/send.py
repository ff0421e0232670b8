"""Sending: text, media, albums, copies, forwards."""

import uuid
from typing import Any

from simulator.accounts import Chat
from simulator.entities import message_caption, message_text
from simulator.errors import bad_request, not_implemented
from simulator.keyboards import markup_content
from simulator.messages import Content, Message
from simulator.methods.call import Call, media_content

MEDIA_FIELDS = ("photo", "video", "audio", "document", "animation")
LEAST_IN_ALBUM, MOST_IN_ALBUM = 2, 10
MOST_AT_ONCE = 100
MIXABLE = frozenset({"photo", "video"})
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(call: Call) -> dict[str, Any]:
    content = message_text(call.parameters)
    if call.get("link_preview_options"):
        content["link_preview_options"] = call["link_preview_options"]
    return _send(call, content)


def send_media(kind: str, call: Call) -> dict[str, Any]:
    """sendPhoto, sendVideo, …: `kind` is also the parameter's name."""
    chat = call.chat_to_write()
    content = message_caption(call.parameters) | _media_options(call.parameters)
    content |= media_content(*call.media(kind, call[kind], call.parameters))
    return _send(call, content, chat)


def send_photo(call: Call) -> dict[str, Any]:
    return send_media("photo", call)


def send_video(call: Call) -> dict[str, Any]:
    return send_media("video", call)


def send_audio(call: Call) -> dict[str, Any]:
    return send_media("audio", call)


def send_document(call: Call) -> dict[str, Any]:
    return send_media("document", call)


def send_animation(call: Call) -> dict[str, Any]:
    return send_media("animation", call)


def _media_options(fields: dict[str, Any]) -> Content:
    options: Content = {}
    if fields.get("has_spoiler"):
        options["has_media_spoiler"] = True
    if fields.get("show_caption_above_media"):
        options["show_caption_above_media"] = True
    return options


def _send(call: Call, content: Content, chat: Chat | None = None) -> dict[str, Any]:
    chat = chat or call.chat_to_write()
    content |= markup_content(call.get("reply_markup")) | sending_options(call, chat)
    return call.shown(call.world.post(chat, call.bot.id, content))


def sending_options(call: Call, chat: Chat) -> Content:
    """What the parameters that all sending methods share give a message."""
    options: Content = {}
    if call.get("protect_content"):
        options["has_protected_content"] = True
    reply = call.get("reply_parameters")
    if reply:
        if call.world.messages.get(chat, reply["message_id"]):
            options["reply_to"] = reply["message_id"]
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    return options


def send_media_group(call: Call) -> list[dict[str, Any]]:
    items = call["media"]
    if len(items) > MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len(items) < LEAST_IN_ALBUM:
        raise bad_request(f"media group must include {LEAST_IN_ALBUM}-{MOST_IN_ALBUM} items")
    chat = call.chat_to_write()
    contents = [album_item(call, item) for item in items]
    _check_mix(contents)
    shared = sending_options(call, chat) | {"media_group_id": new_group_id()}
    messages = [call.world.post(chat, call.bot.id, content | shared) for content in contents]
    return [call.shown(message) for message in messages]


def album_item(call: Call, item: dict[str, Any]) -> Content:
    if item["type"] == "animation":
        raise bad_request("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
    return input_media(call, item)


def input_media(call: Call, item: dict[str, Any]) -> Content:
    """The content that an `InputMedia` describes."""
    kind = item["type"]
    if kind not in MEDIA_FIELDS:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    if item["media"].startswith("attach://") and item["media"].removeprefix("attach://") not in call.uploads:
        raise bad_request("can't parse InputMedia: media not found")
    if item.get("cover"):
        raise not_implemented("the cover of a video")
    content = message_caption(item) | _media_options(item)
    return content | media_content(*call.media(kind, item["media"], item))


def media_kind(content: Content) -> str | None:
    """Which media a message carries; None for a text."""
    kinds = ("animation", *MEDIA_FIELDS)
    return next((kind for kind in kinds if kind in content), None)


def new_group_id() -> str:
    return str(uuid.uuid4().int % 10**17)


def _check_mix(contents: list[Content]) -> None:
    kinds = {media_kind(content) for content in contents}
    if len(kinds) == 1 or kinds <= MIXABLE:
        return
    alone = next(kind for kind in ("audio", "document", "animation") if kind in kinds)
    raise bad_request(f"{alone} can't be mixed with other media types")


def send_chat_action(call: Call) -> bool:
    if call["action"] not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = call.chat_to_write()
    for person in call.world.audience(chat):
        call.world.tell(person, {"kind": "typing", "chat": chat.id_for_person, "text": call["action"]})
    return True


def copy_message(call: Call) -> dict[str, Any]:
    chat = call.chat_to_write()
    message = _source(call, call["message_id"], "copy")
    content = _copied(message, keep_caption="caption" not in call.parameters)
    if "caption" in call.parameters and media_kind(message.content):
        content |= message_caption(call.parameters)
    content.pop("media_group_id", None)
    content |= markup_content(call.get("reply_markup")) | sending_options(call, chat)
    return {"message_id": call.world.post(chat, call.bot.id, content).message_id}


def copy_messages(call: Call) -> list[dict[str, Any]]:
    chat = call.chat_to_write()
    messages = _sources(call, "copy")
    contents = [_copied(message, keep_caption=not call.get("remove_caption")) for message in messages]
    return _post_all(call, chat, contents)


def forward_message(call: Call) -> dict[str, Any]:
    chat = call.chat_to_write()
    content = _forwarded(call, _source(call, call["message_id"], "forward"))
    content.pop("media_group_id", None)
    return call.shown(call.world.post(chat, call.bot.id, content | sending_options(call, chat)))


def forward_messages(call: Call) -> list[dict[str, Any]]:
    chat = call.chat_to_write()
    return _post_all(call, chat, [_forwarded(call, message) for message in _sources(call, "forward")])


def _source(call: Call, message_id: int, verb: str) -> Message:
    chat = call.world.chat_to_read(call.bot, call["from_chat_id"])
    message = call.world.message(chat, message_id, f"message to {verb}")
    if message.content.get("has_protected_content"):
        raise bad_request(f"message has protected content and can't be {_past(verb)}")
    return message


def _past(verb: str) -> str:
    return "copied" if verb == "copy" else "forwarded"


def _sources(call: Call, verb: str) -> list[Message]:
    """The messages that there are, in order; those that are missing or protected are left out."""
    if len(call["message_ids"]) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    chat = call.world.chat_to_read(call.bot, call["from_chat_id"])
    found = [call.world.messages.get(chat, message_id) for message_id in call["message_ids"]]
    usable = [message for message in found if message and not message.content.get("has_protected_content")]
    if not usable:
        raise bad_request(f"there are no messages to {verb}")
    return usable


def _copied(message: Message, *, keep_caption: bool) -> Content:
    """The content without what belongs to the message itself: keyboard, reply, origin."""
    dropped = {"reply_markup", "reply_keyboard", "reply_to", "forward_origin"}
    if not keep_caption:
        dropped |= {"caption", "caption_entities"}
    return {name: value for name, value in message.content.items() if name not in dropped}


def _forwarded(call: Call, message: Message) -> Content:
    origin = message.content.get("forward_origin") or _origin(call, message)
    return _copied(message, keep_caption=True) | {"forward_origin": origin}


def _origin(call: Call, message: Message) -> dict[str, Any]:
    view = call.world.view
    if message.chat.is_channel:
        return {
            "type": "channel",
            "date": message.date,
            "chat": view.chat_for_bot(message.chat),
            "message_id": message.message_id,
        }
    return {"type": "user", "date": message.date, "sender_user": view.user(message.sender)}


def _post_all(call: Call, chat: Chat, contents: list[Content]) -> list[dict[str, Any]]:
    """Albums stay albums, under new group ids."""
    groups: dict[str, str] = {}
    ids = []
    for content in contents:
        if "media_group_id" in content:
            content["media_group_id"] = groups.setdefault(content["media_group_id"], new_group_id())
        message = call.world.post(chat, call.bot.id, content | sending_options(call, chat))
        ids.append({"message_id": message.message_id})
    return ids
