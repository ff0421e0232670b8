"""Writes the archive down in its ledger channel: every Item and Member as it changes, each manifest once.

What is to be posted is saved word for word before it is posted, and posted as every file is: so a crash anywhere ends in the
same file, in the same place. Where the chain has got to is one document (`models.ledger.Ledger`).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog
from pymongo.errors import PyMongoError

from models.access import Member
from models.clock import Millis, now
from models.intake import Intake
from models.ledger import Ledger, Written
from models.library import Collection, Item
from models.media import Kind
from models.storage import Copy
from services.documents import insert_once, put_each, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.intake.channels import opened_channels
from services.ledger.keys import InstanceKey
from services.ledger.manifests import (
    Subject,
    hash_of,
    subject_in,
    subject_of_channel,
    subject_of_collection,
    subject_of_gone,
    subject_of_item,
    subject_of_member,
    written,
)
from services.storage.port import CopyKey, StoredFile
from services.storage.scan import LEDGER_PREFIX
from services.storage.telegram import TelegramStore
from services.tasks import Bell, News, heed_cancellation
from services.telegram.port import TelegramAway

LEDGER = "ledger"
"""Its id, and the name of its folder in the data folder."""
_LOOK_SECONDS = 10.0
"""Only for what another machine has archived, for what is no Item: of all else the bell tells."""
_REST_SECONDS = 2.0
_AWAY_SECONDS = 2.0
_REFUSED_SECONDS = 60.0
_OTHERS_SECONDS = 10.0
_OVERLAP_MILLIS = 60_000
"""So much may clocks of machines differ, and a write take."""
_PAGE = 500
_FILE_BYTES = 1024 * 1024
_log = structlog.get_logger(__name__)
D = TypeVar("D", Item, Collection)


class NotOurs(Exception):
    """The chain is not to be continued by this instance now. The text says why, for the log."""


class LedgerWriter:
    """The one who continues the chain. `root` is the data folder; `store` the ledger channel, where nobody else posts."""

    def __init__(self, store: TelegramStore, key: InstanceKey, root: Path, bell: Bell) -> None:
        self._store = store
        self._key = key
        self._folder = root / LEDGER
        self._news = News()
        bell.listen(self._news.tell)
        self._others_at = 0.0
        self._made_until: Millis = 0

    async def run(self) -> None:
        """Writes until cancelled. While the channel is closed to us, nothing is lost: it is written later."""
        while True:
            heed_cancellation()
            await asyncio.sleep(await self._outlived() or _REST_SECONDS)
            await self._news.wait(_LOOK_SECONDS)

    async def _outlived(self) -> float:
        """Looks once; how many seconds to leave it alone when that failed."""
        try:
            await self.look()
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            return _AWAY_SECONDS
        except TelegramAway as away:
            return away.seconds
        except (MagpieError, NotOurs, OSError) as error:
            _log.warning("ledger-not-written", reason=str(error))
            return _REFUSED_SECONDS
        return 0

    async def look(self) -> None:
        """Writes down what changed since the last look. Raises NotOurs, and what posting raises."""
        ledger = await self._mended(await self._posted(await self._ours()))
        if time.monotonic() >= self._others_at:
            ledger = await self._look_at_others(ledger)
            self._others_at = time.monotonic() + _OTHERS_SECONDS
        async for items in _pages(Item, ledger.until - _OVERLAP_MILLIS):
            ledger = await self._written(ledger, await _fresh(await _subjects(items)))
            ledger = await self._looked(ledger, items[-1].changed_at)

    async def _look_at_others(self, ledger: Ledger) -> Ledger:
        """What is no Item. Members and channels are few; of collections those that changed since the last look."""
        moment = now()
        ledger = await self._written(ledger, await _fresh(await _members_and_channels()))
        async for made in _pages(Collection, self._made_until - _OVERLAP_MILLIS):
            ledger = await self._written(ledger, await _fresh([subject_of_collection(each) for each in made]))
        self._made_until = moment
        return await self._written(ledger, await _fresh(await _gone()))

    async def _ours(self) -> Ledger:
        """The chain, begun if there is none. Raises NotOurs."""
        with failpoint("ledger.begin"):
            ledger = await insert_once(Ledger(key=self._key.public))
        if ledger.rebuilding:
            raise NotOurs("the database is being rebuilt: magpie rebuild has to end first")
        if ledger.key != self._key.public:
            raise NotOurs("it is signed with another key than this instance has")
        return ledger

    async def _mended(self, ledger: Ledger) -> Ledger:
        """What stood in files of the ledger that are gone is written down again, under new numbers."""
        own = {"item": ledger_item(ledger.key)}
        for file in await Copy.find({**own, "lost_at": {"$gt": 0}}).to_list():
            others = [other.index async for other in Copy.find(own)]
            behind = min((first for first in others if first > file.index), default=ledger.number + 1)
            ledger = await _forgotten(ledger, file, behind)
            self._others_at, self._made_until = 0.0, 0
        return ledger

    async def _written(self, ledger: Ledger, subjects: Sequence[Subject]) -> Ledger:
        """After all of these were posted."""
        waiting = list(subjects)
        while waiting:
            draft, count = self._drafted(ledger, waiting)
            where = {"_id": ledger.id, "number": ledger.number, "draft": "", "key": ledger.key}
            with failpoint("ledger.draft"):
                begun = await update_if(Ledger, where, {"draft": draft, "changed_at": now()})
            if begun is None:
                raise NotOurs("another instance has continued it")
            ledger = await self._posted(begun)
            del waiting[:count]
        return ledger

    def _drafted(self, ledger: Ledger, subjects: Iterable[Subject]) -> tuple[str, int]:
        """The next file, and of how many subjects it tells; of at least one."""
        lines: list[str] = []
        number, previous, size = ledger.number, ledger.hash, 0
        for subject in subjects:
            line = written(self._key, subject, number + 1, previous, now())
            if lines and size + len(line) > _FILE_BYTES:
                break
            lines.append(f"{line.decode()}\n")
            number, previous, size = number + 1, hash_of(line), size + len(line)
        return "".join(lines), len(lines)

    async def _posted(self, ledger: Ledger) -> Ledger:
        """After what was begun stands in the channel."""
        if not ledger.draft:
            return ledger
        data = ledger.draft.encode()
        lines = data.splitlines()
        subjects = [subject_in(line) for line in lines]
        name = file_name(ledger.number + 1, len(lines))
        path = self._folder / name
        await asyncio.to_thread(_save, path, data)
        file = StoredFile(path, name, Kind.DOCUMENT, len(data), hash_of(data))
        await self._store.put(file, key=CopyKey(ledger_item(ledger.key), str(ledger.number + 1)))
        await _note(subjects)
        where = {"_id": ledger.id, "number": ledger.number, "draft": {"$ne": ""}}
        changes = {"number": subjects[-1][0], "hash": hash_of(lines[-1]), "draft": "", "changed_at": now()}
        with failpoint("ledger.posted"):
            done = await update_if(Ledger, where, changes)
        if done is None:
            raise NotOurs("another instance has continued it")
        await asyncio.to_thread(path.unlink, missing_ok=True)
        _log.info("ledger-written", file=name, number=done.number)
        return done

    async def _looked(self, ledger: Ledger, until: Millis) -> Ledger:
        if until <= ledger.until:
            return ledger
        with failpoint("ledger.looked"):
            return await update_if(Ledger, {"_id": ledger.id, "key": ledger.key}, {"until": until}) or ledger


def ledger_item(public: str) -> str:
    """What the Copies of the ledger's files say they are of. No Item has this id."""
    return f"{LEDGER_PREFIX}{public[:16]}"


