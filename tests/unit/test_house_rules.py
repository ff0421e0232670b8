"""The rules of the house that a reader of one file cannot see."""

import ast
import inspect
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.assembly import LOCALES
from services.access.own_data import OwnData
from services.access.preferences import Preferences
from services.access.service import AccessService
from services.checks.service import Checkup
from services.feeds.service import Feeds
from services.grabbing.service import Grabs
from services.intake.service import Intakes
from services.library.collections import Collections
from services.library.duplicates import Duplicates
from services.library.service import Library
from services.search.service import Searches
from services.storage.archive import Archive
from services.transfers.choosing import Choosing
from services.transfers.instant import Instant
from services.transfers.service import Transfers

# what is read of the tree is read once
pytestmark = pytest.mark.xdist_group("house-rules")
ROOT = LOCALES.parent
ROOMS = ("bot", "handlers", "jobs", "locales", "models", "services", "simulator", "web")
MAY_IMPORT = {
    "models": {"models"},
    "services": {"models", "services"},
    "jobs": {"models", "services", "jobs"},
    "handlers": {"models", "services", "handlers"},
    "web": {"models", "services", "web"},
    "bot": {"models", "services", "jobs", "handlers", "web", "bot"},
    "simulator": {"simulator"},
    "locales": {"locales"},
}
KNOW_TELEGRAM = ("bot/", "handlers/", "services/telegram/")
USE_CASES = (
    AccessService,
    Archive,
    Checkup,
    Choosing,
    Collections,
    Duplicates,
    Feeds,
    Grabs,
    Instant,
    Intakes,
    Library,
    OwnData,
    Preferences,
    Searches,
    Transfers,
)
WITHOUT_RIGHT = {
    (
        "AccessService",
        "add",
    ): "the assembly enrols the simulator's people; there is nobody yet who could be asked",
    ("AccessService", "admit"): "finds out who somebody is",
    ("AccessService", "claim"): "makes somebody the owner who has no right yet; the code is the right",
    ("AccessService", "claim_code"): "called once at start",
    ("Archive", "discard"): "called by the upkeep, for a Transfer whose member cancelled it",
    ("Choosing", "picker"): "says how a Card looks, and whose that is was asked when it was shown",
    ("Archive", "holds"): "called by the stage of a Transfer that a member started",
    ("Archive", "opens"): "called by the upkeep, before it has anything stored again",
    ("Intakes", "take"): "takes a new post of a channel that an admin has opened",
    ("Library", "reach"): "says what is to be shown to somebody, and shows nothing",
    ("Library", "shown"): "says how a Card looks, and whose that is was asked when it was shown",
    ("Archive", "verify"): "called by the slow scan, for nobody",
    ("Archive", "store"): "called by the stage of a Transfer that a member started",
}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(node: ast.AST) -> Iterator[str]:
    """The full names of the modules that an import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute: a relative one hides its arrow"
        yield str(node.module)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, name) for name in imported(node))


def at_top_level(path: Path) -> Iterator[str]:
    """The imports that run when the module is imported."""
    waiting: list[ast.AST] = [tree_of(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield from imported(node)
        waiting += ast.iter_child_nodes(node)


def test_every_room_is_looked_at() -> None:
    assert len(sources("bot", "handlers", "services", "models", "jobs", "simulator")) > 100


@pytest.mark.parametrize("room", [room for room in ROOMS if (ROOT / room).is_dir()])
def test_imports_go_one_way(room: str) -> None:
    wrong = [
        f"{shown(path)}:{line}: {room} must not import {name}"
        for path in sources(room)
        for line, name in imports(path)
        if name.partition(".")[0] in ROOMS and name.partition(".")[0] not in MAY_IMPORT[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_room_imports_the_tests() -> None:
    wrong = [
        f"{shown(p)}:{line}" for p in sources(*ROOMS) for line, name in imports(p) if name.startswith("tests")
    ]
    assert not wrong


def test_only_the_doors_know_python_telegram_bot() -> None:
    wrong = [
        f"{shown(path)}:{line}"
        for path in sources(*ROOMS)
        for line, name in imports(path)
        if name.partition(".")[0] == "telegram" and not shown(path).startswith(KNOW_TELEGRAM)
    ]
    assert not wrong, wrong


def test_pyrogram_is_never_imported_with_a_module() -> None:
    """It takes a second. Two packages are made of it, and imported late themselves."""
    made_of_it = ("simulator/mtproto/", "services/telegram/mtproto/")
    heavy = ("pyrogram", "simulator.mtproto", "services.telegram.mtproto")
    wrong = [
        shown(path)
        for path in sources(*ROOMS)
        if not shown(path).startswith(made_of_it)
        and any(name.startswith(heavy) for name in at_top_level(path))
    ]
    assert not wrong, wrong


def test_only_one_module_detaches_work() -> None:
    """A task group's own `create_task` is waited for; asyncio's is not, and neither is a loop's."""
    wrong = []
    for path in sources("bot", "handlers", "jobs", "models", "services", "web"):
        if shown(path) == "services/tasks.py":
            continue
        wrong += [f"{shown(path)}:{line}: {name}" for line, name in detaching(tree_of(path))]
    assert not wrong, wrong


