"""Makes Items of posts where they stand: nothing is posted, and no more is read of a file than its head.

Item and Copy have ids that follow from channel and message, so a post may be taken any number of times, and is there once.
The message is its sender's: the Copy is shared, so that nothing of ours ever removes it.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from models.clock import Millis, now
from models.ids import derived_id
from models.library import Item
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Post as Standing
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.grabbing.port import Post, PostHeads
from services.intake.facts import caption_of, facts_of, film_name, kind_of, needs_head, tags_in
from services.library.tags import MOST_TAGS
from services.media.tools import MediaTools
from services.media.workshop import Findings
from services.storage.port import CopyKey
from services.tasks import finish, together
from services.telegram.port import FIRST_CHANNEL, AccountLost, FileDamaged, TelegramAway, TelegramRefused

HEAD = 256 * 1024
"""Bytes of a file of sound that are read. Tags stand in front, and pictures behind them may be cut off."""
_HEAD_SECONDS = 15.0
_AT_ONCE = 4
_AGAIN_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """The channel that posts come from: as doors are asked for it, its number, its public name, and who wants it."""

    chat: int | str
    number: int
    name: str
    member_id: str
    since: Millis = 0
    """What was taken later than this counts as taken, what was before as known. 0: new posts, that arrive now."""


@dataclass(frozen=True)
class Tally:
    """What became of posts."""

    looked: int = 0
    taken: int = 0
    known: int = 0
    skipped: int = 0
    untagged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.looked + other.looked,
            self.taken + other.taken,
            self.known + other.known,
            self.skipped + other.skipped,
            self.untagged + other.untagged,
        )


class HeadsAway(TelegramAway):
    """Some heads do not come now. All other posts were taken."""


@dataclass
class _Heads:
    """Where heads lie, by message; which of them nobody can read, and which do not come now."""

    there: dict[int, Path] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)


class Taker:
    """`heads` reads how files begin; `folder` is for these, in the data folder that `media` works in."""

    def __init__(self, heads: PostHeads, media: MediaTools, folder: Path) -> None:
        self._reader = heads
        self._media = media
        self._folder = folder

    def tidy(self) -> None:
        """Removes what a crash left. Before anything is taken."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)

    async def take(self, source: Source, posts: Sequence[Post], *, patient: bool = True) -> Tally:
        """Takes the posts that are not in the library; repeatable.

        Raises HeadsAway when heads do not come now; without `patient` such posts are taken by what is known of them.
        """
        fresh, known, taken = await _sorted_out(source, posts)
        wanted = [post for post in fresh if post.size]
        with self._scratch() as scratch:
            heads = await self._heads(source, wanted, scratch)
            ready = [post for post in wanted if not patient or post.message_id not in heads.away]
            for post, facts in zip(ready, await self._facts(ready, heads), strict=True):
                await _keep(source, post, facts)
        if len(ready) < len(wanted):
            raise HeadsAway(_AGAIN_SECONDS)
        return Tally(
            looked=len(posts),
            taken=taken + len(ready),
            known=known,
            skipped=len(fresh) - len(wanted),
            untagged=len(heads.unread | heads.away),
        )

    async def renew(self, source: Source, post: Post) -> None:
        """A post that was edited: its Item says what it says now. Repeatable; of what was not taken, nothing changes."""
        item = await Item.get(item_id(source, post))
        if item is None or not item.files or not post.size:
            return
        facts, caption = await self._renewed(source, post, item.files[0]), caption_of(post)
        copy = {"_id": CopyKey(item.id, "0").in_store(_store(source)), "shared": True}
        with failpoint("intake.renew-copy"):
            await update_if(Copy, copy, {"size": facts.size, "verified_at": now()})
        said = {"title": facts.title, "files": [facts], "caption": caption}
        while item is not None:
            # somebody may put tags on it meanwhile
            where = {"_id": item.id, "changed_at": item.changed_at}
            with failpoint("intake.renew-item"):
                renewed = await update_if(
                    Item, where, {**said, "tags": _tags(item, caption), "changed_at": _later(item.changed_at)}
                )
            item = None if renewed is not None else await Item.get(item.id)

    async def _renewed(self, source: Source, post: Post, known: Facts) -> Facts:
        """Mostly the caption was edited: then nothing is read again."""
        plain = facts_of(post, Findings())
        if post.name and (plain.name, plain.size, plain.kind) == (known.name, known.size, known.kind):
            return known
        with self._scratch() as scratch:
            heads = await self._heads(source, [post], scratch)
            return (await self._facts([post], heads))[0]

    async def _heads(self, source: Source, posts: Sequence[Post], scratch: Path) -> _Heads:
        """A few at a time."""
        heads, turns = _Heads(), asyncio.Semaphore(_AT_ONCE)

        async def read(post: Post) -> None:
            async with turns:
                await self._read(source, post, scratch, heads)

        await together(*(read(post) for post in posts if needs_head(post)))
        return heads

    async def _read(self, source: Source, post: Post, scratch: Path, heads: _Heads) -> None:
        place = scratch / f"{post.message_id}"
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                with failpoint("intake.head"):
                    head = await self._reader.head(source.chat, post, HEAD)
        except (TelegramAway, AccountLost, TimeoutError) as error:
            _log.info("head-away", message=post.message_id, error=str(error))
            heads.away.add(post.message_id)
        except (TelegramRefused, FileDamaged) as error:
            _log.info("head-unread", message=post.message_id, error=str(error))
            heads.unread.add(post.message_id)
        else:
            await finish(asyncio.to_thread(place.write_bytes, head))
            heads.there[post.message_id] = place.absolute()

    async def _facts(self, posts: Sequence[Post], heads: _Heads) -> list[Facts]:
        asked: Mapping[int, tuple[Kind, str]] = {
            post.message_id: subject for post in posts if (subject := _asked(post, heads)) is not None
        }
        found = dict(zip(asked, await self._media.names(list(asked.values())), strict=True))
        return [facts_of(post, found.get(post.message_id, Findings())) for post in posts]


