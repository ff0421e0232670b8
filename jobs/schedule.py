"""What runs by the clock. Defined here, kept in memory: the database knows all that matters."""

from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from jobs.chores import Chores

POLL_SECONDS = 1.0
TIDY_SECONDS = 5.0
PRUNE_SECONDS = 3600.0
LIFT_SECONDS = 5.0
VERIFY_SECONDS = 5.0


def build_schedule(chores: Chores) -> AsyncIOScheduler:
    """The schedule, not started yet. A chore that is still running is not started twice."""
    schedule = AsyncIOScheduler(timezone="UTC", job_defaults={"max_instances": 1, "coalesce": True})
    schedule.add_job(chores.poll, "interval", seconds=POLL_SECONDS, id="poll")
    schedule.add_job(chores.tidy, "interval", seconds=TIDY_SECONDS, id="tidy")
    schedule.add_job(chores.prune, "interval", seconds=PRUNE_SECONDS, id="prune")
    schedule.add_job(chores.verify, "interval", args=[VERIFY_SECONDS], seconds=VERIFY_SECONDS, id="verify")
    schedule.add_job(
        chores.lift, "interval", seconds=LIFT_SECONDS, id="lift", next_run_time=datetime.now(UTC)
    )
    return schedule
