"""Words: every language says everything, and nothing is said that no language has."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from fluent.syntax import ast as ftl
from fluent.syntax import parse, serialize
from fluent.syntax.visitor import Visitor

from bot.assembly import LOCALES
from handlers.cards.help import NEEDED
from handlers.presses import PRESSES
from handlers.register import COMMANDS
from models.access import ResultsTo, Role
from models.feeds import EntryState
from models.grabs import GrabState
from models.intake import IntakeState
from models.library import EncodingsState
from models.transfers import WORKING, TransferState
from services.library.quality import Measure
from services.transfers.choosing import Which
from services.words import Catalogue
from services.words.catalogue import MissingWords

ROOT = LOCALES.parent
LANGUAGES = ("en", "es")
ROOMS = ("bot", "handlers", "jobs", "services")
MAY_BE_EQUAL = {
    "duration-hours": "unit signs are international",
    "duration-minutes": "unit signs are international",
    "duration-seconds": "unit signs are international",
    "search-hit": "a number and what the indexer says",
    "status-line": "a number, a title and a state",
    "transfer-title": "only the title",
    "post-caption": "only what the file says of itself",
    "button-number": "a number",
    "button-number-here": "a number",
    "button-choice": "a name and a number",
    "button-choice-on": "a name and a number",
    "button-collection": "a sign and a name",
    "button-collect-on": "a name",
    "button-collect-off": "a name",
    "collection-name": "a sign and names",
    "collection-line": "a number, a name and a number",
    "library-within": "a name and a number",
    "release-title": "only the title",
    "library-headline": "what was asked for and a number of results",
    "library-find": "a number and what the files say of themselves",
    "library-filtered": "only names of filters",
    "library-title": "only the title",
    "library-credit": "only names",
    "library-file": "a name and a size",
    "library-tags": "only tags",
    "library-tagged": "a title and tags",
    "library-hash": "only a hash",
    "check-telegram": "a name",
    "check-ffmpeg": "a name",
    "found-telegram": "a name",
    "setup-line": "a mark, what it is about, and the words",
    "grab-headline": "a mark and a name",
    "intake-headline": "a mark and a name",
    "intake-waits": "a mark and the words",
    "grab-example": "a name",
    "grab-waits": "a mark and the words",
    "button-page": "numbers",
    "button-previous": "an arrow",
    "button-next": "an arrow",
    "button-file-wanted": "a name and a size",
    "button-file-left": "a name and a size",
    "button-folder": "a name",
    "button-folder-all": "numbers and a size",
    "button-folder-some": "numbers and a size",
    "button-folder-none": "numbers and a size",
    "button-up": "an arrow",
    "duplicates-line": "a number, a title and how it stands",
    "duplicates-encoding": "a number, facts and points",
    "duplicates-better": "a star, a number, facts and points",
    "duplicates-work": "a title and how it stands",
    "duplicates-why": "only reasons",
    "rate-megabits": "unit signs are international",
    "rate-kilobits": "unit signs are international",
    "button-keep-number": "a star and a number",
}
PARTS = [
    "telegram",
    "groups",
    "large",
    "user",
    "owner",
    "archive",
    "ledger",
    "database",
    "disk",
    "ffmpeg",
    "engine",
    "engines",
    "indexer",
    "indexers",
]
FROM_VALUES = {
    *(f"command-{name}" for name in COMMANDS),
    *(f"help-{name}" for name in NEEDED if name not in {"start", "help"}),
    *(f"help-as-{role.value}" for role in Role),
    *(f"settings-results-{to.value}" for to in ResultsTo),
    *(f"check-{kind}" for kind in PARTS),
    *(f"button-{which.value}" for which in Which),
    *(f"state-{state.value}" for state in TransferState),
    *(f"transfer-{state.value}" for state in WORKING),
    *(f"overdue-{state.value}" for state in (TransferState.CHOOSING, TransferState.QUEUED, *WORKING)),
    *(f"grab-{state.value}" for state in GrabState if state is not GrabState.READY),
    *(
        f"feed-entries-{state.value}"
        for state in EntryState
        if state not in {EntryState.SEEN, EntryState.ORDERED}
    ),
    *(f"intake-{state.value}" for state in IntakeState if state is not IntakeState.READY),
    *(f"duplicates-{state.value}" for state in EncodingsState),
    *(f"reason-{measure.value}" for measure in (Measure.EPISODES, Measure.TRACKS, Measure.POSTS)),
    *(f"preview-{kind}" for kind in ("poster", "sheet", "clip", "cover", "waveform")),
}
"""Keys that are put together from a value."""
NOT_KEYS = {
    "aria2's options": {
        "allow-overwrite", "auto-file-renaming", "bt-hash-check-seed", "bt-metadata-only", "bt-remove-unselected-file",
        "bt-detach-seed-only", "bt-save-metadata", "bt-stop-timeout", "check-integrity", "follow-torrent",
        "rpc-save-upload-metadata", "seed-ratio", "seed-time", "select-file",
    },
    "HTTP headers": {"content-disposition", "content-encoding", "content-length", "content-range", "content-type", "last-modified", "retry-after"},
    "encodings": {"iso-8859-1", "iso-8859-15", "raw-unicode-escape", "us-ascii", "windows-1252"},
    "names of other things": {"in-use", "magpie-export", "magpie-manifest", "magpie-looking", "nx-27017", "utf-8"},
}  # fmt: skip
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ENGINE_ERROR_VALUES = {"engine"}
"""What a message may ask for when an engine reports only a key."""


class _Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802 - the library's name
        self.found.add(node.id.name)


@cache
def messages(language: str) -> dict[str, ftl.Message]:
    found: dict[str, ftl.Message] = {}
    for path in sorted((LOCALES / language).glob("*.ftl")):
        for entry in parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{path}: {entry.content}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{path}: {entry.id.name} is there twice"
                found[entry.id.name] = entry
    return found


def variables(language: str, key: str) -> set[str]:
    visitor = _Variables()
    visitor.visit(messages(language)[key])
    return visitor.found


def test_the_languages_are_these() -> None:
    assert Catalogue(LOCALES).languages == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_the_same_keys(language: str) -> None:
    assert sorted(messages(language)) == sorted(messages("en"))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_message_uses_the_same_values_in_every_language(language: str) -> None:
    differing = {
        key: (variables("en", key), variables(language, key))
        for key in messages("en")
        if variables("en", key) != variables(language, key)
    }
    assert not differing


def source_of(message: ftl.Message) -> str:
    return str(serialize(ftl.Resource([ftl.Message(message.id, value=message.value)])))


def test_spanish_is_spanish() -> None:
    equal = {
        key for key in messages("en") if source_of(messages("en")[key]) == source_of(messages("es")[key])
    }
    assert equal == set(MAY_BE_EQUAL)


@dataclass(frozen=True)
class Literal:
    place: str
    value: str


@cache
def trees() -> list[tuple[str, ast.Module]]:
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths
    ]


def literals() -> Iterator[Literal]:
    """Every text in the code, but for the names of log events and annotations."""
    for place, tree in trees():
        skipped = {id(argument) for argument in log_events(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield Literal(f"{place}:{node.lineno}", node.value)


def log_events(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            logger = ast.unparse(node.func.value)
            yield from node.args[:1] if logger == "_log" or "get_logger(" in logger else ()


def test_everything_that_looks_like_a_key_is_one() -> None:
    """A new kebab-case text in the code has its words in every language, or stands above with what it is."""
    others = set().union(*NOT_KEYS.values())
    missing = {
        f"{literal.value} ({literal.place})"
        for literal in literals()
        if KEY.fullmatch(literal.value)
        and literal.value not in messages("en")
        and literal.value not in others
    }
    assert not missing, "\n".join(sorted(missing))


def test_keys_made_of_values_are_there() -> None:
    assert sorted(FROM_VALUES - set(messages("en"))) == []


def test_no_words_are_left_over() -> None:
    said = {literal.value for literal in literals()} | FROM_VALUES
    assert sorted(set(messages("en")) - said) == []


def error_classes() -> set[str]:
    """The names of MagpieError and everything derived from it."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"MagpieError"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found


