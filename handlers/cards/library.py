"""The Card of the library: what fits, keys that deliver it, filters, and the details of one Item."""

from itertools import groupby

from handlers.buttons import (
    ChooseFinds,
    ClearFinds,
    Favour,
    Get,
    Resemble,
    ShowFinds,
    ShowFindsFilter,
    ShowItem,
    SortFinds,
    TurnLibrary,
    Watch,
)
from handlers.cards.also import also_here, also_keys
from handlers.cards.collections import (
    collect_look,
    collections_key,
    collections_look,
    doubt_look,
    group_name,
    part_keys,
    within_keys,
)
from handlers.cards.look import Look, in_rows, isolated, key, middle_cut, page_keys, shortened
from models.library import Item
from models.media import Facts, Kind
from models.search import Face
from services.library.asking import Care
from services.library.entries import tags_of
from services.library.index import Facet
from services.library.query import SortBy
from services.library.shown import PAGE, Choice, Details, Shown
from services.telegram.port import Button
from services.words import Words

_TITLE, _QUERY, _NAME, _CHOICE = 80, 100, 60, 24
_MOST_FILES = 8
_MOST_TAGS = 12
_HASH = 16
_LONGEST_VALUE = 32
"""Of what has room in a key. It can still be typed."""
_KEYS_A_ROW = 3
_CHOICES_A_FACET = 9
_FACETS = list(Facet)
_NEARLY = {
    Care.MISTYPED: "library-mistyped",
    Care.MISTYPED_TWICE: "library-mistyped",
    Care.SOME: "library-some",
}


def library_card(shown: Shown, t: Words, utc_offset: int = 0) -> Look:
    """What the library has of what was asked. It stays open: it can be turned for as long as the search is kept."""
    if not shown.ready:
        return Look(t("library-making"))
    if shown.details is not None:
        return _closely(shown, shown.details, t, utc_offset)
    if shown.search.face is Face.DOUBT and shown.within is not None:
        return doubt_look(shown, shown.within, t)
    return _listed(shown, t)


def _closely(shown: Shown, details: Details, t: Words, utc_offset: int) -> Look:
    if shown.search.face is Face.COLLECT:
        return collect_look(shown, details, t)
    lines = _details(details, shown.search.because, t, utc_offset)
    return Look("\n".join(lines), _detail_keys(shown, details, t))


def _listed(shown: Shown, t: Words) -> Look:
    head = [_headline(shown, t), *_chosen_line(shown, t)]
    if shown.groups is not None:
        return collections_look(shown, shown.groups, head, t)
    if shown.search.face is Face.FILTER:
        return Look("\n".join([*head, t("library-filter-question")]), _filter_keys(shown, t))
    lines = [_line(shown.page * PAGE + place, item, t) for place, item in enumerate(shown.items, 1)]
    return Look("\n".join([*head, *_nearly(shown, t), *lines]), _keys(shown, t))


def _headline(shown: Shown, t: Words) -> str:
    results = t.label("library-results", found=shown.total)
    if shown.like is not None:
        return t("library-like", title=isolated(shortened(shown.like.title, _TITLE)), results=results)
    if shown.within is not None:
        return t("library-within", name=group_name(shown.within, t), results=results)
    asked = shown.search.text.strip()
    if not asked:
        return t("library-all", results=results)
    return t("library-headline", query=isolated(shortened(asked, _QUERY)), results=results)


def _chosen_line(shown: Shown, t: Words) -> list[str]:
    names = [
        _value_name(facet, value, t) for facet, values in shown.chosen.items() for value in sorted(values)
    ]
    return [t("library-filtered", filters=", ".join(names))] if names else []


def _nearly(shown: Shown, t: Words) -> list[str]:
    if not shown.total:
        return [t("library-nothing-left" if shown.chosen else "library-nothing")]
    return [t(_NEARLY[shown.care])] if shown.care in _NEARLY else []


def _line(number: int, item: Item, t: Words) -> str:
    facts = "".join(f" · {fact}" for fact in facts_of(item, t))
    return t("library-find", number=number, title=title_of(item), facts=facts)


def title_of(item: Item) -> str:
    """Short enough for a line."""
    return isolated(shortened(item.title, _TITLE))


def facts_of(item: Item, t: Words) -> list[str]:
    """What tells one work from another at a glance."""
    main = item.main
    if main is None:
        return []
    performer = [isolated(shortened(main.performer, _NAME))] if main.performer else []
    shown = [f"{main.height}p"] if main.kind is Kind.VIDEO and main.height else []
    seconds = sum(file.duration or 0 for file in item.files)
    lasts = [t.duration(seconds)] if seconds else []
    more = [t.label("library-files", count=len(item.files))] if len(item.files) > 1 else []
    kind = t.label("library-kind", kind=main.kind.value)
    return [*performer, kind, *shown, *lasts, t.size(sum(file.size for file in item.files)), *more]


def _keys(shown: Shown, t: Words) -> list[list[Button]]:
    search, first = shown.search, shown.page * PAGE + 1
    rows = [[key(t, "button-number", Get(item.id), number=n) for n, item in enumerate(shown.items, first)]]
    if shown.pages > 1:
        rows.append(page_keys(t, shown.page, shown.pages, lambda page: TurnLibrary(search.id, page)))
    if shown.total or shown.chosen:
        rows.append(_look_keys(shown, t))
    if search.within:
        return [row for row in [*rows, *_choice_rows(shown, t), *within_keys(shown, t)] if row]
    if shown.like is not None:
        rows.append([key(t, "button-to-asked", Resemble(search.id, search.id))])
    elif search.text.strip():
        rows.append([_watch_key(shown, t)])
    if shown.total or not search.text.strip():
        rows.append([collections_key(shown, t)])
    return [row for row in rows if row]


