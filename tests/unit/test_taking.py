"""What room a file takes beside itself, by its name or by what it is."""

import pytest

from services.storage.taking import Taking


@pytest.mark.parametrize(
    ("taking", "name", "size", "beside"),
    [
        (Taking(100), "a.mkv", 200, 0),
        (Taking(100, copies=True), "a.mkv", 100, 0),
        (Taking(100, copies=True), "a.mkv", 200, 200),
        (Taking(100, copies=True), "a.iso", 200, 200),
        (Taking(100, splits=True), "a.mkv", 100, 0),
        (Taking(100, splits=True), "a.MKV", 200, 200),
        (Taking(100, splits=True, copies=True), "a.iso", 200, 0),
    ],
    ids=["linked", "small", "copied", "copied-too", "whole", "cut", "pieces"],
)
def test_what_lies_on_the_disk_twice(taking: Taking, name: str, size: int, beside: int) -> None:
    assert taking.beside(name, size) == beside
    assert taking.beside_of(size, film=name != "a.iso") == beside
