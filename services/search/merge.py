"""One list from many Indexers: the same thing once."""

from collections.abc import Iterable, Sequence

from models.search import Release


def merge(releases: Iterable[Release]) -> list[Release]:
    """Joins what is the same torrent (by infohash, else by link), in the order of first sight.

    The joined Release takes title and link from its best seeded one (of equals, from one with a magnet), the highest
    numbers of seeders and leechers, whatever else is known first, and names every Indexer.
    """
    known = list(releases)
    hashes = {release.link: release.infohash for release in known if release.infohash is not None}
    groups: dict[str, list[Release]] = {}
    for release in known:
        identity = release.infohash or hashes.get(release.link) or release.link
        groups.setdefault(identity, []).append(release)
    return [group[0] if len(group) == 1 else _joined(group) for group in groups.values()]


def _joined(group: Sequence[Release]) -> Release:
    best = max(group, key=_worth)
    ordered = [best, *(release for release in group if release is not best)]
    return best._replace(
        infohash=next((r.infohash for r in ordered if r.infohash is not None), None),
        indexers=tuple(dict.fromkeys(name for release in group for name in release.indexers)),
        seeders=max((r.seeders for r in group if r.seeders is not None), default=None),
        leechers=max((r.leechers for r in group if r.leechers is not None), default=None),
        size=next((r.size for r in ordered if r.size is not None), None),
        page=next((r.page for r in ordered if r.page is not None), None),
        published=next((r.published for r in ordered if r.published is not None), None),
        category=next((r.category for r in ordered if r.category is not None), None),
    )


def _worth(release: Release) -> tuple[int, bool]:
    return (-1 if release.seeders is None else release.seeders, release.link.startswith("magnet:"))