def detaching(tree: ast.Module) -> Iterator[tuple[int, str]]:
    groups = {name for node in ast.walk(tree) for name in task_groups(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, owner = called(node)
        if name == "ensure_future" or (name == "create_task" and owner not in groups):
            yield node.lineno, f"{owner}.{name}"


def task_groups(node: ast.AST) -> Iterator[str]:
    """Names that hold a TaskGroup: opened in a `with`, or given as an argument that says so."""
    if (
        isinstance(node, ast.withitem)
        and isinstance(node.context_expr, ast.Call)
        and node.optional_vars is not None
    ):
        if called(node.context_expr)[0] == "TaskGroup":
            yield ast.unparse(node.optional_vars)
    elif isinstance(node, ast.arg) and ast.unparse(node.annotation or node).endswith("TaskGroup"):
        yield node.arg


def called(node: ast.Call) -> tuple[str, str]:
    """The name of what is called, and of what it belongs to."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr, ast.unparse(node.func.value)
    return (node.func.id, "") if isinstance(node.func, ast.Name) else ("", "")


@pytest.mark.parametrize(
    ("code", "finds"),
    [
        ("asyncio.create_task(x())", 1),
        ("asyncio.ensure_future(x())", 1),
        ("asyncio.get_running_loop().create_task(x())", 1),
        ("async def f():\n async with asyncio.TaskGroup() as group:\n  group.create_task(x())", 0),
        ("def f(lanes: asyncio.TaskGroup):\n lanes.create_task(x())", 0),
    ],
)
def test_the_search_for_detached_work_finds_it(code: str, finds: int) -> None:
    assert len(list(detaching(ast.parse(code)))) == finds


def failpoint_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sources("bot", "handlers", "jobs", "services"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and called(node)[0] == "failpoint":
                yield f"{shown(path)}:{node.lineno}", node


def test_every_failpoint_is_a_literal_and_unique() -> None:
    """The recovery suite lists them by reading the code, and kills at each."""
    names = []
    for place, call in failpoint_calls():
        assert len(call.args) == 1, place
        assert isinstance(call.args[0], ast.Constant), place
        assert isinstance(call.args[0].value, str), place
        names.append(call.args[0].value)
    assert len(names) > 30
    assert [name for name, times in Counter(names).items() if times > 1] == []


WRITES = {
    *(
        "insert_once",
        "update_if",
        "update_all",
        "update_each",
        "put_each",
        "bulk_write",
        "find_one_and_update",
        "update_one",
        "update_many",
    ),
    *("delete_one", "delete_many", "insert_one", "insert", "delete", "replace_one", "save"),
}
WITHOUT_FAILPOINT = {
    "services/documents.py": "what the writes are made of; the callers stand in one",
    "services/migrations.py": "before the first order, and each step has a test of being stopped",
    "services/telegram/lease.py": "no order hangs on it: the same owner takes its own back, whoever else waits",
    "jobs/chores.py": "forgets what nobody needs any more: nothing follows from it",
}


def unguarded_writes(node: ast.AST, *, guarded: bool = False) -> Iterator[ast.Call]:
    """Calls that write to the database outside a `with failpoint(...)`."""
    for child in ast.iter_child_nodes(node):
        inside = guarded or (isinstance(child, ast.With) and any(map(is_failpoint, child.items)))
        if isinstance(child, ast.Call) and not guarded and writes(child):
            yield child
        yield from unguarded_writes(child, guarded=inside)


def is_failpoint(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and called(item.context_expr)[0] == "failpoint"


def writes(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in WRITES
    # Path.replace, Image.save and the door's delete are no documents
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and ("collection" in ast.unparse(call.func.value) or call.func.attr in {"insert_one", "insert"})
    )


def test_every_state_write_passes_a_failpoint() -> None:
    found = {
        shown(path): [call.lineno for call in unguarded_writes(tree_of(path))]
        for path in sources("bot", "handlers", "jobs", "services")
        if shown(path) not in WITHOUT_FAILPOINT
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("code", "finds"),
    [
        ("await update_if(Card, {}, {})", 1),
        ("await Copy.get_pymongo_collection().delete_one({})", 1),
        ("collection.update_one({}, {})", 1),
        ("with failpoint('a'):\n    x = await update_if(Card, {}, {})", 0),
        ("with failpoint('a'):\n    if x:\n        await collection.delete_one({})", 0),
        ("path.replace(other)", 0),
    ],
)
def test_the_search_for_unguarded_writes_finds_them(code: str, finds: int) -> None:
    assert len(list(unguarded_writes(ast.parse(code)))) == finds


def public_coroutines(kind: type) -> Iterator[tuple[str, object]]:
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_") and (
            inspect.iscoroutinefunction(method) or hasattr(method, "required_right")
        ):
            yield name, method


@pytest.mark.parametrize("kind", USE_CASES)
def test_every_use_case_states_its_right(kind: type) -> None:
    """What acts for a member says which right it needs; what does not is on a list, with a reason."""
    for name, method in public_coroutines(kind):
        takes_member = "by" in inspect.signature(method).parameters  # type: ignore[arg-type]
        if takes_member:
            assert hasattr(method, "required_right"), (
                f"{kind.__name__}.{name} takes `by` and asks for no right"
            )
            assert (kind.__name__, name) not in WITHOUT_RIGHT
        else:
            assert (kind.__name__, name) in WITHOUT_RIGHT, f"{kind.__name__}.{name} acts for nobody"


def test_the_list_of_exceptions_holds_nothing_that_is_gone() -> None:
    there = {(kind.__name__, name) for kind in USE_CASES for name, _ in public_coroutines(kind)}
    assert set(WITHOUT_RIGHT) <= there


def test_no_use_case_class_is_forgotten() -> None:
    """Whatever is decorated with `require` belongs to a class that is looked at above."""
    classes = {
        node.name
        for path in sources("services")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, ast.AsyncFunctionDef)
        if "by" in {argument.arg for argument in inner.args.kwonlyargs}
    }
    assert classes == {
        "AccessService",
        "Archive",
        "Checkup",
        "Choosing",
        "Collections",
        "Duplicates",
        "Feeds",
        "Grabs",
        "Instant",
        "Intakes",
        "Library",
        "OwnData",
        "Preferences",
        "Searches",
        "Transfers",
    }


PROBE = """
import asyncio, json, os, subprocess, sys, threading
made = []
def refuse(event, arguments):
    if event in {"subprocess.Popen", "os.fork", "socket.connect"}:
        made.append(event)
sys.addaudithook(refuse)
new_event_loop = asyncio.new_event_loop
def watched():
    made.append("event loop")
    return new_event_loop()
asyncio.new_event_loop = watched
asyncio.events.new_event_loop = watched
import importlib
before = set(sys.modules)
importlib.import_module("bot.assembly")
heavy = sorted({"libtorrent", "av", "pyrogram"} & set(sys.modules))
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps({"made": made, "threads": threading.active_count(), "heavy": heavy}))
"""


def test_importing_starts_nothing(tmp_path: Path) -> None:
    """No loop, thread, process or socket, and no setting is read: a wrong one would stop the start."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sources("bot", "handlers", "jobs", "models", "services", "simulator")
        if path.name != "__main__.py"
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", PROBE, json.dumps(names)],
        cwd=ROOT,
        env={"OWNER_ID": "nobody", "DATA_DIR": str(tmp_path), "BOT_TOKEN": "wrong", "PTB_TIMEDELTA": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"made": [], "threads": 1, "heavy": []}
    assert list(tmp_path.iterdir()) == []


def test_tests_that_share_something_run_in_one_place(request: pytest.FixtureRequest) -> None:
    """There are versions of pytest that pytest-xdist cannot tell its groups to, and nothing says so."""
    assert request.node.nodeid.endswith("@house-rules") == request.config.getoption(
        "loadgroup", default=False
    )
