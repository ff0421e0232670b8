"""Which channels were taken in: what stands there is for all members."""

from models.intake import Intake, IntakeState


async def opened_channels() -> frozenset[int]:
    """The Bot API's numbers of those that an admin has opened, whether all of them is in the library yet or not."""
    return frozenset(await Intake.get_pymongo_collection().distinct("channel_id", {"opened": True}))


async def heard_by(channel_id: int) -> Intake | None:
    """For whose wish new posts of a channel are taken; None: nobody wants them, or not any more."""
    wanted = {"channel_id": channel_id, "opened": True, "state": {"$ne": IntakeState.STOPPED.value}}
    return await Intake.find(wanted).sort("created_at").first_or_none()
