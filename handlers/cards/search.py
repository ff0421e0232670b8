"""The Card of a search: hits as they come, numbered keys, filters, the details of a hit, and who did not answer."""

from collections.abc import Sequence
from itertools import groupby

from handlers.buttons import (
    ChooseHits,
    ClearHits,
    Pick,
    SearchAgain,
    ShowFilters,
    ShowHits,
    ShowRelease,
    SortHits,
    TurnChoices,
    TurnSearch,
)
from handlers.cards.look import Look, clock, in_rows, isolated, key, page_keys, shortened
from models.clock import now
from models.search import Answer, Face, IndexerReport, Order, Release, Search
from services.search.facets import Choice, Facet
from services.search.marks import Mark
from services.search.shown import Hit, Shown
from services.search.traits import SIZE_LIMITS, SizeClass, kind_of, quality_of
from services.telegram.port import Button
from services.words import Words

_TITLE, _QUERY, _INDEXER, _CHOICE = 90, 100, 60, 24
_MOST_FAILURES = 6
_MOST_NAMES = 6
_MOST_INDEXERS = 12
_CHOICES_A_PAGE = 12
_KEYS_A_ROW = 3
_HASH = 8
_DAY_MILLIS = 24 * 3_600_000
_DAYS_A_MONTH, _DAYS_A_YEAR = 30, 365
_FAILED = {
    Answer.TIMED_OUT: "indexer-timed-out",
    Answer.BUSY: "indexer-busy",
    Answer.REJECTED: "indexer-rejected",
    Answer.BROKEN: "indexer-broken",
}
_WELL = frozenset({Answer.ANSWERED, Answer.WAITING})
_MARKS = {
    Mark.ARCHIVED: "mark-archived",
    Mark.UNDER_WAY: "mark-under-way",
    Mark.CHOOSING: "mark-choosing",
}
_ORDERS = list(Order)


def search_card(shown: Shown, t: Words) -> Look:
    """What is found so far. It stays open: it can be turned for as long as the search is kept."""
    hit = shown.looked_at
    if hit is not None:
        return Look("\n".join(_details(hit, t)), _detail_keys(shown, hit, t))
    head = [_headline(shown, t), *_filter_lines(shown, t)]
    if shown.search.face is Face.FILTER:
        return Look("\n".join([*head, t("filter-question")]), _filter_keys(shown, t))
    lines = [*head, *(_line(hit, t) for hit in shown.hits), *_nothing(shown, t), *_failures(shown, t)]
    return Look("\n".join(lines), _hit_keys(shown, t))


def _headline(shown: Shown, t: Words) -> str:
    search = shown.search
    values: dict[str, str | int] = {
        "query": isolated(shortened(search.query.text, _QUERY)),
        "results": _results(shown, t),
        "answered": _answered(shown),
        "asked": len(search.reports),
    }
    if search.seconds is None:
        return t("search-running", **values)
    return t("search-done", **values, seconds=t.number(search.seconds))


def _results(shown: Shown, t: Words) -> str:
    if shown.left_out:
        return t.label("search-best-results", found=shown.found, all=shown.found + shown.left_out)
    return t.label("search-results", found=shown.found)


def _answered(shown: Shown) -> int:
    return sum(report.answer is Answer.ANSWERED for report in shown.search.reports)


def _line(hit: Hit, t: Words) -> str:
    release = hit.release
    facts = [] if release.size is None else [t.size(release.size)]
    facts += [] if release.seeders is None else [f"▲{release.seeders}"]
    facts += [] if hit.mark is None else [t.label(_MARKS[hit.mark])]
    title = isolated(shortened(release.title, _TITLE))
    return t("search-hit", number=hit.number, title=title, facts="".join(f" · {fact}" for fact in facts))


def _nothing(shown: Shown, t: Words) -> list[str]:
    if shown.listed or shown.search.seconds is None:
        return []
    if shown.found:
        return [t("search-nothing-left")]
    return [t("search-nothing")] if _answered(shown) else []


