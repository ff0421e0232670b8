"""The breaker: an Indexer that fails again and again is left alone for a while, also after a restart."""

from collections.abc import Iterable, Mapping

from models.clock import Millis, now
from models.ids import derived_id
from models.search import Answer, IndexerReport, Rest
from services.documents import insert_once, update_if
from services.failpoints import failpoint

FAILURES = 3
"""So many in a row, and it rests."""
_MINUTE = 60_000
FIRST_REST_MILLIS = 5 * _MINUTE
LONGEST_REST_MILLIS = 60 * _MINUTE
REFUSED_REST_MILLIS = 60 * _MINUTE
"""After a refusal for which no time was named, such as a wrong key."""
_FAILED = frozenset({Answer.TIMED_OUT, Answer.BUSY, Answer.BROKEN})


async def known_rests(names: Iterable[str]) -> Mapping[str, Rest]:
    """What is known of those Indexers that have failed lately, by name."""
    names_by_id = {_id(name): name for name in names}
    found = await Rest.find({"_id": {"$in": sorted(names_by_id)}}).to_list()
    return {names_by_id[rest.id]: rest for rest in found}


def rested(report: IndexerReport, rest: Rest | None, moment: Millis) -> IndexerReport:
    """The report, of one that is not to be asked now: as such. One that a member insists on is asked, unless it named
    the time itself.
    """
    if report.answer is not Answer.WAITING or rest is None or moment >= rest.until:
        return report
    if report.insisted and not rest.named:
        return report
    return report.model_copy(update={"answer": Answer.RESTING, "until": rest.until})


async def note(report: IndexerReport, rest: Rest | None) -> IndexerReport:
    """Writes down how an Indexer did, where that changes what is known; the report, with the time until it rests."""
    after = _after(report, rest or Rest(id=_id(report.indexer)), now())
    if after is None:
        return report
    if rest is None:
        with failpoint("search.trouble"):
            await insert_once(Rest(id=after.id))
    with failpoint("search.rest"):
        await update_if(
            Rest, {"_id": after.id}, {"failures": after.failures, "until": after.until, "named": after.named}
        )
    return report.model_copy(update={"until": after.until or None})


def _after(report: IndexerReport, rest: Rest, moment: Millis) -> Rest | None:
    """What is known after an answer; None when that is nothing new."""
    if report.answer is Answer.ANSWERED:
        return Rest(id=rest.id) if rest.failures or rest.until else None
    if report.answer is Answer.REJECTED:
        until = report.until or moment + REFUSED_REST_MILLIS
        return Rest(id=rest.id, failures=rest.failures, until=until, named=report.until is not None)
    if report.answer in _FAILED:
        failures = rest.failures + 1
        return Rest(id=rest.id, failures=failures, until=_until(failures, moment))
    return None


def _until(failures: int, moment: Millis) -> Millis:
    beyond = failures - FAILURES
    if beyond < 0:
        return 0
    return moment + min(FIRST_REST_MILLIS << min(beyond, 10), LONGEST_REST_MILLIS)


def _id(name: str) -> str:
    return derived_id("indexer", name)
