"""The methods of MTProto that this data centre has. Any other is refused, never made up."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pyrogram.raw import functions

from simulator.mtproto import accounts, files, posts
from simulator.mtproto.call import Answer, Call, Place
from simulator.mtproto.parts import PartRefused
from simulator.mtproto.refusals import BAD_REQUEST, UNAUTHORIZED, RpcRefused
from simulator.mtproto.sessions import Key

_WRAPPERS = (functions.InvokeWithLayer, functions.InitConnection, functions.InvokeWithoutUpdates)
METHODS: Mapping[type, Callable[[Call], Awaitable[Answer]]] = {
    functions.updates.GetState: accounts.state,
    functions.users.GetUsers: accounts.users,
    functions.users.GetFullUser: accounts.full_user,
    functions.channels.GetChannels: accounts.channels,
    functions.upload.SaveFilePart: files.save_part,
    functions.upload.SaveBigFilePart: files.save_big_part,
    functions.upload.GetFile: files.get_file,
    functions.messages.SendMedia: posts.send_media,
    functions.messages.EditMessage: posts.edit_message,
    functions.channels.GetMessages: posts.messages,
}


async def handle(place: Place, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
    """The result of a call. Raises RpcRefused."""
    query = _inner(query)
    if isinstance(query, functions.help.GetConfig):
        return accounts.config(place)
    if isinstance(query, functions.auth.ImportBotAuthorization):
        return accounts.sign_in(place, key, query)
    method = METHODS.get(type(query))
    if method is None:
        raise RpcRefused(BAD_REQUEST, "METHOD_INVALID")
    bot = place.world.accounts.bot(place.keys.bot_of(key))
    if bot is None:
        raise RpcRefused(UNAUTHORIZED, "AUTH_KEY_UNREGISTERED")
    try:
        return await method(Call(place, bot, query))
    except PartRefused as refused:
        raise RpcRefused(BAD_REQUEST, str(refused)) from refused


def name_of(query: Any) -> str:  # noqa: ANN401
    """A method's name as Telegram writes it, such as upload.getFile."""
    *_, space, name = ("." + _inner(query).QUALNAME.removeprefix("functions.")).split(".")
    return f"{space}.{name[0].lower()}{name[1:]}".removeprefix(".")


def _inner(query: Any) -> Any:  # noqa: ANN401
    while isinstance(query, _WRAPPERS):
        query = query.query
    return query
