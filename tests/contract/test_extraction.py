"""Extraction: honest archives come out whole, hostile ones are refused, and nothing is ever written elsewhere."""

import asyncio
import os
import random
import shutil
import signal
import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from py7zr import SevenZipFile

from services.errors import MagpieError
from services.extraction.errors import ArchiveNeedsRoom, ArchiveRejected, ExtractionFailed
from services.extraction.extractor import ExtractionLimits, Extractor
from services.extraction.names import MOST_COMPONENT_BYTES, may_be_archive, safe_path
from services.extraction.refusal import Refusal
from tests import archives
from tests.house import until

GIGA = 1024**3
SMALL = ExtractionLimits(ratio=10, floor=1_000_000, entries=50, seconds=120)
FILES = {
    "film.mkv": random.Random(1).randbytes(300_000),
    "sub/deep/ü 🐦.srt": b"words",
    "sub/empty.txt": b"",
    "readme.txt": b"text " * 1000,
}
Make = Callable[[Path, archives.Content], Path]
BOTH = pytest.mark.parametrize("make", [archives.zipped, archives.seven_zipped])


def read(folder: Path, files: object) -> Mapping[str, bytes]:
    """What was extracted, by its path below the folder."""
    assert isinstance(files, list)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


async def refused(
    archive: Path,
    limits: ExtractionLimits = SMALL,
    *,
    room: int = GIGA,
    error: type[MagpieError] = ArchiveRejected,
) -> str:
    """The key of the refusal; nothing may be there afterwards but what was."""
    before = set(archive.parent.rglob("*"))
    with pytest.raises(error) as raised:
        await Extractor(limits).extract(archive, archive.parent / "out", room=room)
    assert set(archive.parent.rglob("*")) == before
    return raised.value.key


# Honest ones


@BOTH
@pytest.mark.parametrize("name", ["films.zip", "films.7z", "noise"])
async def test_an_archive_comes_out_whole_whatever_it_is_called(
    tmp_path: Path, make: Make, name: str
) -> None:
    archive, folder = make(tmp_path / name, FILES), tmp_path / "new" / "out"
    files = await Extractor().extract(archive, folder, room=GIGA)
    assert read(folder, files) == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o111 == 0 for path in files)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
async def test_other_ways_of_packing(tmp_path: Path, method: int) -> None:
    archive = archives.zipped(tmp_path / "a.zip", FILES, method)
    assert read(tmp_path / "out", await Extractor().extract(archive, tmp_path / "out", room=GIGA)) == FILES


async def test_an_archive_behind_a_program_that_extracts_itself(tmp_path: Path) -> None:
    archive = archives.zipped(tmp_path / "a.zip", FILES)
    archive.write_bytes(b"MZ" + bytes(5000) + archive.read_bytes())
    assert read(tmp_path / "out", await Extractor().extract(archive, tmp_path / "out", room=GIGA)) == FILES


async def test_names_of_old_programs(tmp_path: Path) -> None:
    """Windows' separators; UTF-8 that does not say so; device names, and names that differ only in their case."""
    content = {"dir\\a.txt": b"1", "./b//c.txt": b"2", "CON": b"3", "x/aux.c": b"4", "A": b"5", "a": b"6"}
    archive = archives.zipped(tmp_path / "a.zip", {**content, "xxxxx.txt": b"7"})
    archives.patched(archive, b"xxxxx.txt", "ñandú".encode() + b"ab")
    files = await Extractor().extract(archive, tmp_path / "out", room=GIGA)
    assert read(tmp_path / "out", files) == {
        "dir/a.txt": b"1", "b/c.txt": b"2", "_CON": b"3", "x/_aux.c": b"4", "A": b"5", "a": b"6", "ñandúab": b"7",
    }  # fmt: skip


@BOTH
async def test_an_archive_in_an_archive_stays_a_file(tmp_path: Path, make: Make) -> None:
    inner = archives.nested(20, {"bottom.txt": b"x"})
    archive = make(tmp_path / "a", {"inner.zip": inner, "b.7z": b"no archive at all"})
    files = await Extractor().extract(archive, tmp_path / "out", room=GIGA)
    assert read(tmp_path / "out", files) == {"inner.zip": inner, "b.7z": b"no archive at all"}


# Again


