"""Orders of which everything is known already, so that nobody has to choose: they are queued at once."""

import asyncio

import structlog

from models.downloads import FileEntry
from models.transfers import Transfer, TransferState
from services.documents import insert_once
from services.downloads.port import TelegramMessage, download_key
from services.downloads.vault import keep
from services.failpoints import failpoint
from services.transfers.choosing import keep_files
from services.transfers.filetree import Beside, chosen_of, tree_of

_log = structlog.get_logger(__name__)


async def queue_message(
    message: TelegramMessage, *, transfer_id: str, member_id: str, chat_id: int, grab: str, beside: Beside
) -> Transfer:
    """Saves the order of a message's file, queued. The same id twice is the same order."""
    tree = await asyncio.to_thread(tree_of, [FileEntry(index=0, path=message.name, size=message.size)])
    order = Transfer(
        id=transfer_id,
        member_id=member_id,
        chat_id=chat_id,
        title=message.name,
        source=await keep(message),
        key=download_key(message),
        contents=await keep_files(tree),
        listed=True,
        chosen=chosen_of(tree, {0}, beside),
        state=TransferState.QUEUED,
        grab=grab,
        trace=transfer_id,
    )
    with failpoint("transfers.queue"):
        saved = await insert_once(order)
    _log.info("ordered", transfer=saved.id, grab=grab)
    return saved
