"""The Cards of feeds: all of a member's, one of them, and one thing that may be fetched."""

from collections.abc import Sequence

from handlers.buttons import (
    AskDeleteFeed,
    AskFeedFilter,
    AskFirst,
    BackToFeed,
    ClearFeedFilter,
    DeleteFeed,
    FetchEntry,
    FetchSeen,
    LookFeed,
    OpenFeed,
    PaceFeed,
    PauseFeed,
    ResumeFeed,
    SkipEntry,
)
from handlers.cards.look import Look, clock, in_rows, isolated, key, shortened
from models.feeds import EntryState, Feed, FeedEntry, FeedKind, FeedState
from services.feeds.service import MINUTES
from services.feeds.shown import Shown
from services.telegram.port import Button
from services.words import Words

FILTERING, DELETING = "filter", "delete"
"""Views of a feed's Card: it asks for a filter; it asks once more."""
_MOST_NAME = 60
_MOST_TITLE = 200
_KEYS_IN_ROW = 5
_UNTOLD = frozenset({EntryState.SEEN, EntryState.ORDERED})
"""States of entries that have lines of their own."""


def feeds_card(feeds: Sequence[Shown], t: Words) -> Look:
    """A list with a key for each; the feed's own Card tells more."""
    if not feeds:
        return Look(t("feeds-none"), final=True)
    lines = [t("feeds-headline")]
    for number, shown in enumerate(feeds, 1):
        how = t.label(_how(shown.feed), came=shown.orders.count, minutes=_every(shown.feed, t))
        lines.append(t("feeds-line", number=number, name=_name(shown.feed), how=how))
    keys = [
        key(t, "button-number", OpenFeed(shown.feed.id), number=number)
        for number, shown in enumerate(feeds, 1)
    ]
    rows = in_rows(keys, _KEYS_IN_ROW)
    return Look("\n".join(lines), rows, final=True)


def feed_card(shown: Shown, t: Words, view: str = "") -> Look:
    """Closed while nothing is waited for: it says how all stood when it was opened or pressed last."""
    feed = shown.feed
    if feed.state is FeedState.DELETED:
        return deleted_card(t)
    if view == DELETING:
        yes, no = DeleteFeed(feed.id), BackToFeed(feed.id)
        keys = [[key(t, "button-delete-yes", yes), key(t, "button-delete-no", no)]]
        return Look(t("feed-ask-delete", name=_name(feed)), keys, final=True)
    lines = [t("feed-headline", name=_name(feed)), *_about(feed, t), *_looks(shown, t), *_came(shown, t)]
    if view == FILTERING:
        back = [[key(t, "button-back", BackToFeed(feed.id))]]
        return Look("\n".join([*lines, t("feed-ask-filter")]), back)
    return Look("\n".join(lines), _keys(shown, t), final=not shown.is_looked_at)


def deleted_card(t: Words) -> Look:
    return Look(t("feed-deleted"), final=True)


def entry_card(entry: FeedEntry, name: str, t: Words) -> Look:
    """Something that its member was asked about, as long as there is no order of it."""
    title = isolated(shortened(entry.title, _MOST_TITLE))
    if entry.state is EntryState.SKIPPED:
        return Look(t("feed-skipped", title=title), final=True)
    if entry.state is EntryState.KNOWN:
        return Look(t("feed-known", title=title), final=True)
    from_feed = isolated(shortened(name, _MOST_NAME))
    text = t("feed-asks", title=title, size=t.size(entry.size), name=from_feed)
    fetch, skip = FetchEntry(entry.order), SkipEntry(entry.order)
    return Look(text, [[key(t, "button-fetch", fetch), key(t, "button-skip", skip)]])


def _name(feed: Feed) -> str:
    return isolated(shortened(feed.name, _MOST_NAME))


def _every(feed: Feed, t: Words) -> str:
    return t.duration(feed.minutes * 60)


def _how(feed: Feed) -> str:
    if feed.state is FeedState.PAUSED:
        return "feeds-paused"
    if feed.failures:
        return "feeds-failing"
    return "feeds-running" if feed.begun else "feeds-beginning"


def _about(feed: Feed, t: Words) -> list[str]:
    kind = "feed-of-search" if feed.kind is FeedKind.SEARCH else "feed-of-address"
    lines = [t(kind, every=_every(feed, t))]
    lines += [t("feed-filter", wish=isolated(feed.wish))] if feed.wish else []
    lines += [t("feed-asks-first")] if feed.ask_first else []
    return lines


def _looks(shown: Shown, t: Words) -> list[str]:
    feed, zone = shown.feed, shown.utc_offset
    lines = []
    if feed.error is not None:
        lines += [t("feed-failed", failures=feed.failures, why=t.label(feed.error, **feed.error_values))]
    if feed.worked_at:
        lines += [t("feed-looked", time=clock(feed.worked_at, zone))]
    if feed.silent:
        lines += [t("feed-silent", names=isolated(shortened(", ".join(feed.silent), _MOST_TITLE)))]
    if feed.state is FeedState.PAUSED:
        return [*lines, t("feed-paused")]
    return [
        *lines,
        t("feed-looking") if shown.is_looked_at else t("feed-next", time=clock(feed.due_at, zone)),
    ]


def _came(shown: Shown, t: Words) -> list[str]:
    entries, orders = shown.entries, shown.orders
    lines = [t("feed-stood", count=entries[EntryState.SEEN])] if entries.get(EntryState.SEEN) else []
    if orders.count:
        lines.append(t("feed-came", count=orders.count, archived=orders.archived, under_way=orders.under_way))
    lines += [t("feed-failures", count=orders.failed)] if orders.failed else []
    others = [state for state in EntryState if state not in _UNTOLD and entries.get(state)]
    lines += [t(f"feed-entries-{state.value}", count=entries[state]) for state in others]
    return [*lines, t("feed-unfit", count=shown.feed.unfit)] if shown.feed.unfit else lines


def _keys(shown: Shown, t: Words) -> list[list[Button]]:
    feed = shown.feed
    paused = feed.state is FeedState.PAUSED
    steer = [key(t, "button-resume", ResumeFeed(feed.id))]
    if not paused:
        steer = [key(t, "button-pause", PauseFeed(feed.id)), key(t, "button-look", LookFeed(feed.id))]
    first = "button-ask-first-on" if feed.ask_first else "button-ask-first-off"
    how = [
        key(t, first, AskFirst(feed.id, int(not feed.ask_first))),
        key(t, "button-every", PaceFeed(feed.id, _next_pace(feed.minutes)), every=_every(feed, t)),
    ]
    wish = [key(t, "button-feed-filter", AskFeedFilter(feed.id))]
    wish += [key(t, "button-no-filter", ClearFeedFilter(feed.id))] if feed.wish else []
    stood = shown.entries.get(EntryState.SEEN, 0)
    too = [[key(t, "button-fetch-seen", FetchSeen(feed.id), count=stood)]] if stood else []
    return [steer, how, wish, *too, [key(t, "button-delete", AskDeleteFeed(feed.id))]]


def _next_pace(minutes: int) -> int:
    return next((each for each in MINUTES if each > minutes), MINUTES[0])
