"""The one writer of Cards: newest content, within the budget, never the same twice, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import ValidationError
from pymongo.errors import AutoReconnect

from handlers.cards.look import Look
from handlers.pacing import Pacing
from models.cards import Card, CardKind
from models.clock import now
from models.ids import new_id
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.telegram.budget import Budget
from services.telegram.port import ChatClosed, MessageGone, TelegramAway, TelegramRefused
from services.words.catalogue import MissingWords
from tests.fake_door import FakeDoor, Message
from tests.services.orders import order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA, BLAS = 1001, 1002


class Gallery:
    """What Cards look like: set by the test; `broken` are raised by the next looks."""

    def __init__(self) -> None:
        self.looks: dict[str, Look | None] = {}
        self.broken: list[Exception] = []
        self.seen = 0

    async def __call__(self, card: Card) -> Look | None:
        self.seen += 1
        if self.broken:
            raise self.broken.pop(0)
        return self.looks.get(card.subject, Look(card.subject))


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def gallery() -> Gallery:
    return Gallery()


@asynccontextmanager
async def running(door: FakeDoor, gallery: Gallery) -> AsyncIterator[Pacing]:
    """A Pacing at work; what ends it by itself fails the test."""
    pacing = Pacing(door, gallery)
    task = asyncio.get_running_loop().create_task(pacing.run())
    try:
        yield pacing
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def card(subject: str = "s", chat: int = ADA, **changes: object) -> Card:
    values: dict[str, object] = {
        "id": new_id(), "chat_id": chat, "member_id": "1", "language": "en", "kind": CardKind.NOTICE, "subject": subject,
    }  # fmt: skip
    made: Card = Card.model_validate({**values, **changes})
    return made


async def sent(shown: Card) -> None:
    """Waits until it is known which message the Card is: whoever presses before presses nothing of ours."""
    async with asyncio.timeout(10):
        while (await Card.get(shown.id) or shown).message_id is None:  # noqa: ASYNC110 - nor does a database
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a fake sets no event
            await asyncio.sleep(0.01)


async def stored(shown: Card) -> Card:
    found = await Card.get(shown.id)
    assert found is not None
    return found


async def closed(shown: Card, seconds: float = 10.0) -> Card:
    async with asyncio.timeout(seconds):
        found = await stored(shown)
        while not found.closed:
            await asyncio.sleep(0.01)
            found = await stored(shown)
    return found


async def test_a_card_is_sent_and_then_edited(door: FakeDoor, gallery: Gallery) -> None:
    shown = card()
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await until(lambda: door.texts(ADA) == ["s"])
        gallery.looks["s"] = Look("new")
        pacing.changed("s")
        await until(lambda: door.texts(ADA) == ["new"])
        assert await pacing.is_ours(ADA, door.calls[0].message_id)
        assert not await pacing.is_ours(BLAS, door.calls[0].message_id)
    assert [call.method for call in door.calls] == ["send", "edit"]
    assert not (await stored(shown)).closed


async def test_after_quiet_times_the_bell_has_it_look_at_once(
    door: FakeDoor, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("_QUIET_SECONDS", 3600), ("_LIVELY_SECONDS", 0)):
        monkeypatch.setattr(f"handlers.pacing.{name}", seconds)
    transfer = await order()
    shown = card(transfer.id)
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await sent(shown)
        gallery.looks[transfer.id] = Look("new")
        await update_if(Transfer, {"_id": transfer.id}, {"changed_at": now()})
        pacing.rouse()
        await until(lambda: door.texts(ADA) == ["new"])


async def test_an_equal_look_is_never_sent_twice(door: FakeDoor, gallery: Gallery) -> None:
    async with running(door, gallery) as pacing:
        await pacing.show(card())
        await until(lambda: door.texts(ADA))
        for _ in range(20):
            seen = gallery.seen
            pacing.changed("s")
            await until(lambda seen=seen: gallery.seen > seen)  # type: ignore[misc]
    assert len(door.calls) == 1


async def test_the_same_card_shown_again_is_one_message(door: FakeDoor, gallery: Gallery) -> None:
    """As when a press is handled again after a crash."""
    shown, other = card(), card("other")
    async with running(door, gallery) as pacing:
        for _ in range(3):
            await pacing.show(shown)
        await until(lambda: door.texts(ADA))
        await pacing.show(shown)
        await pacing.show(other)
        await until(lambda: "other" in door.texts(ADA))
    assert door.texts(ADA) == ["s", "other"]


async def test_the_newest_content_wins(door: FakeDoor, gallery: Gallery) -> None:
    door.budget = Budget()
    async with running(door, gallery) as pacing:
        await pacing.show(card())
        await until(lambda: door.texts(ADA))
        for number in range(200):
            gallery.looks["s"] = Look(f"{number} %")
            pacing.changed("s")
            await asyncio.sleep(0)
        await until(lambda: door.texts(ADA) == ["199 %"])
    assert len(door.calls) <= 5


async def test_changes_in_the_database_are_found_by_looking(door: FakeDoor, gallery: Gallery) -> None:
    """By another machine, or by a stage: nobody calls `changed` there."""
    transfer = await order()
    async with running(door, gallery) as pacing:
        await pacing.show(card(transfer.id))
        await until(lambda: door.texts(ADA))
        gallery.looks[transfer.id] = Look("further")
        await update_if(Transfer, {"_id": transfer.id}, {"changed_at": now()})
        await until(lambda: door.texts(ADA) == ["further"])


async def test_telegrams_complaint_is_obeyed_and_nothing_is_lost(door: FakeDoor, gallery: Gallery) -> None:
    door.errors = [TelegramAway(3.0, flood=True)]
    loop = asyncio.get_running_loop()
    async with running(door, gallery) as pacing:
        begun = loop.time()
        await pacing.show(card("first"))
        await until(lambda: not door.errors)
        await pacing.show(card("second"))
        await pacing.show(card("elsewhere", BLAS))
        await until(lambda: door.texts(BLAS))
        assert door.texts(ADA) == [], "another chat goes on"
        await until(lambda: len(door.texts(ADA)) == 2)
        assert loop.time() - begun >= 3.0
    assert door.texts(ADA) == ["first", "second"]


async def test_while_telegram_is_away_everybody_waits(door: FakeDoor, gallery: Gallery) -> None:
    door.errors = [TelegramAway(1.0)]
    loop = asyncio.get_running_loop()
    async with running(door, gallery) as pacing:
        begun = loop.time()
        await pacing.show(card("a"))
        await until(lambda: not door.errors)
        await pacing.show(card("b", BLAS))
        await until(lambda: door.texts(ADA) and door.texts(BLAS))
        assert loop.time() - begun >= 1.0


async def test_urgent_cards_of_one_chat_come_in_order(door: FakeDoor, gallery: Gallery) -> None:
    door.budget = Budget()
    async with running(door, gallery) as pacing:
        for name in "abcde":
            await pacing.show(card(name))
        await until(lambda: len(door.texts(ADA)) == 5)
    assert door.texts(ADA) == list("abcde")


async def test_a_restart_goes_on_where_it_left_off(door: FakeDoor, gallery: Gallery) -> None:
    gallery.looks["ends"] = Look("over", final=True)
    fresh, shown, ends = card("fresh"), card("shown", message_id=5), card("ends", message_id=6, shown="x")
    done = card("done", closed=True)
    old = card("old", created_at=now() - 8 * 24 * 3_600_000)
    for one in (fresh, shown, ends, done, old):
        await one.insert()
    await door.send_text(ADA, "not ours")
    for message_id in (5, 6):
        door.chats[ADA][message_id] = door.chats[ADA][101]
    async with running(door, gallery):
        await closed(ends)
        await until(lambda: "fresh" in door.texts(ADA))
    assert sorted(door.texts(ADA)) == ["fresh", "not ours", "over", "shown"]


async def test_a_restart_looks_at_what_changed_since_it_was_shown_and_at_nothing_else(
    door: FakeDoor, gallery: Gallery
) -> None:
    old, new = await order(changed_at=now() - 60_000), await order(changed_at=now())
    before = now() - 30_000

    def known(number: int, subject: str, chat: int = ADA, **changes: object) -> Card:
        door.chats.setdefault(chat, {})[number] = Message("x")
        return card(subject, chat, **{"message_id": number, "shown": "x", "shown_at": before, **changes})

    looked_at = [
        known(1, new.id),
        known(2, old.id, shown_at=0),
        known(3, old.id, shown=None),
        known(4, "somebody"),
    ]
    left_alone = known(5, old.id, BLAS)
    for each in (*looked_at, left_alone):
        await each.insert()
    async with running(door, gallery):
        await until(lambda: len(door.calls) == len(looked_at))
        assert door.texts(BLAS) == ["x"]
        for each in looked_at:
            assert (await stored(each)).shown_at > before
        await update_if(Transfer, {"_id": old.id}, {"changed_at": now()})
        await until(lambda: door.texts(BLAS) == [old.id])


async def test_a_restart_gives_what_has_ended_its_last_edit_however_old_its_card_is(
    door: FakeDoor, gallery: Gallery
) -> None:
    before, just_now, long_ago = now() - 60_000, now() - 30_000, now() - 8 * 24 * 3_600_000
    done = await order(TransferState.DONE, search="picked from", changed_at=just_now)
    paused = await order(TransferState.PAUSED, changed_at=long_ago)
    gallery.looks[done.id] = Look("over", final=True)

    def old(number: int, subject: str, kind: CardKind, chat: int = ADA) -> Card:
        door.chats.setdefault(chat, {})[number] = Message("x")
        known = {"message_id": number, "shown": "x", "shown_at": before, "created_at": long_ago}
        return card(subject, chat, kind=kind, **known)

    ends = old(1, done.id, CardKind.TRANSFER)
    for each in (
        ends,
        old(2, "picked from", CardKind.SEARCH),
        old(3, paused.id, CardKind.TRANSFER, BLAS),
        old(4, "of nothing that changed", CardKind.SEARCH, BLAS),
        old(5, "somebody", CardKind.SETTINGS, BLAS),
    ):
        await each.insert()
    async with running(door, gallery) as pacing:
        await closed(ends)
        await until(lambda: sorted(door.texts(ADA)) == ["over", "picked from"])
        await pacing.show(card("next", BLAS))
        await until(lambda: "next" in door.texts(BLAS))
    assert door.texts(BLAS) == ["x", "x", "x", "next"]


async def test_a_final_card_is_closed_and_never_looked_at_again(door: FakeDoor, gallery: Gallery) -> None:
    gallery.looks["s"] = Look("over", final=True)
    shown = card()
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await closed(shown)
        gallery.looks["s"] = Look("never shown")
        pacing.changed("s")
        await pacing.show(shown)
        await pacing.show(card("next"))
        await until(lambda: "next" in door.texts(ADA))
    assert door.texts(ADA) == ["over", "next"]


async def test_a_card_whose_last_look_was_shown_already_is_closed(door: FakeDoor, gallery: Gallery) -> None:
    """A crash between editing and saving, or the same words by chance."""
    look = Look("over", final=True)
    gallery.looks["s"] = look
    shown = card(message_id=5, shown=look.fingerprint)
    await shown.insert()
    async with running(door, gallery):
        await closed(shown)
    assert door.calls == []


async def test_what_is_gone_has_no_card(door: FakeDoor, gallery: Gallery) -> None:
    gallery.looks["s"] = None
    shown = card()
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await closed(shown)
    assert door.calls == []


@pytest.mark.parametrize(
    "error", [ChatClosed("bot was blocked by the user"), MessageGone("message to edit not found")]
)
async def test_a_closed_chat_closes_the_card(
    error: TelegramRefused, door: FakeDoor, gallery: Gallery
) -> None:
    shown = card()
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await until(lambda: door.texts(ADA))
        door.errors = [error]
        gallery.looks["s"] = Look("new")
        pacing.changed("s")
        await closed(shown)
        await pacing.show(card("elsewhere", BLAS))
        await until(lambda: door.texts(BLAS))
    assert door.texts(ADA) == ["s"]


async def test_a_chat_that_lets_us_in_again_gets_its_last_edits(door: FakeDoor, gallery: Gallery) -> None:
    """And a message that was deleted, or a card that was over before, stays as it is."""
    ends, goes_on, deleted, over = card("ends"), card("goes on"), card("deleted"), card("over", closed=True)
    await over.insert()
    async with running(door, gallery) as pacing:
        for number, (one, error) in enumerate(
            ((ends, "blocked"), (goes_on, "blocked"), (deleted, "")), start=1
        ):
            await pacing.show(one)
            await until(lambda number=number: len(door.texts(ADA)) == number)  # type: ignore[misc]
            door.errors = [ChatClosed(error) if error else MessageGone("message to edit not found")]
            gallery.looks[one.subject] = Look(f"{one.subject}: new", final=one is ends)
            pacing.changed(one.subject)
            await closed(one)
        await pacing.let_in_again(BLAS)
        assert (await stored(ends)).closed
        await pacing.let_in_again(ADA)
        await closed(ends)
        await until(lambda: "goes on: new" in door.texts(ADA))
        await pacing.let_in_again(ADA)
    assert sorted(door.texts(ADA)) == ["deleted", "ends: new", "goes on: new"]
    assert not (await stored(goes_on)).closed


async def test_a_look_that_is_refused_is_not_tried_again_but_the_next_one_is(
    door: FakeDoor, gallery: Gallery
) -> None:
    async with running(door, gallery) as pacing:
        await pacing.show(card())
        await until(lambda: door.texts(ADA))
        door.errors = [TelegramRefused("message is too long")]
        gallery.looks["s"] = Look("too long")
        pacing.changed("s")
        await until(lambda: not door.errors)
        pacing.changed("s")
        gallery.looks["s"] = Look("short")
        pacing.changed("s")
        await until(lambda: door.texts(ADA) == ["short"])
    assert [call.text for call in door.calls] == ["s", "short"]


async def test_turning_a_card_to_another_side(door: FakeDoor, gallery: Gallery) -> None:
    shown = card(kind=CardKind.TRANSFER)
    async with running(door, gallery) as pacing:
        await pacing.show(shown)
        await sent(shown)
        gallery.looks["s"] = Look("details")
        await pacing.view(ADA, door.calls[0].message_id, "details")
        await until(lambda: door.texts(ADA) == ["details"])
        assert (await stored(shown)).view == "details"
        await pacing.view(ADA, 99_999, "details")


async def test_a_database_that_stumbles_while_cards_are_looked_up_costs_nothing(
    door: FakeDoor, gallery: Gallery
) -> None:
    gallery.broken = [AutoReconnect("connection closed")]
    async with running(door, gallery) as pacing:
        await pacing.show(card())
        await pacing.show(card("elsewhere", BLAS))
        await until(lambda: door.texts(ADA) and door.texts(BLAS))
    assert door.texts(ADA) == ["s"]


async def test_damaged_documents_cost_only_their_own_cards(door: FakeDoor, gallery: Gallery) -> None:
    """Neither what a Card shows nor the Card itself may end every chat's edits, now and after a restart."""
    of_damaged, damaged, sound = card("of damaged"), card("damaged"), card("sound")
    await of_damaged.insert()
    await Card.get_pymongo_collection().insert_one({
        **damaged.model_dump(mode="json", exclude={"id"}), "_id": damaged.id, "chat_id": "nonsense",
    })  # fmt: skip
    with pytest.raises(ValidationError) as invalid:
        Card.model_validate({})
    gallery.broken = [invalid.value]
    async with running(door, gallery) as pacing:
        await closed(of_damaged)
        await pacing.show(sound)
        await until(lambda: door.texts(ADA) == ["sound"])


async def test_a_card_without_words_costs_only_itself(door: FakeDoor, gallery: Gallery) -> None:
    """A message of an older version that is not there any more must not stop every chat, now and after a restart."""
    gallery.broken = [MissingWords("en: gone")]
    broken = card("broken")
    async with running(door, gallery) as pacing:
        await pacing.show(broken)
        await closed(broken)
        await pacing.show(card())
        await until(lambda: door.texts(ADA) == ["s"])
