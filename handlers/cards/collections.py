"""The sides of the library's Card that are about collections: which there are, what is in one, where a work is put."""

from collections.abc import Sequence

from handlers.buttons import (
    AskCollect,
    AskDeleteCollection,
    Collect,
    DeleteCollection,
    Enter,
    GetListed,
    MoveWork,
    OpenCollection,
    ShowCollections,
    ShowFinds,
    ShowItem,
    TurnLibrary,
)
from handlers.cards.look import Look, in_rows, isolated, key, page_keys, shortened
from services.library.groups import GROUPS_A_PAGE, Group, Groups
from services.library.shown import Details, Shown
from services.telegram.port import Button
from services.words import Words

_NAME, _KEY_NAME = 60, 24
_MOST_PARTS = 4
_MOST_MINE = 12
_KEYS_A_ROW = 2
_NUMBERS_A_ROW = 4


def group_name(group: Group, t: Words) -> str:
    """With a sign of its kind."""
    title = isolated(shortened(group.title, _NAME))
    performer = isolated(shortened(group.performer, _NAME))
    return t.label(
        "collection-name",
        kind=group.kind.value,
        title=title,
        performer=performer,
        credited=int(bool(group.performer)),
    )


def collections_look(shown: Shown, groups: Groups, head: Sequence[str], t: Words) -> Look:
    """What the finds are parts of."""
    search, first = shown.search, groups.page * GROUPS_A_PAGE + 1
    lines = [
        t(
            "collection-line",
            number=number,
            name=group_name(group, t),
            works=t.label("library-results", found=group.count),
        )
        for number, group in enumerate(groups.shown, first)
    ]
    numbers = [
        key(t, "button-number", Enter(search.id, group.id), number=number)
        for number, group in enumerate(groups.shown, first)
    ]
    rows = in_rows(numbers, _NUMBERS_A_ROW)
    if groups.pages > 1:
        rows.append(page_keys(t, groups.page, groups.pages, lambda page: TurnLibrary(search.id, page)))
    rows.append([key(t, "button-to-hits", ShowFinds(search.id))])
    what = t("collections-headline") if lines else t("collections-none")
    return Look("\n".join([*head, what, *lines]), rows)


def collections_key(shown: Shown, t: Words) -> Button:
    """Leads to what the finds are parts of."""
    return key(t, "button-collections", ShowCollections(shown.search.id))


def within_keys(shown: Shown, t: Words) -> list[list[Button]]:
    """Below the parts of a collection: the way back, and what its maker may do with it."""
    search, group = shown.search, shown.within
    count = len(shown.items)
    rows = [[key(t, "button-get-listed", GetListed(search.id), count=count)]] if count > 1 else []
    rows.append([key(t, "button-to-asked", Enter(search.id, search.id)), collections_key(shown, t)])
    if group is not None and group.changeable:
        opening = "button-collection-close" if group.opened else "button-collection-open"
        opens = key(t, opening, OpenCollection(search.id, int(not group.opened)))
        rows.append([opens, key(t, "button-delete", AskDeleteCollection(search.id))])
    return rows


def doubt_look(shown: Shown, group: Group, t: Words) -> Look:
    """Asks whether a collection goes."""
    search = shown.search
    yes = key(t, "button-delete-yes", DeleteCollection(search.id))
    question = t("collection-delete-question", name=group_name(group, t))
    return Look(question, [[yes], [key(t, "button-back", ShowFinds(search.id))]])


def part_keys(shown: Shown, details: Details, t: Words) -> list[list[Button]]:
    """Below the details of a work: what it is a part of, and where it may be put."""
    search, within = shown.search, shown.within
    ways = [
        key(
            t,
            "button-collection",
            Enter(search.id, group.id),
            kind=group.kind.value,
            title=shortened(group.title, _KEY_NAME),
        )
        for group in details.parts[:_MOST_PARTS]
    ]
    steer = [key(t, "button-collect", AskCollect(search.id, details.item.id))]
    if within is not None and within.changeable:
        names = {True: "button-earlier", False: "button-later"}
        steer += [key(t, names[way], MoveWork(search.id, place)) for way, place in details.moves.items()]
    return [*in_rows(ways, _KEYS_A_ROW), steer]


def collect_look(shown: Shown, details: Details, t: Words) -> Look:
    """Where a work is to be put: one's own collections, each on or off."""
    search, item = shown.search, details.item
    keys = [
        key(
            t,
            "button-collect-on" if group.has else "button-collect-off",
            Collect(search.id, group.id, int(not group.has)),
            kind=group.kind.value,
            title=shortened(group.title, _KEY_NAME),
        )
        for group in details.mine[:_MOST_MINE]
    ]
    lines = [t("library-title", title=isolated(item.title)), t("collect-question"), t("collect-by-name")]
    back = [key(t, "button-back", ShowItem(search.id, item.id))]
    return Look("\n".join(lines), [*in_rows(keys, _KEYS_A_ROW), back])
