"""One account of Telegram's, whoever it is: its connections, and how chats are named to it."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from pyrogram.enums import ParseMode
from pyrogram.raw import functions, types

from services.telegram.budget import Pauses
from services.telegram.large import Access, Server
from services.telegram.mtproto import cdn
from services.telegram.mtproto.lines import Line, Lines
from services.telegram.mtproto.places import ANSWER_SECONDS, Place
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.port import MOST_PARTS, PREMIUM, AccountLost, ChatClosed, Me, TelegramAway

_IDLE_SECONDS = 60.0
_OF_CHATS = (functions.messages.SendMedia, functions.messages.EditMessage)
"""Their pauses are one chat's, and kept by whoever writes there: elsewhere they may be asked."""


class Account(ABC):
    """An account. Its connections are opened when they are needed, and shut when nobody needed them for a while.

    `lost` says why Telegram does not let it in, as long as it does not.
    """

    _begins_anew: ClassVar[bool]
    """Whether an authorisation that Telegram does not know any more can be made again."""
    reads_history: ClassVar[bool]
    """Whether Telegram lets it look through chats, and not at single messages only."""

    def __init__(self, access: Access[Any], server: Server | None) -> None:
        self.lost: str | None = None
        self.is_in = False
        """Whether Telegram has answered, since it last did not let us in."""
        self._server = server
        self._is_premium = False
        self._place: Place | None = None
        self._signing = asyncio.Lock()
        self._calls = Lines(lambda: self._line(media=False))
        self._media = Lines(lambda: self._line(media=True))
        self._abroad: dict[int, Lines] = {}
        """Media connections to other data centres, where some files live."""
        self._going_abroad = defaultdict[int, asyncio.Lock](asyncio.Lock)
        self._pauses = Pauses()
        self._peers: dict[int, Any] = {}
        self._named: dict[str, Any] = {}

    @property
    def most_parts(self) -> int:
        """Of which a file that this account sends may consist, as far as it is known: `me` tells of Premium."""
        most = MOST_PARTS if self._server is None else self._server.most_parts
        return most * (PREMIUM if self._is_premium else 1)

    async def ask(self, query: Any, seconds: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """The result of a call. Raises RpcRefused, TelegramAway, AccountLost.

        When Telegram wanted a pause before the same is asked again, a short one is waited for; in a long one nothing goes out,
        and TelegramAway says how much of it is left.
        """
        # before anything else: who we are, and whether we may, is looked at when it goes out
        await self._pauses.over(query.QUALNAME)
        return await self._answered(lambda: self._heeding(query, seconds))

    async def carry(self, query: Any, seconds: float, spread: int, *, dc: int | None = None) -> Any:  # noqa: ANN401
        """As `ask`, for parts of files: over the media connections, `spread` of them at most, to the data centre named."""
        if dc is None or dc == (await self._signed_in()).dc:
            return await self._answered(lambda: self._media.ask(query, seconds, spread=spread))
        lines = await self._media_of(dc)
        try:
            return await _asked(partial(lines.ask, query, seconds, spread=spread))
        except AccountLost as lost:
            # it is another data centre that knows us no more: home is asked to introduce us again
            await self._leave(dc)
            raise TelegramAway(AWAY_SECONDS) from lost

    async def peer(self, chat_id: int) -> Any:  # noqa: ANN401
        """How Telegram wants a chat named that the Bot API numbers so. Raises ChatClosed besides."""
        if chat_id not in self._peers:
            with ours():
                self._peers[chat_id] = await self._asked_for(chat_id)
        return self._peers[chat_id]

    async def resolve(self, name: str) -> Any:  # noqa: ANN401
        """The public channel or supergroup of this name, as `peer` gives it; nothing else has one here: ChatClosed."""
        name = name.removeprefix("@").lower()
        if name not in self._named:
            with ours():
                found = await self.ask(functions.contacts.ResolveUsername(username=name))
            self._named[name] = _channel_in(found)
        return self._named[name]

    async def named(self, chat: int | str) -> Any:  # noqa: ANN401
        """As `resolve` for names and as `peer` for numbers."""
        return await (self.resolve(chat) if isinstance(chat, str) else self.peer(chat))

    async def marked_up(self, html: str) -> tuple[str, list[Any]]:
        """The text and the entities of HTML."""
        place = await self._signed_in()
        parsed = await place.client.parser.parse(html, ParseMode.HTML)
        return parsed["message"], parsed["entities"] or []

    async def me(self) -> Me:
        """Whom Telegram takes us for. Raises TelegramAway, TelegramRefused, AccountLost."""
        with ours():
            found = (await self.ask(functions.users.GetFullUser(id=types.InputUserSelf()))).users[0]
        self._is_premium = bool(found.premium)
        return Me(str(found.username or found.first_name), is_premium=self._is_premium)

    async def close_idle(self) -> None:
        """Shuts the connections that nobody needed for a while."""
        for lines in (self._calls, self._media, *self._abroad.values()):
            if lines.is_idle and time.monotonic() - lines.used_at > _IDLE_SECONDS:
                await lines.close()

    async def close(self) -> None:
        place, self._place = self._place, None
        for lines in (self._calls, self._media, *self._abroad.values()):
            await lines.close()
        self._abroad.clear()
        if place is not None:
            await place.client.storage.close()

    @abstractmethod
    async def _sign_in(self) -> Place:
        """With what is kept of the last time. Raises TelegramAway, AccountLost."""

    @abstractmethod
    async def _asked_for(self, chat_id: int) -> Any:  # noqa: ANN401
        """As `peer`, and raises RpcRefused."""

    async def _answered(self, call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """An authorisation that was taken from us is made anew, once, where that can be."""
        place = await self._signed_in()
        if self._begins_anew:
            with suppress(AccountLost):
                answer = await _asked(call)
                self._let_in()
                return answer
            await self._sign_out(place)
            await self._signed_in()
        try:
            answer = await _asked(call)
        except AccountLost as lost:
            self._shut_out(lost)
            raise
        self._let_in()
        return answer

    async def _heeding(self, query: Any, seconds: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401
        """The result of a call that is asked when no pause is wanted before it; one that is wanted is remembered."""
        method = query.QUALNAME
        await self._pauses.over(method)
        try:
            return await self._calls.ask(query, seconds)
        except RpcRefused as refused:
            if refused.is_flood and not isinstance(query, _OF_CHATS):
                self._pauses.begin(method, refused.number or AWAY_SECONDS)
            raise

    def _let_in(self) -> None:
        self.lost, self.is_in = None, True

    def _shut_out(self, lost: AccountLost) -> None:
        self.lost, self.is_in = lost.reason, False

    async def _leave(self, dc: int) -> None:
        lines = self._abroad.pop(dc, None)
        if lines is not None:
            await lines.close()

    async def _media_of(self, dc: int) -> Lines:
        async with self._going_abroad[dc]:
            if dc not in self._abroad:
                there = await self._introduced_at(dc)
                self._abroad[dc] = Lines(lambda: there.line(media=True))
            return self._abroad[dc]

    async def _introduced_at(self, dc: int) -> Place:
        """Another data centre believes who we are on the word of our own. A CDN need not know."""
        config = await self.ask(functions.help.GetConfig())
        if cdn.is_one(config, dc):
            keys = await self.ask(functions.help.GetCdnConfig())
            with cdn.trusted(keys, dc):
                return await (await self._signed_in()).elsewhere(config, dc)
        exported = await self.ask(functions.auth.ExportAuthorization(dc_id=dc))
        there = await (await self._signed_in()).elsewhere(config, dc)
        line = there.line(media=True)
        await line.open()
        try:
            query = functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
            await line.ask(query, ANSWER_SECONDS)
        finally:
            await line.close()
        return there

    async def _signed_in(self) -> Place:
        async with self._signing:
            if self._place is None:
                try:
                    self._place = await self._sign_in()
                except AccountLost as lost:
                    self._shut_out(lost)
                    raise
            return self._place

    async def _sign_out(self, place: Place) -> None:
        """What is kept is worth nothing any more, unless somebody has signed in anew meanwhile."""
        async with self._signing:
            if self._place is place:
                await self.close()
                self._peers.clear()
                self._named.clear()
                self._forget()

    @abstractmethod
    def _forget(self) -> None:
        """Throws away what is kept of the last time, if anything is."""

    def _line(self, *, media: bool) -> Line:
        if self._place is None:
            raise TelegramAway(AWAY_SECONDS)
        return self._place.line(media=media)


def _channel_in(found: Any) -> Any:  # noqa: ANN401
    """Raises ChatClosed where a name stands for something else."""
    number = getattr(found.peer, "channel_id", None)
    for chat in found.chats:
        if isinstance(chat, types.Channel) and chat.id == number:
            return types.InputPeerChannel(channel_id=number, access_hash=chat.access_hash or 0)
    raise ChatClosed("USERNAME_OF_NO_CHANNEL")


async def _asked(call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Raises AccountLost where Telegram refuses because it does not know us any more."""
    try:
        return await call()
    except RpcRefused as refused:
        if refused.is_lost:
            raise AccountLost(refused.name) from refused
        raise
