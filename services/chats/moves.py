"""A group that became a supergroup has a new id. What belongs to it follows, repeatably."""

import structlog

from models.cards import Card
from models.clock import now
from models.feeds import Feed
from models.grabs import Grab
from models.intake import Intake
from models.library import Item, LibrarySearch
from models.search import Search
from models.transfers import Transfer
from services.documents import update_all
from services.failpoints import failpoint

_log = structlog.get_logger(__name__)


async def follow(old: int, new: int) -> None:
    """Moves the orders, what they brought, searches, feeds, channels that are looked through, and the open Cards of a chat.

    Cards are sent anew: messages of the old chat cannot be edited.
    """
    with failpoint("chats.move-transfers"):
        await update_all(Transfer, {"chat_id": old}, {"chat_id": new})
    with failpoint("chats.move-items"):
        await update_all(Item, {"group": old}, {"group": new, "changed_at": now()})
    with failpoint("chats.move-searches"):
        await update_all(Search, {"chat_id": old}, {"chat_id": new})
    with failpoint("chats.move-library-searches"):
        await update_all(LibrarySearch, {"chat_id": old}, {"chat_id": new})
    with failpoint("chats.move-feeds"):
        await update_all(Feed, {"chat_id": old}, {"chat_id": new, "thread_id": None})
    with failpoint("chats.move-grabs"):
        await update_all(Grab, {"chat_id": old}, {"chat_id": new})
    with failpoint("chats.move-intakes"):
        await update_all(Intake, {"chat_id": old}, {"chat_id": new})
    anew = {"chat_id": new, "message_id": None, "shown": None, "reply_to": None, "thread_id": None}
    with failpoint("chats.move-cards"):
        moved = await update_all(Card, {"chat_id": old, "closed": False}, anew)
    _log.info("chat-moved", old=old, new=new, cards=moved)
