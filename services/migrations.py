"""Brings stored documents to the present shape, one numbered step after the other, each repeatable."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from models.schema import DOCUMENTS, SchemaVersion
from services.documents import insert_once, update_if
from services.errors import MagpieError

Migration = Callable[[], Awaitable[None]]
MIGRATIONS: Sequence[Migration] = ()
"""The step at place n makes version n + 1 of version n. Never edited once released, only added to."""
_log = structlog.get_logger(__name__)


class SchemaTooNew(MagpieError):
    """The database was written by a newer Magpie."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__("schema-too-new", found=found, known=known)


async def migrate(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Runs the steps that have not run, in order; the version reached.

    A crash in a step runs that step again. Raises SchemaTooNew rather than touch what it does not know.
    """
    newest = len(migrations)
    version = (await insert_once(SchemaVersion(version=newest if await _is_fresh() else 0))).version
    if version > newest:
        raise SchemaTooNew(version, newest)
    for number in range(version, newest):
        _log.info("migrating", to=number + 1)
        await migrations[number]()
        await update_if(SchemaVersion, {"_id": "schema", "version": number}, {"version": number + 1})
    return newest


async def _is_fresh() -> bool:
    return await SchemaVersion.get("schema") is None and not await _has_documents()


async def _has_documents() -> bool:
    for kind in DOCUMENTS:
        if await kind.get_pymongo_collection().find_one({}, {"_id": 1}) is not None:
            return True
    return False
