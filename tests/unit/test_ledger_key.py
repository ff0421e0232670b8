"""The instance's key: made once, for nobody's eyes, and made again from its words."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.ledger.keys import (
    KEY_FILE,
    InstanceKey,
    KeyDamaged,
    PhraseWrong,
    instance_key,
    key_in,
    signed_by,
)

SECRET = bytes(range(32))
PHRASE = (
    "abandon amount liar amount expire adjust cage candy arch gather drum bullet "
    "absurd math era live bid rhythm alien crouch range attend journey unaware"
)
"""What BIP-39 says for these bytes."""


def test_the_key_is_made_once(tmp_path: Path) -> None:
    first = instance_key(tmp_path)
    assert instance_key(tmp_path).public == first.public
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_of_many_at_once_one_makes_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: instance_key(tmp_path).public, range(40)))
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_came_first_stays(tmp_path: Path) -> None:
    first = instance_key(tmp_path)
    InstanceKey(SECRET).keep_if_first(tmp_path)
    assert instance_key(tmp_path).public == first.public
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_the_words_are_those_of_bip_39_and_bring_the_key_back() -> None:
    key = InstanceKey(SECRET)
    assert key.phrase == PHRASE
    assert InstanceKey.from_phrase(f"  {PHRASE.upper()}\n".replace(" ", "\n ")).public == key.public


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("", "these are 0"),
        (PHRASE.rpartition(" ")[0], "these are 23"),
        (PHRASE.replace("unaware", "aware"), "misspelt"),
        (PHRASE.replace("unaware", "magpie"), "misspelt"),
        (" ".join(reversed(PHRASE.split())), "not where it was"),
    ],
)
def test_words_that_are_none(phrase: str, says: str) -> None:
    with pytest.raises(PhraseWrong, match=says):
        InstanceKey.from_phrase(phrase)


def test_a_phrase_takes_the_place_of_another_key_which_is_kept(tmp_path: Path) -> None:
    before = instance_key(tmp_path)
    InstanceKey(SECRET).keep(tmp_path)
    InstanceKey(SECRET).keep(tmp_path)
    assert instance_key(tmp_path).public == InstanceKey(SECRET).public
    kept = tmp_path / f"{KEY_FILE}.{before.name}"
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY_FILE, kept.name]
    kept.rename(tmp_path / KEY_FILE)
    assert instance_key(tmp_path).public == before.public


@pytest.mark.parametrize("text", ["", "xyz", "00" * 31, "é"])
def test_a_damaged_file_is_not_written_over(text: str, tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(KeyDamaged, match="holds no key"):
        instance_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_text(encoding="utf-8") == text


def test_there_is_none_before_it_is_made(tmp_path: Path) -> None:
    assert key_in(tmp_path) is None


def test_only_the_right_key_bytes_and_signature_fit() -> None:
    key, other = InstanceKey(SECRET), InstanceKey(bytes(32))
    signature = key.sign(b"data")
    assert signed_by(key.public, signature, b"data")
    assert not signed_by(key.public, signature, b"Data")
    assert not signed_by(other.public, signature, b"data")
    assert not signed_by(key.public, other.sign(b"data"), b"data")
    assert not signed_by("00", signature, b"data")
    assert not signed_by(key.public, "no hexadecimal", b"data")


def test_nothing_of_it_is_printed() -> None:
    key = InstanceKey(SECRET)
    assert SECRET.hex() not in f"{key!r} {key}"
