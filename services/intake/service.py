"""What an admin may do with old archives, and what becomes of new posts in them."""

from collections.abc import Callable, Mapping, Sequence

from models.access import Member, Right
from models.clock import now
from models.intake import Intake, IntakeState
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.grabbing.port import Post
from services.intake.channels import heard_by
from services.intake.taking import Source, Taker
from services.telegram.addresses import read_channel

_STEERED = tuple(state for state in IntakeState if state is not IntakeState.STOPPED)


class NoArchive(MagpieError):
    """A text names no channel."""

    def __init__(self) -> None:
        super().__init__("intake-no-channel")


class UnknownIntake(MagpieError):
    """There is no such Intake any more."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Intakes:
    """Use cases of taking in. `wake` tells the runner that there is something to do, `news` that there are new Items."""

    def __init__(self, taker: Taker, wake: Callable[[], None], news: Callable[[], None]) -> None:
        self._taker = taker
        self._wake = wake
        self._news = news

    @require(Right.MANAGE)
    async def begin(self, channel: str, *, intake_id: str, chat_id: int, by: Member) -> Intake:
        """Has it found out what a channel is, and who may read it. The same id twice is the same Intake. Raises NoArchive."""
        named = read_channel(channel)
        if named is None:
            raise NoArchive
        intake = Intake(id=intake_id, member_id=by.id, chat_id=chat_id, channel=str(named))
        with failpoint("intake.insert"):
            saved = await insert_once(intake)
        self._wake()
        return saved

    @require(Right.MANAGE)
    async def find(self, intake_id: str, *, by: Member) -> Intake:
        """One's own. Raises UnknownIntake, NotAllowed."""
        intake = await Intake.get(intake_id)
        if intake is None:
            raise UnknownIntake
        if intake.member_id != by.id and not by.may(Right.OVERSEE):
            raise NotAllowed
        return intake

    @require(Right.MANAGE)
    async def start(self, intake_id: str, *, by: Member) -> Intake:
        """Opens the channel to all members, and reads what was posted before. Started already: nothing changes."""
        return await self._steer(intake_id, [IntakeState.READY], IntakeState.RUNNING, by, {"opened": True})

    @require(Right.MANAGE)
    async def pause(self, intake_id: str, *, by: Member) -> Intake:
        """Reads no more of what was posted before; new posts are taken all the same."""
        return await self._steer(intake_id, [IntakeState.RUNNING], IntakeState.PAUSED, by)

    @require(Right.MANAGE)
    async def resume(self, intake_id: str, *, by: Member) -> Intake:
        """Goes on after a pause."""
        return await self._steer(intake_id, [IntakeState.PAUSED], IntakeState.RUNNING, by)

    @require(Right.MANAGE)
    async def stop(self, intake_id: str, *, by: Member) -> Intake:
        """Takes nothing more, neither old nor new; what was taken stays."""
        return await self._steer(intake_id, _STEERED, IntakeState.STOPPED, by)

    @require(Right.MANAGE)
    async def retry(self, intake_id: str, *, by: Member) -> Intake:
        """Takes up what failed, or looks again who may read the channel."""
        intake = await self.find(intake_id, by=by)
        failed = intake.state is IntakeState.FAILED and intake.resume_to is not None
        state = intake.resume_to if failed else None
        expected = [IntakeState.FAILED, IntakeState.READY]
        return await self._steer(intake_id, expected, state or IntakeState.LOOKING, by)

    @require(Right.MANAGE)
    async def close(self, intake_id: str, *, by: Member) -> Intake:
        """Takes nothing more of its channel, whoever wished that; and only the owner and admins find what was taken."""
        intake = await self.find(intake_id, by=by)
        open_ones = {"channel_id": intake.channel_id, "opened": True}
        changes = {"opened": False, "closed": True, "state": IntakeState.STOPPED, "waiting": None}
        with failpoint("intake.close"):
            await update_all(Intake, open_ones, {**changes, "changed_at": now()})
        return await self.find(intake_id, by=by)

    async def take(self, channel_id: int, post: Post, *, edited: bool) -> None:
        """A post that was made or edited just now, where the channel was taken in. Repeatable."""
        intake = await heard_by(channel_id)
        if intake is None:
            return
        source = Source(channel_id, channel_id, intake.name, intake.member_id)
        await self._taker.take(source, [post], patient=False)
        if edited:
            await self._taker.renew(source, post)
        self._news()

    async def _steer(
        self,
        intake_id: str,
        expected: Sequence[IntakeState],
        state: IntakeState,
        by: Member,
        besides: Mapping[str, object] | None = None,
    ) -> Intake:
        """In another state than expected it stays as it is."""
        intake = await self.find(intake_id, by=by)
        where = {"_id": intake.id, "state": {"$in": list(expected)}}
        changes = {
            "state": state,
            "waiting": None,
            "error": None,
            "lease_owner": None,
            "lease_until": 0,
            "changed_at": now(),
            **(besides or {}),
        }
        with failpoint("intake.steer"):
            steered = await update_if(Intake, where, changes)
        self._wake()
        return steered or intake
