"""`magpie rebuild`: an empty database made again from the ledger channel, as the bot, over MTProto."""

import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from pymongo.errors import PyMongoError

from bot.assembly import INDEX
from bot.database import opened_database
from bot.instance import instance
from bot.second_door import second_door
from bot.settings import Settings
from services.ledger.keys import InstanceKey, KeyDamaged, PhraseWrong, key_in
from services.ledger.reader import Refusal
from services.ledger.rebuild import Rebuild, Rebuilt
from services.library.generations import Generations
from services.tasks import while_held
from services.telegram.budget import Budget
from services.telegram.port import AccountLost, ChatClosed, TelegramAway, TelegramRefused

_MOST_LINES = 100
Say = Callable[[str], None]


class CannotRebuild(Exception):
    """It cannot be done, or not to its end. The text is one line for a person."""


class NothingToRebuildFrom(CannotRebuild):
    """A setting or the key is missing. The text is one line for a person."""


def read_key(settings: Settings, phrase_file: Path | None) -> InstanceKey:
    """By the words in the file; else the key of the data folder; else by words that are asked for. Raises NothingToRebuildFrom."""
    try:
        if phrase_file is not None:
            return InstanceKey.from_phrase(phrase_file.read_text(encoding="utf-8"))
        return key_in(settings.data_dir) or InstanceKey.from_phrase(_asked("Recovery phrase (24 words): "))
    except (PhraseWrong, KeyDamaged) as error:
        raise NothingToRebuildFrom(str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToRebuildFrom(f"the key cannot be read: {error}") from error


async def rebuild(settings: Settings, key: InstanceKey, say: Say) -> bool:
    """Tells what came of it; whether everything in the channel counts. Raises CannotRebuild, NotEmpty, AlreadyRunning."""
    with instance(settings.data_dir), _as_lines():
        rebuilt = await _rebuilt(settings, key)
        if rebuilt.number:
            key.keep(settings.data_dir)
            Generations(settings.data_dir.resolve() / INDEX).wish()
    _tell(rebuilt, say)
    if not rebuilt.number:
        raise CannotRebuild(
            "no manifest of this key stands in LEDGER_CHANNEL: --phrase-file names the words of another one"
        )
    return not rebuilt.refused and not rebuilt.missing


async def _rebuilt(settings: Settings, key: InstanceKey) -> Rebuilt:
    if settings.ledger_channel is None:
        raise NothingToRebuildFrom("LEDGER_CHANNEL is not set: it names the channel to read")
    if settings.bot_token is None:
        raise NothingToRebuildFrom("BOT_TOKEN is not set: the bot reads the channel, as its admin")
    door = second_door(settings, settings.bot_token.get_secret_value(), Budget())
    if door is None:
        raise NothingToRebuildFrom("API_ID and API_HASH are not set: my.telegram.org gives them")
    url = None if settings.mongodb_url is None else settings.mongodb_url.get_secret_value()
    async with opened_database(url, settings.data_dir.resolve() / "db"):
        return await while_held(Rebuild(door, settings.ledger_channel, key).run(), door.run())


def _tell(rebuilt: Rebuilt, say: Say) -> None:
    lines = [f"Refused: {_named(refusal)} {refusal.fault.value}." for refusal in rebuilt.refused]
    lines += [f"Missing: {_range(numbers)}." for numbers in _runs(rebuilt.missing)]
    for line in lines[:_MOST_LINES]:
        say(line)
    if len(lines) > _MOST_LINES:
        say(f"… and {len(lines) - _MOST_LINES} more.")
    if rebuilt.others:
        say(f"Left alone: {_count(rebuilt.others, 'file')} in the channel that Magpie did not write.")
    if rebuilt.number:
        works, copies = _count(rebuilt.items, "work"), _count(rebuilt.copies, "copy", "copies")
        others = f"{_count(rebuilt.members, 'member')} and {_count(rebuilt.collections, 'collection')}"
        say(f"Restored: {works} with {copies}, {others}, up to manifest {rebuilt.number}.")
        say("The index of the library is made at the next start.")


def _named(refusal: Refusal) -> str:
    number = "a manifest without a number" if refusal.number is None else f"manifest {refusal.number}"
    return f"{number} (message {refusal.message_id})"


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Those that follow each other, together."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _range(run: list[int]) -> str:
    return f"manifest {run[0]}" if len(run) == 1 else f"manifests {run[0]} to {run[-1]}"


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or f'{one}s'}"


def _asked(question: str) -> str:
    """Not shown while it is typed."""
    if not sys.stdin.isatty():
        raise NothingToRebuildFrom(
            "there is no key in DATA_DIR: --phrase-file names a file with its 24 words"
        )
    return getpass.getpass(question)


@contextmanager
def _as_lines() -> Iterator[None]:
    """What ends it becomes one line for a person."""
    try:
        yield
    except AccountLost as lost:
        raise CannotRebuild(f"Telegram does not let the bot in ({lost.reason})") from lost
    except ChatClosed as closed:
        raise CannotRebuild("LEDGER_CHANNEL is closed to the bot: make it an admin there") from closed
    except TelegramAway as away:
        raise CannotRebuild("Telegram does not answer. The same command goes on") from away
    except TelegramRefused as refused:
        raise CannotRebuild(f"Telegram refuses: {refused.reason}") from refused
    except PyMongoError as error:
        raise CannotRebuild("the database does not answer. The same command goes on") from error
    except OSError as error:
        raise CannotRebuild(f"{error.strerror or type(error).__name__}. The same command goes on") from error
