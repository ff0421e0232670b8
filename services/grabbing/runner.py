"""Looks through channels, and orders what is wanted of them: a few at a time, so that nobody else's orders wait for long."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from models.clock import Millis, now
from models.grabs import Grab, GrabState
from models.ids import derived_id
from models.library import Item
from models.transfers import Transfer, TransferState
from services.documents import update_all, update_if
from services.downloads.embedded.origin import OriginBusy
from services.downloads.port import SourceUnavailable, TelegramMessage, download_key
from services.downloads.telegram import as_source
from services.errors import MagpieError
from services.failpoints import failpoint
from services.grabbing.choosing import Survey, picked
from services.grabbing.names import name_of
from services.grabbing.port import Page, Post, TendedHistory
from services.grabbing.reading import read_wish
from services.grabbing.wish import Wish
from services.rounds import Rounds
from services.storage.taking import Taking
from services.telegram.port import AccountLost
from services.transfers.ready import queue_message
from services.transfers.standing import standing_of

_STEP_SECONDS = 100
_LEASE_MILLIS = 120_000
_AGAIN_MILLIS = 2000
"""After this it is looked how the orders stand."""
_SHUT_SECONDS = 5.0
"""Its door knocks at Telegram, more and more seldom; here it is only seen whether it is open again."""
_MOST_UNDER_WAY = 10
_LOOK_PAGES = 5
_BEGINNING = 0
"""No message has this number: there is nothing before."""
_log = structlog.get_logger(__name__)
Changes = Mapping[str, Any]


class GrabRunner(Rounds[Grab]):
    """Takes one step of each Grab after the other.

    `changed` is called with the id of a Grab whenever there is something new to show, `wake` when there are new orders;
    `taking` says what becomes of their files.
    """

    def __init__(
        self,
        history: TendedHistory,
        owner: str,
        changed: Callable[[str], None],
        wake: Callable[[], None],
        taking: Callable[[], Taking],
    ) -> None:
        super().__init__()
        self._history = history
        self._owner = owner
        self._changed = changed
        self._ordered = wake
        self._taking = taking

    async def _release(self) -> None:
        with failpoint("grab.release"):
            await update_all(Grab, {"lease_owner": self._owner}, {"lease_until": 0})

    async def _claim(self) -> Grab | None:
        moment = now()
        busy = {"$in": [GrabState.LOOKING, GrabState.RUNNING]}
        with failpoint("grab.claim"):
            return await update_if(
                Grab,
                {"state": busy, "lease_until": {"$lt": moment}},
                {"lease_owner": self._owner, "lease_until": moment + _LEASE_MILLIS},
            )

    async def _work(self, claimed: Grab) -> None:
        """One step; the next one when it is due."""
        structlog.contextvars.bind_contextvars(grab=claimed.id)
        until = await self._save(claimed, await self._step(claimed))
        seconds = max(0, until + 1 - now()) / 1000
        asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _step(self, grab: Grab) -> Changes:
        """What one step changes; it waits where Telegram wants a pause, or does not answer."""
        step = self._look if grab.state is GrabState.LOOKING else self._go_on
        try:
            async with asyncio.timeout(_STEP_SECONDS):
                with as_source():
                    return await step(grab)
        except OriginBusy as busy:
            return _waiting(busy.key, busy.seconds)
        except SourceUnavailable as error:
            return _waiting(error.key, 0 if self._history.lost is None else _SHUT_SECONDS)
        except TimeoutError:
            return _waiting("telegram-away")
        except MagpieError as error:
            _log.warning("grab-failed", error=error.key)
            failed = {"state": GrabState.FAILED, "resume_to": grab.state, "lease_until": 0}
            return {**failed, "error": error.key, "error_values": error.values}

    async def _save(self, grab: Grab, changes: Changes) -> Millis:
        """When its next step is due. Nothing is saved when it was steered meanwhile: then it is looked at anew."""
        known = grab.model_dump()
        is_news = any(known[name] != value for name, value in changes.items() if name != "lease_until")
        with failpoint("grab.save"):
            await update_if(
                Grab,
                {"_id": grab.id, "state": grab.state, "lease_owner": self._owner},
                {**changes, **({"changed_at": now()} if is_news else {})},
            )
        self._changed(grab.id)
        until: Millis = changes["lease_until"]
        return until

    # -- what would come ---------------------------------------------------------------------------------------

    async def _look(self, grab: Grab) -> Changes:
        """Among the newest posts. What comes later begins with the same ones."""
        wish, pages, found = read_wish(grab.wish), list[Page](), list[Post]()
        for _ in range(_LOOK_PAGES):
            pages.append(await self._page(grab, pages[-1].oldest if pages else None))
            pick = await asyncio.to_thread(picked, wish, pages[-1], len(found))
            found += pick.posts
            if pick.is_last:
                break
        survey = await _surveyed(grab, found)
        return {
            "state": GrabState.READY,
            "title": await self._history.title(grab.chat),
            "before": _above(pages[0]),
            "looked": sum(len(page.posts) for page in pages),
            "looked_at_all": pages[-1].oldest is None,
            "limited": pick.is_full,
            "has_more": not pick.is_last,
            "matching": len(found),
            "coming": survey.files,
            "size": survey.bytes,
            "examples": [name_of(post) for post in survey.first],
            "resume_to": None,
            "waiting": None,
            "lease_until": 0,
        }

    # -- ordering it -------------------------------------------------------------------------------------------

    async def _go_on(self, grab: Grab) -> Changes:
        """Orders as much as there is room for among what is under way, and says how its orders stand."""
        wish, ordered = read_wish(grab.wish), await standing_of("grab", grab.id)
        room = _MOST_UNDER_WAY - ordered.under_way
        place: Changes = {"before": grab.before}
        if room > 0 and grab.before != _BEGINNING:
            place = await self._order_page(grab, wish, room)
            ordered = await standing_of("grab", grab.id)
        is_over = place["before"] == _BEGINNING
        return {
            **place,
            "state": GrabState.DONE if is_over and not ordered.under_way else GrabState.RUNNING,
            "archived": ordered.archived,
            "under_way": ordered.under_way,
            "failed": ordered.failed,
            "waiting": "grab-disk" if ordered.is_stuck else None,
            "lease_until": now() + _AGAIN_MILLIS if is_over or room <= 0 else 0,
        }

    async def _order_page(self, grab: Grab, wish: Wish, room: int) -> Changes:
        """How far it was looked through then, and how many files were known."""
        page = await self._page(grab, grab.before)
        pick = await asyncio.to_thread(picked, wish, page, grab.taken)
        before, known = grab.before, grab.known
        for taken, post in enumerate(pick.posts, grab.taken):
            if await _is_known(grab, post):
                known += 1
            elif room == 0:
                return {"before": before, "known": known, "taken": taken}
            else:
                room -= 1
                await self._order(grab, post)
            before = post.message_id
        older = None if pick.is_last else page.oldest
        return {"before": older or _BEGINNING, "known": known, "taken": grab.taken + len(pick.posts)}

    async def _page(self, grab: Grab, before: int | None) -> Page:
        """As `History` says. An account that is known to be lost is not asked: that would be for ever, and often."""
        if (reason := self._history.lost) is not None:
            raise AccountLost(reason)
        with failpoint("grab.page"):
            return await self._history.page(grab.chat, before)

    async def _order(self, grab: Grab, post: Post) -> None:
        await queue_message(
            message_of(grab, post),
            transfer_id=order_id(grab, post),
            member_id=grab.member_id,
            chat_id=grab.chat_id,
            grab=grab.id,
            beside=self._taking().beside,
        )
        self._ordered()


def _above(page: Page) -> int:
    """What is posted after it is as new as this, or newer."""
    return page.posts[0].message_id + 1 if page.posts else page.oldest or _BEGINNING


async def _surveyed(grab: Grab, posts: Sequence[Post]) -> Survey:
    """What would come of them, as `_is_known` will say."""
    keys = [download_key(message_of(grab, post)) for post in posts]
    archived = Item.get_pymongo_collection().find({"source": {"$in": keys}}, {"source": 1})
    survey = Survey({item["source"] async for item in archived})
    for post, key in zip(posts, keys, strict=True):
        survey.add(post, key)
    return survey


async def _is_known(grab: Grab, post: Post) -> bool:
    """Whether its file is archived, or ordered by another post and not in vain: but an order of its own is not another's."""
    key = download_key(message_of(grab, post))
    if await Transfer.get(order_id(grab, post)) is not None:
        return False
    same = {"grab": grab.id, "key": key, "state": {"$ne": TransferState.FAILED.value}}
    return await Item.find({"source": key}).count() > 0 or await Transfer.find(same).count() > 0


def order_id(grab: Grab, post: Post) -> str:
    """The same however often it is ordered."""
    return derived_id("grabbed", grab.id, post.message_id)


def message_of(grab: Grab, post: Post) -> TelegramMessage:
    return TelegramMessage(
        grab.chat, post.message_id, name_of(post), unique_id=post.unique_id, size=post.size
    )


def _waiting(key: str, seconds: float = 0) -> Changes:
    return {"waiting": key, "lease_until": now() + max(_AGAIN_MILLIS, round(seconds * 1000))}
