"""Makes an empty database again from the ledger. Every step is repeatable: what was cut off is begun again from the first file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from beanie import Document

from models.access import Member
from models.clock import now
from models.ids import derived_id
from models.intake import Intake
from models.ledger import Ledger, Written
from models.library import Collection, Item
from models.storage import Copy
from services.documents import insert_once, put_each, update_if
from services.failpoints import failpoint
from services.grabbing.port import Numbered
from services.intake.channels import opened_by_nobody
from services.ledger.keys import InstanceKey
from services.ledger.manifests import (
    Chain,
    ChannelRecord,
    CollectionRecord,
    CopyRecord,
    GoneRecord,
    ItemRecord,
    Manifest,
    MemberRecord,
    hash_of,
)
from services.ledger.reader import LedgerFile, Reading, Refusal
from services.ledger.writer import LEDGER, ledger_item
from services.storage.port import CopyKey


class NotEmpty(Exception):
    """The database is not to be rebuilt. The text is one line for a person."""


@dataclass(frozen=True)
class Rebuilt:
    """What it came to. `number`: of the last manifest that counts; 0: there is none, and nothing was changed."""

    number: int
    items: int
    copies: int
    members: int
    collections: int
    refused: Sequence[Refusal]
    missing: Sequence[int]
    others: int


@dataclass
class Rebuild:
    """One go at it, with the key whose manifests count."""

    source: Numbered
    channel: int
    key: InstanceKey
    _files: list[Copy] = field(default_factory=list)

    async def run(self) -> Rebuilt:
        """Raises NotEmpty, and what reading raises: the same begun again goes on."""
        started = now()
        await self._begin()
        reading = Reading(self.source, self.channel, Chain(self.key.public))
        async for file in reading.files():
            if not self._files:
                await _forget()
            await _restore(file.manifests)
            self._files.append(self._copy_of(file))
        await self._settle(reading.chain, started)
        items, members, made = await Item.count(), await Member.count(), await Collection.count()
        copies = await Copy.find({"item": {"$ne": ledger_item(self.key.public)}}).count()
        chain = reading.chain
        return Rebuilt(
            chain.number, items, copies, members, made, reading.refused, chain.missing, reading.others
        )

    async def _begin(self) -> None:
        """Where the chain had got to stays as it was known until it is known better."""
        known = await Ledger.get(LEDGER)
        begun = "" if known is None else known.rebuilding
        if begun not in {"", self.key.public}:
            raise NotEmpty("a rebuild with another key was begun: its words are needed to end it")
        if not begun and await Item.find_one({}) is not None:
            raise NotEmpty("the database has works in it: only an empty one is made again")
        with failpoint("ledger.rebuild"):
            await insert_once(Ledger(key=self.key.public, rebuilding=self.key.public))
            await update_if(Ledger, {"_id": LEDGER, "rebuilding": ""}, {"rebuilding": self.key.public})

    async def _settle(self, chain: Chain, started: int) -> None:
        """The chain goes on behind what counts. Where nothing does, all is as if nobody had tried."""
        done: dict[str, object] = {"rebuilding": ""}
        if chain.number:
            done |= {"key": self.key.public, "number": chain.number, "hash": chain.hash}
            done |= {"draft": "", "until": started}
            with failpoint("ledger.files"):
                old = {"item": ledger_item(self.key.public)}
                await Copy.get_pymongo_collection().delete_many(old)
                await put_each(self._files)
        with failpoint("ledger.rebuilt"):
            await update_if(
                Ledger, {"_id": LEDGER, "rebuilding": self.key.public}, {**done, "changed_at": now()}
            )

    def _copy_of(self, file: LedgerFile) -> Copy:
        key = CopyKey(ledger_item(self.key.public), str(file.manifests[0].number))
        store = f"telegram{self.channel}"
        return Copy(
            id=key.in_store(store),
            item=key.item,
            part=key.part,
            store=store,
            blake3=hash_of(file.data),
            size=len(file.data),
            channel_id=self.channel,
            message_id=file.message_id,
            stored=True,
        )


async def _forget() -> None:
    """What was written down behind a chain that was lost: it does not count, and has to be written again."""
    with failpoint("ledger.forget"):
        await Written.get_pymongo_collection().delete_many({})


async def _restore(manifests: Sequence[Manifest]) -> None:
    """What they say last of each; what was restored of it before is no more."""
    items = [each.record for each in _last(manifests) if isinstance(each.record, ItemRecord)]
    copies = [_copy(item.id, record) for item in items for record in item.copies]
    stale = {"item": {"$in": [item.id for item in items]}, "_id": {"$nin": [copy.id for copy in copies]}}
    with failpoint("ledger.restore"):
        await Copy.get_pymongo_collection().delete_many(stale)
        await put_each(copies)
        await put_each([_item(record) for record in items])
    for each in _last(manifests):
        if isinstance(each.record, MemberRecord):
            await _restore_member(each.record)
        elif isinstance(each.record, CollectionRecord):
            with failpoint("ledger.collection"):
                await put_each([Collection(**each.record.model_dump(), changed_at=now())])
        elif isinstance(each.record, ChannelRecord):
            with failpoint("ledger.channel"):
                await put_each([_opened(each.record)])
        elif isinstance(each.record, GoneRecord):
            await _restore_gone(each.record)
    notes = [
        Written(id=each.subject.id, digest=each.subject.digest, number=each.number)
        for each in _last(manifests)
    ]
    with failpoint("ledger.restored"):
        await put_each(notes)


def _last(manifests: Sequence[Manifest]) -> list[Manifest]:
    return list({manifest.subject.id: manifest for manifest in manifests}.values())


async def _restore_member(record: MemberRecord) -> None:
    """Whoever is known already keeps their settings."""
    with failpoint("ledger.member"):
        await insert_once(Member(id=record.id, name=record.name, role=record.role, language=record.language))
        await update_if(Member, {"_id": record.id}, {"role": record.role, "name": record.name})


async def _restore_gone(record: GoneRecord) -> None:
    kind, _, key = record.id.partition(":")
    documents: Mapping[str, type[Document]] = {"member": Member, "collection": Collection, "channel": Intake}
    with failpoint("ledger.gone"):
        document = _intake_id(key) if kind == "channel" else key
        await documents[kind].get_pymongo_collection().delete_one({"_id": document})


def _opened(record: ChannelRecord) -> Intake:
    return opened_by_nobody(_intake_id(record.id), int(record.id), **record.model_dump(exclude={"id"}))


def _intake_id(channel: str) -> str:
    return derived_id("intake", channel)


def _item(record: ItemRecord) -> Item:
    said = record.model_dump(exclude={"files", "copies"})
    return Item(**said, files=[file.facts for file in record.files], changed_at=now())


def _copy(item: str, record: CopyRecord) -> Copy:
    key = CopyKey(item, record.part)
    return Copy(**record.model_dump(), id=key.in_store(record.store), item=item, stored=True)