def file_name(first: int, count: int) -> str:
    """What a file of so many manifests is called."""
    if count == 1:
        return f"manifest-{first:06d}.json"
    return f"manifests-{first:06d}-{first + count - 1:06d}.jsonl"


async def _members_and_channels() -> list[Subject]:
    members = [subject_of_member(member) async for member in Member.find_all().sort("_id")]
    opened = {intake.channel_id: intake async for intake in Intake.find({"opened": True}).sort("-_id")}
    return [*members, *[subject_of_channel(intake) for intake in opened.values()]]


async def _gone() -> list[Subject]:
    """What was written down as being there, and is not any more."""
    there = {f"channel:{channel}" for channel in await opened_channels()}
    for kind, documents in (("member", Member), ("collection", Collection)):
        found = documents.get_pymongo_collection().find({}, {"_id": 1})
        there |= {f"{kind}:{each['_id']}" async for each in found}
    written_of = Written.find({"_id": {"$regex": "^(member|collection|channel):"}})
    return [subject_of_gone(each.id) async for each in written_of if each.id not in there]


async def _pages(kind: type[D], since: Millis) -> AsyncIterator[list[D]]:
    """Documents that changed since, the oldest change first. What changes meanwhile comes once more."""
    behind: dict[str, Any] = {"changed_at": {"$gte": since}}
    while found := await kind.find(behind).sort("changed_at", "_id").limit(_PAGE).to_list():
        yield found
        last: Any = found[-1]
        later = {"changed_at": {"$gt": last.changed_at}}
        behind = {"$or": [later, {"changed_at": last.changed_at, "_id": {"$gt": last.id}}]}


async def _subjects(items: Sequence[Item]) -> list[Subject]:
    copies: dict[str, list[Copy]] = {}
    there = {"item": {"$in": [item.id for item in items]}, "stored": True}
    async for copy in Copy.find(there):
        copies.setdefault(copy.item, []).append(copy)
    return [subject_of_item(item, copies.get(item.id, [])) for item in items]


async def _fresh(subjects: Sequence[Subject]) -> list[Subject]:
    """Those of which something else was last written down, or nothing."""
    known = {}
    async for each in Written.find({"_id": {"$in": [subject.id for subject in subjects]}}):
        known[each.id] = each.digest
    fresh = [subject for subject in subjects if known.get(subject.id) != subject.digest]
    for subject in fresh:
        if not subject.is_short_enough:
            _log.error("manifest-too-large", subject=subject.id)
    return [subject for subject in fresh if subject.is_short_enough]


async def _forgotten(ledger: Ledger, file: Copy, behind: int) -> Ledger:
    """As if what the file said, up to the number `behind`, had never been written down."""
    _log.warning("ledger-file-lost", first=file.index, message=file.message_id)
    with failpoint("ledger.mend"):
        gone = {"number": {"$gte": file.index, "$lt": behind}}
        await Written.get_pymongo_collection().delete_many(gone)
        ledger = await update_if(Ledger, {"_id": ledger.id, "key": ledger.key}, {"until": 0}) or ledger
        await Copy.get_pymongo_collection().delete_one({"_id": file.id})
    return ledger


async def _note(subjects: Sequence[tuple[int, Subject]]) -> None:
    """What was written down of each, so that it is not written again while it is the same."""
    notes = [Written(id=subject.id, digest=subject.digest, number=number) for number, subject in subjects]
    with failpoint("ledger.note"):
        await put_each(notes)


def _save(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
