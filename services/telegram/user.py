"""The door through which Magpie goes as its owner: for what Telegram shows to people, and not to bots."""

from typing import TYPE_CHECKING

from services.telegram.large import Access, LateDoor, Server, UserSession
from services.telegram.lease import Lease
from services.telegram.pace import Pace
from services.telegram.port import IN_USE

if TYPE_CHECKING:
    from services.telegram.mtproto.account import Account
    from services.telegram.mtproto.reading import Reader


class UserDoor(LateDoor):
    """The account of a person. While somebody else uses its session it is shut, and opens when they have ended.

    Without a `lease` nobody else can be there.
    """

    def __init__(self, access: Access[UserSession], lease: Lease | None) -> None:
        super().__init__(access)
        self._access = access
        self._lease = lease
        self._pace = Pace()
        self._reader: Reader | None = None

    @property
    def lost(self) -> str | None:
        """As of every account; `IN_USE` while somebody else uses its session."""
        return IN_USE if self._lease is not None and self._lease.is_taken else super().lost

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

    def _made(self, server: Server | None) -> "Account":
        from services.telegram.mtproto.people import UserAccount

        return UserAccount(self._access, server, _unheeded if self._lease is None else self._lease.heed)


def _unheeded() -> None:
    """Where there is no lease."""
