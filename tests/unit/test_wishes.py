"""What of a channel is wanted: as people type it, and as posts are held against it."""

import re
import time
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assembly import LOCALES
from models.media import Kind
from services.errors import MagpieError
from services.grabbing.errors import WishWrong
from services.grabbing.port import Post, PostKind
from services.grabbing.quantities import read_bytes, read_day, read_number, read_seconds
from services.grabbing.reading import MOST_CHARACTERS, read_wish
from services.grabbing.wish import Wish, folded
from services.patterns import PatternTooSlow, PatternWrong
from services.words import Catalogue
from tests.unit.test_words import LANGUAGES

KIB, MIB = 1024, 1024**2
NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)


def post(**parts: Any) -> Post:
    return Post(**{"message_id": 1, "date": NOON, "kind": PostKind.AUDIO, **parts})


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", Wish()),
        (" \t\n ", Wish()),
        ("kind:audio", Wish(kinds=frozenset({PostKind.AUDIO}))),
        (
            "KIND=Voice,video kind:photo",
            Wish(kinds=frozenset({PostKind.VOICE, PostKind.VIDEO, PostKind.PHOTO})),
        ),
        ("duration>3m duration<1h", Wish(min_duration=181, max_duration=3599)),
        ("duration >= 3m duration<= 1h", Wish(min_duration=180, max_duration=3600)),
        ("duration>1.5s", Wish(min_duration=2)),
        ("duration>=1,5s", Wish(min_duration=2)),
        ("duration<1.5s", Wish(max_duration=1)),
        ("duration<=1h2m3s", Wish(max_duration=3723)),
        ("duration>3:20", Wish(min_duration=201)),
        ("duration>1:02:03", Wish(min_duration=3724)),
        ("size<50M size>1M", Wish(min_size=MIB + 1, max_size=50 * MIB - 1)),
        ("size>=1.5kb size<=2GiB", Wish(min_size=1536, max_size=2 * 1024**3)),
        ("size > 50 MB x", Wish(min_size=50 * MIB + 1, words=("x",))),
        ("duration>=3 min duration<1 h 30 min x", Wish(min_duration=180, max_duration=5399, words=("x",))),
        ("duration>=3 minutos 20 segundos", Wish(min_duration=200)),
        ("limit:10 songs", Wish(limit=10, words=("songs",))),
        ("size>=1000", Wish(min_size=1000)),
        ("after:2024-01-31 before:2024-06", Wish(after=date(2024, 1, 31), before=date(2024, 6, 1))),
        ("after:2024", Wish(after=date(2024, 1, 1))),
        ("limit:10", Wish(limit=10)),
        ("limit: 10 x", Wish(limit=10, words=("x",))),
        ("sine Waves", Wish(words=("sine", "Waves"))),
        ('"sine waves" x', Wish(words=("sine waves", "x"))),
        ("“sine waves” «x» „y“", Wish(words=("sine waves", "x", "y"))),
        ('"kind:audio" "duration>3m"', Wish(words=("kind:audio", "duration>3m"))),
        ("12:30 <3 AC/DC don't kind limits", Wish(words=("12:30", "<3", "AC/DC", "don't", "kind", "limits"))),
        ("/^sine waves \\d+/", Wish(pattern="^sine waves \\d+")),
        ("/a\\/b/ c", Wish(pattern="a\\/b", words=("c",))),
        ("/a  b/", Wish(pattern="a  b")),
        (
            'kind:audio duration>3m size<50M after:2024-01-31 limit:10 /x/ "y z"',
            Wish(
                kinds=frozenset({PostKind.AUDIO}),
                min_duration=181,
                max_size=50 * MIB - 1,
                after=date(2024, 1, 31),
                limit=10,
                pattern="x",
                words=("y z",),
            ),
        ),
    ],
)
def test_what_people_type(text: str, wish: Wish) -> None:
    assert read_wish(text) == wish


