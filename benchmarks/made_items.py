"""Names as a large archive has them, made up: `python -m benchmarks.made_items --count 3` shows some.

Words follow Zipf's law and new ones keep coming, so that a million works have about as many different words as a real
archive of that size. The same seed gives the same works, and fewer of them are the beginning of more.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, count, islice
from random import Random
from typing import NamedTuple, TypeVar

from benchmarks.made_words import ENSEMBLES, TONGUES, TOPICS, Tongue
from benchmarks.relevance.table import Work
from models.media import Kind

T = TypeVar("T")
CHANNELS = {
    Kind.VIDEO: (
        *("films", "series", "films-uhd", "classics", "cartoons"),
        *("series-dubbed", "documentaries", "concerts", "courses"),
    ),
    Kind.AUDIO: ("music", "music-lossless", "jazz-and-blues", "audiobooks", "classical", "radio"),
    Kind.DOCUMENT: ("books", "magazines", "manuals"),
    Kind.IMAGE: ("pictures", "scans"),
}
"""Twenty in all, the largest of each kind first."""
MEMBERS = 200
GROUPS = 12
TAGS = 500
END = 1_793_491_200_000
"""The first of November 2026, in milliseconds. Nothing is archived later."""
SPAN = 6 * 365 * 86_400_000
_AT_ONCE = 4096
_STEEP = 1.02
"""The exponent of Zipf's law for words."""
_HEIGHTS = {2160: 2_600_000, 1080: 1_000_000, 720: 500_000, 576: 220_000, 480: 180_000}
"""Bytes a second of each."""
_SOURCES = {2160: "UHD.BluRay", 1080: "BluRay", 720: "WEB-DL", 576: "PAL.DVDRip", 480: "DVDRip"}
_CODECS = {"hevc": "x265", "h264": "x264", "av1": "AV1", "mpeg4": "XviD", "vp9": "VP9"}
_SOUNDS = {"flac": ("flac", 95_000), "mp3": ("mp3", 32_000), "aac": ("m4a", 24_000), "opus": ("opus", 16_000)}
_CHAPTERS = {
    "de": "Kapitel",
    "fr": "Chapitre",
    "es": "Capítulo",
    "pl": "Rozdział",
    "ru": "Глава",
    "uk": "Розділ",
}
_ROMAN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэіїєґё", "abvgdeziyklmnoprstufyeiiege", strict=True))
    | {
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ю": "yu",
        "я": "ya",
        "ь": "",
        "ъ": "",
    }
    | dict(zip("αβγδεζηικλμνξοπρσςτυφωάέήίόύώ", "avgdeziiklmnxoprsstyfoaeiioyo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps", "'": None}
)


@dataclass(frozen=True, slots=True)
class Made(Work):
    """A work, and what an archive knows besides."""

    channel: str
    member: str
    group: str
    archived: int
    """Milliseconds since 1970."""
    height: int | None
    codec: str
    """Empty for what does not play."""
    subtitles: tuple[str, ...]


class Shape(NamedTuple):
    """What depends on the kind."""

    kind: Kind
    title: str
    files: tuple[str, ...]
    language: str
    year: int
    size: int
    seconds: int = 0
    performer: str = ""
    album: str = ""
    height: int | None = None
    codec: str = ""


class Record(NamedTuple):
    """An album or a series that several works belong to."""

    by: str
    title: str
    year: int
    language: str


def made(count: int, seed: int) -> Iterator[Made]:
    """That many works."""
    return islice(_Maker(Random(seed)).works(), count)


def zipf(length: int, exponent: float = 1.0) -> list[float]:
    """Cumulative weights of ranks."""
    return list(accumulate((rank + 2.0) ** -exponent for rank in range(length)))


@cache
def vocabulary(tongue: Tongue) -> tuple[str, ...]:
    """Its common words, then composed ones. A language's words are the same whatever the seed."""
    words = dict.fromkeys(tongue.common.split())
    rng, syllables = Random(tongue.code), tongue.syllables.split()
    weights, lengths = zipf(len(syllables), 0.5), rng.choices((1, 2, 3, 4), (1, 6, 5, 2), k=2 * tongue.tail)
    parts = _drawn(rng, syllables, weights)
    for length in lengths:
        words.setdefault("".join(islice(parts, length)))
        if len(words) >= tongue.tail:
            break
    return tuple(map(str.capitalize, words) if tongue.titled else words)


