"""The door through which Magpie goes as its owner: for what Telegram shows to people, and not to bots."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from services.errors import MagpieError
from services.telegram.large import Access, LateDoor, Server, UserSession
from services.telegram.lease import Lease, name_of
from services.telegram.pace import Pace
from services.telegram.port import (
    IN_USE,
    AccountLost,
    ChatClosed,
    Keyboard,
    Media,
    Outgoing,
    Sent,
    TelegramRefused,
    Told,
)

if TYPE_CHECKING:
    from services.telegram.mtproto.account import Account
    from services.telegram.mtproto.reading import Reader
    from services.telegram.mtproto.sending import Sender

_LEARN_SECONDS = 300.0
_LIMITS = ("PEER_FLOOD", "USER_RESTRICTED", "FROZEN_METHOD_INVALID")
"""What Telegram says to an account that may read and not send, wherever it is."""
_LIMITED_SECONDS = 3600.0
"""Before it is tried again: Telegram does not say how long it is."""
_log = structlog.get_logger(__name__)


class UserDoor(LateDoor):
    """The account of a person. While somebody else uses its session it is shut, and opens when they have ended.

    Without a `lease` nobody else can be there. `posts_to`: the channel where posts go, when there is one.
    """

    def __init__(self, access: Access[UserSession], lease: Lease | None, posts_to: int | None = None) -> None:
        super().__init__(access)
        self._access = access
        self._lease = lease
        self._pace = Pace()
        self._reader: Reader | None = None
        self._sender: Sender | None = None
        self._most: dict[int, int] = {} if posts_to is None else {posts_to: 0}
        """Bytes of the largest file that we may send, by chat, as far as was asked."""
        self._learn_at = 0.0
        self._limited_until = 0.0
        self._limit = ""

    @property
    def limited(self) -> str | None:
        """Telegram's own word for why nothing may be sent for now; None: something may, as far as is known."""
        return self._limit if time.monotonic() < self._limited_until else None

    @property
    def lost(self) -> str | None:
        """As of every account; `IN_USE` while somebody else uses its session."""
        return IN_USE if self._lease is not None and self._lease.is_taken else super().lost

    @property
    def session(self) -> str:
        return name_of(self._access.identity.text)

    async def account(self) -> "Account":
        """The account, as long as the session is ours: each of its calls looks. Raises AccountLost, TelegramAway."""
        if self._lease is not None:
            await self._lease.keep()
            self._lease.heed()
        return await super().account()

    @property
    def pause(self) -> float:
        """As `Channels` says."""
        return self._pace.pause

    async def reader(self) -> "Reader":
        account = await self.account()
        if self._reader is None:
            from services.telegram.mtproto.reading import Reader

            self._reader = Reader(account, self._pace)
        return self._reader

    def most_in(self, chat_id: int) -> int:
        """As `PersonalDoor` says."""
        shut = self.lost is not None or self.limited is not None
        return 0 if shut else self._most.get(chat_id, 0)

    async def learn(self, chat_id: int) -> int:
        """As `PersonalDoor` says."""
        try:
            sender = await self._sending()
            most = await sender.most()
            self._most[chat_id] = most if most and await sender.may_post(chat_id) else 0
        except (AccountLost, TelegramRefused) as closed:
            self._most[chat_id] = 0
            _log.info("account-may-not-post", chat=chat_id, reason=closed.reason)
        return self.most_in(chat_id)

    async def send_media(
        self, chat_id: int, media: Media, which: Outgoing, links: Keyboard = (), *, told: Told
    ) -> Sent:
        """As `PersonalDoor` says."""
        try:
            return await (await self._sending()).send(chat_id, media, which, links, told)
        except TelegramRefused as refused:
            if refused.reason not in _LIMITS:
                raise
            self._limit, self._limited_until = refused.reason, time.monotonic() + _LIMITED_SECONDS
            _log.warning("account-limited", reason=refused.reason)
            raise ChatClosed(refused.reason) from refused

    async def sent_since(self, chat_id: int, after: int, size: int) -> Sequence[int]:
        """As `PersonalDoor` says."""
        return await (await self._sending()).sent_since(chat_id, after, size)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """As `PersonalDoor` says."""
        await (await self._sending()).delete(chat_id, message_id)

    async def close(self) -> None:
        """Closes it, and lets others have the session."""
        await super().close()
        if self._lease is not None:
            await self._lease.release()

    async def _look(self) -> None:
        if self._lease is not None:
            await self._lease.keep()
            if not self._lease.is_ours:
                await super().close()
                return
        await super()._look()
        await self._learn_now_and_then()

    async def _learn_now_and_then(self) -> None:
        """Whether Telegram still takes the session, and what we may send where: nobody tells us when that changes."""
        if self.lost is not None:
            self._learn_at = 0.0
        if self.lost is not None or time.monotonic() < self._learn_at:
            return
        self._learn_at = time.monotonic() + _LEARN_SECONDS
        try:
            await self.me()
            for chat_id in list(self._most):
                await self.learn(chat_id)
        except MagpieError as error:
            _log.info("account-not-asked", error=error.key)

    async def _sending(self) -> "Sender":
        account = await self.account()
        if self._sender is None:
            from services.telegram.mtproto.sending import Sender

            self._sender = Sender(account)
        return self._sender

    def _made(self, server: Server | None) -> "Account":
        from services.telegram.mtproto.people import UserAccount

        return UserAccount(self._access, server, _unheeded if self._lease is None else self._lease.heed)


def _unheeded() -> None:
    """Where there is no lease."""
