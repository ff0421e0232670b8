"""What is asked of the library, as people type it."""

import math
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.assembly import LOCALES
from models.media import Kind
from services.errors import MagpieError
from services.library.fields import EXAMPLES, FIELDS, PLACES, SORTS
from services.library.query import (
    FAVOURITES,
    MOST_CHARACTERS,
    MOST_TERMS,
    Asked,
    Field,
    Filter,
    QueryWrong,
    SortBy,
    Span,
    read_asked,
)
from services.words import Catalogue
from tests.unit.test_words import LANGUAGES

CATALOGUE = Catalogue(LOCALES)
MIB, GIB = 1024**2, 1024**3


def millis(year: int, month: int = 1, day: int = 1, minutes: int = 0) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000) - minutes * 60_000


def just_above(number: float) -> float:
    return math.nextafter(number, math.inf)


def asked(*words: str, **parts: Any) -> Asked:
    """By default the last word may be still being typed."""
    return Asked(words=words, **{"unfinished": bool(words), **parts})


def only_filter(text: str, **more: Any) -> tuple[Field, str | Span, bool]:
    read = read_asked(text, **more)
    assert read == Asked(filters=read.filters)
    (filter_,) = read.filters
    return filter_.field, filter_.value, filter_.negated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Asked()),
        (" \t\n ", Asked()),
        ("Big Buck", asked("Big", "Buck")),
        ("Big Buck ", asked("Big", "Buck", unfinished=False)),
        ("Big\n\tBuck\n", asked("Big", "Buck", unfinished=False)),
        ("AC/DC don't café", asked("AC/DC", "don't", "café")),
        ('"live at"', Asked(phrases=("live at",))),
        ('blue "live at" x', asked("blue", "x", phrases=("live at",))),
        ('x "live at"', asked("x", phrases=("live at",), unfinished=False)),
        ("«a b» “c d” „e f“ ”g“ ＂h＂", Asked(phrases=("a b", "c d", "e f", "g", "h"))),
        ('"live at', Asked(phrases=("live at",))),
        ('"live  at "', Asked(phrases=("live at",))),
        ('"', Asked()),
        ('"" "!" -""', Asked()),
        ('12" mix', asked('12"', "mix")),
        ("-live", Asked(without=("live",))),
        ('-live -"live at" x', asked("x", without=("live", "live at"))),
        ("x -live", asked("x", without=("live",), unfinished=False)),
        ("--live −live", Asked(without=("live", "live"))),
        ("- live", asked("live")),
        ("Foo - Bar", asked("Foo", "Bar")),
        ("- -- —", Asked()),
        ("well-known x-", asked("well-known", "x-")),
        ("!!! ... , ?", Asked()),
        ("C++ x !", asked("C++", "x", unfinished=False)),
        ("12:30 C: foo:bar 24:7", asked("12:30", "C:", "foo:bar", "24:7")),
        ("http://x.org/y?z=1 file://x magnet:?xt=1", asked("http://x.org/y?z=1", "file://x", "magnet:?xt=1")),
        ("Mind: a history", asked("Mind:", "a", "history")),
        ("Artsit:", asked("Artsit:")),
        ("<3 a>b kind year", asked("<3", "a>b", "kind", "year")),
        ('"kind:audio" "free" "#x"', Asked(phrases=("kind:audio", "free", "#x"))),
        ("#1 #", asked("#1", unfinished=False)),
        ("a\0b \u202ec\u2066 d\u200b", asked("ab", "c", "d")),
        ("\0\u202e", Asked()),
        ("x \u200b", asked("x", unfinished=False)),
        ("cafe\u0301", asked("café")),
        ("日本 музыка", asked("日本", "музыка")),
    ],
)
def test_words(text: str, expected: Asked) -> None:
    assert read_asked(text) == expected


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("kind:audio", Field.KIND, Kind.AUDIO),
        ("KIND=Music", Field.KIND, Kind.AUDIO),
        ("tipo:Música", Field.KIND, Kind.AUDIO),
        ("tipo:película", Field.KIND, Kind.VIDEO),
        ("kind:movie", Field.KIND, Kind.VIDEO),
        ("kind:photo", Field.KIND, Kind.IMAGE),
        ("tipo:fotos", Field.KIND, Kind.IMAGE),
        ("kind:book", Field.KIND, Kind.DOCUMENT),
        ('kind:"video"', Field.KIND, Kind.VIDEO),
        ("kind：video", Field.KIND, Kind.VIDEO),
        ("artist:Davis", Field.ARTIST, "Davis"),
        ("artist: Davis", Field.ARTIST, "Davis"),
        ("artista : Davis", Field.ARTIST, "Davis"),
        ('album:"kind of blue"', Field.ALBUM, "kind of blue"),
        ("álbum:«kind of blue»", Field.ALBUM, "kind of blue"),
        ('álbum:"kind of', Field.ALBUM, "kind of"),
        ('album: "a, b"', Field.ALBUM, "a, b"),
        ("title:a,b", Field.TITLE, "a,b"),
        ("título:x:y", Field.TITLE, "x:y"),
        ("file:a.mkv", Field.FILE, "a.mkv"),
        ("archivo:a.mkv", Field.FILE, "a.mkv"),
        ("tag:jazz", Field.TAG, "jazz"),
        ("tag:#jazz", Field.TAG, "jazz"),
        ("#jazz", Field.TAG, "jazz"),
        ("#sci-fi", Field.TAG, "sci-fi"),
        ('tag:"a, b"', Field.TAG, "a, b"),
        ("etiqueta:jazz", Field.TAG, "jazz"),
        ("channel:@movies", Field.CHANNEL, "movies"),
        ("canal:-100123", Field.CHANNEL, "-100123"),
        ("lang:es", Field.LANGUAGE, "es"),
        ("idioma:es", Field.LANGUAGE, "es"),
        ("codec:H.264", Field.CODEC, "h264"),
        ("codec:x265", Field.CODEC, "hevc"),
        ("códec:flac", Field.CODEC, "flac"),
        ("series:wire", Field.SERIES, "wire"),
        ("in:favourites", Field.IN, FAVOURITES),
        ("en:favoritos", Field.IN, FAVOURITES),
    ],
)
def test_texts(text: str, field: Field, value: str) -> None:
    assert only_filter(text) == (field, value, False)
    assert only_filter(f"-{text}") == (field, value, True)


