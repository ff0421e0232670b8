"""Calls of MTProto as the record keeps them: with everything but bytes and secrets."""

from typing import Any

from pyrogram.raw import functions, types
from pyrogram.raw.core import TLObject

from simulator.chats import CHANNEL_BASE
from simulator.mtproto.call import Answer
from simulator.mtproto.methods import inner, name_of
from simulator.record import summary

_SECRETS = ("bot_auth_token", "api_hash", "password", "phone_code", "phone_code_hash")


def call_of(query: Any, answer: Answer = None, error: str | None = None) -> dict[str, Any]:  # noqa: ANN401
    """What `Record` is given about a call. A message's number is the new one's, or of that which was to be edited."""
    query = inner(query)
    edited = query.id if isinstance(query, functions.messages.EditMessage) else None
    return {
        "method": name_of(query),
        "chat": _chat(getattr(query, "peer", None) or getattr(query, "channel", None)),
        "message_id": _new_message(answer) or edited,
        "ok": error is None,
        "error": error,
        "parameters": summary(_fields(query)),
    }


def _chat(peer: Any) -> int | None:  # noqa: ANN401
    """The chat as the Bot API names it."""
    if isinstance(peer, types.InputPeerChannel | types.InputChannel):
        return int(CHANNEL_BASE - peer.channel_id)
    if isinstance(peer, types.InputPeerChat):
        return -int(peer.chat_id)
    return int(peer.user_id) if isinstance(peer, types.InputPeerUser) else None


def _new_message(answer: Answer) -> int | None:
    if not isinstance(answer, types.Updates):
        return None
    return next((each.message.id for each in answer.updates if hasattr(each, "message")), None)


def _fields(thing: TLObject) -> dict[str, Any]:
    given = {name: getattr(thing, name) for name in thing.__slots__ if name not in _SECRETS}
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, TLObject):
        return {"_": value.QUALNAME.removeprefix("types.")} | _fields(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return [_plain(each) for each in value] if isinstance(value, list) else value
