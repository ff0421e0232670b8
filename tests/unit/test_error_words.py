"""What errors say: words for people, and nothing that only its author understands."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.unit.test_words import LANGUAGES, error_classes, messages, raised, source_of, trees

ROOT_OF_ALL = "MagpieError"
INTERNAL = re.compile(r"Traceback|Exception|\w+Error\b|ObjectId|\bnull\b|stack trace", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_speak_of_classes_or_ids(language: str) -> None:
    names = error_classes()
    for key, message in messages(language).items():
        text = source_of(message)
        assert INTERNAL.search(text) is None, key
        assert not names & set(re.findall(r"\w+", text)), key


def values_of_errors() -> Iterator[tuple[str, str]]:
    """Place and code of every value that an error for people brings."""
    names = error_classes()
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {*names, "super().__init__"}:
                yield from ((f"{place}:{node.lineno}", ast.unparse(word.value)) for word in node.keywords)


def test_no_error_brings_the_name_of_a_class_or_the_text_of_an_exception() -> None:
    found = list(values_of_errors())
    assert len(found) > 20
    wrong = [
        place for place, code in found if re.search(r"__name__|\brepr\(|\bstr\((error|exc)|traceback", code)
    ]
    assert wrong == []


def test_what_nobody_foresaw_has_a_code() -> None:
    for language in LANGUAGES:
        for key in ("error-code", "unexpected-here", "refused-by-telegram"):
            assert "$code" in source_of(messages(language)[key])


def test_errors_are_found() -> None:
    assert ROOT_OF_ALL in error_classes()
    assert len({key for _, key, _ in raised()}) > 50