@pytest.mark.parametrize(
    ("text", "field", "low", "high"),
    [
        ("duration>3m", Field.DURATION, just_above(180), None),
        ("duration > 3 min 20 s", Field.DURATION, just_above(200), None),
        ("duration:>3m", Field.DURATION, just_above(180), None),
        ("duración>=1:30", Field.DURATION, 90, None),
        ("length<1h30m", Field.DURATION, None, 5400),
        ("duration≤90", Field.DURATION, None, just_above(90)),
        ("duration:100", Field.DURATION, 90, 110),
        ("duration:3m..5m", Field.DURATION, 180, just_above(300)),
        ("duration:3-5m", Field.DURATION, 180, just_above(300)),
        ("duration:3:00-5:00", Field.DURATION, 180, just_above(300)),
        ("duration:0", Field.DURATION, 0, 1),
        ("size<2g", Field.SIZE, None, 2 * GIB),
        ("size<=2g", Field.SIZE, None, 2 * GIB + 1),
        ("size>1.5 GB", Field.SIZE, 1.5 * GIB + 1, None),
        ("size＞1m", Field.SIZE, MIB + 1, None),
        ("size>=0.3k", Field.SIZE, 308, None),
        ("size>0.3k", Field.SIZE, 308, None),
        ("size<0.3k", Field.SIZE, None, 308),
        ("tamaño:1000", Field.SIZE, 900, 1100),
        ("tamano:1g..2g", Field.SIZE, GIB, 2 * GIB + 1),
        ("size:1-2g", Field.SIZE, GIB, 2 * GIB + 1),
        ("size:500m…", Field.SIZE, 500 * MIB, None),
        ("size:0", Field.SIZE, 0, 1),
        ("year:1959", Field.YEAR, 1959, 1960),
        ("año=1959", Field.YEAR, 1959, 1960),
        ("an\u0303o:1959", Field.YEAR, 1959, 1960),
        ("ano:1959", Field.YEAR, 1959, 1960),
        ("year:1990s", Field.YEAR, 1990, 2000),
        ("year>1990s", Field.YEAR, 2000, None),
        ("year>1959", Field.YEAR, 1960, None),
        ("year>=1959", Field.YEAR, 1959, None),
        ("year<1959", Field.YEAR, None, 1959),
        ("year<=1959", Field.YEAR, None, 1960),
        ("year:1950..1960", Field.YEAR, 1950, 1961),
        ("year:1950...1960", Field.YEAR, 1950, 1961),
        ("year:1950-1960", Field.YEAR, 1950, 1961),
        ("year:1950–1960", Field.YEAR, 1950, 1961),
        ("year:1950s-1960s", Field.YEAR, 1950, 1970),
        ("year:1955-1960s", Field.YEAR, 1955, 1970),
        ("year:1950..", Field.YEAR, 1950, None),
        ("year:..1960", Field.YEAR, None, 1961),
        ("resolution>=720", Field.RESOLUTION, 720, None),
        ("resolution>720p", Field.RESOLUTION, 721, None),
        ("resolution:720p", Field.RESOLUTION, 720, 1080),
        ("resolution:HD", Field.RESOLUTION, 720, 1080),
        ("resolution:1080p", Field.RESOLUTION, 1080, 1440),
        ("resolución:4k", Field.RESOLUTION, 2160, 4320),
        ("resolution:2160p", Field.RESOLUTION, 2160, 4320),
        ("resolution:8k", Field.RESOLUTION, 4320, None),
        ("resolution:800", Field.RESOLUTION, 800, 801),
        ("resolution:720-1080p", Field.RESOLUTION, 720, 1081),
        ("before:2024-06", Field.DATE, None, millis(2024, 6)),
        ("antes:2024-06-02", Field.DATE, None, millis(2024, 6, 2)),
        ("after:2023", Field.DATE, millis(2023), None),
        ("después:2023", Field.DATE, millis(2023), None),
        ("date:2024", Field.DATE, millis(2024), millis(2025)),
        ("date:2024-02", Field.DATE, millis(2024, 2), millis(2024, 3)),
        ("fecha:2024-02-29", Field.DATE, millis(2024, 2, 29), millis(2024, 3)),
        ("date>2023", Field.DATE, millis(2024), None),
        ("date:2023-2024", Field.DATE, millis(2023), millis(2025)),
        ("date:2024-01..2024-03", Field.DATE, millis(2024), millis(2024, 4)),
        ("date:2024-01-05–2024-01-06", Field.DATE, millis(2024, 1, 5), millis(2024, 1, 7)),
        ("date:1960", Field.DATE, millis(1960), millis(1961)),
        ("free", Field.PRICE, 0, 1),
        ("Gratis", Field.PRICE, 0, 1),
        ("price:0", Field.PRICE, 0, 1),
        ("precio:gratis", Field.PRICE, 0, 1),
        ("price<50", Field.PRICE, None, 50),
        ("price:10..50", Field.PRICE, 10, 51),
        ("season:2", Field.SEASON, 2, 3),
        ("temporada>=2", Field.SEASON, 2, None),
        ("episodio:5-7", Field.EPISODE, 5, 8),
    ],
)
def test_spans(text: str, field: Field, low: float | None, high: float | None) -> None:
    assert only_filter(text) == (field, Span(low, high), False)
    assert only_filter(f"-{text}") == (field, Span(low, high), True)


