"""One list from many Indexers: the same thing once, the best seeded first."""

from collections.abc import Iterable, Sequence

from models.search import Release
from services.downloads.magnets import read_infohash


def merge(releases: Iterable[Release]) -> list[Release]:
    """Joins what is the same torrent (by infohash, else by link), in the order of first sight.

    The joined Release takes title and link from its best seeded one (of equals, from one with a magnet), the highest
    number of seeders, the first size, page and date known, and names every Indexer.
    """
    known = list(releases)
    hashes = {release.link: infohash for release in known if (infohash := _infohash(release)) is not None}
    groups: dict[str, list[Release]] = {}
    for release in known:
        identity = _infohash(release) or hashes.get(release.link) or release.link
        groups.setdefault(identity, []).append(release)
    return [_joined(group) for group in groups.values()]


def rank(releases: Iterable[Release]) -> list[Release]:
    """Most seeders first (unknown last), then by title."""
    return sorted(releases, key=_rank)


def _rank(release: Release) -> tuple[int, str, str]:
    seeders = -1 if release.seeders is None else release.seeders
    return (-seeders, release.title.casefold(), release.link)


def _infohash(release: Release) -> str | None:
    """In one spelling; a value that is no v1 infohash stays as it is."""
    if release.infohash is None:
        return None
    return read_infohash(release.infohash) or release.infohash.lower()


def _joined(group: Sequence[Release]) -> Release:
    best = max(group, key=_worth)
    infohash = next((found for release in group if (found := _infohash(release)) is not None), None)
    if len(group) == 1 and best.infohash == infohash:
        return best
    ordered = [best, *(release for release in group if release is not best)]
    return best.model_copy(
        update={
            "infohash": infohash,
            "indexers": tuple(dict.fromkeys(name for release in group for name in release.indexers)),
            "seeders": max((r.seeders for r in group if r.seeders is not None), default=None),
            "size": next((r.size for r in ordered if r.size is not None), None),
            "page": next((r.page for r in ordered if r.page is not None), None),
            "published": next((r.published for r in ordered if r.published is not None), None),
        }
    )


def _worth(release: Release) -> tuple[int, bool]:
    return (-1 if release.seeders is None else release.seeders, release.link.startswith("magnet:"))