def _watch_key(shown: Shown, t: Words) -> Button:
    name = "button-unwatch" if shown.watched else "button-watch"
    return key(t, name, Watch(shown.search.id, int(not shown.watched)))


def _look_keys(shown: Shown, t: Words) -> list[Button]:
    search = shown.search
    in_order = search.within or shown.sort is SortBy.ORDER
    sorts = [each for each in SortBy if each is not SortBy.ORDER or in_order]
    following = sorts[(sorts.index(shown.sort) + 1) % len(sorts)]
    filtered = "button-filter-on" if shown.chosen else "button-filter"
    keys = [key(t, "button-library-sort", SortFinds(search.id, following.value), order=shown.sort.value)]
    keys.append(key(t, filtered, ShowFindsFilter(search.id)))
    if shown.items:
        keys.append(key(t, "button-details", ShowItem(search.id, shown.items[0].id)))
    return keys


def _filter_keys(shown: Shown, t: Words) -> list[list[Button]]:
    search = shown.search
    rows = _choice_rows(shown, t)
    back = key(t, "button-to-hits", ShowFinds(search.id))
    return [*rows, [key(t, "button-filter-clear", ClearFinds(search.id)), back] if shown.chosen else [back]]


def _choice_rows(shown: Shown, t: Words) -> list[list[Button]]:
    """Of a collection only the seasons are there beside its parts."""
    rows: list[list[Button]] = []
    for _, group in groupby(shown.choices, key=lambda choice: choice.facet):
        choices = [choice for choice in group if len(choice.value) <= _LONGEST_VALUE][:_CHOICES_A_FACET]
        # one value that all finds share leaves nothing out
        if len(choices) > 1 or any(choice.chosen for choice in choices):
            rows += in_rows([_choice_key(shown.search.id, choice, t) for choice in choices], _KEYS_A_ROW)
    return rows


def _choice_key(search_id: str, choice: Choice, t: Words) -> Button:
    press = ChooseFinds(search_id, _FACETS.index(choice.facet), choice.value, int(not choice.chosen))
    name = "button-choice-on" if choice.chosen else "button-choice"
    return key(t, name, press, name=_value_name(choice.facet, choice.value, t), count=choice.count)


def _value_name(facet: Facet, value: str, t: Words) -> str:
    if facet is Facet.KIND:
        return t.label("library-kind", kind=value)
    if facet is Facet.QUALITY:
        return t.label("quality-name", quality=value)
    if facet is Facet.SEASON:
        return t.label("library-season", season=int(value)) if value.isdecimal() else value
    if facet is Facet.LANGUAGE:
        return t.language_name(value)
    return f"#{shortened(value, _CHOICE)}"


def _details(details: Details, because: str, t: Words, utc_offset: int) -> list[str]:
    item = details.item
    arrived = [t("library-arrived", text=isolated(shortened(because, _QUERY)))] if because else []
    lines = [
        *arrived,
        t("library-title", title=isolated(item.title)),
        " · ".join(facts_of(item, t)),
        *_credit(item, t),
        *(_file_line(file, t) for file in item.files[:_MOST_FILES]),
        *_more_files(item, t),
        *_tag_line(item, t),
        t("library-archived", day=t.day(item.archived_at, utc_offset), times=item.handed_out),
        t("library-copies", copies=details.copies, previews=details.previews, kept=details.kept_on_disk),
        *_hash_line(item, t),
        *also_here(details.merged, t),
    ]
    return [line for line in lines if line]


def _credit(item: Item, t: Words) -> list[str]:
    """Performers and albums, as far as the files name any."""
    names = list(dict.fromkeys(file.performer for file in item.files if file.performer))[:3]
    albums = list(dict.fromkeys(file.album for file in item.files if file.album))[:3]
    credit = " — ".join(
        isolated(", ".join(shortened(name, _NAME) for name in each)) for each in (names, albums) if each
    )
    return [t("library-credit", credit=credit)] if credit else []


def _file_line(file: Facts, t: Words) -> str:
    return t("library-file", name=isolated(middle_cut(file.name, _NAME)), size=t.size(file.size))


def _more_files(item: Item, t: Words) -> list[str]:
    more = len(item.files) - _MOST_FILES
    return [t("library-more-files", count=more)] if more > 0 else []


def _tag_line(item: Item, t: Words) -> list[str]:
    tags = sorted(tags_of(item.model_dump()))[:_MOST_TAGS]
    return [t("library-tags", tags=" ".join(f"#{tag}" for tag in tags))] if tags else []


def _hash_line(item: Item, t: Words) -> list[str]:
    main = item.main
    # of what stands in somebody's channel it may not be known
    return [] if main is None or not main.blake3 else [t("library-hash", hash=main.blake3[:_HASH])]


def _detail_keys(shown: Shown, details: Details, t: Words) -> list[list[Button]]:
    search, item = shown.search, details.item
    first = shown.page * PAGE + 1
    numbers = [
        key(
            t,
            "button-number-here" if each.id == item.id else "button-number",
            ShowItem(search.id, each.id),
            number=n,
        )
        for n, each in enumerate(shown.items, first)
    ]
    favour = Favour(search.id, item.id, int(not details.favourite))
    star = "button-favourite-on" if details.favourite else "button-favourite"
    similar = key(t, "button-similar", Resemble(search.id, item.id))
    links = [Button(t.label("button-open-post"), url=post.link) for post in item.posts[:1] if post.link]
    watching = [[_watch_key(shown, t)]] if search.because else []
    return [
        numbers,
        [key(t, "button-get-here", Get(item.id)), key(t, star, favour)],
        [*links, similar, key(t, "button-to-hits", ShowFinds(search.id))],
        *part_keys(shown, details, t),
        *also_keys(details.merged, t),
        *watching,
    ]