@BOTH
async def test_doing_it_again_does_nothing_more(tmp_path: Path, make: Make) -> None:
    archive, folder = make(tmp_path / "a", FILES), tmp_path / "out"
    first = await Extractor().extract(archive, folder, room=GIGA)
    archive.unlink()
    assert await Extractor().extract(archive, folder, room=0) == first


async def test_what_a_crash_left_is_not_taken_for_the_archive(tmp_path: Path) -> None:
    archive, folder = archives.zipped(tmp_path / "a.zip", FILES), tmp_path / "out"
    left = tmp_path / ".out.partial"
    (left / "sub").mkdir(parents=True)
    (left / "film.mkv").write_bytes(b"half")
    (left / "other.txt").write_bytes(b"of another try")
    assert read(folder, await Extractor().extract(archive, folder, room=GIGA)) == FILES
    assert not left.exists()


MANY = {f"{number}.bin": bytes([number]) * 500_000 for number in range(250)}


def partly_there(folder: Path) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return any(folder.glob(".out.partial/*"))

    return is_so


SCRIPT = """
import asyncio, sys
from pathlib import Path
from services.extraction.extractor import Extractor
asyncio.run(Extractor().extract(Path(sys.argv[1]), Path(sys.argv[2]), room=10**10))
"""


async def test_killed_in_the_middle_it_is_completed_by_repeating(tmp_path: Path) -> None:
    archive, folder = archives.zipped(tmp_path / "a.zip", MANY, zipfile.ZIP_STORED), tmp_path / "out"
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", SCRIPT, str(archive), str(folder))
    await until(partly_there(tmp_path), "no file was extracted")
    bot.send_signal(signal.SIGKILL)
    await bot.wait()
    assert not folder.exists()
    assert read(folder, await Extractor().extract(archive, folder, room=GIGA)) == MANY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "out"]


async def test_cancelled_it_leaves_nothing(tmp_path: Path) -> None:
    archive, folder = archives.zipped(tmp_path / "a.zip", MANY, zipfile.ZIP_STORED), tmp_path / "out"
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Extractor().extract(archive, folder, room=GIGA))
        await until(partly_there(tmp_path), "no file was extracted")
        task.cancel()
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


# Bombs


@BOTH
async def test_more_than_an_honest_archive_holds(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "a", {"zeros": bytes(20_000_000)})
    assert await refused(archive) == "archive-bomb"


async def test_a_small_archive_may_grow_to_the_floor(tmp_path: Path) -> None:
    archive = archives.zipped(tmp_path / "a.zip", {"zeros": bytes(900_000)})
    (path,) = await Extractor(SMALL).extract(archive, tmp_path / "out", room=GIGA)
    assert path.stat().st_size == 900_000


@pytest.mark.parametrize("make", [archives.shared_zip, archives.quoting_zip])
async def test_files_that_share_their_bytes(tmp_path: Path, make: Callable[[Path, int, int], Path]) -> None:
    """Each file alone is honest, and all of them together are within every limit: it is refused for what it is."""
    archive = make(tmp_path / "a.zip", 20, 1000)
    with zipfile.ZipFile(archive) as honest:
        assert {info.file_size >= 1000 for info in honest.infolist()} == {True}
    assert await refused(archive) == "archive-bomb"


async def test_the_quoting_bomb_of_the_tests_is_a_real_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(archives.quoting_zip(tmp_path / "a.zip", 20, 1000)) as archive:
        sizes = [info.file_size for info in archive.infolist()]
        first = min(archive.infolist(), key=lambda info: info.header_offset)
        data = archive.read(first)
    assert (len(data), len(sizes)) == (max(sizes), 21)


@pytest.mark.parametrize("says", [10, 30_000_000])
async def test_sizes_that_are_lies(tmp_path: Path, says: int) -> None:
    """Told too small it must not grow, told too large it is not believed."""
    archive = archives.lying_zip(tmp_path / "a.zip", says, 20_000_000)
    assert await refused(archive) in {"archive-damaged", "archive-bomb"}


@BOTH
async def test_too_many_files(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "a", {f"{number}": b"x" for number in range(51)})
    assert await refused(archive) == "archive-too-many-files"


async def test_too_many_folders(tmp_path: Path) -> None:
    many = {f"{number}/": b"" for number in range(60)}
    assert await refused(archives.zipped(tmp_path / "a.zip", {"a": b"x", **many})) == "archive-too-many-files"
    deep = {f"{number}/" * 20 + "f": b"x" for number in range(4)}
    assert await refused(archives.zipped(tmp_path / "b.zip", deep)) == "archive-too-many-files"


