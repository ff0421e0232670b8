"""The picker in every language, with names from the wrong side of town: valid for Telegram, and every key does what it says."""

import re

import pytest

from bot.assembly import LOCALES
from handlers.buttons import unpack
from handlers.cards.files import PATTERN, files_card
from handlers.cards.look import Look
from models.downloads import FileEntry
from models.files import FileTree
from models.transfers import Transfer
from services.storage.taking import Taking
from services.telegram.port import Button
from services.transfers.choosing import Picker, picker_of
from services.transfers.filetree import chosen_of, tree_of
from services.transfers.room import Left, still_to_write
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses, sound, transfer

GIB = 1024**3
LIMIT = 50 * 1024**2


@pytest.fixture(scope="module", params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


@pytest.fixture(scope="module")
def en() -> Words:
    return Catalogue(LOCALES).words("en")


def order(tree: FileTree, wanted: list[int], title: str = "Bunny", **changes: object) -> Transfer:
    return transfer(title, chosen=chosen_of(tree, wanted, Taking(LIMIT).beside), **changes)


def picker(tree: FileTree, chosen: Transfer, free: int = 10**18) -> Picker:
    return picker_of(chosen, tree, Left(free, still_to_write(chosen)), Taking(LIMIT))


def look(tree: FileTree, wanted: list[int], t: Words, view: str = "", **changes: object) -> Look:
    made = order(tree, wanted, **changes)  # type: ignore[arg-type]
    return files_card(made, picker(tree, made), t, view)


def named(name: str, count: int) -> list[FileEntry]:
    return [
        FileEntry(index=n, path=f"{name}/{n % 7} {name}/{n}{name}", size=None if n % 3 else n)
        for n in range(count)
    ]


def keys(look: Look) -> list[Button]:
    return [key for row in look.keyboard for key in row]


@pytest.mark.parametrize("count", [0, 1, 8, 9, 300])
@pytest.mark.parametrize("page", [0, 1, 10**6])
def test_the_file_list(count: int, page: int, t: Words) -> None:
    for title in TITLES.values():
        files = [
            FileEntry(index=n, path=f"{title}/{n}.mkv", size=None if n % 3 else 10**n if n < 12 else n)
            for n in range(count)
        ]
        shown = look(tree_of(files), list(range(0, count, 2)), t, title=title, page=page)
        sound(shown)
        assert presses(shown).count("Want") <= 8
        assert presses(shown)[-2:] == ["Start", "Cancel"]
        assert ("TurnFiles" in presses(shown)) == (count > 8)
        assert ("WantOnly" in presses(shown)) == (count > 1)


@pytest.mark.parametrize("view", ["", PATTERN])
@pytest.mark.parametrize("folder", [0, 1, 3, 10**6])
def test_folders_with_hostile_names(folder: int, view: str, t: Words) -> None:
    for title in TITLES.values():
        tree = tree_of(named(title.replace("/", "_") or "x", 100))
        shown = look(tree, list(range(50)), t, view, title=title, folder=folder)
        text = sound(shown)
        assert not set(text + "".join(key.text for key in keys(shown))) & set(
            "\u202e\u202c\u2067\x00\x07\x1b"
        )
        if view == PATTERN:
            assert presses(shown) == ["Back"]


def test_a_toggle_says_the_state_it_wants_so_pressing_twice_is_harmless(t: Words) -> None:
    toggle = look(tree_of([FileEntry(index=7, path="a/b/c.mkv", size=1)]), [7], t).keyboard[0][0]
    assert toggle.data is not None
    assert toggle.data.endswith(":7:0")
    assert toggle.text.startswith("☑ c.mkv")


@pytest.mark.parametrize(
    ("wanted", "label", "wants"), [([], "☐ 0/3", 1), ([1], "◪ 1/3", 1), ([0, 1, 2], "☑ 3/3", 0)]
)
def test_a_folder_is_a_row_that_opens_and_a_toggle_for_all_in_it(
    wanted: list[int], label: str, wants: int, en: Words
) -> None:
    tree = tree_of(
        [FileEntry(index=n, path=f"p/d/{n}", size=GIB) for n in range(3)]
        + [FileEntry(index=3, path="p/x", size=1)]
    )
    opens, toggle = look(tree, wanted, en).keyboard[0]
    assert (opens.text, toggle.text) == ("📁 d", f"{label} · 3 GB")
    assert unpack(opens.data or "").folder == 1  # type: ignore[attr-defined]
    assert (toggle.data or "").endswith(f":1:{wants}")
    inside = look(tree, wanted, en, folder=1)
    assert "📂 In d" in inside.text
    up, same = inside.keyboard[0]
    assert (up.text, (up.data or "").rpartition(":")[2]) == ("⬆", "0")
    assert (same.text, (same.data or "")[-4:]) == (toggle.text, f":1:{wants}")


def test_the_way_to_an_open_folder(en: Words) -> None:
    tree = tree_of([FileEntry(index=0, path="a/<b>/c/d/e/f/x", size=1), FileEntry(index=1, path="y", size=1)])
    assert "📂 In a › &lt;b&gt; › c" in look(tree, [], en, folder=3).text
    assert "📂 In … › c › d › e › f" in look(tree, [], en, folder=6).text
    assert "📂" not in look(tree, [], en).text


def test_the_headline_in_numbers(en: Words) -> None:
    tree = tree_of(
        [FileEntry(index=n, path=f"p/{n}", size=GIB) for n in range(2)]
        + [FileEntry(index=2, path="p/x", size=5)]
    )
    both = order(tree, [0, 2])
    assert files_card(both, picker(tree, both, free=120 * GIB), en).text == (
        "📄 <b>Bunny</b> · 2 of 3 files · 1 GB · disk OK, 120 GB free · 1 part\n"
        "💾 One chosen file is larger than the 50 MB that Telegram takes from me. It stays on the disk for now."
    )
    small = order(tree, [2])
    assert (
        files_card(small, picker(tree, small, free=GIB), en).text
        == "📄 <b>Bunny</b> · 1 of 3 files · 5 B · disk OK, 1 GB free · 1 part"
    )
    nothing = files_card(order(tree, []), picker(tree, order(tree, []), free=0), en)
    assert nothing.text == "📄 <b>Bunny</b> · 0 of 3 files · 0 B · disk OK, 0 B free"
    full = files_card(both, picker(tree, both, free=200 * 1024**2), en)
    assert re.search(r"⚠ 1 GB more room needed on the disk, 200 MB free", full.text)


def test_nothing_but_the_file_is_asked_of_one_file(t: Words) -> None:
    shown = look(tree_of([FileEntry(index=0, path="x", size=1)]), [0], t, PATTERN)
    assert presses(shown) == ["Want", "Start", "Cancel"]


def test_a_list_that_is_being_read_can_be_given_up(t: Words) -> None:
    for title in TITLES.values():
        shown = files_card(transfer(title, contents=None, listed=False), None, t)
        sound(shown)
        assert presses(shown) == ["Cancel"]