@pytest.mark.parametrize(
    ("text", "key", "part"),
    [
        ("x" * 10_000, "grab-too-long", "x" * 59 + "…"),
        ("a\x00b", "grab-unreadable", "a b"),
        ("a\x1cb", "grab-unreadable", "a b"),
        ("a \ud800", "grab-unreadable", "a"),
        ('x "sine waves', "grab-quotes", '"sine waves'),
        ('x 12" y', "grab-quotes", '12"'),
        ('"a"b', "grab-quotes", '"a"b'),
        ("«a", "grab-quotes", "«a"),
        ('"', "grab-quotes", '"'),
        ("/etc", "grab-slashes", "/etc"),
        ("/a/i", "grab-slashes", "/a/i"),
        ("/", "grab-slashes", "/"),
        ("/a\\/", "grab-slashes", "/a\\/"),
        ("//", "grab-empty", "//"),
        ('" "', "grab-empty", '""'),
        ("x \u0301", "grab-empty", "\u0301"),
        ("kindd:audio", "grab-unknown", "kindd:audio"),
        ("min-duration>3m", "grab-unknown", "min-duration>3m"),
        ("http://example.org", "grab-unknown", "http://example.org"),
        ("Größe:3", "grab-unknown", "Größe:3"),
        ("ſize:3", "grab-unknown", "ſize:3"),
        ("kind:music", "grab-kind", "kind:music"),
        ("kind:", "grab-kind", "kind:"),
        ("kind:audio,", "grab-kind", "kind:audio,"),
        ("kind>audio", "grab-kind", "kind>audio"),
        ("duration:3m", "grab-misread", "duration:3m"),
        ("duration>", "grab-misread", "duration>"),
        ("duration>3x", "grab-misread", "duration>3x"),
        ("duration>1:75", "grab-misread", "duration>1:75"),
        ("duration>-3", "grab-misread", "duration>-3"),
        ("duration > kind:audio", "grab-misread", "duration > kind:audio"),
        ("duration>3 MB", "grab-misread", "duration>3 MB"),
        ("limit:10 min", "grab-misread", "limit:10 min"),
        ("size<50X", "grab-misread", "size<50X"),
        ("size=3M", "grab-misread", "size=3M"),
        ("size<٣", "grab-misread", "size<٣"),
        ("after:yesterday", "grab-misread", "after:yesterday"),
        ("after>2024", "grab-misread", "after>2024"),
        ("before:2023-02-29", "grab-misread", "before:2023-02-29"),
        ("before:0000", "grab-misread", "before:0000"),
        ("limit:0", "grab-misread", "limit:0"),
        ("limit:many", "grab-misread", "limit:many"),
        ("limit<5", "grab-misread", "limit<5"),
        ("limit:" + "9" * 400, "grab-misread", "limit:" + "9" * 53 + "…"),
        ("limit:1 x limit:2", "grab-twice", "limit:1 limit:2"),
        ("size>1M size>=2M", "grab-twice", "size>1M size>=2M"),
        ("/a/ /b/", "grab-twice", "/a/ /b/"),
        ("after:2024 after:2025", "grab-twice", "after:2024 after:2025"),
        ("duration>3m duration<3m", "grab-nothing", "duration>=181 duration<=179"),
        ("size<0", "grab-nothing", "size<=-1"),
        ("after:2024-02 before:2024", "grab-nothing", "after:2024-02-01 before:2024-01-01"),
        ("after:2024 before:2024", "grab-nothing", "after:2024-01-01 before:2024-01-01"),
        ("kind:photo,document duration>3m", "grab-timeless", "kind:document,photo duration"),
    ],
)
def test_what_is_refused(text: str, key: str, part: str) -> None:
    with pytest.raises(WishWrong) as caught:
        read_wish(text)
    assert (caught.value.key, caught.value.values["part"]) == (key, part)
    for language in LANGUAGES:
        words = Catalogue(LOCALES).words(language)
        assert words.label(key, **caught.value.values)
        assert "<" not in words(key, **caught.value.values)


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(PatternWrong):
        read_wish("/(/")
    with pytest.raises(PatternWrong):
        read_wish(f"/{'x' * 101}/")
    with pytest.raises(PatternTooSlow):
        read_wish("/(a{40}){40}/")


