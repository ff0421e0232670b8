"""What the embedded engine does with names, records and files: the parts without a network."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.downloads.embedded.erase import erase
from services.downloads.embedded.errors import error_key
from services.downloads.embedded.filenames import link_name
from services.downloads.embedded.pace import Floor, Pace
from services.downloads.embedded.records import LinkRecord, Shelf
from services.names import MOST_BYTES, safe_name

URL = "https://example.org/pub/Some%20film.mkv?token=1"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a b.bin"', "a b.bin"),
        ("attachment; filename=plain.bin", "plain.bin"),
        ("attachment; filename=x.txt; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", "naïve €.txt"),
        ("attachment; filename*=iso-8859-1''%A3.txt", "£.txt"),
        ('attachment; filename="../../etc/passwd.txt"', "passwd.txt"),
        (r'attachment; filename="C:\\Users\\x\\evil.exe"', "evil.exe"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fshadow.txt", "shadow.txt"),
        ('attachment; filename=".."', "Some film.mkv"),
        ('attachment; filename="..."', "Some film.mkv"),
        ('attachment; filename=""', "Some film.mkv"),
        ('attachment; filename="/"', "Some film.mkv"),
        ('attachment; filename=".bashrc.txt"', "bashrc.txt"),
        ('attachment; filename="a\u202egpj.exe"', "agpj.exe"),
        ('attachment; filename="a\x00\x1b[2Jb.txt"', "a[2Jb.txt"),
        ("attachment; filename*=bogus''x.txt", "x.txt"),
        ("attachment; filename*=idna''xn--a.txt", "xn--a.txt"),
        ("attachment; filename*=undefined''a%C3%A9.txt", "aé.txt"),
        ("attachment; filename*=unicode_escape''%5cu002fa.txt", "u002fa.txt"),
        ("attachment; filename*=\x00''a.txt", "a.txt"),
        ("attachment; filename*=utf-8''%ff%fea.txt", "\ufffd\ufffda.txt"),
        ("attachment; filename*=UTF-8''", "Some film.mkv"),
        ("attachment; filename*=UTF-8'en'%2e%2e%2f%00", "Some film.mkv"),
        ("attachment; filename*0=one%20; filename*1=two.txt", "one%20two.txt"),
        ("attachment; filename*1*=%74.txt; filename*0*=utf-8''%C3%BC", "üt.txt"),
        (f"attachment; filename*{'9' * 5000}=x.txt", "Some film.mkv"),
        ('attachment; FileName = "a;b=c.txt" ; x', "a;b=c.txt"),
        ('attachment; filename="first.txt"; filename="second.txt"', "first.txt"),
        ("attachment; filename=CON", "CON"),
        ('attachment; filename="na\u00efve.txt"', "naïve.txt"),
        ("attachment; filename=x.txt\r\nSet-Cookie: a=b", "x.txt Set-Cookie: a=b"),
        ("; filename=" * 5000 + "x", "Some film.mkv"),
        ("inline", "Some film.mkv"),
        (";;;=", "Some film.mkv"),
        ("", "Some film.mkv"),
        (None, "Some film.mkv"),
    ],
)
def test_a_servers_name_becomes_a_file_name(disposition: str | None, name: str) -> None:
    assert link_name(disposition, URL, None) == name


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://example.org/", None, "download"),
        ("https://example.org/", "text/html; charset=utf-8", "download.html"),
        ("https://example.org/a/%2e%2e", "x/y", "download"),
        ("https://example.org/a%2Fb.bin", None, "b.bin"),
        ("https://example.org/%00%01", None, "download"),
    ],
)
def test_an_address_becomes_a_file_name(url: str, kind: str | None, name: str) -> None:
    assert link_name(None, url, kind) == name


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "attachment",
                ";",
                " ",
                "filename",
                "*",
                "=",
                "0",
                "1",
                "'",
                '"',
                "utf-8''",
                "%",
                "2f",
                "..",
                "/",
                "\\",
                "a",
            ]
        )
    ).map("".join),
    st.text(max_size=30).map(lambda path: f"http://example.org/{path}"),
    st.none() | st.text(max_size=12) | st.sampled_from(["text/html", "video/mp4; x"]),
)
def test_whatever_a_server_says_the_name_is_one_of_a_file(
    disposition: str, url: str, content_type: str | None
) -> None:
    name = link_name(disposition, url, content_type)
    assert name not in {"", ".", ".."}
    assert not set(name) & set("/\\\0\r\n")
    assert not name.startswith(".")
    assert len(name.encode()) <= MOST_BYTES
    assert safe_name(name) == name


@pytest.mark.parametrize("stem", ["x" * 300, "é" * 300, "🎬" * 300, "x" * 199 + "é"])
def test_long_names_keep_their_ending(stem: str) -> None:
    name = safe_name(f"{stem}.mkv")
    assert len(name.encode()) <= MOST_BYTES
    assert name.endswith(".mkv")
    assert len(safe_name("y." + "z" * 300).encode()) <= MOST_BYTES


def test_erase_stays_inside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for path in (inside / "a/b/c.bin", inside / "a/keep.bin", outside / "x.bin", outside / "deep/y.bin"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    (inside / "link").symlink_to(outside, target_is_directory=True)
    (inside / "file-link").symlink_to(outside / "x.bin")
    hostile = [
        "../out/x.bin",
        str(outside / "x.bin"),
        "link/x.bin",
        "a/../../out/x.bin",
        "link/deep/y.bin",
        "",
    ]
    erase(inside, ["a/b/c.bin", "file-link", "not/there.bin", "a", *hostile])
    assert (outside / "x.bin").exists()
    assert (outside / "deep/y.bin").exists()
    assert sorted(path.relative_to(inside).as_posix() for path in inside.rglob("*")) == [
        "a",
        "a/keep.bin",
        "link",
    ]
    erase(tmp_path / "never", ["x"])


def test_a_record_is_read_back_and_a_broken_one_left_alone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "links", LinkRecord)
    shelf.open()
    record = LinkRecord(key="k1", folder=tmp_path, url="https://example.org/x", size=3)
    shelf.save(record)
    (shelf.folder / "k2.json").write_text('{"key": "k2", "fol')
    assert list(shelf.records()) == [record]
    assert (shelf.folder / "k2.json").exists()
    shelf.delete("k1")
    shelf.delete("k1")
    assert list(shelf.records()) == []


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EIO, "disk-error"),
        (None, "disk-error"),
    ],
)
def test_error_numbers_have_keys(code: int | None, key: str) -> None:
    assert error_key(code) == key


def test_pace_tells_rate_and_stall() -> None:
    clock = Clock()
    pace = Pace(10.0, clock)
    for second in range(4):
        pace.note(second * 1000)
        clock.now += 1
    assert (pace.rate, pace.stalled) == (750, False)
    clock.now += 9
    pace.note(3000)
    assert (pace.rate, pace.stalled) == (0, True)
    pace.restart()
    assert (pace.rate, pace.stalled) == (0, False)


def test_floor_breaks_only_on_too_little_in_a_whole_span() -> None:
    clock = Clock()
    floor = Floor(10.0, 100, 0, clock)
    assert not floor.broken_by(0)
    clock.now += 10
    assert not floor.broken_by(100)
    clock.now += 9
    assert not floor.broken_by(150)
    clock.now += 1
    assert floor.broken_by(199)