def _filter_lines(shown: Shown, t: Words) -> list[str]:
    """What is listed, where that is not everything; and why a pattern is not heeded."""
    names = [_choice_name(choice, t) for choice in shown.chosen]
    if shown.search.pattern and shown.fault is None:
        names = [isolated(shortened(f"~{shown.search.pattern}", _TITLE)), *names]
    lines = []
    if names:
        filters = ", ".join([*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])
        lines.append(t("search-filtered", filters=filters, listed=shown.listed, found=shown.found))
    if shown.fault is not None:
        lines.append(t("pattern-left-out", why=t.label(shown.fault.key, **shown.fault.values)))
    return lines


def _failures(shown: Shown, t: Words) -> list[str]:
    failed = [report for report in shown.search.reports if report.answer in _FAILED]
    failed += [report for report in shown.search.reports if report.answer is Answer.RESTING]
    lines = [_failure(report, shown.utc_offset, t) for report in failed[:_MOST_FAILURES]]
    if len(failed) > _MOST_FAILURES:
        lines.append(t("indexers-more-failed", count=len(failed) - _MOST_FAILURES))
    return lines


def _failure(report: IndexerReport, utc_offset: int, t: Words) -> str:
    name = isolated(shortened(report.indexer, _INDEXER))
    if report.answer is Answer.RESTING:
        return t("indexer-resting", indexer=name, time=clock(report.until or 0, utc_offset))
    if report.until is None:
        return t(_FAILED[report.answer], indexer=name)
    line = t.label(_FAILED[report.answer], indexer=name)
    return t("indexer-rests-then", line=line, time=clock(report.until, utc_offset))


def _hit_keys(shown: Shown, t: Words) -> list[list[Button]]:
    search = shown.search
    numbers = [
        key(t, "button-number", Pick(search.id, hit.release.key), number=hit.number) for hit in shown.hits
    ]
    rows = [numbers] if numbers else []
    if shown.pages > 1:
        rows.append(_page_keys(shown, t))
    if shown.found:
        rows.append(_look_keys(shown, t))
    if search.seconds is not None and any(report.answer not in _WELL for report in search.reports):
        rows.append([key(t, "button-retry-sources", SearchAgain(search.id))])
    return rows


def _page_keys(shown: Shown, t: Words) -> list[Button]:
    return page_keys(t, shown.page, shown.pages, lambda page: TurnSearch(shown.search.id, page))


def _look_keys(shown: Shown, t: Words) -> list[Button]:
    search = shown.search
    following = _ORDERS[(_ORDERS.index(search.order) + 1) % len(_ORDERS)]
    filtered = "button-filter-on" if search.filters or search.pattern else "button-filter"
    keys = [key(t, "button-sort", SortHits(search.id, following.value), order=search.order.value)]
    keys.append(key(t, filtered, ShowFilters(search.id)))
    if shown.hits:
        keys.append(key(t, "button-details", ShowRelease(search.id, shown.hits[0].release.key)))
    return keys


def _filter_keys(shown: Shown, t: Words) -> list[list[Button]]:
    search = shown.search
    rows: list[list[Button]] = []
    for _, group in groupby(shown.choices, key=lambda choice: choice.facet):
        choices = list(group)
        # one value that all hits share leaves nothing out
        if len(choices) > 1 or choices[0].chosen:
            rows += _choice_rows(search, choices, t)
    back = key(t, "button-to-hits", ShowHits(search.id))
    if not search.filters and not search.pattern:
        return [*rows, [back]]
    return [*rows, [key(t, "button-filter-clear", ClearHits(search.id)), back]]


def _choice_rows(search: Search, choices: Sequence[Choice], t: Words) -> list[list[Button]]:
    """One page of a facet's values, and the keys to its others: Indexers may be many, and a keyboard has 100 keys."""
    last = (len(choices) - 1) // _CHOICES_A_PAGE
    page = min(search.choices_page, last)
    shown = choices[page * _CHOICES_A_PAGE : (page + 1) * _CHOICES_A_PAGE]
    rows = in_rows([_choice_key(search.id, choice, t) for choice in shown], _KEYS_A_ROW)
    if not last:
        return rows
    return [*rows, page_keys(t, page, last + 1, lambda turned: TurnChoices(search.id, turned))]


