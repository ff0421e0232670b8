"""Which channels were taken in: what stands there is for all members."""

from typing import Any

from models.intake import Intake, IntakeState
from services.transfers.forgotten import NOBODY


async def opened_channels() -> frozenset[int]:
    """The Bot API's numbers of those that an admin has opened, whether all of them is in the library yet or not."""
    return frozenset(await Intake.get_pymongo_collection().distinct("channel_id", {"opened": True}))


async def heard_by(channel_id: int) -> Intake | None:
    """For whose wish new posts of a channel are taken; None: nobody wants them, or not any more."""
    wanted = {"channel_id": channel_id, "opened": True, "state": {"$ne": IntakeState.STOPPED.value}}
    return await Intake.find(wanted).sort("created_at").first_or_none()


def opened_by_nobody(intake_id: str, channel_id: int, **known: Any) -> Intake:  # noqa: ANN401 - fields of an Intake
    """A channel that is open to all, as it comes back: what was posted before has come already, what comes is taken as it comes."""
    nobodys = {"member_id": NOBODY, "chat_id": 0, "channel": str(channel_id)}
    return Intake(
        id=intake_id, channel_id=channel_id, **nobodys, **known, state=IntakeState.DONE, opened=True
    )
