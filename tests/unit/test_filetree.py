"""Files of a Source in folders: natural order, nothing lost, everything found again."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from models.downloads import FileEntry
from models.files import FileList, FileTree, Folder, packed
from services.transfers.filetree import MOST_FOLDERS, chosen_of, tree_of

PARTS = st.sampled_from(
    ["a", "b", "A", "a0", "a00", "a1", "a10", "a2", "2", "10", "02", "é", "x.mkv", "", "\u202e"]
) | st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=6)
PATHS = st.lists(st.lists(PARTS, min_size=1, max_size=5).map("/".join), max_size=40)


def entries(*paths: str) -> list[FileEntry]:
    return [FileEntry(index=index, path=path, size=index) for index, path in enumerate(paths)]


def test_numbers_in_names_are_counted_and_folders_come_first() -> None:
    tree = tree_of(entries("S/2.mkv", "S/10.mkv", "S/b/x", "S/1.mkv", "S/A10/x", "S/a9/x", "S/B2"))
    assert tree.paths() == ["a9/x", "A10/x", "b/x", "1.mkv", "2.mkv", "10.mkv", "B2"]


def test_the_folder_that_all_files_share_is_left_out() -> None:
    assert tree_of(entries("a/b/x", "a/b/c/y")).paths() == ["c/y", "x"]
    assert tree_of(entries("a/b/x", "a/b2/y")).paths() == ["b/x", "b2/y"]
    assert tree_of(entries("a/b/x")).paths() == ["x"]
    assert tree_of(entries("x")).paths() == ["x"]
    assert tree_of(entries("a", "a2")).paths() == ["a", "a2"]
    assert tree_of([]) == FileTree([Folder("", -1, 0, 0, 0)], [], [], [])


def test_a_folder_knows_what_is_in_it_and_below() -> None:
    tree = tree_of(entries("p/a/b/1", "p/a/c/2", "p/a/3", "p/d/4", "p/5"))
    assert tree.folders == [
        Folder("", -1, 0, 4, 5),
        Folder("a", 0, 0, 2, 3),
        Folder("b", 1, 0, 0, 1),
        Folder("c", 1, 1, 1, 2),
        Folder("d", 0, 3, 3, 4),
    ]
    assert (tree.inside(0), tree.inside(1), tree.inside(2)) == ([1, 4], [2, 3], [])
    assert (tree.way(0), tree.way(1), tree.way(3)) == ([], [1], [1, 3])


def len_of_name(name: str, size: int) -> int:
    return len(name) * size


def test_what_is_chosen_is_known_without_the_tree() -> None:
    files = [FileEntry(index=n, path=f"d/{n}", size=n % 2) for n in range(20)]
    chosen = chosen_of(tree_of(files), [*range(16), 77], len_of_name)
    assert (chosen.full, chosen.empty) == ("1,3,5,7,9,11,13,15", "0,2,4,6,8,10,12,14")
    assert (chosen.count, chosen.size, chosen.empty_count) == (16, 8, 8)
    assert chosen.beside == 5 * 1 + 3 * 2
    assert chosen.empty_names == ["0", "2", "4", "6", "8"], "the others are counted"
    assert chosen_of(tree_of(files), [], len_of_name) == chosen_of(tree_of([]), [1], len_of_name)


def test_deep_folders() -> None:
    """As deep as a path of 1024 characters can be."""
    deep = "/".join("d" * 500)
    tree = tree_of(entries(f"{deep}/x", "y"))
    assert tree.paths() == [f"{deep}/x", "y"]
    assert tree.way(500) == list(range(1, 501))


def test_no_more_folders_than_anybody_can_open() -> None:
    """As many as fit into a .torrent: three thousand times five hundred."""
    deep = "/".join("d" * 490)
    tree = tree_of(entries(*(f"{number:04}/{deep}/x" for number in range(3000)), "y"))
    assert len(tree.folders) <= MOST_FOLDERS + 1
    assert (tree.folders[1].name, tree.folders[1].end) == ("0000", 1)
    assert tree.names[0].endswith("d/d/x")
    assert tree.paths()[:2] == [f"0000/{deep}/x", f"0001/{deep}/x"]
    assert len(packed(tree)) < 8 * 1024**2
    flat = tree_of(entries(*(f"{number}/x" for number in range(MOST_FOLDERS + 1))))
    assert flat.folders == [Folder("", -1, 0, 0, MOST_FOLDERS + 1)]
    assert flat.names[:2] == ["0/x", "1/x"]


@given(PATHS)
def test_nothing_is_lost_and_everything_stands_in_its_folder(paths: Sequence[str]) -> None:
    given_files = entries(*paths)
    tree = tree_of(given_files)
    assert sorted(tree.indexes) == list(range(len(paths)))
    wholes = {entry.index: "/".join(part for part in entry.path.split("/") if part) for entry in given_files}
    assert tree.sizes == tree.indexes
    for index, name, path in zip(tree.indexes, tree.names, tree.paths(), strict=True):
        assert wholes[index].endswith(path)
        assert path.endswith(name)
    for number, folder in enumerate(tree.folders):
        inside = [tree.folders[inner] for inner in tree.inside(number)]
        assert folder.first <= folder.own <= folder.end
        assert folder.parent < number
        assert [*(inner.first for inner in inside), folder.own] == [
            folder.first,
            *(inner.end for inner in inside),
        ]
        assert len({inner.name for inner in inside}) == len(inside)


@given(PATHS, st.randoms())
def test_the_order_of_the_source_does_not_matter(paths: Sequence[str], chance: object) -> None:
    given_files = entries(*dict.fromkeys(paths))
    shuffled = given_files.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tree_of(shuffled).names == tree_of(given_files).names


@given(PATHS)
def test_a_list_comes_back_as_it_was_packed(paths: Sequence[str]) -> None:
    tree = tree_of(entries(*paths))
    assert FileList.model_construct(id="x", text=packed(tree), saved_at=1).tree == tree
