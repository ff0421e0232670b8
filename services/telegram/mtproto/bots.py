"""A bot's account: its authorisation is kept in a file, and made anew from its token when Telegram has forgotten it."""

import sqlite3
from pathlib import Path
from typing import Any

import structlog
from pyrogram import Client
from pyrogram.raw import functions, types
from pyrogram.storage import SQLiteStorage

from services.failpoints import failpoint
from services.telegram.large import Access, BotToken, Server
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.places import Place, agreed, ask_at_home, client_for, closed, keep_user
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, unwelcome
from services.telegram.port import FIRST_CHANNEL, ChatClosed, TelegramAway

_log = structlog.get_logger(__name__)


class BotAccount(Account):
    """Signed in once, not at every start."""

    _begins_anew = True
    reads_history = False

    def __init__(self, access: Access[BotToken], server: Server | None) -> None:
        super().__init__(access, server)
        self._access = access

    async def _sign_in(self) -> Place:
        client = await self._client()
        try:
            place = await Place.of(client)
            if await client.storage.user_id() is None:
                place = await self._introduced(place)
        except BaseException:
            await closed(client)
            raise
        self.lost = None
        return place

    async def _client(self) -> Client:
        folder = self._access.identity.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        client = client_for(self._access, self._server, self._name, workdir=folder)
        try:
            await agreed(client.load_session())
        except sqlite3.DatabaseError as error:
            await closed(client)
            if "locked" not in str(error):
                _log.warning("session-file-damaged", file=self._file.name, exc_info=error)
                self._forget()
            raise TelegramAway(AWAY_SECONDS) from error
        except BaseException:
            await closed(client)
            raise
        self._file.chmod(0o600)
        return client

    async def _introduced(self, place: Place) -> Place:
        """Says whose bot this is; to the data centre that knows it, when another one does."""
        query = functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=self._access.api_id,
            api_hash=self._access.api_hash,
            bot_auth_token=self._access.identity.token,
        )
        await self._pauses.over(query.QUALNAME)
        try:
            with failpoint("telegram.sign-in"):
                place, signed_in = await ask_at_home(place, query)
        except RpcRefused as refused:
            if refused.is_flood:
                self._pauses.begin(query.QUALNAME, refused.number or AWAY_SECONDS)
            raise unwelcome(refused) from refused
        await keep_user(place.client, signed_in.user.id, is_bot=True)
        return place

    def _forget(self) -> None:
        self._file.unlink(missing_ok=True)

    async def _asked_for(self, chat_id: int) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        if chat_id > 0:
            # a bot needs no hash for those it has met
            return types.InputPeerUser(user_id=chat_id, access_hash=0)
        if chat_id > FIRST_CHANNEL:
            return types.InputPeerChat(chat_id=-chat_id)
        number = FIRST_CHANNEL - chat_id
        query = functions.channels.GetChannels(id=[types.InputChannel(channel_id=number, access_hash=0)])
        chat = next((each for each in (await self.ask(query)).chats if each.id == number), None)
        if not isinstance(chat, types.Channel):
            raise ChatClosed("CHANNEL_PRIVATE")
        return types.InputPeerChannel(channel_id=number, access_hash=chat.access_hash or 0)

    @property
    def _name(self) -> str:
        """A file for each bot: with another token there is another account."""
        return f"bot-{self._access.identity.token.partition(':')[0]}"

    @property
    def _file(self) -> Path:
        return self._access.identity.folder / f"{self._name}{SQLiteStorage.FILE_EXTENSION}"