def item_id(source: Source, post: Post) -> str:
    """The same however often it is taken, by whomever."""
    return derived_id("intake", source.number, post.message_id)


def _asked(post: Post, heads: _Heads) -> tuple[Kind, str] | None:
    """Of what something is to be found out, and from what."""
    if kind_of(post) is Kind.VIDEO:
        return Kind.VIDEO, film_name(post)
    head = heads.there.get(post.message_id)
    return None if head is None else (Kind.AUDIO, str(head))


async def _sorted_out(source: Source, posts: Sequence[Post]) -> tuple[list[Post], int, int]:
    """The posts that are not in the library; how many are, and how many of the others this wish has brought already.

    What the owner's account is sending for us at this moment has a Copy without a message: it is looked for first, as it
    may get its number meanwhile.
    """
    being_sent = await _being_sent(source)
    ids = [post.message_id for post in posts]
    copies = await Copy.find({"channel_id": source.number, "message_id": {"$in": ids}}).to_list()
    own = {post.message_id: item_id(source, post) for post in posts}
    brought = {copy.item: copy.created_at for copy in copies if own.get(copy.message_id or 0) == copy.item}
    others = {copy.message_id for copy in copies if copy.item not in brought}
    there = await _items(sorted(brought))
    fresh, known, taken = list[Post](), 0, 0
    for post in posts:
        item = own[post.message_id]
        if post.message_id in others or post.size in being_sent:
            known += 1
        elif item not in there:
            fresh.append(post)
        elif brought[item] < source.since:
            known += 1
        else:
            taken += 1
    return fresh, known, taken


async def _being_sent(source: Source) -> set[int]:
    where = {"channel_id": source.number, "message_id": None, "generation": {"$ne": None}}
    return {copy.size for copy in await Copy.find(where).to_list()}


async def _items(ids: Sequence[str]) -> set[str]:
    """Those of which there is an Item: a crash may have come between it and its Copy."""
    found = Item.get_pymongo_collection().find({"_id": {"$in": list(ids)}}, {"_id": 1})
    return {item["_id"] async for item in found}


async def _keep(source: Source, post: Post, facts: Facts) -> None:
    """The Copy first: what is found can be handed out."""
    item = item_id(source, post)
    copy = _copy_of(source, post, item)
    with failpoint("intake.copy"):
        await insert_once(copy)
    fresh = Item(
        id=item,
        title=facts.title,
        files=[facts],
        tags=tags_in(caption_of(post)),
        caption=caption_of(post),
        member_id=source.member_id,
        posts=[Standing(copy_id=copy.id, link=_link(source, post))],
        channel_id=source.number,
        archived_at=round(post.date.timestamp() * 1000) if source.since else now(),
    )
    with failpoint("intake.item"):
        await insert_once(fresh)


def _copy_of(source: Source, post: Post, item: str) -> Copy:
    store = _store(source)
    return Copy(
        id=CopyKey(item, "0").in_store(store),
        item=item,
        part="0",
        store=store,
        blake3="",
        size=post.size or 0,
        channel_id=source.number,
        message_id=post.message_id,
        stored=True,
        shared=True,
        verified_at=now(),
    )


def _store(source: Source) -> str:
    """As `TelegramStore` is called there."""
    return f"telegram{source.number}"


def _link(source: Source, post: Post) -> str:
    """Everybody may look into what has a name."""
    room = source.name or f"c/{FIRST_CHANNEL - source.number}"
    return f"https://t.me/{room}/{post.message_id}"


def _later(moment: Millis) -> Millis:
    """Now; in any case later, so that who read it before sees that it is not the same."""
    return max(now(), moment + 1)


def _tags(item: Item, caption: str) -> list[str]:
    """Those that it was given otherwise stay."""
    said, before = tags_in(caption), tags_in(item.caption)
    return [*said, *(tag for tag in item.tags if tag not in {*said, *before})][:MOST_TAGS]