@pytest.mark.parametrize(
    "parts",
    [
        {"min_duration": 10, "max_duration": 9.5},
        {"max_size": -1},
        {"min_duration": float("inf")},
        {"max_duration": float("nan")},
        {"limit": 0},
        {"words": ("",)},
        {"words": ("\u200b ",)},
        {"pattern": "("},
        {"after": date(2024, 1, 2), "before": date(2024, 1, 1)},
        {"kinds": frozenset({PostKind.PHOTO}), "min_duration": 1},
    ],
)
def test_a_wish_that_cannot_be_met_is_not_made(parts: dict[str, Any]) -> None:
    with pytest.raises(MagpieError):
        Wish(**parts)


@pytest.mark.parametrize(
    ("text", "parts", "matches"),
    [
        ("kind:voice", {"kind": PostKind.VOICE}, True),
        ("kind:voice", {"kind": PostKind.AUDIO}, False),
        ("duration>3m", {"duration": 180}, False),
        ("duration>3m", {"duration": 181}, True),
        ("duration>3m", {"duration": None}, False),
        ("duration<3m", {"duration": 0}, True),
        ("size<=1K", {"size": KIB}, True),
        ("size<1K", {"size": KIB}, False),
        ("size<1K", {}, False),
        ("after:2024-03-15", {}, True),
        ("after:2024-03-16", {}, False),
        ("before:2024-03-15", {}, False),
        ("before:2024-03-16", {}, True),
        # half past midnight where it was posted, the day before in UTC
        (
            "before:2024-03-15",
            {"date": datetime(2024, 3, 15, 0, 30, tzinfo=timezone(timedelta(hours=1)))},
            True,
        ),
        ("SINE corazon", {"title": "Sine Waves", "caption": "¡Corazón!"}, True),
        ("sine waves", {"title": "Sine"}, False),
        ("wave", {"name": "SineWaves.mp3"}, True),
        ('"sine waves"', {"caption": "Sine\n  Waves"}, True),
        ('"sine waves"', {"performer": "Sine", "title": "Waves"}, False),
        ('"waves sine"', {"title": "Waves", "performer": "Sine"}, False),
        ("straße", {"title": "STRASSE"}, True),
        ("fi", {"title": "ﬁlm"}, True),
        ("sine", {"title": "s\u200bi\u00adne"}, True),
        ("/^sine$/", {"title": "Sine", "name": "x.mp3"}, True),
        ("/^sine$/", {"title": "Sine", "performer": "Sine too"}, True),
        ("/^sine$/", {"title": "Cosine"}, False),
        ("/s/", {}, False),
        ("/sine/ x", {"title": "Sine"}, False),
    ],
)
def test_posts_are_held_against_it(text: str, parts: dict[str, Any], matches: bool) -> None:
    assert read_wish(text).matches(post(**parts)) is matches


def test_a_catastrophic_pattern_is_given_up() -> None:
    wish = read_wish("/(a|aa)+$/")
    begun = time.monotonic()
    with pytest.raises(PatternTooSlow):
        wish.matches(post(caption="a" * 4095 + "!"))
    assert time.monotonic() - begun < 30


def test_every_kind_has_its_media() -> None:
    assert {kind.media for kind in PostKind} == set(Kind)
    assert {kind for kind in PostKind if kind.media is Kind.AUDIO} == {PostKind.AUDIO, PostKind.VOICE}


pieces = st.sampled_from([
    *'"“”«»/\\<>=:,.-() \t\n\x00', "kind", "duration", "size", "after", "before", "limit", "audio", "3m", "50M", "2024-01",
    "10", "1:20", "/a/", '"b c"', "kind:audio", "duration>3m", "size<50M", "limit:10", "ü", "\u202e",
])  # fmt: skip


@given(
    st.text(st.characters(), max_size=60)
    | st.lists(pieces, max_size=12).map("".join)
    | st.lists(pieces).map(" ".join)
)
def test_any_text_is_a_wish_or_refused_in_words(text: str) -> None:
    try:
        wish = read_wish(text)
    except MagpieError as error:
        # raises for a key or a value that is missing
        said = [Catalogue(LOCALES).words(language).label(error.key, **error.values) for language in LANGUAGES]
        assert all(said)
        return
    assert len(text) <= MOST_CHARACTERS
    assert isinstance(wish.matches(post(title="a")), bool)


