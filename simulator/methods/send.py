"""Sending: text, media, albums, copies, forwards."""

from typing import Any

from simulator.chats import Chat
from simulator.entities import message_caption, message_text
from simulator.errors import bad_request, not_implemented
from simulator.forwarding import check_movable, copied, forwarded, is_movable, new_group_id, regrouped
from simulator.keyboards import markup_content
from simulator.messages import Content, Message
from simulator.methods.call import Call, media_content
from simulator.rooms import GENERAL_TOPIC

MEDIA_FIELDS = ("photo", "video", "audio", "document", "animation")
LEAST_IN_ALBUM, MOST_IN_ALBUM = 2, 10
MOST_AT_ONCE = 100
PAST = {"copy": "copied", "forward": "forwarded"}
QUOTING = frozenset({"quote", "quote_entities", "quote_position", "checklist_task_id", "poll_option_id"})
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
    return call.shown(call.post(chat, content))


def sending_options(call: Call, chat: Chat) -> Content:
    """What the parameters that all sending methods share give a message."""
    options: Content = {}
    if call.get("protect_content"):
        options["has_protected_content"] = True
    replied = _replied(call, chat)
    if replied:
        options["reply_to"] = replied.message_id
    thread = call.get("message_thread_id")
    placed = call.world.access.placed(call.bot, chat, thread, replied)
    if replied and placed.get("topic") != replied.content.get("topic"):
        raise not_implemented("a reply into another topic")
    return options | placed


def _replied(call: Call, chat: Chat) -> Message | None:
    """The message that the call answers, None when it answers none or one that may be missing."""
    reply = call.get("reply_parameters")
    if not reply:
        return None
    elsewhere = "chat_id" in reply and call.world.access.find_chat(call.bot, reply["chat_id"]) != chat
    if elsewhere or QUOTING & set(reply):
        raise not_implemented("a reply to another chat or to a part of a message")
    message = call.world.messages.get(chat, reply["message_id"])
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def send_media_group(call: Call) -> list[dict[str, Any]]:
    items = call["media"]
    if len(items) > MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len(items) < LEAST_IN_ALBUM:
        raise bad_request(f"media group must include {LEAST_IN_ALBUM}-{MOST_IN_ALBUM} items")
    chat = call.chat_to_write()
    contents = [album_item(call, item) for item in items]
    check_mix(contents)
    shared = sending_options(call, chat) | {"media_group_id": new_group_id()}
    messages = [call.post(chat, content | shared) for content in contents]
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
    content = message_caption(item) | _media_options(item)
    return content | media_content(*call.media(kind, item["media"], item))


def media_kind(content: Content) -> str | None:
    """Which media a message carries; None for a text."""
    kinds = ("animation", *MEDIA_FIELDS)
    return next((kind for kind in kinds if kind in content), None)


def check_mix(contents: list[Content]) -> None:
    kinds = {media_kind(content) for content in contents}
    if len(kinds) == 1 or kinds <= MIXABLE:
        return
    alone = next(kind for kind in ("audio", "document", "animation") if kind in kinds)
    raise bad_request(f"{alone} can't be mixed with other media types")


def send_chat_action(call: Call) -> bool:
    if call["action"] not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = call.chat_to_write()
    if call.get("message_thread_id") not in (None, GENERAL_TOPIC):
        call.world.access.placed(call.bot, chat, call["message_thread_id"], None)
    event = {
        "kind": "typing",
        "chat": chat.id_for_person,
        "text": call["action"],
        "from": call.bot.first_name,
    }
    for person in call.world.hearing.audience(chat):
        call.world.tell(person, event)
    return True


def copy_message(call: Call) -> dict[str, Any]:
    chat = call.chat_to_write()
    message = _source(call, call["message_id"], "copy")
    content = copied(message.content, keep_caption="caption" not in call.parameters)
    if "caption" in call.parameters and media_kind(message.content):
        content = _with_caption(call, content)
    content = _begun(call, content)
    content.pop("media_group_id", None)
    content |= markup_content(call.get("reply_markup")) | sending_options(call, chat)
    return {"message_id": call.post(chat, content).message_id}


def _with_caption(call: Call, content: Content) -> Content:
    """Where a new caption stands is said anew, too."""
    content = {name: value for name, value in content.items() if name != "show_caption_above_media"}
    above: Content = {"show_caption_above_media": True} if call.get("show_caption_above_media") else {}
    return content | message_caption(call.parameters) | above


def _begun(call: Call, content: Content) -> Content:
    """A video is begun where the call says; with 0 at its beginning."""
    begin = call.get("video_start_timestamp")
    if begin is None or "video" not in content:
        return content
    video = {name: value for name, value in content["video"].items() if name != "start_timestamp"}
    return content | {"video": video | ({"start_timestamp": begin} if begin else {})}


def copy_messages(call: Call) -> list[dict[str, Any]]:
    chat = call.chat_to_write()
    keep = not call.get("remove_caption")
    return _post_all(
        call, chat, [copied(message.content, keep_caption=keep) for message in _sources(call, "copy")]
    )


def forward_message(call: Call) -> dict[str, Any]:
    chat = call.chat_to_write()
    content = _begun(call, forwarded(call.world.view, _source(call, call["message_id"], "forward")))
    content.pop("media_group_id", None)
    return call.shown(call.post(chat, content | sending_options(call, chat)))


def forward_messages(call: Call) -> list[dict[str, Any]]:
    chat = call.chat_to_write()
    return _post_all(
        call, chat, [forwarded(call.world.view, message) for message in _sources(call, "forward")]
    )


def _source(call: Call, message_id: int, verb: str) -> Message:
    chat = call.world.access.to_read(call.bot, call["from_chat_id"])
    message = call.world.access.message(chat, message_id, f"message to {verb}")
    check_movable(message, PAST[verb])
    return message


def _sources(call: Call, verb: str) -> list[Message]:
    """The messages that there are, in order; those that are missing or cannot go are left out."""
    if len(call["message_ids"]) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    chat = call.world.access.to_read(call.bot, call["from_chat_id"])
    found = [call.world.messages.get(chat, message_id) for message_id in call["message_ids"]]
    usable = [message for message in found if message and is_movable(message)]
    if not usable:
        raise bad_request(f"there are no messages to {verb}")
    return usable


def _post_all(call: Call, chat: Chat, contents: list[Content]) -> list[dict[str, Any]]:
    options = sending_options(call, chat)
    posted = [call.post(chat, content | options) for content in regrouped(contents)]
    return [{"message_id": message.message_id} for message in posted]
