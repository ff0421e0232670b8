"""Answers to inline queries."""

import re
from typing import Any

from simulator.entities import message_caption, message_text
from simulator.errors import bad_request, not_implemented
from simulator.inline import Inline
from simulator.keyboards import inline_content
from simulator.messages import Content
from simulator.methods.call import Call, media_content

JsonObject = dict[str, Any]
MOST_RESULTS = 50
MOST_ID_BYTES = 64
CACHE_SECONDS = 300
# type of a result → where its file id stands, and which media it is
CACHED = {
    "photo": ("photo_file_id", "photo"),
    "video": ("video_file_id", "video"),
    "audio": ("audio_file_id", "audio"),
    "document": ("document_file_id", "document"),
    "gif": ("gif_file_id", "animation"),
    "mpeg4_gif": ("mpeg4_file_id", "animation"),
}


def answer_inline_query(call: Call) -> bool:
    inline = Inline(call.world)
    number = inline.waiting(call.bot, call["inline_query_id"])
    results = call["results"]
    if len(results) > MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    _check_ids([result["id"] for result in results])
    if len(call.get("next_offset", "").encode()) > MOST_ID_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    answer: JsonObject = {"results": [_result(call, result) for result in results]}
    answer["next_offset"] = call.get("next_offset", "")
    if call.get("button"):
        answer["button"] = _button(call["button"])
    personal = bool(call.get("is_personal"))
    inline.answer(number, answer, call.get("cache_time", CACHE_SECONDS), personal=personal)
    return True


def _check_ids(ids: list[str]) -> None:
    if any(not 1 <= len(result_id.encode()) <= MOST_ID_BYTES for result_id in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")


def _result(call: Call, result: JsonObject) -> JsonObject:
    """What the person is shown of a result, and the message that it becomes."""
    content = _content(call, result) | inline_content(result.get("reply_markup"))
    shown = {name: result[name] for name in ("id", "type", "title", "description") if name in result}
    return shown | {"content": content}


def _content(call: Call, result: JsonObject) -> Content:
    field, kind = CACHED.get(result["type"], ("", ""))
    if result["type"] != "article" and field not in result:
        raise not_implemented(f"inline results of type {result['type']} that are no files of Telegram")
    if "input_message_content" in result:
        return _text(result["input_message_content"])
    return message_caption(result) | media_content(*call.media(kind, result[field], {}))


def _text(given: JsonObject) -> Content:
    if "message_text" not in given:
        raise not_implemented("this kind of input_message_content")
    content = message_text(given | {"text": given["message_text"]})
    options = given.get("link_preview_options")
    return content | ({"link_preview_options": options} if options else {})


def _button(button: JsonObject) -> JsonObject:
    if "web_app" in button:
        raise not_implemented("the web_app of an inline button")
    parameter = button.get("start_parameter", "")
    if not parameter:
        raise bad_request("can't use empty start_parameter")
    if len(parameter) > MOST_ID_BYTES:
        raise bad_request("too long start_parameter specified")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", parameter):
        raise bad_request("unallowed characters in start_parameter are used")
    return {"text": button["text"], "start_parameter": parameter}