def _drawn(rng: Random, values: Sequence[T], cumulative: Sequence[float]) -> Iterator[T]:
    """Values without end, each as often as its weight says."""
    while True:
        yield from rng.choices(values, cum_weights=cumulative, k=_AT_ONCE)


def _even(rng: Random, weights: dict[T, float]) -> Iterator[T]:
    return _drawn(rng, list(weights), list(accumulate(weights.values())))


class _Speaker:
    """Says phrases in one language."""

    def __init__(self, tongue: Tongue, rng: Random) -> None:
        self.code = tongue.code
        self._between = tongue.between
        words = vocabulary(tongue)
        self._words = _drawn(rng, words, zipf(len(words), _STEEP))
        self._rng = rng
        self._tail = words[len(tongue.common.split()) :]
        given = tongue.given.split()
        self._given = _drawn(rng, given, zipf(len(given), 0.4))
        self._small = frozenset(words[: tongue.small])
        self._lengths = _even(rng, {1: 16, 2: 30, 3: 28, 4: 15, 5: 7, 6: 4})
        self.chapter = _CHAPTERS.get(tongue.code, "Chapter")
        self.foreign = "а" <= tongue.common.split()[-1][0] <= "я" or tongue.code == "el"

    def phrase(self) -> str:
        """No word twice, no article at the end; the first letter is a capital."""
        words = dict.fromkeys(islice(self._words, next(self._lengths)))
        while next(reversed(words)) in self._small:
            words.setdefault(next(self._words))
        text = self._between.join(words)
        return text[0].upper() + text[1:]

    def word(self) -> str:
        """One that is no article, as a name."""
        return next(word for word in self._words if word not in self._small).capitalize()

    def person(self) -> str:
        return f"{next(self._given)} {self._rare().capitalize()}"

    def _rare(self) -> str:
        """A composed word: nobody's name."""
        return self._tail[int(len(self._tail) * self._rng.random() ** 2)]