def test_days_begin_where_somebody_lives() -> None:
    madrid = 120
    assert only_filter("after:2024-06-01", utc_offset=madrid)[1] == Span(millis(2024, 6, 1, madrid), None)
    assert only_filter("date:2024-06-01", utc_offset=madrid)[1] == Span(
        millis(2024, 6, 1, madrid), millis(2024, 6, 2, madrid)
    )
    assert only_filter("before:2024-06-01", utc_offset=-300)[1] == Span(None, millis(2024, 6, 1, -300))


def test_the_last_year_there_is_has_an_end() -> None:
    _, span, _ = only_filter("date:9999")
    assert isinstance(span, Span)
    assert span.low is not None
    assert span.high == span.low + 365 * 86_400_000


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("sort:newest", SortBy.NEWEST),
        ("sort=Size sort:size", SortBy.SIZE),
        ("orden:duración", SortBy.LENGTH),
        ("ordenar:popular", SortBy.WANTED),
        ("sort: relevance", SortBy.RELEVANCE),
    ],
)
def test_orders(text: str, sort: SortBy) -> None:
    assert read_asked(text) == Asked(sort=sort)


def test_everything_at_once() -> None:
    text = 'blue kind:audio artist:davis duration>3m year:1959 #jazz free -live -"live at" -tag:pop sort:newest gre'
    assert read_asked(text) == asked(
        "blue",
        "gre",
        without=("live", "live at"),
        filters=(
            Filter(Field.KIND, Kind.AUDIO),
            Filter(Field.ARTIST, "davis"),
            Filter(Field.DURATION, Span(just_above(180), None)),
            Filter(Field.YEAR, Span(1959, 1960)),
            Filter(Field.TAG, "jazz"),
            Filter(Field.PRICE, Span(0, 1)),
            Filter(Field.TAG, "pop", negated=True),
        ),
        sort=SortBy.NEWEST,
    )