ENGINE_ERRORS = {"DownloaderRefused", "WrongEngine"}
"""They bring the engine's name themselves."""


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Place, key and values of every error for people: where it is made, and in the constructors of its classes."""
    names = error_classes()
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {*names, "super().__init__"}:
                given = {word.arg for word in node.keywords if word.arg} | engine_of(node)
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield f"{place}:{node.lineno}", argument.value, given


def engine_of(node: ast.Call) -> set[str]:
    bring_it = ast.unparse(node.func) in ENGINE_ERRORS or (
        node.args and ast.unparse(node.args[0]) == "engine" and "super()" in ast.unparse(node.func)
    )
    return {"engine"} if bring_it else set()


def test_errors_bring_the_values_of_their_words() -> None:
    found = [(place, key, given) for place, key, given in raised() if key in messages("en")]
    assert len(found) > 60
    lacking = [
        f"{place}: {key} needs {variables('en', key) - given}"
        for place, key, given in found
        if variables("en", key) - given
    ]
    assert not lacking, "\n".join(lacking)


def spoken() -> Iterator[tuple[str, str, set[str]]]:
    """Place, key and values wherever a literal key is formatted: `t(…)`, `t.label(…)`, `key(t, …)`, `context.say(…)`."""
    for place, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or any(word.arg is None for word in node.keywords):
                continue
            name = ast.unparse(node.func)
            first = {"key": 1, "context.say": 1}.get(name, 0)
            if not (
                name in {"key", "context.say", "t", "words"} or name.endswith((".label", "._words", ".words"))
            ):
                continue
            argument = node.args[first] if len(node.args) > first else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield f"{place}:{node.lineno}", argument.value, {str(word.arg) for word in node.keywords}


def test_words_are_spoken_with_their_values() -> None:
    found = list(spoken())
    assert len(found) > 50
    for place, key, given in found:
        if key in LANGUAGES:
            continue
        assert key in messages("en"), f"{place}: {key}"
        needed = {name.replace("-", "_") for name in variables("en", key)}
        assert needed <= given, f"{place}: {key} lacks {needed - given}"


def bare_keys() -> Iterator[Literal]:
    """Keys that an engine or a Download carries without values: `error=…`, `"error": …`, tables of errors."""
    for place, tree in trees():
        if not place.startswith("services/downloads/"):
            continue
        for node in ast.walk(tree):
            for value in bare_values(node):
                if (
                    isinstance(value, ast.Constant)
                    and isinstance(value.value, str)
                    and KEY.fullmatch(value.value)
                ):
                    yield Literal(f"{place}:{value.lineno}", value.value)


def bare_values(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.keyword) and node.arg == "error":
        yield from (inner for inner in ast.walk(node.value) if isinstance(inner, ast.expr))
    elif isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant) and (name.value == "error" or isinstance(name.value, int)):
                yield from (inner for inner in ast.walk(value) if isinstance(inner, ast.expr))


def test_errors_of_downloads_need_nothing_but_the_engine() -> None:
    found = list(bare_keys())
    assert {"engine-has-foreign", "interface-gone"} <= {literal.value for literal in found}
    for literal in found:
        assert variables("en", literal.value) <= ENGINE_ERROR_VALUES, literal


def toasts() -> set[str]:
    """What may be said in a toast: words that presses return, and errors."""
    returned = {
        node.value.value
        for place, tree in trees()
        if place.startswith("handlers/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Return)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    return {key for key in returned if key in messages("en")} | {
        key for _, key, _ in raised() if key in messages("en")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_toasts_have_no_markup(language: str) -> None:
    """Telegram shows toasts and button labels as they are."""
    found = toasts() | {key for key in messages(language) if key.startswith(("button-", "command-"))}
    assert "delivered" in found
    assert PRESSES
    assert [key for key in sorted(found) if "<" in source_of(messages(language)[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_fit_into_telegrams_menu(language: str) -> None:
    t = Catalogue(LOCALES).words(language)
    for name in COMMANDS:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(t.label(f"command-{name}")) <= 256


def test_values_are_escaped_once_and_labels_never() -> None:
    t = Catalogue(LOCALES).words("en")
    assert t("transfer-title", title="<b>&amp;\"'") == "<b>&lt;b&gt;&amp;amp;\"'</b>"
    assert t.label("button-file-left", name="<a & b>", size="1 KB") == "☐ <a & b> · 1 KB"


def test_values_are_not_read_as_fluent() -> None:
    t = Catalogue(LOCALES).words("en")
    assert t("transfer-title", title="{ $title } { -x }") == "<b>{ $title } { -x }</b>"


def test_no_isolating_marks_are_put_around_values() -> None:
    t = Catalogue(LOCALES).words("es")
    assert not set("\u2066\u2067\u2068\u2069") & set(t("status-line", number=1, title="x", state="y"))


def test_what_is_missing_is_an_error() -> None:
    t = Catalogue(LOCALES).words("en")
    with pytest.raises(MissingWords, match="en: no-such-words"):
        t("no-such-words")
    with pytest.raises(MissingWords, match="transfer-title"):
        t("transfer-title")


def test_other_languages_get_english() -> None:
    catalogue = Catalogue(LOCALES)
    assert catalogue.words("tlh").language == "en"
    assert catalogue.words("es").language == "es"


@pytest.mark.parametrize(
    ("count", "english", "spanish"),
    [
        (None, "size unknown", "tamaño desconocido"),
        (0, "0 B", "0 B"),
        (1023, "1023 B", "1023 B"),
        (1024, "1 KB", "1 KB"),
        (1536, "1.5 KB", "1,5 KB"),
        (1_500_000_000, "1.4 GB", "1,4 GB"),
        (150 * 1024**2, "150 MB", "150 MB"),
        (1024**2 - 1, "1 MB", "1 MB"),
        (3 * 1024**5, "3072 TB", "3072 TB"),
    ],
)
def test_sizes(count: int | None, english: str, spanish: str) -> None:
    catalogue = Catalogue(LOCALES)
    assert catalogue.words("en").size(count) == english
    assert catalogue.words("es").size(count) == spanish


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3599, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (1e9, "277,777 h 47 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert Catalogue(LOCALES).words("en").duration(seconds) == words


def test_numbers_are_written_as_the_language_does() -> None:
    catalogue = Catalogue(LOCALES)
    assert catalogue.words("en").number(1234.56) == "1,234.6"
    assert catalogue.words("es").number(1234.56) == "1.234,6"
    assert catalogue.words("es").number(0.04) == "0"
