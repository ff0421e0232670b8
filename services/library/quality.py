"""Which of several encodings of one work is the better copy, and why. Nothing here does I/O.

What is measured, and what each measure counts, is said in docs/decisions/duplicates.md.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Any

from models.clock import Millis
from services.library.entries import lines_of
from services.library.languages import code_of
from services.library.works import NOTHING, Sort, named

_WORTH = {
    "av1": 1.9,
    "hevc": 1.6,
    "h265": 1.6,
    "vp9": 1.5,
    "h264": 1.0,
    "vp8": 0.8,
    "mpeg4": 0.7,
    "msmpeg4v3": 0.6,
    "wmv3": 0.7,
    "mpeg2video": 0.5,
    "mpeg1video": 0.4,
    "opus": 1.5,
    "vorbis": 1.25,
    "aac": 1.25,
    "mp3": 1.0,
    "wmav2": 0.9,
    "mp2": 0.7,
}
"""What a bit of each codec is worth beside one of h264, or of mp3, as comparisons of them roughly agree."""
LOSSLESS = frozenset({"flac", "alac", "ape", "wavpack", "tta", "truehd"})
_LOSSLESS_RATE = 1_000_000.0
"""How well something packs says nothing of what is lost: nothing is."""
_NEARLY = 0.02
_CLEARLY = 0.1
_SURE_LENGTHS, _UNSURE_LENGTHS = 0.2, 0.02
"""By what share lengths of the same work differ at most: known by more than its title, or by that alone."""


class Measure(StrEnum):
    EPISODES = "episodes"
    TRACKS = "tracks"
    LENGTH = "length"
    RESOLUTION = "resolution"
    RATE = "rate"
    SUBTITLES = "subtitles"
    POSTS = "posts"


_WEIGHTS: Mapping[bool, Mapping[Measure, float]] = {
    True: {
        Measure.LENGTH: 35,
        Measure.RESOLUTION: 25,
        Measure.RATE: 20,
        Measure.SUBTITLES: 10,
        Measure.POSTS: 10,
    },
    False: {Measure.LENGTH: 40, Measure.RATE: 45, Measure.POSTS: 15},
}
"""For moving pictures and for music; 100 in all. Completeness counts as LENGTH, whatever it is measured by."""


@dataclass(frozen=True)
class Encoding:
    """What is compared of an Item. 0, and an empty codec: not known. `rate` in bits a second, `tracks` of an album."""

    id: str
    title: str
    work: str
    channel_id: int | None = None
    group: int | None = None
    sure: bool = False
    year: int | None = None
    seconds: float = 0
    size: int = 0
    lines: int = 0
    codec: str = ""
    rate: float = 0
    episodes: frozenset[int] = frozenset()
    tracks: int = 0
    subtitles: frozenset[str] = frozenset()
    posts: int = 0
    lost: int = 0
    link: str | None = None
    merged_into: str = ""
    archived_at: Millis = 0

    @property
    def sort(self) -> Sort:
        return Sort(self.work.partition(":")[0])

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Where it stands, and for which group: who may see it."""
        return self.channel_id, self.group

    @property
    def worth(self) -> float:
        """Its bit rate as one of h264, or of mp3, would be; of an unknown codec as it is."""
        return _LOSSLESS_RATE if self.codec in LOSSLESS else self.rate * _WORTH.get(self.codec, 1.0)


@dataclass(frozen=True)
class Reason:
    """One measure in values: its own, the best of the others, and where there is one, of how many.

    RESOLUTION in lines, RATE in bits a second with its codec, LENGTH in seconds; POSTS says how many are gone. Of
    SUBTITLES there are `languages`.
    """

    measure: Measure
    own: float
    other: float = 0
    total: float = 0
    codec: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """From 0 to 100."""

    points: float
    reasons: tuple[Reason, ...] = ()


def measured(item: Mapping[str, Any], lost: int = 0) -> Encoding | None:
    """An Item as the database has it, so many of whose posts are gone; None: of no work that anybody could name."""
    work = named(item)
    if work is NOTHING or not work.key:
        return None
    files, posts = work.files, item.get("posts") or ()
    seconds = sum(file.get("duration") or 0 for file in files)
    timed = sum(file["size"] for file in files if file.get("duration"))
    heights = [lines_of(file) for file in files if file.get("height")]
    return Encoding(
        id=item["_id"],
        title=item["title"],
        work=work.key,
        channel_id=item.get("channel_id"),
        group=item.get("group"),
        sure=work.sure,
        year=work.year,
        seconds=seconds,
        size=sum(file["size"] for file in item["files"]),
        lines=median_low(heights) if heights else 0,
        codec=_codec(files),
        rate=timed * 8 / seconds if seconds else 0,
        episodes=frozenset(file["episode"] for file in files if work.sort is Sort.SEASON),
        tracks=len(files) if work.sort is Sort.ALBUM else 0,
        subtitles=frozenset(code_of(code) for file in files for code in file.get("subtitles", ())),
        posts=len(posts),
        lost=min(lost, len(posts)),
        link=next((post.get("link") for post in posts[:1]), None),
        merged_into=item.get("merged_into", ""),
        archived_at=item.get("archived_at", 0),
    )