words = st.sampled_from(["sine", "WAVES", "é", "e\u0301", "ß", "ss", "s w", "1"])
texts = st.lists(st.sampled_from(["Sine", "waves", "É", "e", "ẞ", " ", "\n", "1", "\u200b"]), max_size=4).map(
    "".join
)
numbers = st.none() | st.integers(0, 6)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2024, 1, 5), timezones=st.just(UTC))  # noqa: DTZ001 - a bound
days = st.none() | st.dates(date(2023, 12, 31), date(2024, 1, 6))
posts = st.builds(
    Post,
    message_id=st.just(1),
    date=moments,
    kind=st.sampled_from(PostKind),
    name=texts,
    size=numbers,
    duration=numbers,
    title=texts,
    performer=texts,
    caption=texts,
)


@given(
    posts,
    st.frozensets(st.sampled_from(PostKind)),
    st.tuples(numbers, numbers, numbers, numbers),
    st.tuples(days, days),
    st.lists(words, max_size=2).map(tuple),
    st.sampled_from(["", "sine", "^e", r"\d", "s+$"]),
)
def test_it_means_what_a_plain_reading_of_it_means(
    each: Post,
    kinds: frozenset[PostKind],
    bounds: tuple[int | None, int | None, int | None, int | None],
    between: tuple[date | None, date | None],
    wanted: tuple[str, ...],
    pattern: str,
) -> None:
    try:
        wish = Wish(kinds, *bounds, *between, wanted, pattern)
    except WishWrong:
        return
    written = [each.name, each.title, each.performer, each.caption]
    holds = [
        each.kind in (kinds or set(PostKind)),
        each.duration in allowed(bounds[0], bounds[1]),
        each.size in allowed(bounds[2], bounds[3]),
        between[0] is None or each.date >= midnight(between[0]),
        between[1] is None or each.date < midnight(between[1]),
        *(any(plain(word) in plain(text) for text in written) for word in wanted),
        not pattern or any(re.search(pattern, text, re.IGNORECASE) for text in written if text),
    ]
    assert wish.matches(each) is all(holds)


def allowed(least: int | None, most: int | None) -> list[int | None]:
    if least is None and most is None:
        return [None, *range(10)]
    return [number for number in range(10) if (least or 0) <= number <= (9 if most is None else most)]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def plain(text: str) -> str:
    letters = [
        c for c in unicodedata.normalize("NFD", text.lower().replace("ß", "ss")) if c not in "\u0301\u200b"
    ]
    return " ".join("".join(letters).split())


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded(text.upper()) == folded(text.upper().lower().upper()) or not text.isascii()


@given(st.text(max_size=20) | st.from_regex(r"[0-9:.,hmsMGK-]{0,12}", fullmatch=True))
def test_any_text_is_a_quantity_or_none(text: str) -> None:
    size, span, day, number = read_bytes(text), read_seconds(text), read_day(text), read_number(text)
    assert size is None or size >= 0
    assert span is None or span >= 0
    assert day is None or day.isoformat().startswith(text[:4])
    assert number is None or number >= 0


@given(st.integers(0, 10**9))
def test_any_honest_duration_and_size_is_read(number: int) -> None:
    hours, rest = divmod(number, 3600)
    minutes, seconds = divmod(rest, 60)
    assert read_seconds(str(number)) == number
    assert read_seconds(f"{hours}h{minutes}m{seconds}s") == number
    assert hours > 9999 or read_seconds(f"{hours}:{minutes:02}:{seconds:02}") == number
    assert read_bytes(f"{number}K") == read_bytes(f"{number} KiB") == number * 1024


def test_reading_takes_no_time() -> None:
    begun = time.monotonic()
    for char in '"/\\(<:=a “':
        try:
            read_wish(char * MOST_CHARACTERS)
        except MagpieError:
            continue
    assert time.monotonic() - begun < 5
