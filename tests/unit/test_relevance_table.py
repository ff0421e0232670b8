"""The tables a search is judged by are whole, and no query gives its answer away."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.relevance.table import HERE, Asking, Tables, load, says_title
from models.media import Kind


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load()


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """The tables, but for the first place where one of them has `old`."""
    for table in ("works.tsv", "queries.tsv"):
        text = (HERE / table).read_text(encoding="utf-8")
        assert table != name or old in text
        (folder / table).write_text(text.replace(old, new, 1) if table == name else text, encoding="utf-8")
    return folder


def test_there_are_as_many_queries_of_each_set(tables: Tables) -> None:
    assert len(tables.askings) == 200
    assert len(tables.of("seen")) == len(tables.of("held")) == 100


def test_both_sets_have_each_class_alike(tables: Tables) -> None:
    seen, held = (Counter(asking.sort for asking in tables.of(part)) for part in ("seen", "held"))
    assert seen == held
    assert len(seen) >= 12
    assert min(seen.values()) >= 4


def test_the_archive_is_mixed(tables: Tables) -> None:
    assert len(tables.works) >= 1500
    assert {work.kind for work in tables.works} == set(Kind)
    assert len({language for work in tables.works for language in work.languages}) >= 13
    shared = [times for times in Counter(work.title.lower() for work in tables.works).values() if times > 1]
    assert len(shared) > 100


def test_every_expected_work_is_there(tables: Tables) -> None:
    ids = {work.id for work in tables.works}
    assert {key for asking in tables.askings for key in asking.expected} <= ids
    assert all(1 <= len(asking.expected) <= 3 for asking in tables.askings)


def test_no_query_is_the_title(tables: Tables) -> None:
    titles = {work.id: work.title for work in tables.works}
    told = [a.query for a in tables.askings for key in a.expected if says_title(a, titles[key])]
    assert told == []


@pytest.mark.parametrize(
    ("sort", "query", "title", "told"),
    [
        ("typo", "Vertigo", "Vertigo", True),
        ("typo", "the vertigo 1958", "Vertigo", True),
        ("typo", "vertigoes", "Vertigo", False),
        ("typo", "kis uykusu", "Kış Uykusu", True),
        ("accent", "kis uykusu", "Kış Uykusu", False),
        ("accent", "KIŞ uykusu", "kış uykusu", False),
        ("accent", "kış_uykusu", "Kış Uykusu", True),
    ],
)
def test_a_title_is_recognised(sort: str, query: str, title: str, told: bool) -> None:
    assert says_title(Asking("seen", sort, query, ()), title) is told


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("works.tsv", "id\tkind", "id\tsort", "other columns"),
        ("works.tsv", "\tdocument\t", "\tdocument\t\t", "12 columns"),
        ("queries.tsv", "seen\t", "shown\t", "in no set"),
        ("queries.tsv", "vertgo", "vertigo", "is the title of f-vertigo-1958"),
        ("queries.tsv", "\tf-vertigo-1958", "\tf-vertigo-1959", "which is not there"),
        ("queries.tsv", "\tf-vertigo-1958", "\t", "expects 0 works"),
        ("queries.tsv", "vertgo", "casblanca", "query twice"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, name: str, old: str, new: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load(changed(tmp_path, name, old, new))
