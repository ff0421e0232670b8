"""Members and Transfers as documents, for tests that need some to be there."""

from collections.abc import Collection, Sequence
from typing import Any

from models.access import Member, Role
from models.clock import now
from models.downloads import FileEntry, SourceKind, SourceRecord
from models.ids import new_id
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.downloads.port import Magnet
from services.storage.taking import Taking
from services.transfers.choosing import keep_files
from services.transfers.filetree import chosen_of, tree_of

INFOHASH = "a" * 40


async def member(name: str = "ada", role: Role = Role.MEMBER) -> Member:
    return await Member(id=name, name=name.title(), role=role).insert()


def magnet(infohash: str = INFOHASH, name: str = "Bunny") -> Magnet:
    return Magnet(f"magnet:?xt=urn:btih:{infohash}&dn={name}", infohash, name)


def record(infohash: str = INFOHASH) -> SourceRecord:
    return SourceRecord(kind=SourceKind.MAGNET, value=magnet(infohash).uri, name="Bunny")


FILES = [FileEntry(index=n, path=f"Bunny/{n}.mkv", size=10 * (n + 1)) for n in range(3)]


async def order(
    state: TransferState = TransferState.CHOOSING,
    *,
    files: Sequence[FileEntry] = FILES,
    wanted: Collection[int] = (0, 1, 2),
    **changes: Any,
) -> Transfer:
    """One saved Transfer of `ada` with three files, all wanted."""
    tree = tree_of(files)
    values: dict[str, Any] = {
        "id": new_id(),
        "member_id": "ada",
        "chat_id": 7,
        "title": "Bunny",
        "source": record(),
        "contents": await keep_files(tree),
        "listed": True,
        "chosen": chosen_of(tree, wanted, Taking(2**31).beside),
        "state": state,
        "trace": "1",
    }
    if state is TransferState.PAUSED:
        values["resume_to"] = TransferState.FETCHING
    made: Transfer = await Transfer(**{**values, **changes}).insert()
    return made


async def reread(transfer: Transfer) -> Transfer:
    found = await Transfer.get(transfer.id)
    assert found is not None
    return found


async def age(transfer: Transfer, millis: int) -> None:
    """Makes the last change of a Transfer older."""
    await update_if(Transfer, {"_id": transfer.id}, {"changed_at": now() - millis})
