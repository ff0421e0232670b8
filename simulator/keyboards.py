"""Keyboards under messages: what Telegram accepts, and finding a button by its label."""

from collections.abc import Iterator
from typing import Any

from simulator.entities.common import checked_url
from simulator.errors import bad_request

Button = dict[str, Any]
MOST_DATA_BYTES = 64
MOST_BUTTONS = 100
ACTIONS = (
    "url",
    "callback_data",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
)
NOT_IMITATED = (
    "web_app",
    "login_url",
    "callback_game",
    "pay",
)


def markup_content(markup: dict[str, Any] | None) -> dict[str, Any]:
    """The fields that a `reply_markup` parameter gives a message. Raises the refusals."""
    if not markup:
        return {}
    if markup.get("inline_keyboard"):
        return {"reply_markup": {"inline_keyboard": _inline_rows(markup["inline_keyboard"])}}
    if "inline_keyboard" in markup:
        return {}
    return {"reply_keyboard": markup}


def inline_content(markup: dict[str, Any] | None) -> dict[str, Any]:
    """As `markup_content`, where only an inline keyboard may stand."""
    content = markup_content(markup)
    if "reply_keyboard" in content:
        raise bad_request("inline keyboard expected")
    return content


def _inline_rows(rows: list[list[Button]]) -> list[list[Button]]:
    kept = [[_inline_button(button) for button in row] for row in rows if row]
    if sum(map(len, kept)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return kept


def _inline_button(button: Button) -> Button:
    action = next((name for name in ACTIONS if name in button), None)
    if action is None:
        foreign = next((name for name in NOT_IMITATED if name in button), None)
        raise bad_request(
            f"can't parse inline keyboard button: the simulator does not have {foreign}"
            if foreign
            else "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    kept = {name: button[name] for name in ("text", "style", action) if name in button}
    if action == "url":
        kept["url"] = _button_url(button["url"])
    elif action == "callback_data" and not 0 < len(button["callback_data"].encode()) <= MOST_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return kept


def _button_url(url: str) -> str:
    checked = checked_url(url)
    if checked is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return checked


def buttons(content: dict[str, Any]) -> Iterator[Button]:
    for row in content.get("reply_markup", {}).get("inline_keyboard", []):
        yield from row


def button_labelled(content: dict[str, Any], label: str) -> Button | None:
    """The button with exactly this label, else the only one that begins with it, else the only one that has it.

    Raises LookupError when several fit.
    """
    every = list(buttons(content))
    exact = [button for button in every if button["text"] == label]
    if exact:
        return exact[0]
    begun = [button for button in every if button["text"].startswith(label)]
    found = begun or [button for button in every if label in button["text"]]
    if len(found) > 1:
        raise LookupError(f"several buttons fit {label!r}")
    return found[0] if found else None
