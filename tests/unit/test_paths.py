"""Path mappings between an engine and us."""

from pathlib import Path

import pytest

from services.downloads.paths import PathMapping


def test_without_a_mapping_paths_are_the_same() -> None:
    mapping = PathMapping()
    assert mapping.theirs(Path("/data/x")) == "/data/x"
    assert mapping.ours("/data/x") == Path("/data/x")


def test_the_longest_prefix_wins_both_ways() -> None:
    mapping = PathMapping.parse("/d:/data, /d/films:/mnt/films,/d/films/new:/new")
    assert mapping.ours("/d/films/new/a.mkv") == Path("/new/a.mkv")
    assert mapping.ours("/d/films/a.mkv") == Path("/mnt/films/a.mkv")
    assert mapping.ours("/d/music") == Path("/data/music")
    assert mapping.theirs(Path("/new/a.mkv")) == "/d/films/new/a.mkv"
    assert mapping.theirs(Path("/mnt/films")) == "/d/films"
    assert mapping.theirs(Path("/data/music")) == "/d/music"


def test_a_prefix_ends_at_a_folder() -> None:
    mapping = PathMapping.parse("/downloads:/data")
    assert mapping.ours("/downloads-of-others/a") == Path("/downloads-of-others/a")
    assert mapping.theirs(Path("/database/a")) == "/database/a"


def test_theirs_may_have_drive_letters() -> None:
    mapping = PathMapping.parse(r"D:\Downloads:/data")
    assert mapping.theirs(Path("/data/sub/a.bin")) == r"D:\Downloads\sub\a.bin"
    assert mapping.ours("D:/Downloads/sub/a.bin") == Path("/data/sub/a.bin")
    assert mapping.ours(r"d:\downloads\sub\a.bin") == Path("/data/sub/a.bin")


@pytest.mark.parametrize("text", ["/only-one", "relative:/data", "/d:relative", "/d:", ":/data"])
def test_a_wrong_mapping_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        PathMapping.parse(text)
