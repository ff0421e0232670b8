"""One spelling for words, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.library.fold import fold, other_spellings, sound
from services.library.languages import code_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Big.Buck_Bunny-2008", ["big", "buck", "bunny", "2008"]),
        ("Amélie Łódź Øresund straße", ["amelie", "lodz", "oresund", "strasse"]),
        ("Don't Ocean’s", ["dont", "oceans"]),
        ("Ёлка щи", ["elka", "shchi"]),
        ("東京物語", ["dong", "jing", "wu", "yu"]),
        ("Sherlock 2x01", ["sherlock", "s02e01"]),
        ("sherlock season 2 episode 1", ["sherlock", "s02e01"]),
        ("ﬁlm ＦＵＬＬ", ["film", "full"]),
        ("\u202e\x00…", []),
    ],
)
def test_words_have_one_spelling(text: str, words: list[str]) -> None:
    assert fold(text) == words


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Ирония судьбы", "ironija sudby"),
        ("Щука", "schuka"),
        ("Хлеб", "hleb"),
        ("Цирк", "tsirk"),
        ("Юля", "julia"),
        ("Иван Васильевич меняет профессию", "ivan vasilyevich menjaet professiyu"),
        ("Чайковский", "tchaikovsky"),
        ("Київ", "kyiv"),
    ],
)
def test_what_people_type_for_other_scripts_sounds_the_same(title: str, typed: str) -> None:
    assert {sound(word) for word in fold(typed)} <= other_spellings(title)


@pytest.mark.parametrize(
    ("title", "typed"),
    [("München", "muenchen"), ("Rocky II", "2"), ("Spider-Man", "spiderman"), ("Ångström", "aangstroem")],
)
def test_other_ways_of_writing_are_known(title: str, typed: str) -> None:
    assert typed in other_spellings(title)


@given(st.text(max_size=300))
def test_whatever_comes_is_folded(text: str) -> None:
    words = fold(text)
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    assert fold(" ".join(words)) == words
    other_spellings(text)


@pytest.mark.parametrize(
    ("language", "code"),
    [("español", "es"), ("Spanish", "es"), ("spa", "es"), ("ger", "de"), ("Русский", "ru"), ("xyz", "xyz")],
)
def test_a_language_has_one_code(language: str, code: str) -> None:
    assert code_of(language) == code