def test_several_of_one_field() -> None:
    assert read_asked("tag:jazz,blues -kind:image,document tag:pop").filters == (
        Filter(Field.TAG, "jazz"),
        Filter(Field.TAG, "blues"),
        Filter(Field.KIND, Kind.IMAGE, negated=True),
        Filter(Field.KIND, Kind.DOCUMENT, negated=True),
        Filter(Field.TAG, "pop"),
    )
    assert len(read_asked("size>1g size<2g -size:1.5g").filters) == 3
    assert len(read_asked("tag:jazz tag:pop -tag:pop").filters) == 3
    assert len(read_asked("before:1960 after:1950").filters) == 2


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("x kind:foo y", "library-query-kind", "kind:foo"),
        ("-tipo:foo", "library-query-kind", "-tipo:foo"),
        ("kind:audio,foo", "library-query-kind", "kind:audio,foo"),
        ("in:utero", "library-query-place", "in:utero"),
        ("sort:foo", "library-query-sort", "sort:foo"),
        ("sort:size sort:newest", "library-query-twice", "sort:size sort:newest"),
        ("-sort:size", "library-query-sign", "-sort:size"),
        ("sort>size", "library-query-sign", "sort>size"),
        ("kind>audio", "library-query-sign", "kind>audio"),
        ("artist<=x", "library-query-sign", "artist<=x"),
        ("after>2023", "library-query-sign", "after>2023"),
        ("duration>x", "library-query-duration", "duration>x"),
        ("duration>3g", "library-query-duration", "duration>3g"),
        ("duration>999999999999999h", "library-query-duration", "duration>999999999999999h"),
        ("size<3min", "library-query-size", "size<3min"),
        ("size:1..x", "library-query-size", "size:1..x"),
        ("size<999999999999999t", "library-query-size", "size<999999999999999t"),
        ("size>1..2", "library-query-size", "size>1..2"),
        ("year:59", "library-query-year", "year:59"),
        ("year:19590", "library-query-year", "year:19590"),
        ("year:1995s", "library-query-year", "year:1995s"),
        ("resolution:blurred", "library-query-resolution", "resolution:blurred"),
        ("date:yesterday", "library-query-date", "date:yesterday"),
        ("before:2024-13", "library-query-date", "before:2024-13"),
        ("after:2023-02-29", "library-query-date", "after:2023-02-29"),
        ("after:2023..2024", "library-query-date", "after:2023..2024"),
        ("price<cheap", "library-query-number", "price<cheap"),
        ("season:one", "library-query-number", "season:one"),
        ("episode:-1", "library-query-number", "episode:-1"),
        ("kind:", "library-query-empty", "kind:"),
        ("x year> ", "library-query-empty", "year>"),
        ('artist:""', "library-query-empty", 'artist:""'),
        ("artist:!!!", "library-query-empty", "artist:!!!"),
        ("channel:@ x", "library-query-empty", "channel:@"),
        ("sort:", "library-query-empty", "sort:"),
        ("kind: -year:1959", "library-query-empty", "kind:"),
        ("size>2g size<1g", "library-query-nothing", "size>2g size<1g"),
        ("size>2g x size<2g", "library-query-nothing", "size>2g size<2g"),
        ("year:1959 year:1960", "library-query-nothing", "year:1959 year:1960"),
        ("year:1960..1950", "library-query-nothing", "year:1960..1950"),
        ("-year:1960..1950", "library-query-nothing", "-year:1960..1950"),
        ("size<0", "library-query-nothing", "size<0"),
        ("after:2024 before:2023", "library-query-nothing", "after:2024 before:2023"),
        ("year:1959 -year:1959", "library-query-nothing", "year:1959 -year:1959"),
        ("tag:Jazz -#jazz", "library-query-nothing", "tag:Jazz -#jazz"),
        ("free price>5", "library-query-nothing", "free price>5"),
        ("artsit:davis", "library-query-misspelt", "artsit:davis"),
        ("-Chanel:@x", "library-query-misspelt", "-Chanel:@x"),
        ("yer>1959", "library-query-misspelt", "yer>1959"),
        ("duracon:3m", "library-query-misspelt", "duracon:3m"),
    ],
)
def test_what_cannot_be_read_is_explained(text: str, key: str, part: str) -> None:
    with pytest.raises(QueryWrong) as caught:
        read_asked(text)
    assert (caught.value.key, caught.value.values["part"]) == (key, part)
    for language in LANGUAGES:
        assert part in CATALOGUE.words(language).label(caught.value.key, **caught.value.values)


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("kind:foo", "kind:audio"),
        ("-Tamaño<x", "tamaño<2g"),
        ("ano:x", "año:1950..1960"),
        ("album:", 'album:"kind of blue"'),
        ("duracon:3m", "duración:3m"),
        ("after:x", "after:2023"),
        ("sort:x", "sort:newest"),
        ("artsit:davis", "artist:davis"),
        ("yer>=1959", "year>=1959"),
    ],
)
def test_what_is_wrong_comes_with_an_example(text: str, example: str) -> None:
    with pytest.raises(QueryWrong) as caught:
        read_asked(text)
    assert caught.value.values["example"] == example
    read_asked(example)