async def test_a_dictionary_larger_than_the_machine(tmp_path: Path) -> None:
    assert await refused(archives.hungry_zip(tmp_path / "a.zip")) == "archive-too-hard"


async def test_more_time_than_there_is(tmp_path: Path) -> None:
    archive = archives.zipped(tmp_path / "a.zip", {"a": b"x"})
    assert await refused(archive, ExtractionLimits(seconds=0.001)) == "archive-too-hard"


@BOTH
async def test_no_room_is_not_the_archives_fault(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "a", FILES)
    total = sum(map(len, FILES.values()))
    for room in (-5, 0, total - 1):
        assert await refused(archive, room=room, error=ArchiveNeedsRoom) == "archive-no-room"
    assert len(await Extractor().extract(archive, tmp_path / "out", room=total)) == len(FILES)


# Names and links


UNSAFE = [
    "../outside",
    "a/../../outside",
    "..\\outside",
    "/etc/passwd",
    "\\etc\\passwd",
    "C:\\outside",
    "c:outside",
    "..",
    " /x",
    "a\nb",
    "a\x7fb",
    "x" * 256,
    "ü" * 128,
    "d/" * 40 + "x",
    f"{'y' * 200}/" * 6 + "x",
]


@pytest.mark.parametrize("name", UNSAFE)
async def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    content = {"first.txt": b"x", name: b"outside"}
    assert await refused(archives.zipped(tmp_path / "a.zip", content)) == "archive-unsafe"


@pytest.mark.parametrize("name", ["../xx", "/abs/x", "c:/xxxx"])
async def test_names_in_a_7z_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with SevenZipFile(tmp_path / "a.7z", "w", filters=[{"id": 0x21, "preset": 1}]) as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(b"outside", "q" * len(name))
    archive_path = renamed(tmp_path / "a.7z", "q" * len(name), name)
    assert await refused(archive_path) == "archive-unsafe"


def renamed(path: Path, old: str, new: str) -> Path:
    """A 7z that is no honest tool's: the name is changed, and the header's checksums with it."""
    data = bytearray(path.read_bytes())
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = bytes(data[32 + offset : 32 + offset + size])
    assert old.encode("utf-16-le") in header
    header = header.replace(old.encode("utf-16-le"), new.encode("utf-16-le"))
    data[32 + offset : 32 + offset + size] = header
    struct.pack_into("<I", data, 28, zlib.crc32(header))
    struct.pack_into("<I", data, 8, zlib.crc32(bytes(data[12:32])))
    path.write_bytes(data)
    return path


async def test_links_and_devices(tmp_path: Path) -> None:
    kinds = (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK)
    for number, kind in enumerate(kinds):
        archive = archives.zip_of(tmp_path / f"{number}.zip", "thing", kind | 0o777)
        assert await refused(archive) == "archive-unsafe"
    assert await refused(archives.seven_zip_of_link(tmp_path / "a.7z")) == "archive-unsafe"


async def test_a_file_behind_a_link_of_the_same_archive(tmp_path: Path) -> None:
    archive = archives.zip_of_link(tmp_path / "a.zip", "dir", str(tmp_path).encode())
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("dir/outside.txt", "x")
    assert await refused(archive) == "archive-unsafe"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "./a"), ("a/b", "a"), ("a", "a/b"), ("a/", "a")])
async def test_names_that_meet(tmp_path: Path, names: tuple[str, str]) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "" if name.endswith("/") else "x")
    assert await refused(tmp_path / "a.zip") == "archive-unsafe"


async def test_a_name_of_which_only_the_front_is_shown(tmp_path: Path) -> None:
    archive = archives.zipped(tmp_path / "a.zip", {"film.mkv.txt": b"x"})
    assert await refused(archives.patched(archive, b"film.mkv.txt", b"film.mkv\x00txt")) == "archive-unsafe"


# What is no archive we open


async def test_encrypted_ones(tmp_path: Path) -> None:
    assert await refused(archives.encrypted_zip(tmp_path / "a.zip")) == "archive-encrypted"
    for hide in (False, True):
        archive = archives.seven_zipped(tmp_path / f"{hide}.7z", FILES, password="secret", hide=hide)
        assert await refused(archive) == "archive-encrypted"


