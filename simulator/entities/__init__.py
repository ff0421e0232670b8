"""Texts with formatting: parse modes to entities, entities found by themselves, limits, refusals.

Offsets and lengths are in UTF-16 code units, as in the Bot API. The rules and the words of the refusals are
those of tdlib's MessageEntity.cpp.
"""

from typing import Any

from simulator.entities.common import Entity, tidy, utf16_length
from simulator.entities.found import find_entities
from simulator.entities.html import parse_html
from simulator.entities.markdown import parse_markdown
from simulator.errors import ApiError, bad_request, not_implemented

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
MOST_BYTES = 1 << 15
GIVEN_KINDS = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    }
)
PARSERS = {"html": parse_html, "markdownv2": parse_markdown}


def formatted(text: str, parse_mode: str | None, given: list[Entity] | None) -> tuple[str, list[Entity]]:
    """The plain text and its entities, in order. `given` counts only without a parse mode."""
    if len(text.encode()) > MOST_BYTES:
        raise bad_request("text is too long")
    mode = (parse_mode or "none").lower()
    if mode == "none":
        marked = [entity for entity in given or [] if _is_given(entity, text)]
    else:
        text, marked = _parsed(text, mode)
    text, marked = tidy(text, marked)
    return text, find_entities(text, marked)


def _parsed(text: str, mode: str) -> tuple[str, list[Entity]]:
    if mode == "markdown":
        raise not_implemented("the old parse_mode Markdown")
    if mode not in PARSERS:
        raise bad_request("unsupported parse_mode")
    try:
        return PARSERS[mode](text)
    except ValueError as error:
        raise _cannot_parse(str(error)) from None


def _cannot_parse(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")


def _is_given(entity: Entity, text: str) -> bool:
    """Entities that are found by themselves are ignored; a wrong place refuses the message."""
    start, length = entity["offset"], entity["length"]
    if start < 0 or length < 0 or start + length > utf16_length(text):
        raise bad_request(f"entity beginning at UTF-16 offset {start} ends after the end of the text")
    return length > 0 and entity["type"] in GIVEN_KINDS


def message_text(fields: dict[str, Any]) -> dict[str, Any]:
    """`text` and `entities` of a message from the parameters of a request."""
    if not fields.get("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(fields["text"], fields.get("parse_mode"), fields.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def message_caption(fields: dict[str, Any]) -> dict[str, Any]:
    """`caption` and `caption_entities`, or nothing when there is no caption."""
    text, entities = formatted(
        fields.get("caption") or "", fields.get("parse_mode"), fields.get("caption_entities")
    )
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})
