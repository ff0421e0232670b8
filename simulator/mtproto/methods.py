"""The methods of MTProto that the data centres have. Any other is refused, never made up."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pyrogram.raw import functions

from simulator.accounts import Bot
from simulator.auth_keys import Key
from simulator.files import CDN, HOME
from simulator.mtproto import (
    accounts,
    cdn,
    dialogs,
    files,
    invites,
    media,
    posts,
    reading,
    signing_in,
    topics,
)
from simulator.mtproto.call import Answer, Call, Place
from simulator.mtproto.parts import PartRefused
from simulator.mtproto.refusals import BAD_REQUEST, SEE_OTHER, UNAUTHORIZED, RpcRefused
from simulator.mtproto.users import User, user_with

_WRAPPERS = (functions.InvokeWithLayer, functions.InitConnection, functions.InvokeWithoutUpdates)
SIGNING_IN: Mapping[type, Callable[[signing_in.Knock], Awaitable[Answer]]] = {
    functions.auth.ImportBotAuthorization: signing_in.bot,
    functions.auth.ImportAuthorization: signing_in.import_,
    functions.auth.SendCode: signing_in.send_code,
    functions.auth.SignIn: signing_in.person,
    functions.auth.LogOut: signing_in.sign_out,
    functions.account.GetPassword: signing_in.get_password,
    functions.auth.CheckPassword: signing_in.check_password,
}
FOR_ALL: Mapping[type, Callable[[Call], Awaitable[Answer]]] = {
    functions.auth.ExportAuthorization: signing_in.export,
    functions.updates.GetState: accounts.state,
    functions.users.GetUsers: accounts.users,
    functions.users.GetFullUser: accounts.full_user,
    functions.contacts.ResolveUsername: accounts.resolve,
    functions.channels.GetChannels: accounts.channels,
    functions.channels.GetFullChannel: accounts.full_channel,
    functions.upload.SaveFilePart: files.save_part,
    functions.upload.SaveBigFilePart: files.save_big_part,
    functions.upload.GetFile: files.get_file,
    functions.upload.GetFileHashes: files.get_hashes,
    functions.upload.ReuploadCdnFile: cdn.reupload,
    functions.upload.GetCdnFileHashes: cdn.get_hashes,
    functions.messages.UploadMedia: media.upload_media,
    functions.messages.SendMedia: posts.send_media,
    functions.channels.GetMessages: reading.of_channel,
}
FOR_BOTS: Mapping[type, Callable[[Call], Awaitable[Answer]]] = {
    functions.messages.EditMessage: posts.edit_message,
    functions.messages.GetMessages: reading.of_bot,
}
"""People have these in Telegram, too, but not here."""
FOR_PEOPLE: Mapping[type, Callable[[Call], Awaitable[Answer]]] = {
    functions.messages.GetDialogs: dialogs.dialogs,
    functions.messages.GetHistory: dialogs.history,
    functions.messages.Search: dialogs.search,
    functions.messages.GetForumTopicsByID: topics.by_number,
    functions.messages.CheckChatInvite: invites.check,
    functions.messages.ImportChatInvite: invites.accept,
    functions.channels.DeleteMessages: posts.delete_in_channel,
}
_ANYWHERE = (
    functions.upload.GetFile,
    functions.upload.GetFileHashes,
    functions.upload.ReuploadCdnFile,
    functions.upload.GetCdnFileHashes,
)
"""What a data centre does for those whose home is another one."""


async def handle(place: Place, dc: int, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
    """The result of a call. Raises RpcRefused."""
    query = inner(query)
    if dc == CDN:
        return await cdn.get_file(place, query)
    if isinstance(query, functions.help.GetCdnConfig):
        return cdn.config(place.cdn_key)
    if isinstance(query, functions.help.GetConfig):
        return accounts.config(place, dc)
    signing = SIGNING_IN.get(type(query))
    if signing is not None:
        return await signing(signing_in.Knock(place, dc, key, query))
    if not any(type(query) in methods for methods in (FOR_ALL, FOR_BOTS, FOR_PEOPLE)):
        raise RpcRefused(BAD_REQUEST, "METHOD_INVALID")
    who = _who(place, key)
    if dc != HOME and not isinstance(query, _ANYWHERE):
        raise RpcRefused(SEE_OTHER, f"USER_MIGRATE_{HOME}")
    try:
        return await _method(who, query)(Call(place, dc, who, query))
    except PartRefused as refused:
        raise RpcRefused(BAD_REQUEST, str(refused)) from refused


def _who(place: Place, key: Key) -> User:
    number = place.keys.user_of(key)
    if not number:
        raise RpcRefused(UNAUTHORIZED, place.keys.refusal(key))
    who = user_with(place.world, number)
    if who.login and who.login.banned:
        raise RpcRefused(UNAUTHORIZED, "USER_DEACTIVATED_BAN")
    return who


def _method(who: User, query: Any) -> Callable[[Call], Awaitable[Answer]]:  # noqa: ANN401
    is_bot, kind = isinstance(who.account, Bot), type(query)
    method = FOR_ALL.get(kind) or (FOR_BOTS if is_bot else FOR_PEOPLE).get(kind)
    if method is None:
        raise RpcRefused(BAD_REQUEST, "BOT_METHOD_INVALID" if is_bot else "METHOD_INVALID")
    return method


def name_of(query: Any) -> str:  # noqa: ANN401
    """A method's name as Telegram writes it, such as upload.getFile."""
    *_, space, name = ("." + inner(query).QUALNAME.removeprefix("functions.")).split(".")
    return f"{space}.{name[0].lower()}{name[1:]}".removeprefix(".")


def inner(query: Any) -> Any:  # noqa: ANN401
    while isinstance(query, _WRAPPERS):
        query = query.query
    return query
