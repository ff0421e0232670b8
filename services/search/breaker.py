"""The breaker: an Indexer that fails again and again is left alone for a while, also after a restart."""

from collections.abc import Iterable, Mapping, Sequence

from models.clock import Millis, now
from models.ids import derived_id
from models.search import Answer, IndexerReport, Rest
from services.documents import insert_once, update_all, update_if
from services.failpoints import failpoint

FAILURES = 3
"""So many in a row, and it rests."""
_MINUTE = 60_000
FIRST_REST_MILLIS = 5 * _MINUTE
LONGEST_REST_MILLIS = 60 * _MINUTE
REFUSED_REST_MILLIS = 60 * _MINUTE
"""After a refusal for which no time was named, such as a wrong key."""
_TROUBLE = frozenset({Answer.TIMED_OUT, Answer.BUSY, Answer.BROKEN, Answer.REJECTED})


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


async def note(reports: Sequence[IndexerReport]) -> list[IndexerReport]:
    """Writes down how Indexers did; the reports, with the time until each rests.

    Other searches write about the same ones meanwhile: every failure counts.
    """
    well = [_id(report.indexer) for report in reports if report.answer is Answer.ANSWERED]
    if well:
        await _forgive(well)
    return [await _note(report) for report in reports]


async def _forgive(ids: Sequence[str]) -> None:
    """One that has named a time since it was asked rests all the same."""
    troubled = {"$or": [{"failures": {"$gt": 0}}, {"until": {"$gt": 0}}]}
    bygone = {"$or": [{"named": {"$in": [False, 0]}}, {"until": {"$lte": now()}}]}
    with failpoint("search.forgive"):
        await update_all(
            Rest,
            {"_id": {"$in": list(ids)}, "$and": [troubled, bygone]},
            {"failures": 0, "until": 0, "named": False},
        )


async def _note(report: IndexerReport) -> IndexerReport:
    if report.answer not in _TROUBLE:
        return report
    while True:
        rest = await _rest_of(report.indexer)
        after = _after(report, rest, now())
        as_read = {"_id": rest.id, "failures": rest.failures, "until": rest.until}
        with failpoint("search.rest"):
            noted = await update_if(Rest, as_read, after.model_dump(exclude={"id"}))
        if noted is not None:
            return report.model_copy(update={"until": after.until or None})


async def _rest_of(name: str) -> Rest:
    rest = await Rest.get(_id(name))
    if rest is not None:
        return rest
    with failpoint("search.trouble"):
        return await insert_once(Rest(id=_id(name)))


def _after(report: IndexerReport, rest: Rest, moment: Millis) -> Rest:
    """What is known after a failure or a refusal. A rest is never made shorter."""
    if report.answer is Answer.REJECTED:
        until, failures = report.until or moment + REFUSED_REST_MILLIS, rest.failures
    else:
        failures = rest.failures + 1
        until = _until(failures, moment)
    if max(moment, until) < rest.until:
        return Rest(id=rest.id, failures=failures, until=rest.until, named=rest.named)
    return Rest(id=rest.id, failures=failures, until=until, named=report.until is not None)


def _until(failures: int, moment: Millis) -> Millis:
    beyond = failures - FAILURES
    if beyond < 0:
        return 0
    return moment + min(FIRST_REST_MILLIS << min(beyond, 10), LONGEST_REST_MILLIS)


def _id(name: str) -> str:
    return derived_id("indexer", name)