@pytest.mark.parametrize("name", FIELDS)
def test_every_example_can_be_read(name: str) -> None:
    read = read_asked(name + EXAMPLES[FIELDS[name]])
    assert len(read.filters) + (read.sort is not None) == 1
    assert not read.words


def test_what_errors_offer_is_there() -> None:
    assert set(PLACES.values()) == {FAVOURITES}
    assert set(SORTS.values()) == set(SortBy)
    for order in ("relevancia", "reciente", "tamaño", "duración", "demanda", *SortBy):
        assert read_asked(f"sort:{order}").sort
    for kind in ("vídeo", "audio", "imagen", "documento", *Kind):
        assert read_asked(f"kind:{kind}").filters


def test_addresses_are_no_misspellings() -> None:
    for word in ("https:x", "ftp:x", "magnet:?x", "mailto:a@b", "urn:x", "tg:x", "Vol:2", "S01:E02"):
        assert read_asked(word).words == (word,)


def test_what_is_shown_is_short() -> None:
    with pytest.raises(QueryWrong) as caught:
        read_asked(f"kind:{'x' * 200}")
    part = str(caught.value.values["part"])
    assert len(part) == 40
    assert part.endswith("x…")


def test_bounds() -> None:
    assert read_asked(" " * 100 + "x" * MOST_CHARACTERS + " " * 100).words == ("x" * MOST_CHARACTERS,)
    assert len(read_asked("x " * MOST_TERMS).words) == MOST_TERMS
    assert len(read_asked("x - " * MOST_TERMS).words) == MOST_TERMS
    for text, key in (
        ("x" * (MOST_CHARACTERS + 1), "library-query-too-long"),
        ("x" * 10_000, "library-query-too-long"),
        ("x " * MOST_TERMS + "kind:audio", "library-query-too-many"),
    ):
        with pytest.raises(QueryWrong) as caught:
            read_asked(text)
        assert caught.value.key == key
        check_error(caught.value)


