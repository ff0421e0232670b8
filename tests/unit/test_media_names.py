import pytest

from models.media import Kind
from services.media.claims import is_misnamed
from services.media.names import LONGEST, clean, stem_of
from services.media.sizes import fit
from services.media.stills import clock
from services.media.titles import names_of_video


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31mc\r\nd", "a b [31mc d"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("line\u2028break", "line break"),
        ("half \udc80 pair", "half pair"),
        ("  wide   space ", "wide space"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("x" * 10_000, "x" * LONGEST),
    ],
)
def test_cleaned_text_is_one_harmless_line(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Big.Buck_Bunny.mkv", "Big Buck Bunny"),
        ("v1.2 notes.txt", "v1.2 notes"),
        ("\x01\x02", "?"),
        (".hidden", "hidden"),
    ],
)
def test_a_name_becomes_a_readable_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Sintel.2010.1080p.BluRay.x264-GRP.mkv", "Sintel (2010)"),
        ("Caminandes.S01E02.720p.WEB.mkv", "Caminandes S01E02"),
        ("Caminandes.2013.S01E01E02.mkv", "Caminandes (2013) S01E01-E02"),
        ("1080p.mkv", None),
    ],
)
def test_the_title_of_a_video_comes_from_its_name(name: str, title: str | None) -> None:
    assert names_of_video(name).get("title") == title


def test_a_name_tells_an_episode_from_a_film() -> None:
    assert names_of_video("Caminandes.2013.S01E02.mkv") == {
        "title": "Caminandes (2013) S01E02",
        "year": 2013,
        "series": "Caminandes",
        "season": 1,
        "episode": 2,
    }
    assert "series" not in names_of_video("Sintel.2010.1080p.mkv")


@pytest.mark.parametrize(
    ("suffix", "kind", "misnamed"),
    [
        (".mkv", Kind.DOCUMENT, True),
        (".MKV", Kind.IMAGE, True),
        (".jpg", Kind.VIDEO, True),
        (".mp4", Kind.AUDIO, False),
        (".ogg", Kind.VIDEO, False),
        (".txt", Kind.VIDEO, False),
        ("", Kind.VIDEO, False),
    ],
)
def test_a_name_lies_when_it_promises_another_kind(suffix: str, kind: Kind, *, misnamed: bool) -> None:
    assert is_misnamed(suffix, kind) is misnamed


@pytest.mark.parametrize(
    ("size", "side", "even", "fitted"),
    [
        ((1920, 1080), 640, True, (640, 360)),
        ((1080, 1920), 640, True, (360, 640)),
        ((321, 241), 640, True, (320, 240)),
        ((321, 241), 640, False, (321, 241)),
        ((100_000, 2), 640, True, (640, 2)),
        ((100_000, 2), 640, False, (640, 1)),
    ],
)
def test_sizes_fit_and_keep_their_shape(
    size: tuple[int, int], side: int, fitted: tuple[int, int], *, even: bool
) -> None:
    assert fit(*size, side, even=even) == fitted


def test_times_are_written_as_on_a_clock() -> None:
    assert [clock(0), clock(61.9), clock(3600), clock(36_125)] == ["0:00", "1:01", "1:00:00", "10:02:05"]
