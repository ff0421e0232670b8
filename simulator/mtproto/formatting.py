"""Entities and keyboards, between pyrogram's types and the Bot API's fields, in which the world keeps them."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused

_PLAIN: dict[str, type] = {
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "url": types.MessageEntityUrl,
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "cashtag": types.MessageEntityCashtag,
    "bot_command": types.MessageEntityBotCommand,
    "email": types.MessageEntityEmail,
    "phone_number": types.MessageEntityPhone,
}
_KINDS = {made: kind for kind, made in _PLAIN.items()}
Entity = dict[str, Any]


def read_entities(entities: list[Any] | None) -> list[Entity]:
    """Raises RpcRefused for one that is not imitated."""
    return [_entity(each) | {"offset": each.offset, "length": each.length} for each in entities or []]


def _entity(each: Any) -> Entity:  # noqa: ANN401 - pyrogram's types are not typed
    if type(each) in _KINDS:
        return {"type": _KINDS[type(each)]}
    if isinstance(each, types.MessageEntityPre):
        return {"type": "pre"} | ({"language": each.language} if each.language else {})
    if isinstance(each, types.MessageEntityTextUrl):
        return {"type": "text_link", "url": each.url}
    if isinstance(each, types.MessageEntityBlockquote):
        return {"type": "expandable_blockquote" if each.collapsed else "blockquote"}
    raise RpcRefused(BAD_REQUEST, "ENTITIES_INVALID")


def write_entities(entities: list[Entity]) -> list[TLObject]:
    return [made for each in entities if (made := _written(each)) is not None]


def _written(entity: Entity) -> TLObject | None:
    """None: nothing that clients of this layer are shown."""
    place = {"offset": entity["offset"], "length": entity["length"]}
    kind = entity["type"]
    if kind in _PLAIN:
        return _PLAIN[kind](**place)
    if kind == "pre":
        return types.MessageEntityPre(**place, language=entity.get("language", ""))
    if kind == "text_link":
        return types.MessageEntityTextUrl(**place, url=entity["url"])
    if kind in ("blockquote", "expandable_blockquote"):
        return types.MessageEntityBlockquote(**place, collapsed=kind.startswith("expandable") or None)
    return None


def read_keyboard(markup: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The Bot API's `reply_markup`. Raises RpcRefused for what is not imitated: links and callbacks are."""
    if markup is None:
        return None
    if not isinstance(markup, types.ReplyInlineMarkup):
        raise RpcRefused(BAD_REQUEST, "REPLY_MARKUP_INVALID")
    return {"inline_keyboard": [[_button(each) for each in row.buttons] for row in markup.rows]}


def _button(each: Any) -> dict[str, str]:  # noqa: ANN401
    if isinstance(each.type, types.InlineButtonTypeUrl):
        return {"text": each.text, "url": each.type.url}
    if isinstance(each.type, types.InlineButtonTypeCallback):
        return {"text": each.text, "callback_data": each.type.data.decode()}
    raise RpcRefused(BAD_REQUEST, "BUTTON_TYPE_INVALID")


def write_keyboard(markup: dict[str, Any] | None) -> TLObject | None:
    """Links and callbacks; other keys are not shown."""
    if not markup:
        return None
    rows = [[key for button in row if (key := _key(button))] for row in markup["inline_keyboard"]]
    return types.ReplyInlineMarkup(rows=[types.KeyboardInlineButtonRow(buttons=row) for row in rows if row])


def _key(button: dict[str, Any]) -> TLObject | None:
    kind: TLObject | None = None
    if "url" in button:
        kind = types.InlineButtonTypeUrl(url=button["url"])
    elif "callback_data" in button:
        kind = types.InlineButtonTypeCallback(data=button["callback_data"].encode())
    return kind and types.KeyboardInlineButton(text=button["text"], type=kind)
