"""Parts on their way in: in any order, twice, and never into a file that a message carries already."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.files import Blob
from simulator.mtproto.parts import LARGEST_PART, PartRefused, Parts
from simulator.world import Settings, World

ADA, FILE = 1001, 77
MOST = 4000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(Settings(tmp_path, flood="off"))
    yield world
    world.close()


@pytest.fixture
def parts(world: World, tmp_path: Path) -> Parts:
    return Parts(world.files, tmp_path / "parts")


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def save(parts: Parts, number: int, data: bytes) -> None:
    parts.save(ADA, FILE, number, data, None, MOST)


def kept(world: World, blob: Blob) -> bytes:
    return world.files.place(blob).read_bytes()


@pytest.mark.parametrize("size", [1024, 32 * 1024, LARGEST_PART])
@pytest.mark.parametrize("rest", [1, 1000, None])
def test_they_come_in_any_order_and_twice(world: World, parts: Parts, size: int, rest: int | None) -> None:
    data = os.urandom(4 * size + (size if rest is None else rest))
    order = [*range(5), 1, 4]
    random.Random(size).shuffle(order)
    pieces = cut(data, size)
    for number in order:
        save(parts, number, pieces[number])
    assert kept(world, parts.assemble(ADA, FILE, 5)) == data


def test_the_same_parts_make_the_same_file_again(world: World, parts: Parts) -> None:
    """As when the message was refused."""
    data = os.urandom(LARGEST_PART + 5)
    for number, piece in enumerate(cut(data, LARGEST_PART)):
        save(parts, number, piece)
    first = parts.assemble(ADA, FILE, 2)
    assert parts.assemble(ADA, FILE, 2) == first
    parts.forget(ADA, FILE)
    assert kept(world, first) == data
    with pytest.raises(PartRefused, match="FILE_PART_0_MISSING"):
        parts.assemble(ADA, FILE, 2)


def test_what_comes_too_late_changes_no_file(world: World, parts: Parts) -> None:
    data = os.urandom(LARGEST_PART + 5)
    for number, piece in enumerate(cut(data, LARGEST_PART)):
        save(parts, number, piece)
    first = parts.assemble(ADA, FILE, 2)
    save(parts, 0, bytes(LARGEST_PART))
    second = parts.assemble(ADA, FILE, 2)
    assert kept(world, first) == data
    assert kept(world, second) == bytes(LARGEST_PART) + data[LARGEST_PART:]


def test_fewer_parts_than_came_are_a_file_too(world: World, parts: Parts) -> None:
    data = os.urandom(3 * LARGEST_PART)
    for number, piece in enumerate(cut(data, LARGEST_PART)):
        save(parts, number, piece)
    assert kept(world, parts.assemble(ADA, FILE, 2)) == data[: 2 * LARGEST_PART]
    assert kept(world, parts.assemble(ADA, FILE, 3)) == data


@pytest.mark.parametrize(
    ("sizes", "total", "error"),
    [
        ({0: 1024, 2: 1024}, 3, "FILE_PART_1_MISSING"),
        ({0: 1024}, 2, "FILE_PART_1_MISSING"),
        ({}, 1, "FILE_PART_0_MISSING"),
        ({0: 1024, 1: 2048, 2: 1024}, 3, "FILE_PART_SIZE_CHANGED"),
        ({0: 1024, 1: 2048}, 2, "FILE_PART_SIZE_CHANGED"),
        ({0: 3 * 1024, 1: 3 * 1024}, 2, "FILE_PART_SIZE_INVALID"),
        ({0: 1000, 1: 1000}, 2, "FILE_PART_SIZE_INVALID"),
        ({0: 1024}, 0, "FILE_PARTS_INVALID"),
        ({0: 1024}, 2 * MOST + 1, "FILE_PARTS_INVALID"),
    ],
)
def test_what_makes_no_whole_is_refused(parts: Parts, sizes: dict[int, int], total: int, error: str) -> None:
    for number, size in sizes.items():
        save(parts, number, bytes(size))
    with pytest.raises(PartRefused, match=error):
        parts.assemble(ADA, FILE, total)


def test_those_of_yesterday_are_forgotten(parts: Parts) -> None:
    for file in (1, 2):
        parts.save(ADA, file, 0, b"part", None, MOST)
    for place in (parts.folder / f"{ADA}-1", *(parts.folder / f"{ADA}-1").iterdir()):
        os.utime(place, (0, 0))
    os.utime(parts.folder / f"{ADA}-2", (0, 0))  # begun long ago, and going on
    parts.forget_old()
    assert [place.name for place in parts.folder.iterdir()] == [f"{ADA}-2"]