@BOTH
@pytest.mark.parametrize("keep", [0.99, 0.5, 0.01])
async def test_truncated_ones(tmp_path: Path, make: Make, keep: float) -> None:
    archive = make(tmp_path / "a", FILES)
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * keep)])
    assert await refused(archive) == "archive-damaged"


@BOTH
async def test_a_byte_that_changed(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "a", FILES)
    data = bytearray(archive.read_bytes())
    data[5000] ^= 0xFF
    archive.write_bytes(data)
    assert await refused(archive) == "archive-damaged"


async def test_split_ones(tmp_path: Path) -> None:
    whole = archives.zipped(tmp_path / "whole.zip", FILES)
    assert await refused(archives.disk_number(whole, 2)) == "archive-split"
    for name in ("a.zip.001", "a.7z.002", "a.z01"):
        archives.zipped(tmp_path / name, FILES)
        assert await refused(tmp_path / name) == "archive-split"
    first = tmp_path / "first.zip"
    first.write_bytes(b"PK\x07\x08PK\x03\x04" + bytes(1000))
    assert await refused(first) == "archive-split"


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"Rar!\x1a\x07\x00" + bytes(100), b"\x1f\x8b" + bytes(100), b"<html>404</html>", b"PK" * 40],
)
async def test_what_is_neither_zip_nor_7z(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert await refused(tmp_path / "a.zip") == "archive-unknown"


async def test_empty_and_strange_ones(tmp_path: Path) -> None:
    assert await refused(archives.zipped(tmp_path / "a.zip", {})) == "archive-empty"
    assert await refused(archives.zipped(tmp_path / "b.zip", {"only/folders/": b""})) == "archive-empty"
    assert await refused(archives.unknown_method(tmp_path / "c.zip")) == "archive-unsupported"
    (tmp_path / "d.zip").mkdir()
    assert await refused(tmp_path / "d.zip") == "archive-unknown"
    assert await refused(tmp_path / "missing.zip", error=ExtractionFailed) == "disk-error"


async def test_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    archive = archives.zipped(tmp_path / "a.zip", FILES)
    (tmp_path / "file").write_text("where the folder should be")
    with pytest.raises(ExtractionFailed):
        await Extractor().extract(archive, tmp_path / "file" / "out", room=GIGA)


@pytest.mark.parametrize(
    ("name", "archive"),
    [
        ("a.zip", True),
        ("A.7Z", True),
        ("a.zip.001", False),
        ("zip", False),
        ("a.rar", False),
        ("a.zip.mkv", False),
    ],
)
def test_whom_to_ask(name: str, archive: bool) -> None:
    assert may_be_archive(name) == archive


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["..", ".", "a", "/", "\\", "C:", " ", "con"])).map("".join)
)
@example("./A:")
def test_a_path_stays_below_its_folder_or_is_refused(name: str) -> None:
    try:
        parts = safe_path(name)
    except Refusal:
        return
    root = Path("/nowhere/at/all")
    place = root.joinpath(*parts)
    assert Path(os.path.normpath(place)) == place
    assert place.is_relative_to(root)
    assert place != root
    assert all(len(part.encode()) <= MOST_COMPONENT_BYTES for part in parts)
    assert safe_path("/".join(parts)) == parts


@cache
def _bytes_of(make: Make) -> bytes:
    """Made once: it says when it was made, and is as long as that is packed, so that no two are alike."""
    with tempfile.TemporaryDirectory() as folder:
        return make(Path(folder, "a"), {"a.txt": b"some words", "b/c.bin": bytes(3000)}).read_bytes()


@settings(max_examples=12, deadline=None)
@given(st.data())
@BOTH
def test_damaged_archives_are_extracted_or_refused(
    tmp_path_factory: pytest.TempPathFactory, make: Make, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    archive = folder / "a"
    content = bytearray(_bytes_of(make))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive.write_bytes(content)
    try:
        files = asyncio.run(Extractor(SMALL).extract(archive, folder / "out", room=GIGA))
    except (ArchiveRejected, ArchiveNeedsRoom):
        assert [path.name for path in folder.iterdir()] == ["a"]
    else:
        assert all(path.is_relative_to(folder / "out") for path in files)
        assert sorted(path.name for path in folder.iterdir()) == ["a", "out"]
    shutil.rmtree(folder)