def _codec(files: Iterable[Mapping[str, Any]]) -> str:
    """That of most of the bytes."""
    sizes: dict[str, int] = {}
    for file in files:
        codec = file.get("video_codec" if file["kind"] == "video" else "audio_codec") or ""
        sizes[codec] = sizes.get(codec, 0) + file["size"]
    codec = max(sorted(sizes), key=lambda each: sizes[each], default="")
    return "flac" if codec.startswith("pcm_") else codec


def same_work(one: Encoding, other: Encoding) -> bool:
    """Whether two of the same key may be the same: nothing known of them says otherwise, and more than a title says so."""
    if one.work != other.work or (one.year and other.year and one.year != other.year):
        return False
    sure = one.sure and other.sure
    if sure and one.sort in {Sort.SEASON, Sort.ALBUM}:
        return True
    if not one.seconds or not other.seconds:
        return sure
    most = _SURE_LENGTHS if sure else _UNSURE_LENGTHS
    return abs(one.seconds - other.seconds) <= most * max(one.seconds, other.seconds)


def scores(encodings: Sequence[Encoding]) -> Mapping[str, Score]:
    """By their ids, each beside the others, whatever their order."""
    return {each.id: Score(_points(each, encodings), _reasons(each, encodings)) for each in encodings}


def best_of(encodings: Sequence[Encoding]) -> Encoding:
    """At least one is there. Of equals one of which more is known, then the one that was archived first."""
    found = scores(encodings)

    def rank(each: Encoding) -> tuple[float, bool, Millis, str]:
        return -round(found[each.id].points, 6), not each.lines, each.archived_at, each.id

    return min(encodings, key=rank)


def _points(own: Encoding, all_: Sequence[Encoding]) -> float:
    is_film = own.sort in {Sort.FILM, Sort.EPISODE, Sort.SEASON}
    shares = {
        Measure.LENGTH: _complete(own, all_),
        Measure.RESOLUTION: _share(own.lines, [each.lines for each in all_]),
        # twice the bits are not twice the picture
        Measure.RATE: math.sqrt(_share(own.worth, [each.worth for each in all_])),
        Measure.SUBTITLES: _of(len(own.subtitles), len(_all_subtitles(all_))),
        Measure.POSTS: _of(own.posts - own.lost, own.posts) if own.posts else 0.0,
    }
    return sum(weight * shares[measure] for measure, weight in _WEIGHTS[is_film].items())


def _complete(own: Encoding, all_: Sequence[Encoding]) -> float:
    if own.sort is Sort.SEASON:
        return _of(len(own.episodes), len(_all_episodes(all_)))
    if own.sort is Sort.ALBUM:
        return _share(own.tracks, [each.tracks for each in all_])
    return _share(own.seconds, [each.seconds for each in all_])


def _share(own: float, all_: Sequence[float]) -> float:
    """Beside the most that one of them has. What nobody knows counts as the least that is known of another."""
    known = [each for each in all_ if each]
    return (own or min(known)) / max(known) if known else 1.0


def _of(count: int, total: int) -> float:
    return count / total if total else 1.0


def _all_episodes(all_: Iterable[Encoding]) -> frozenset[int]:
    return frozenset[int]().union(*(each.episodes for each in all_))


def _all_subtitles(all_: Iterable[Encoding]) -> frozenset[str]:
    return frozenset[str]().union(*(each.subtitles for each in all_))


def _reasons(own: Encoding, all_: Sequence[Encoding]) -> tuple[Reason, ...]:
    others = [each for each in all_ if each.id != own.id]
    found = (
        _completeness(own, others),
        _resolution(own, others),
        _rate(own, others),
        _subtitles(own, others),
        Reason(Measure.POSTS, own.lost, total=own.posts) if own.lost else None,
    )
    return tuple(reason for reason in found if reason is not None)


def _completeness(own: Encoding, others: Sequence[Encoding]) -> Reason | None:
    if own.sort is Sort.SEASON:
        total = len(_all_episodes([own, *others]))
        return Reason(Measure.EPISODES, len(own.episodes), total=total)
    if own.sort is Sort.ALBUM:
        return Reason(Measure.TRACKS, own.tracks, total=max(each.tracks for each in [own, *others]))
    longest = max((each.seconds for each in others), default=0)
    if not own.seconds or own.seconds >= longest * (1 - _NEARLY):
        return None
    return Reason(Measure.LENGTH, own.seconds, total=longest)


def _resolution(own: Encoding, others: Sequence[Encoding]) -> Reason | None:
    most = max((each.lines for each in others), default=0)
    if not own.lines or not most or own.lines == most:
        return None
    return Reason(Measure.RESOLUTION, own.lines, most)


def _rate(own: Encoding, others: Sequence[Encoding]) -> Reason | None:
    """What is told is what it is; what is compared, what it is worth."""
    other = max(others, key=lambda each: (each.worth, each.id), default=None)
    if other is None or not own.rate or not other.rate:
        return None
    if abs(own.worth - other.worth) <= _CLEARLY * max(own.worth, other.worth):
        return None
    return Reason(Measure.RATE, own.rate, other.rate, codec=own.codec)


def _subtitles(own: Encoding, others: Sequence[Encoding]) -> Reason | None:
    if all(each.subtitles == own.subtitles for each in others):
        return None
    languages = tuple(sorted(own.subtitles))
    return Reason(Measure.SUBTITLES, len(own.subtitles), languages=languages)
