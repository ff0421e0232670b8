"""What a member may do with whole channels."""

from collections.abc import Callable, Sequence

from models.access import Member, Right
from models.clock import now
from models.grabs import Grab, GrabState
from models.transfers import Transfer, TransferState
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.grabbing.reading import read_wish
from services.telegram.addresses import read_channel
from services.transfers.service import Transfers

_GOING_ON = (GrabState.LOOKING, GrabState.READY, GrabState.RUNNING, GrabState.PAUSED)


class NoChannel(MagpieError):
    """A text names no channel."""

    def __init__(self) -> None:
        super().__init__("grab-no-channel")


class UnknownGrab(MagpieError):
    """There is no such Grab any more."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Grabs:
    """Use cases of grabbing. `wake` tells the runner that there is something to do."""

    def __init__(self, transfers: Transfers, wake: Callable[[], None]) -> None:
        self._transfers = transfers
        self._wake = wake

    @require(Right.MANAGE)
    async def begin(self, channel: str, wish: str, *, grab_id: str, chat_id: int, by: Member) -> Grab:
        """Has a channel looked through for what would come. The same id twice is the same Grab.

        Raises NoChannel, and the errors of `read_wish`.
        """
        named = read_channel(channel)
        if named is None:
            raise NoChannel
        read_wish(wish)
        grab = Grab(id=grab_id, member_id=by.id, chat_id=chat_id, channel=str(named), wish=wish)
        with failpoint("grab.insert"):
            saved = await insert_once(grab)
        self._wake()
        return saved

    @require(Right.MANAGE)
    async def find(self, grab_id: str, *, by: Member) -> Grab:
        """One's own. Raises UnknownGrab, NotAllowed."""
        grab = await Grab.get(grab_id)
        if grab is None:
            raise UnknownGrab
        if grab.member_id != by.id and not by.may(Right.OVERSEE):
            raise NotAllowed
        return grab

    @require(Right.MANAGE)
    async def start(self, grab_id: str, *, by: Member) -> Grab:
        """Orders what was found, and all that is behind it. Started already: nothing changes."""
        return await self._steer(grab_id, [GrabState.READY], GrabState.RUNNING, by)

    @require(Right.MANAGE)
    async def pause(self, grab_id: str, *, by: Member) -> Grab:
        """Orders nothing more until it goes on; what is ordered goes on."""
        return await self._steer(grab_id, [GrabState.RUNNING], GrabState.PAUSED, by)

    @require(Right.MANAGE)
    async def resume(self, grab_id: str, *, by: Member) -> Grab:
        """Goes on after a pause."""
        return await self._steer(grab_id, [GrabState.PAUSED], GrabState.RUNNING, by)

    @require(Right.MANAGE)
    async def stop(self, grab_id: str, *, by: Member) -> Grab:
        """Orders nothing more, for good; what is ordered goes on."""
        return await self._steer(grab_id, _GOING_ON, GrabState.STOPPED, by)

    @require(Right.MANAGE)
    async def retry(self, grab_id: str, *, by: Member) -> Grab:
        """Takes up what failed: the looking through, or orders."""
        grab = await self.find(grab_id, by=by)
        failed = {"grab": grab.id, "state": TransferState.FAILED.value}
        async for order in Transfer.find(failed):
            await self._transfers.retry(order.id, by=by)
        state = grab.resume_to or GrabState.RUNNING
        return await self._steer(grab_id, [GrabState.FAILED, GrabState.DONE], state, by)

    async def _steer(self, grab_id: str, expected: Sequence[GrabState], state: GrabState, by: Member) -> Grab:
        """In another state than expected it stays as it is."""
        grab = await self.find(grab_id, by=by)
        where = {"_id": grab.id, "state": {"$in": list(expected)}}
        changes = {
            "state": state,
            "waiting": None,
            "error": None,
            "lease_owner": None,
            "lease_until": 0,
            "changed_at": now(),
        }
        with failpoint("grab.steer"):
            steered = await update_if(Grab, where, changes)
        self._wake()
        return steered or grab
