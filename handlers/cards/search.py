"""The Card of a search: hits as they come, numbered keys, and who did not answer."""

from collections.abc import Sequence

from handlers.buttons import Pick, SearchAgain, TurnSearch
from handlers.cards.look import Look, key, shortened
from models.search import Answer, Release, Search
from services.telegram.door import Button
from services.words import Words

PAGE = 5
_TITLE = 90
_FAILED = {
    Answer.TIMED_OUT: "indexer-timed-out",
    Answer.BUSY: "indexer-busy",
    Answer.REJECTED: "indexer-rejected",
    Answer.BROKEN: "indexer-broken",
}


def pages(search: Search) -> int:
    return max(1, -(-len(search.releases) // PAGE))


def search_card(search: Search, t: Words) -> Look:
    """What is found so far. It stays open: pages can be turned for as long as the search is kept."""
    page = min(search.page, pages(search) - 1)
    first = page * PAGE
    shown = search.releases[first : first + PAGE]
    lines = [_headline(search, t)]
    lines += [_hit(number, release, t) for number, release in enumerate(shown, first + 1)]
    if not search.releases and search.seconds is not None and _answered(search):
        lines.append(t("search-nothing"))
    lines += [t(_FAILED[r.answer], indexer=r.indexer) for r in search.reports if r.answer in _FAILED]
    return Look("\n".join(lines), _keyboard(search, page, shown, t))


def _headline(search: Search, t: Words) -> str:
    values: dict[str, str | int] = {
        "query": shortened(search.query.text, 100),
        "found": len(search.releases),
        "answered": _answered(search),
        "asked": len(search.reports),
    }
    if search.seconds is None:
        return t("search-running", **values)
    return t("search-done", **values, seconds=t.number(search.seconds))


def _answered(search: Search) -> int:
    return sum(report.answer is Answer.ANSWERED for report in search.reports)


def _hit(number: int, release: Release, t: Words) -> str:
    seeders = "" if release.seeders is None else f" · ▲{release.seeders}"
    size = "" if release.size is None else f" · {t.size(release.size)}"
    return t("search-hit", number=number, title=shortened(release.title, _TITLE), facts=f"{size}{seeders}")


def _keyboard(search: Search, page: int, shown: Sequence[Release], t: Words) -> list[list[Button]]:
    numbers = [
        key(t, "button-number", Pick(search.id, release.key), number=number)
        for number, release in enumerate(shown, page * PAGE + 1)
    ]
    rows = [numbers] if numbers else []
    last = pages(search) - 1
    if last > 0:
        rows.append(
            [
                key(t, "button-previous", TurnSearch(search.id, max(0, page - 1))),
                key(t, "button-page", TurnSearch(search.id, page), page=page + 1, pages=last + 1),
                key(t, "button-next", TurnSearch(search.id, min(last, page + 1))),
            ]
        )
    if search.seconds is not None and any(report.answer in _FAILED for report in search.reports):
        rows.append([key(t, "button-retry-sources", SearchAgain(search.id))])
    return rows