PIECES = st.sampled_from(
    [
        *FIELDS,
        *':=<>-–—…"«»“„#@,.!：≥ \t\0\u202e',
        *("<=", "..", "--", "1959", "3m", "2g", "1990s", "2024-06", "720p", "audio", "jazz", "free"),
        *("newest", "999999999999999t", "artsit", "9999-12-31", "0"),
    ]
)
TEXTS = st.one_of(st.text(max_size=600), st.lists(PIECES, max_size=60).map("".join))


@given(TEXTS, st.integers(-14 * 60, 14 * 60))
@example("size:" + "9" * 400, 0)
@example("date:9999-12-31 year:9999s", -720)
@example("\ud800 kind:\udfff", 0)
@example("\u00b2\u2460:\u00bd year:\u0661\u0669\u0665\u0669", 0)
def test_whatever_is_typed_is_read_or_explained(text: str, utc_offset: int) -> None:
    try:
        read = read_asked(text, utc_offset=utc_offset)
    except QueryWrong as error:
        check_error(error)
    else:
        check(read)


def check_error(error: MagpieError) -> None:
    assert len(str(error.values["part"])) <= 40
    for language in LANGUAGES:
        assert CATALOGUE.words(language).label(error.key, **error.values)


def check(read: Asked) -> None:
    texts = [*read.words, *read.phrases, *read.without]
    texts += [each.value for each in read.filters if isinstance(each.value, str)]
    assert sum(map(len, texts)) <= MOST_CHARACTERS
    assert len(read.words) + len(read.phrases) + len(read.without) <= MOST_TERMS
    assert all(any(char.isalnum() for char in text) for text in texts)
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for text in texts for char in text)
    assert not any(" " in word for word in read.words)
    assert not read.unfinished or read.words
    for each in read.filters:
        if isinstance(each.value, Span):
            check_span(each.field, each.value)


def check_span(field: Field, span: Span) -> None:
    low, high = span.low, span.high
    assert low is not None or high is not None
    assert all(abs(bound) < 1 << 52 for bound in (low, high) if bound is not None)
    assert low is None or high is None or low < high
    if field is not Field.DURATION:
        assert all(bound == int(bound) for bound in (low, high) if bound is not None)


@given(st.lists(st.from_regex(r"[a-z]{5,8}", fullmatch=True), min_size=1, max_size=10))
def test_plain_words_are_left_as_they_are(words: list[str]) -> None:
    plain = [word.title() for word in words if word not in {"gratis", *FIELDS}]
    read = read_asked(" ".join(plain) + " ")
    assert read == Asked(words=tuple(plain))