def _choice_key(search_id: str, choice: Choice, t: Words) -> Button:
    press = ChooseHits(search_id, choice.facet.value, choice.number, int(not choice.chosen))
    name = "button-choice-on" if choice.chosen else "button-choice"
    return key(t, name, press, name=_choice_name(choice, t), count=choice.count)


def _choice_name(choice: Choice, t: Words) -> str:
    if choice.facet is Facet.KIND:
        return t.label("kind-name", kind=choice.value)
    if choice.facet is Facet.QUALITY:
        return t.label("quality-name", quality=choice.value)
    if choice.facet is Facet.SIZE:
        return _size_name(SizeClass(choice.value), t)
    return isolated(shortened(choice.value, _CHOICE))


def _size_name(size: SizeClass, t: Words) -> str:
    limits = dict(SIZE_LIMITS)
    place = list(SizeClass).index(size)
    below = [limits[smaller] for smaller in list(SizeClass)[:place]]
    if size not in limits:
        return t.label("size-over", size=t.size(below[-1]))
    if not below:
        return t.label("size-below", size=t.size(limits[size]))
    return t.label("size-between", **{"from": t.size(below[-1])}, to=t.size(limits[size]))


def _details(hit: Hit, t: Words) -> list[str]:
    release = hit.release
    lines = [
        t("release-title", title=isolated(release.title)),
        _joined(t.size(release.size), _people(release, t), _age(release, t)),
        _sort(release, t),
        t("release-found-at", indexers=_names(release.indexers)),
        "" if release.infohash is None else t("release-infohash", infohash=release.infohash[:_HASH]),
        "" if release.page is None else t("release-page", url=release.page),
        "" if hit.mark is None else t(_MARKS[hit.mark]),
    ]
    return [line for line in lines if line]


def _sort(release: Release, t: Words) -> str:
    """What sort of thing it is, as far as that is known."""
    kind, quality = kind_of(release), quality_of(release)
    return _joined(
        "" if kind is None else t("kind-name", kind=kind.value),
        "" if quality is None else t("quality-name", quality=quality.value),
        "" if release.category is None else t("release-category", category=release.category // 1000),
    )


def _names(indexers: Sequence[str]) -> str:
    return ", ".join(isolated(shortened(name, _INDEXER)) for name in indexers[:_MOST_INDEXERS])


def _joined(*facts: str) -> str:
    return " · ".join(fact for fact in facts if fact)


def _people(release: Release, t: Words) -> str:
    if release.seeders is None:
        return t("release-people-unknown")
    if release.leechers is None:
        return t("release-people", seeders=release.seeders)
    return t("release-people-all", seeders=release.seeders, leechers=release.leechers)


def _age(release: Release, t: Words) -> str:
    if release.published is None:
        return ""
    days = max(0, now() - release.published) // _DAY_MILLIS
    if days < 1:
        return t("age-today")
    if days < 2 * _DAYS_A_MONTH:
        return t("age-days", n=days)
    if days < 2 * _DAYS_A_YEAR:
        return t("age-months", n=days // _DAYS_A_MONTH)
    return t("age-years", n=days // _DAYS_A_YEAR)


def _detail_keys(shown: Shown, looked_at: Hit, t: Words) -> list[list[Button]]:
    search = shown.search.id
    numbers = [
        key(t, _number_name(hit is looked_at), ShowRelease(search, hit.release.key), number=hit.number)
        for hit in shown.hits
    ]
    look_inside = key(t, "button-look-inside", Pick(search, looked_at.release.key))
    return [numbers, [look_inside, key(t, "button-to-hits", ShowHits(search))]]


def _number_name(here: bool) -> str:
    return "button-number-here" if here else "button-number"
