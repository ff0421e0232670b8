"""What is written down of the parts that Telegram has."""

import pytest

from models.clock import now
from models.uploads import SentParts
from services.telegram.mtproto import ledger

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
HOUR = 3_600_000


@pytest.mark.parametrize(("hours", "is_believed"), [(5, True), (7, False)])
async def test_what_was_sent_long_ago_is_not_believed(hours: int, *, is_believed: bool) -> None:
    """Telegram forgets it after a while: what is sent then has another number."""
    await SentParts(id="film", number=7, have="ff", changed_at=now() - hours * HOUR).insert()
    known = await ledger.recorded("film")
    assert ((known.number, known.have) == (7, "ff")) is is_believed
    assert is_believed or known.have == "0"
    assert (await ledger.recorded("film")).number == known.number


async def test_what_is_written_down_again_stays_believed() -> None:
    old = await SentParts(id="film", number=7, changed_at=now() - 5 * HOUR).insert()
    await ledger.record(old, 0b101)
    (known,) = await SentParts.find_all().to_list()
    assert (known.have, known.changed_at > now() - HOUR) == ("5", True)
