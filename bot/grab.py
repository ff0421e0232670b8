"""`magpie grab`: the files of a channel in a folder, through the owner's account."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn

from bot.alone import lone_user_door
from bot.assembly import LOCALES
from bot.instance import AlreadyRunning
from bot.second_door import user_door
from bot.settings import Settings
from bot.simulated import API_HASH, API_ID, DATA_CENTRE, NothingSet, simulator_to_sign_in_to
from services.errors import MagpieError
from services.grabbing.choosing import patiently, surveyed
from services.grabbing.errors import WishWrong
from services.grabbing.folder import FolderFull, Grab, Tally
from services.grabbing.ledger import FolderBusy, numbers_in
from services.grabbing.names import name_of
from services.grabbing.port import Post, PostKind
from services.grabbing.quantities import read_bytes, read_day, read_seconds
from services.grabbing.wish import Wish
from services.patterns import PatternTooSlow, PatternWrong
from services.tasks import while_held
from services.telegram.addresses import read_channel
from services.telegram.port import IN_USE, AccountLost, ChatClosed, MessageGone, TelegramAway, TelegramRefused
from services.telegram.user import UserDoor
from services.words import Catalogue

_NOBODY = ("USERNAME_NOT_OCCUPIED", "USERNAME_INVALID", "USERNAME_OF_NO_CHANNEL")
_LOOK_SECONDS = 0.2
_Bounds = tuple[str, str]
Value = TypeVar("Value")


class CannotGrab(Exception):
    """It cannot go on. The text is one line for a person."""


class NothingToGrabWith(CannotGrab):
    """A setting or an option is missing or wrong. The text is one line for a person."""


@dataclass(frozen=True)
class Order:
    """What is to come where."""

    chat: int | str
    wish: Wish
    folder: Path
    at_once: int

    @classmethod
    def read(cls, channel: str, wish: Wish, folder: Path | None, at_once: int) -> "Order":
        """Raises NothingToGrabWith."""
        chat = read_channel(channel)
        if chat is None:
            raise NothingToGrabWith(f"{_plain(channel)} is no channel: write @name, t.me/name or -100…")
        return cls(chat, wish, folder or Path(str(chat).lstrip("@-")), at_once)


def read_wish(
    kinds: frozenset[PostKind],
    durations: _Bounds,
    sizes: _Bounds,
    days: _Bounds,
    words: str,
    pattern: str,
    limit: int | None,
) -> Wish:
    """Bounds are included; empty: none. Raises NothingToGrabWith."""
    seconds = _both(("--min-duration", "--max-duration"), durations, _seconds)
    count = _both(("--min-size", "--max-size"), sizes, _bytes)
    day = _both(("--after", "--before"), days, read_day)
    try:
        return Wish(kinds, *seconds, *count, *day, tuple(words.split()), pattern, limit)
    except (WishWrong, PatternWrong, PatternTooSlow) as error:
        raise NothingToGrabWith(_words(error)) from error


async def grab_channel(settings: Settings, order: Order, *, dry_run: bool) -> bool:
    """Tells how it goes; whether all that matches is there in the end. Raises CannotGrab."""
    console = Console(highlight=False)
    with _as_lines(order):
        async with _door(settings) as door:
            work = _would_come(door, order, console) if dry_run else _bring(door, order, console)
            return await while_held(work, door.run())


async def _would_come(door: UserDoor, order: Order, console: Console) -> bool:
    title = await patiently(lambda: door.title(order.chat))
    known = await asyncio.to_thread(numbers_in, order.folder)
    survey = await surveyed(door, order.chat, order.wish, known)
    t = Catalogue(LOCALES).words("en")
    there = f", {survey.known} are there already" if survey.known else ""
    console.print(
        f"{_plain(title)}: {_files(survey.files)}, {t.size(survey.bytes)}, would come to {order.folder}{there}",
        markup=False,
        soft_wrap=True,
    )
    for post in survey.first:
        console.print(f"  {name_of(post)} ({t.size(post.size)})", markup=False, soft_wrap=True)
    if survey.files > len(survey.first):
        console.print(f"  … and {survey.files - len(survey.first)} more", markup=False, soft_wrap=True)
    return True


async def _bring(door: UserDoor, order: Order, console: Console) -> bool:
    with _bar(console) as progress:

        def told(post: Post, error: MagpieError) -> None:
            line = f"{name_of(post)} (message {post.message_id}): {_reason(error)}"
            progress.console.print(line, markup=False, soft_wrap=True)

        grab = Grab(door, order.chat, order.folder, order.at_once, told)

        async def work() -> str:
            title = await patiently(lambda: door.title(order.chat), grab.tally.wait)
            await grab.run(order.wish)
            return title

        title = await while_held(work(), _shown(progress, grab.tally, door, order.wish.limit))
    console.print(f"{_plain(title)}: {_told(grab.tally)} in {order.folder}", markup=False, soft_wrap=True)
    return grab.tally.failed == 0


def _bar(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(20),
        DownloadColumn(),
    )
    return Progress(
        *columns, TransferSpeedColumn(), console=console, transient=True, disable=not console.is_terminal
    )


async def _shown(progress: Progress, tally: Tally, door: UserDoor, limit: int | None) -> None:
    """Until cancelled. Of the bytes that are still to come it knows those that were chosen."""
    number = progress.add_task("", total=None)
    task = next(each for each in progress.tasks if each.id == number)
    while True:
        left = max(tally.resumes_at - time.monotonic(), door.pause)
        waits = f" · Telegram asks to wait {left:.0f} s" if left > 0 else ""
        files = _files(tally.came) if limit is None else f"{tally.done} of {_files(limit)}"
        task.total = tally.total or None  # told of it, `update` would forget the speed each time
        progress.update(number, description=files + waits, completed=tally.bytes)
        task.finished_time = None  # all that was chosen is here, but more may be
        await asyncio.sleep(_LOOK_SECONDS)


def _told(tally: Tally) -> str:
    parts = [f"{_files(tally.came)} came"]
    parts += [f"{tally.there} were there already"] if tally.there else []
    parts += [f"{tally.twins} had the same bytes as another"] if tally.twins else []
    parts += [f"{tally.failed} could not be had"] if tally.failed else []
    return ", ".join(parts)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


@asynccontextmanager
async def _door(settings: Settings) -> AsyncIterator[UserDoor]:
    """Raises CannotGrab."""
    async with AsyncExitStack() as stack:
        if settings.api_id is not None:
            try:
                door = await stack.enter_async_context(lone_user_door(settings))
            except AlreadyRunning as error:
                raise CannotGrab(
                    f"the Magpie that runs in {settings.data_dir} may use your account: stop it first"
                ) from error
            except PyMongoError as error:
                raise CannotGrab("the database of MONGODB_URL does not answer") from error
        else:
            door = user_door(await _in_the_simulator(settings), owner=None)
        if door is None:
            raise NothingToGrabWith(
                "Telegram lets no bot look through channels: set USER_SESSION, which magpie login prints"
            )
        stack.push_async_callback(door.close)
        yield door


async def _in_the_simulator(settings: Settings) -> Settings:
    """It ends no session that two use at once, so that the Magpie that runs in it may go on."""
    try:
        url = await simulator_to_sign_in_to(settings)
    except NothingSet as error:
        raise NothingToGrabWith(str(error)) from error
    there = {"api_id": API_ID, "api_hash": SecretStr(API_HASH), "mtproto_server": f"{url}{DATA_CENTRE}"}
    return settings.model_copy(update=there)


@contextmanager
def _as_lines(order: Order) -> Iterator[None]:
    """What ends it becomes one line for a person."""
    try:
        yield
    except FolderFull as error:
        raise CannotGrab(
            "the disk is full. What came is kept: make room, and the same command goes on"
        ) from error
    except FolderBusy as error:
        raise CannotGrab(f"another magpie grab works in {order.folder}") from error
    except AccountLost as lost:
        raise CannotGrab(_lost(lost)) from lost
    except ChatClosed as closed:
        raise CannotGrab(_closed(closed, order)) from closed
    except TelegramAway as away:
        raise CannotGrab("Telegram does not answer. The same command goes on from here") from away
    except TelegramRefused as refused:
        raise CannotGrab(f"Telegram refuses: {refused.reason}") from refused
    except PatternTooSlow as error:
        raise CannotGrab(_words(error)) from error
    except OSError as error:
        raise CannotGrab(
            f"{order.folder} cannot be used: {error.strerror or type(error).__name__}"
        ) from error


def _lost(lost: AccountLost) -> str:
    if lost.reason == IN_USE:
        return "another Magpie uses USER_SESSION at this moment"
    return f"Telegram does not take USER_SESSION any more ({lost.reason}): magpie login makes a new one"


def _closed(closed: ChatClosed, order: Order) -> str:
    if closed.reason in _NOBODY:
        return f"there is no public channel {order.chat}"
    return f"{order.chat} is closed to your account: no channel that it is in has this name or number"


def _reason(error: MagpieError) -> str:
    if isinstance(error, TelegramRefused) and not isinstance(error, MessageGone):
        return f"Telegram refuses: {error.reason}"
    return _words(error)


def _words(error: MagpieError) -> str:
    return Catalogue(LOCALES).words("en").label(error.key, **error.values)


def _both(
    names: _Bounds, bounds: _Bounds, read: Callable[[str], Value | None]
) -> tuple[Value | None, Value | None]:
    return _read(names[0], bounds[0], read), _read(names[1], bounds[1], read)


def _read(name: str, text: str, read: Callable[[str], Value | None]) -> Value | None:
    if not text:
        return None
    value = read(text.strip())
    if value is None:
        raise NothingToGrabWith(f"{name}: {_plain(text)} cannot be read")
    return value


def _seconds(text: str) -> float | None:
    found = read_seconds(text)
    return None if found is None else float(found)


def _bytes(text: str) -> int | None:
    found = read_bytes(text)
    return None if found is None else int(found)


def _plain(text: str) -> str:
    """Without what would move a terminal's cursor."""
    return "".join(letter for letter in text if letter.isprintable())
