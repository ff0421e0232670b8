"""The hashes of pieces, and the commands that put pieces together again."""

import os
import subprocess
from pathlib import Path

import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.storage import Copy, Whole
from services.media.hashing import CHUNK, hashes_of
from services.storage.joining import how_to_join
from services.words import Catalogue
from simulator.entities import message_text
from tests.unit.test_cards import LANGUAGES, TITLES


@pytest.mark.parametrize("size", [1, CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 7])
@pytest.mark.parametrize("each", [CHUNK, CHUNK + 5, 2 * CHUNK])
async def test_a_file_and_its_pieces_are_hashed_at_once(tmp_path: Path, size: int, each: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    whole, pieces = await hashes_of(tmp_path / "file", each)
    assert whole == blake3(data).hexdigest()
    assert pieces == [blake3(data[at : at + each]).hexdigest() for at in range(0, size, each)]


def piece(name: str, count: int = 3) -> Copy:
    whole = Whole(name=name, blake3="f" * 64, size=10 * count, each=10)
    copy: Copy = Copy.model_construct(id="i:0+1:s", part="0+1", whole=whole)
    return copy


def commands(name: str, count: int = 3, language: str = "en") -> list[str]:
    """What a person can copy: for Unix, for Windows, the hash."""
    (text,) = how_to_join([piece(name, count)], Catalogue(LOCALES).words(language))
    shown = message_text({"text": text, "parse_mode": "HTML"})
    assert len(shown["text"]) <= 4096
    codes = [each for each in shown["entities"] if each["type"] == "code"]
    units = shown["text"].encode("utf-16-le")
    said = [units[2 * each["offset"] :][: 2 * each["length"]].decode("utf-16-le") for each in codes]
    return [each for each in said if each != "b3sum"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_join_is_said_in_every_language(language: str) -> None:
    assert commands("film.mkv", language=language) == [
        "cat film.mkv.0* > film.mkv",
        "copy /b film.mkv.001+film.mkv.002+film.mkv.003 film.mkv",
        "f" * 64,
    ]


@pytest.mark.parametrize("name", ["a film.mkv", "-rf", "it's $HOME `id` & more; #1*?.iso", "<b>x<&amp;"])
def test_the_command_puts_together_what_is_called_anything(tmp_path: Path, name: str) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{name}.00{number}").write_text(str(number))
    subprocess.run(["sh", "-c", commands(name)[0]], cwd=tmp_path, check=True, timeout=10)
    assert (tmp_path / name).read_text() == "123"


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("count", [2, 99, 100])
def test_any_name_can_be_said(title: str, count: int) -> None:
    unix, windows, _ = commands(title[:200] or "?", count)
    assert unix.startswith("cat ")
    assert windows.startswith("copy /b ")


def test_many_pieces_are_not_named_one_by_one() -> None:
    unix, windows, _ = commands("film.mkv", 120)
    assert unix == "cat film.mkv.[0-9]* > film.mkv"
    assert windows == 'copy /b "film.mkv.???" film.mkv'


def test_what_is_no_first_piece_needs_no_words() -> None:
    plain = Copy.model_construct(id="i:0:s", part="0", whole=None)
    second = piece("film").model_copy(update={"part": "0+2"})
    assert how_to_join([plain, second], Catalogue(LOCALES).words("en")) == []
