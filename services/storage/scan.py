"""The slow scan: asks for a few posts at a time whether they are still there, the ones that waited longest first.

A post that is gone is replaced by another with the same bytes in the same channel, where there is one. Else it is lost: it is
left out of what is handed out, and the owner hears of it, once a day at most.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from models.access import Member, Role
from models.cards import Card, CardKind
from models.clock import Millis, now
from models.ids import derived_id
from models.library import Item
from models.storage import Copy, LossesTold
from models.transfers import Post
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.storage.archive import Archive, public_link
from services.storage.port import Verdict
from services.storage.sharing import as_it_was, lose, touch
from services.telegram.port import ChatMoved, TelegramAway, TelegramRefused

_HOUR_SECONDS = 3600
_AGAIN_MILLIS = 24 * 3_600_000
"""No post is asked for more often, nor is the owner told more often."""
LEDGER_PREFIX = "ledger-"
"""The ledger's own files are no works: whoever writes it sees to them."""
_WITH_KNOWN_KEYS = [
    {"bot_id": {"$ne": 0}},
    {"links": {"$elemMatch": {"url": {"$exists": True}}}},
    {"item": {"$regex": f"^{LEDGER_PREFIX}"}},
]
"""Of others' posts we may not know the keys, and would take them away by asking."""
_MOST_TITLES = 10
_MOST_TWINS = 20
_LONGEST_TITLE = 80
_log = structlog.get_logger(__name__)
Show = Callable[[Card], Awaitable[None]]


class Scan:
    """Of `each_hour` posts, 0: of none. `show` has a Card sent."""

    def __init__(self, archive: Archive, show: Show, each_hour: int) -> None:
        self._archive = archive
        self._show = show
        self._each_hour = each_hour
        self._due = 0.0
        """Posts that may be asked for, times the seconds of an hour."""

    async def look(self, seconds: float) -> None:
        """What is due of it after so many seconds."""
        count, self._due = divmod(self._due + self._each_hour * seconds, _HOUR_SECONDS)
        if count:
            await self.look_at(int(count))
        await self.tell()

    async def look_at(self, count: int) -> None:
        """At so many posts, as long as Telegram answers."""
        for copy in await _oldest(count):
            try:
                await self._look_at(copy)
            except (TelegramAway, ChatMoved):
                return

    async def tell(self) -> None:
        """Which works have lost posts since the owner was told last."""
        told, moment = await LossesTold.get("losses") or LossesTold(), now()
        if told.until > moment - _AGAIN_MILLIS:
            return
        since = {"lost_at": {"$gt": told.until, "$lte": moment}}
        found = await Copy.get_pymongo_collection().distinct("item", since)
        items = sorted(item for item in found if not item.startswith(LEDGER_PREFIX))
        owner = await Member.find_one({"role": Role.OWNER.value}) if items else None
        if owner is None:
            return
        await self._show(await _card(owner, items, told.until))
        with failpoint("scan.begin"):
            await insert_once(told)
        with failpoint("scan.told"):
            await update_if(LossesTold, {"_id": told.id, "until": told.until}, {"until": moment})

    async def _look_at(self, copy: Copy) -> None:
        """Raises TelegramAway, ChatMoved."""
        try:
            verdict = await self._archive.verify(copy)
        except TelegramRefused as refusal:
            # the whole chat is closed to us, and says nothing of the post
            _log.info("post-not-verified", copy=copy.id, reason=refusal.reason)
            verdict = None
        if verdict is Verdict.MISSING:
            await self._replace(copy)
            return
        changes: dict[str, object] = {"looked_at": now()}
        if verdict is Verdict.SOUND:
            changes |= {"verified_at": now(), "lost_at": 0}
        with failpoint("scan.looked"):
            await update_if(Copy, as_it_was(copy), changes)
        if copy.lost_at and verdict is Verdict.SOUND:
            await touch(copy.item)

    async def _replace(self, copy: Copy) -> None:
        twin = await self._twin(copy)
        if twin is None:
            await lose(copy)
            return
        _log.warning("post-replaced", copy=copy.id, gone=copy.message_id, by=twin.message_id)
        # the Item first: what a crash leaves undone then, the next look does
        await _relink(copy, twin)
        there: dict[str, object] = {"message_id": twin.message_id, "bot_id": twin.bot_id, "shared": True}
        there |= {"file_ids": twin.file_ids, "links": twin.links, "generation": None}
        moments = {"lost_at": 0, "looked_at": now(), "verified_at": now()}
        with failpoint("scan.replace"):
            replaced = await update_if(Copy, as_it_was(copy), {**there, **moments})
        await touch(copy.item)
        now_there = await Copy.get(twin.id)
        if replaced is not None and replaced.shared and (now_there is None or now_there.going):
            # it was taken back in between, and nobody was left its message
            await lose(replaced)

    async def _twin(self, copy: Copy) -> Copy | None:
        """Another message in the same channel with the same bytes, that is there. Raises TelegramAway, ChatMoved."""
        same = {"blake3": copy.blake3, "size": copy.size, "channel_id": copy.channel_id, "stored": True}
        others = await Copy.find({**same, "message_id": {"$nin": [None, copy.message_id]}}).to_list()
        fitting = [other for other in others if _fits(other, copy)]
        seen: set[int | None] = set()
        for other in fitting[:_MOST_TWINS]:
            if other.message_id not in seen and await self._archive.verify(other) is Verdict.SOUND:
                return other
            seen.add(other.message_id)
        return None


def _fits(other: Copy, copy: Copy) -> bool:
    return (
        not other.lost_at
        and not other.going
        and other.whole == copy.whole
        and other.is_preview == copy.is_preview
    )


async def _oldest(count: int) -> Sequence[Copy]:
    posted = {"stored": True, "message_id": {"$ne": None}, "blake3": {"$ne": ""}}
    found = await Copy.find({**posted, "$or": _WITH_KNOWN_KEYS}).sort("looked_at").limit(count).to_list()
    return [copy for copy in found if copy.looked_at < now() - _AGAIN_MILLIS]


async def _relink(copy: Copy, twin: Copy) -> None:
    """Where an Item says that its post stands."""
    item = await Item.get(copy.item)
    if item is None or copy.id not in {post.copy_id for post in item.posts}:
        return
    link = public_link(twin)
    posts = [Post(copy_id=copy.id, link=link) if post.copy_id == copy.id else post for post in item.posts]
    with failpoint("scan.relink"):
        await update_if(
            Item, {"_id": item.id, "changed_at": item.changed_at}, {"posts": posts, "changed_at": now()}
        )


async def _card(owner: Member, items: Sequence[str], since: Millis) -> Card:
    known = await Item.find({"_id": {"$in": list(items)}}).sort("_id").limit(_MOST_TITLES).to_list()
    titles = "\n".join(f"• {item.title[:_LONGEST_TITLE]}" for item in known)
    return Card(
        # a crash before it is noted tells the same again, by the same card, but not what was lost since then
        id=derived_id("card", "lost-posts", owner.id, since, *items),
        chat_id=int(owner.id),
        member_id=owner.id,
        language=owner.language,
        kind=CardKind.NOTICE,
        subject="lost-posts",
        key="lost-posts",
        values={"count": len(items), "titles": titles, "more": len(items) - len(known)},
    )
