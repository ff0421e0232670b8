"""`magpie export` and `magpie import`: the library in a file that outlives this bot and this database."""

import fcntl
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from pymongo.errors import PyMongoError

from bot.database import opened_database
from bot.instance import AlreadyRunning, instance
from bot.settings import Settings
from services.exchange.export import Exported, export
from services.exchange.importing import Imported, look_through, take_in
from services.exchange.reading import NotAnExport, Wrong
from services.syncing import sync

STANDARD_OUTPUT = "-"
_MOST_SHOWN = 50
_RUNNING = (
    "a Magpie is running in this DATA_DIR, and its built-in database belongs to it: stop it, run this again, and start it "
    "again. With a database of its own (MONGODB_URL) it may run meanwhile"
)
_PLURALS = {"member": "members", "item": "items", "copy": "copies", "favourite": "favourites"}
Say = Callable[[str], None]


class NotExchanged(Exception):
    """Nothing was exported or imported, or not all of it. The text is one line for a person."""


async def export_to(settings: Settings, target: str, say: Say) -> bool:
    """Writes the library to a file, or to the standard output; whether all of it could be. Raises NotExchanged."""
    async with _opened(settings):
        with _told(target), _paper(target) as file:
            exported = await export(file.write)
    _tell_exported(exported, say)
    return not exported.left_out


async def import_from(settings: Settings, path: Path, say: Say, *, strict: bool) -> bool:
    """Takes a file in; whether all of it could be. `strict`: only then anything of it. Raises NotExchanged."""
    complaints = _Complaints(say)
    async with _opened(settings):
        with _told(str(path)):
            if strict and not (looked := look_through(path, complaints.hear)).is_sound:
                complaints.end(looked)
                raise NotExchanged("nothing was imported")
            imported = await take_in(path, complaints.hear)
    complaints.end(imported)
    _tell_imported(imported, say)
    return imported.is_sound


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[None]:
    """The database. The built-in one is nobody's as long as we hold its folder."""
    url = None if settings.mongodb_url is None else settings.mongodb_url.get_secret_value()
    data_dir = settings.data_dir.resolve()
    try:
        with nullcontext() if url is not None else instance(data_dir):
            async with opened_database(url, data_dir / "db"):
                yield
    except AlreadyRunning:
        raise NotExchanged(_RUNNING) from None


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What keeps us from it, in one line."""
    try:
        yield
    except NotAnExport as error:
        raise NotExchanged(f"{name}: {error}") from None
    except OSError as error:
        raise NotExchanged(f"{name}: {error.strerror or error}") from None
    except PyMongoError as error:
        # repeated, it goes on: the reason is a server's, and may be long
        raise NotExchanged(
            f"the database does not answer ({type(error).__name__}): please try again"
        ) from None


@contextmanager
def _paper(target: str) -> Iterator[BinaryIO]:
    """What is written becomes the file at the end, all of it or nothing."""
    if target == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target).resolve()
    if path.exists() and not path.is_file():
        raise NotExchanged(f"{target}: is there, and no file")
    part = path.with_name(f"{path.name}.part")
    with _alone(part) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        part.replace(path)
    sync(path.parent)


@contextmanager
def _alone(part: Path) -> Iterator[BinaryIO]:
    """A file that nobody else may read, as it names members, and that no other export writes to."""
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotExchanged(f"{part}: another export is writing there") from None
        file.truncate()
        yield file


class _Complaints:
    """Of a file that is wrong everywhere the first lines say enough."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._heard = 0

    def hear(self, wrong: Wrong) -> None:
        self._heard += 1
        if self._heard <= _MOST_SHOWN:
            self._say(f"line {wrong.number}: {wrong.reason}")

    def end(self, found: Imported) -> None:
        if self._heard > _MOST_SHOWN:
            self._say(f"… and {self._heard - _MOST_SHOWN} more lines are wrong")
        if found.damage is not None:
            self._say(f"the file: {found.damage}")


def _tell_exported(exported: Exported, say: Say) -> None:
    say(f"{exported.count} lines were exported.")
    if exported.left_out:
        few = ", ".join(exported.left_out[:_MOST_SHOWN])
        say(f"{len(exported.left_out)} could not be, as they are damaged: {few}")


def _tell_imported(imported: Imported, say: Say) -> None:
    for kind, plural in _PLURALS.items():
        added, known = imported.added[kind], imported.known[kind]
        if added or known:
            say(f"{plural}: {added} imported, {known} were here already")
    say(f"Lines that are wrong: {imported.wrong}.")