class _Maker:
    """Makes one work after another, of performers, albums and series that come back."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._chance = rng.random
        speakers = {_Speaker(tongue, rng): tongue.share for tongue in TONGUES}
        self._speakers = _even(rng, speakers)
        self._by_code = {speaker.code: speaker for speaker in speakers}
        self._latin = [
            speaker for speaker in speakers if speaker.code in {"en", "de", "es", "fr", "pl", "cs", "tr"}
        ]
        self._fill_pools(list(speakers))
        self._performers = [self._new_performer() for _ in range(500)]
        self._albums = [self._new_album() for _ in range(500)]
        self._series = [self._new_series() for _ in range(100)]

    def _fill_pools(self, speakers: Sequence[_Speaker]) -> None:
        rng = self._rng
        topics = TOPICS.split()
        topics += [f"{year}s" for year in range(1900, 2030, 10)]
        names = iter(speaker.word().lower() for speaker in _round(speakers))
        tags = list(islice(dict.fromkeys([*topics, *islice(names, 4 * TAGS)]), TAGS))
        self._tags = _drawn(rng, tags, zipf(len(tags)))
        self._tag_counts = _even(rng, {0: 10, 1: 25, 2: 30, 3: 20, 4: 10, 6: 5})
        crews = [_crew(speaker.word(), rng) for speaker in islice(_round(self._latin), 400)]
        self._crews = _drawn(rng, crews, zipf(len(crews)))
        self._heights = _even(rng, {1080: 45, 720: 30, 480: 12, 2160: 8, 576: 5})
        self._codecs = _even(rng, {"h264": 50, "hevc": 33, "mpeg4": 9, "av1": 5, "vp9": 3})
        self._sounds = _even(rng, {"flac": 40, "mp3": 45, "aac": 10, "opus": 5})
        ensembles = ENSEMBLES.split()
        self._ensembles = _drawn(rng, ensembles, zipf(len(ensembles)))
        self._members = _drawn(rng, [f"m{n:03}" for n in range(MEMBERS)], zipf(MEMBERS))
        self._groups = _drawn(rng, [f"g{n:02}" for n in range(GROUPS)], zipf(GROUPS))
        self._channels = {kind: _drawn(rng, names, zipf(len(names))) for kind, names in CHANNELS.items()}
        self._shapes = _even(
            rng,
            {
                self._film: 13.0,
                self._episode: 20.0,
                self._clip: 4.0,
                self._track: 26.0,
                self._album: 8.0,
                self._audiobook: 4.0,
                self._book: 15.0,
                self._pictures: 10.0,
            },
        )

    def works(self) -> Iterator[Made]:
        for number in count():
            yield self._work(number, next(self._shapes)())

    def _work(self, number: int, shape: Shape) -> Made:
        subtitled = shape.kind is Kind.VIDEO and self._chance() < 0.35
        return Made(
            id=f"x{number:07}",
            kind=shape.kind,
            title=shape.title,
            performer=shape.performer,
            album=shape.album,
            year=shape.year,
            files=shape.files,
            tags=tuple(dict.fromkeys(islice(self._tags, next(self._tag_counts)))),
            languages=(shape.language,),
            seconds=shape.seconds,
            size=shape.size,
            channel=next(self._channels[shape.kind]),
            member=next(self._members),
            group=next(self._groups),
            archived=END - int(SPAN * self._chance() ** 1.3),
            height=shape.height,
            codec=shape.codec,
            subtitles=(next(self._speakers).code, shape.language) if subtitled else (),
        )

    def _film(self) -> Shape:
        speaker, height, codec = next(self._speakers), next(self._heights), next(self._codecs)
        title, year = speaker.phrase(), self._year()
        plain = _roman(title) if speaker.foreign and self._chance() < 0.6 else title
        if self._chance() < 0.7:
            name = f"{_dotted(plain)}.{year}.{height}p.{_SOURCES[height]}.{_CODECS[codec]}-{next(self._crews)}.mkv"
        else:
            name = f"{plain} ({year}) [{height}p].mp4"
        files = (name, f"{name[:-4]}.{speaker.code}.srt") if self._chance() < 0.2 else (name,)
        return self._moving(
            title, files, Record("", "", year, speaker.code), height, codec, 3600 + 5000 * self._chance()
        )

    def _episode(self) -> Shape:
        series = self._one_of(self._series, 0.03, self._new_series)
        height, codec, name = next(self._heights), next(self._codecs), self._of(series.language).phrase()
        mark = f"S{1 + int(9 * self._chance() ** 2):02}E{1 + int(24 * self._chance()):02}"
        if self._chance() < 0.6:
            file = f"{_dotted(series.title)}.{mark}.{_dotted(name)}.{height}p.{_CODECS[codec]}-{next(self._crews)}.mkv"
        else:
            file = f"{series.title} - {mark} - {name}.mp4"
        title = f"{series.title} {mark} {name}"
        return self._moving(title, (file,), series, height, codec, 1200 + 2400 * self._chance())

    def _clip(self) -> Shape:
        speaker, day = next(self._speakers), self._day()
        height, year = next(self._heights), 2005 + int(22 * self._chance())
        title = f"{speaker.phrase()} {self._number()}"
        return self._moving(
            title,
            (f"VID_{year}{day}.mp4",),
            Record("", "", year, speaker.code),
            height,
            "h264",
            600 * self._chance(),
        )

    def _moving(
        self, title: str, files: tuple[str, ...], of: Record, height: int, codec: str, seconds: float
    ) -> Shape:
        size = int(seconds * _HEIGHTS[height] * (0.7 + 0.6 * self._chance()))
        return Shape(
            Kind.VIDEO, title, files, of.language, of.year, size, int(seconds), "", of.title, height, codec
        )

    def _track(self) -> Shape:
        album, codec = self._one_of(self._albums, 0.16, self._new_album), next(self._sounds)
        ending, rate = _SOUNDS[codec]
        title, place = self._of(album.language).phrase(), 1 + int(14 * self._chance())
        by = f"{album.by} - " if self._chance() < 0.5 else ""
        seconds = 90 + int(300 * self._chance())
        file = f"{by}{place:02} - {title}.{ending}"
        return Shape(
            *(Kind.AUDIO, title, (file,), album.language, album.year, seconds * rate, seconds),
            *(album.by, album.title, None, codec),
        )

    def _album(self) -> Shape:
        album, codec = self._new_album(), next(self._sounds)
        self._albums.append(album)
        ending, rate = _SOUNDS[codec]
        phrase, length = self._of(album.language).phrase, 5 + int(9 * self._chance())
        files = tuple(f"{place:02} - {phrase()}.{ending}" for place in range(1, length))
        seconds = 240 * length
        return Shape(
            *(Kind.AUDIO, album.title, files, album.language, album.year, seconds * rate, seconds),
            *(album.by, album.title, None, codec),
        )

    def _audiobook(self) -> Shape:
        speaker, length = next(self._speakers), 3 + int(18 * self._chance())
        title, by, seconds = speaker.phrase(), self._performer(), 1500 * length
        if self._chance() < 0.4:
            files: tuple[str, ...] = (f"{by} - {title}.m4b",)
        else:
            files = tuple(
                f"{title} - {place:02} - {speaker.chapter} {place}.mp3" for place in range(1, length)
            )
        return Shape(
            *(Kind.AUDIO, title, files, speaker.code, self._year(), seconds * 8000, seconds),
            *(by, title, None, "mp3"),
        )

    def _book(self) -> Shape:
        speaker, chance = next(self._speakers), self._chance()
        title, by, year = speaker.phrase(), self._performer(), self._year()
        ending = "epub" if chance < 0.5 else "pdf" if chance < 0.9 else "djvu"
        plain = _roman(title) if speaker.foreign and chance < 0.4 else title
        file = (
            f"{by} - {plain} ({year}).{ending}"
            if chance < 0.7
            else f"{_dotted(plain)}_{self._number()}.{ending}"
        )
        return Shape(
            Kind.DOCUMENT, title, (file,), speaker.code, year, 200_000 + int(2e7 * chance), performer=by
        )

    def _pictures(self) -> Shape:
        speaker, year, length = (
            next(self._speakers),
            2000 + int(27 * self._chance()),
            1 + int(11 * self._chance()),
        )
        day = self._day()[:4]
        files = tuple(f"IMG_{year}{day}_{int(86_399 * self._chance()):06}.jpg" for _ in range(length))
        return Shape(Kind.IMAGE, f"{speaker.phrase()} {year}", files, speaker.code, year, 3_100_000 * length)

    def _new_album(self) -> Record:
        speaker = next(self._speakers)
        return Record(self._performer(), speaker.phrase(), self._year(), speaker.code)

    def _new_series(self) -> Record:
        speaker = next(self._speakers)
        return Record("", speaker.phrase(), self._year(), speaker.code)

    def _performer(self) -> str:
        return self._one_of(self._performers, 0.12, self._new_performer)

    def _new_performer(self) -> str:
        speaker, chance = next(self._speakers), self._chance()
        if chance < 0.2:
            return f"{speaker.word()} {next(self._ensembles)}"
        return speaker.word() if chance < 0.3 else speaker.person()

    def _one_of(self, known: list[T], new: float, make: Callable[[], T]) -> T:
        """A new one now and then, else one that is known, the older the likelier."""
        if self._chance() < new:
            known.append(make())
            return known[-1]
        return known[int(len(known) * self._chance() ** 1.7)]

    def _of(self, language: str) -> _Speaker:
        return self._by_code[language]

    def _year(self) -> int:
        return 2026 - int(110 * self._chance() ** 2)

    def _day(self) -> str:
        chance = self._chance
        return f"{1 + int(12 * chance()):02}{1 + int(28 * chance()):02}_{int(86_399 * chance()):06}"

    def _number(self) -> int:
        return int(10 ** (1 + 4 * self._chance()))


def _round(speakers: Sequence[_Speaker]) -> Iterator[_Speaker]:
    while True:
        yield from speakers


def _crew(word: str, rng: Random) -> str:
    """The name of a release group."""
    return (word.upper(), word, word[:4].upper(), word[:-1] + word[-1].upper())[rng.randrange(4)]


def _roman(text: str) -> str:
    """In Latin letters, roughly."""
    return text.lower().translate(_ROMAN).capitalize()


def _dotted(text: str) -> str:
    return text.replace(" ", ".")


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun, words, files = time.perf_counter(), set[str](), 0
    for number, work in enumerate(made(asked.count, asked.seed)):
        if number < 20:
            print(work.kind, work.title, work.performer, work.files[0], *work.tags, sep=" | ")
        files += len(work.files)
        words.update(work.title.lower().split())
    seconds = time.perf_counter() - begun
    print(
        f"{asked.count} works, {files} files, {len(words)} words in titles, {asked.count / seconds:.0f} a second"
    )


if __name__ == "__main__":
    _main()
