"""The archive: each file posted exactly once, whatever was lost in between, and captions that Telegram takes."""

import asyncio
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.access import Member, Role
from models.cards import Card, CardKind
from models.library import Item
from models.media import Facts, Kind, Preview, PreviewKind
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.service import Downloads
from services.storage.archive import Archive, MayNotPost, NothingToDeliver, NotOfGroup
from services.storage.port import CopyKey, StoredFile, Verdict
from services.storage.telegram import TelegramStore
from services.telegram.door import BotApiDoor
from services.telegram.port import Limits, Media, MessageGone, TelegramAway, TelegramRefused, UploadTooLarge
from services.transfers.stages.storing import Store
from services.words import Catalogue
from simulator.entities import message_caption
from tests.fake_door import FakeDoor, Message
from tests.services.orders import order
from tests.unit.test_cards import TITLES

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL = -1001234
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
EVE = Member.model_construct(id="eve", name="Eve", role=Role.MEMBER, language="en")


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor(limits=Limits(upload=1000))


def archive(door: BotApiDoor, folder: Path, channel: int | None = CHANNEL, language: str = "en") -> Archive:
    return Archive(door, Catalogue(LOCALES).words(language), folder, channel)


def file(folder: Path, name: str, size: int = 10, **changes: Any) -> Facts:
    path = folder / name
    path.write_bytes((name.encode() * size)[:size])
    values: dict[str, Any] = {
        "path": name, "name": name, "size": size, "modified": path.stat().st_mtime_ns, "blake3": blake3(path.read_bytes()).hexdigest(),
        "kind": Kind.VIDEO, "title": name,
    }  # fmt: skip
    return Facts(**{**values, **changes})


def preview(folder: Path, kind: PreviewKind, name: str) -> Preview:
    (folder / name).write_bytes(b"p")
    return Preview(kind=kind, path=name, media=Kind.IMAGE)


async def storing(*facts: Facts, **changes: Any) -> Transfer:
    return await order(TransferState.STORING, facts=list(facts), **changes)


async def test_a_work_and_its_previews_are_posted(door: FakeDoor, tmp_path: Path) -> None:
    sheet, clip = (preview(tmp_path, kind, f"{kind}.jpg") for kind in (PreviewKind.SHEET, PreviewKind.CLIP))
    thumbnail = preview(tmp_path, PreviewKind.THUMBNAIL, "t.jpg")
    transfer = await storing(file(tmp_path, "a"), previews={"0": [sheet, clip, thumbnail]})
    archived = await archive(door, tmp_path).store(transfer)
    posts = door.chats[CHANNEL]
    main, *replies = sorted(posts)
    assert [media.name for media in door.media(CHANNEL)] == ["a", "sheet.jpg", "clip.jpg"]
    assert [posts[reply].reply_to for reply in replies] == [main, main]
    assert door.media(CHANNEL)[0].thumbnail == tmp_path / "t.jpg"
    assert [key.url for row in posts[main].keyboard for key in row] == [
        f"https://t.me/magpie_bot?start=get_{transfer.id}",
        f"https://t.me/magpie_bot?start=preview_{transfer.id}",
    ]
    assert [post.link for post in archived.posts] == [f"https://t.me/c/1234/{main}"]
    item = await Item.get(transfer.id)
    assert item is not None
    assert [facts.name for facts in item.files] == ["a"]


async def test_storing_again_posts_nothing_again(door: FakeDoor, tmp_path: Path) -> None:
    transfer = await storing(file(tmp_path, "a"), file(tmp_path, "b"))
    first = await archive(door, tmp_path).store(transfer)
    calls = len(door.calls)
    assert await archive(door, tmp_path).store(transfer) == first
    assert len(door.calls) == calls


async def test_the_largest_moving_picture_comes_first_and_the_others_answer_it(
    door: FakeDoor, tmp_path: Path
) -> None:
    transfer = await storing(
        file(tmp_path, "note", kind=Kind.DOCUMENT, size=90),
        file(tmp_path, "small"),
        file(tmp_path, "large", size=50),
        file(tmp_path, "song", kind=Kind.AUDIO, size=80),
    )
    await archive(door, tmp_path).store(transfer)
    posts = door.chats[CHANNEL]
    assert [media.name for media in door.media(CHANNEL)] == ["large", "note", "small", "song"]
    assert {posts[post].reply_to for post in sorted(posts)[1:]} == {min(posts)}


async def test_an_empty_file_is_neither_posted_nor_kept(door: FakeDoor, tmp_path: Path) -> None:
    """Telegram takes none, and it is not too large for it either."""
    transfer = await storing(file(tmp_path, "empty", size=0), file(tmp_path, "a"))
    archived = await archive(door, tmp_path).store(transfer)
    assert [media.name for media in door.media(CHANNEL)] == ["a"]
    assert archived.kept_on_disk == []
    assert not (tmp_path / "store").exists()
    assert await Copy.find({"item": transfer.id}).count() == 1
    item = await Item.get(transfer.id)
    assert item is not None
    assert [facts.name for facts in item.files] == ["a"]
    assert transfer.left_out == ["empty"]


@pytest.mark.parametrize("lost_at", range(6))
async def test_an_answer_that_is_lost_leaves_each_post_there_once(
    lost_at: int, door: FakeDoor, tmp_path: Path
) -> None:
    """The call took effect, its answer did not come: as a crash right after it. Repeating completes it."""
    transfer = await storing(file(tmp_path, "a"), file(tmp_path, "b"))
    door.chats[CHANNEL] = {99: Message()}  # somebody else's

    class Stumbles(FakeDoor):
        calls_made = 0

        def _lose(self) -> None:
            Stumbles.calls_made += 1
            if Stumbles.calls_made - 1 == lost_at:
                raise TelegramAway(1)

    stumbling = Stumbles(limits=door.limits, chats=door.chats)
    for _ in range(3):
        try:
            await archive(stumbling, tmp_path).store(transfer)
            break
        except TelegramAway:
            continue
    assert [media.name for media in stumbling.media(CHANNEL)] == ["a", "b"]
    assert stumbling.texts(CHANNEL) == [], "no placeholder stays"
    assert 99 in stumbling.chats[CHANNEL]
    copies = await Copy.find({"item": transfer.id}).to_list()
    assert all(copy.stored for copy in copies)
    assert len(copies) == 2


async def test_cards_in_the_orderers_group_are_not_taken_for_orphans(door: FakeDoor, tmp_path: Path) -> None:
    """Without an archive channel, posts go where the Cards are."""
    group = -100777
    sent = [await door.send_text(group, f"card {number}") for number in range(3)]
    transfer = await storing(file(tmp_path, "a"), chat_id=group)
    await archive(door, tmp_path, channel=None).store(transfer)
    assert door.texts(group) == ["card 0", "card 1", "card 2"]
    assert len(sent) == len(door.texts(group))


async def test_what_was_restored_without_its_order_is_still_for_its_group(
    door: FakeDoor, tmp_path: Path
) -> None:
    """The ledger brings Items back, and no orders."""
    transfer = await storing(file(tmp_path, "a"), chat_id=-100777, member_id="bob")
    await archive(door, tmp_path).store(transfer)
    await transfer.delete()
    door.members[-100777] = {1}
    eve, cleo = (ADA.model_copy(update={"id": number}) for number in ("2", "1"))
    with pytest.raises(NotOfGroup):
        await archive(door, tmp_path).deliver(transfer.id, 2, by=eve)
    assert await archive(door, tmp_path).deliver(transfer.id, 1, by=cleo) == 0


async def test_what_was_merged_is_handed_out_as_before(door: FakeDoor, tmp_path: Path) -> None:
    """Each by its own id; and the kept one to whom the merged one is of, though they left the group."""
    stores, group = archive(door, tmp_path), -100777
    merged = await storing(file(tmp_path, "a"), chat_id=group, member_id="2")
    kept = await storing(file(tmp_path, "b"), chat_id=group, member_id="1")
    for transfer in (merged, kept):
        await stores.store(transfer)
    one, two, eve = (ADA.model_copy(update={"id": number}) for number in ("1", "2", "3"))
    for by, item in ((two, kept), (one, merged), (eve, kept), (eve, merged)):
        with pytest.raises(NotOfGroup):
            await stores.deliver(item.id, int(by.id), by=by)
    await update_if(Item, {"_id": merged.id}, {"merged_into": kept.id})
    assert await stores.deliver(merged.id, 2, by=two) == 0
    assert await stores.deliver(kept.id, 2, by=two) == 0
    for by, item in ((one, merged), (eve, kept), (eve, merged)):
        with pytest.raises(NotOfGroup):
            await stores.deliver(item.id, int(by.id), by=by)
    await update_if(Item, {"_id": merged.id}, {"group": -100888})
    with pytest.raises(NotOfGroup):
        await stores.deliver(kept.id, 2, by=two)


async def test_a_card_in_the_archive_channel_is_not_taken_for_an_orphan(
    door: FakeDoor, tmp_path: Path
) -> None:
    sent = await door.send_text(CHANNEL, "a card")
    await Card(
        id="c",
        chat_id=CHANNEL,
        member_id="1",
        language="en",
        kind=CardKind.NOTICE,
        subject="x",
        message_id=sent.message_id,
    ).insert()
    await archive(door, tmp_path).store(await storing(file(tmp_path, "a")))
    assert door.texts(CHANNEL) == ["a card"]


async def test_what_is_too_large_is_kept_on_disk(door: FakeDoor, tmp_path: Path) -> None:
    large, small = file(tmp_path, "large", size=2000), file(tmp_path, "small")
    transfer = await storing(large, small)
    archived = await archive(door, tmp_path).store(transfer)
    assert list(archived.kept_on_disk) == ["large"]
    assert [media.name for media in door.media(CHANNEL)] == ["small"]
    kept = tmp_path / "store" / transfer.id / "0-large"
    (tmp_path / "large").unlink()
    assert kept.read_bytes() == b"large" * 400
    await archive(door, tmp_path).store(transfer)
    await archive(door, tmp_path).discard(transfer.id)
    await archive(door, tmp_path).discard(transfer.id)
    assert not kept.parent.exists()
    assert door.media(CHANNEL) == []
    assert await Copy.count() == 0


async def test_a_file_that_telegram_takes_from_nobody_is_kept_on_disk(tmp_path: Path) -> None:
    """Its server has a limit of its own, below the one we know of. It is not asked again for the same file."""
    door = FakeDoor(refused={"large": UploadTooLarge("Request Entity Too Large")})
    transfer = await storing(file(tmp_path, "large", size=2000), file(tmp_path, "small"))
    archived = await archive(door, tmp_path).store(transfer)
    assert list(archived.kept_on_disk) == ["large"]
    assert [media.name for media in door.media(CHANNEL)] == ["small"]
    assert door.texts(CHANNEL) == [], "no placeholder stays"
    assert (tmp_path / "store" / transfer.id / "0-large").read_bytes() == b"large" * 400
    copies = await Copy.find({"item": transfer.id}).sort("_id").to_list()
    assert [(copy.part, copy.store, copy.stored) for copy in copies] == [
        ("0", "disk", True),
        ("1", f"telegram{CHANNEL}", True),
    ]
    calls = len(door.calls)
    assert await archive(door, tmp_path).store(transfer) == archived
    assert len(door.calls) == calls


@pytest.mark.parametrize(
    "refusal", [TelegramRefused("Bad Request: PHOTO_INVALID_DIMENSIONS"), UploadTooLarge("Too Large")]
)
async def test_a_preview_that_telegram_refuses_costs_the_preview(
    refusal: Exception, door: FakeDoor, tmp_path: Path
) -> None:
    sheet, clip = (preview(tmp_path, kind, f"{kind}.jpg") for kind in (PreviewKind.SHEET, PreviewKind.CLIP))
    transfer = await storing(file(tmp_path, "a"), file(tmp_path, "b"), previews={"0": [sheet, clip]})
    door.refused = {"sheet.jpg": refusal}
    archived = await archive(door, tmp_path).store(transfer)
    assert [media.name for media in door.media(CHANNEL)] == ["a", "clip.jpg", "b"]
    assert door.texts(CHANNEL) == [], "no placeholder stays"
    assert archived.missed_previews == ["a"]
    assert await Copy.find({"item": transfer.id}).count() == 3
    door.refused = {}
    assert (await archive(door, tmp_path).store(transfer)).missed_previews == []
    assert [media.name for media in door.media(CHANNEL)] == ["a", "clip.jpg", "b", "sheet.jpg"]


async def test_a_refused_preview_is_named_beside_those_that_were_not_made(
    door: FakeDoor, tmp_path: Path
) -> None:
    previews = {str(index): [preview(tmp_path, PreviewKind.SHEET, f"{index}.jpg")] for index in range(2)}
    files = [file(tmp_path, name) for name in ("a", "b", "c")]
    transfer = await storing(*files, previews=previews, missed_previews=["a", "c"])
    door.refused = dict.fromkeys(("0.jpg", "1.jpg"), TelegramRefused("Bad Request: IMAGE_PROCESS_FAILED"))
    stage = Store(Downloads(Engines({}, "embedded"), tmp_path), archive(door, tmp_path))
    changes = await stage(transfer)
    assert (changes["state"], changes["missed_previews"]) == (TransferState.DONE, ["a", "c", "b"])


async def test_a_preview_that_is_not_on_the_disk_any_more_costs_itself(
    door: FakeDoor, tmp_path: Path
) -> None:
    sheet = preview(tmp_path, PreviewKind.SHEET, "s.jpg")
    transfer = await storing(file(tmp_path, "a"), previews={"0": [sheet]})
    (tmp_path / "s.jpg").unlink()
    assert (await archive(door, tmp_path).store(transfer)).missed_previews == ["a"]
    assert [media.name for media in door.media(CHANNEL)] == ["a"]


async def test_a_preview_that_is_refused_for_a_right_costs_the_storing(
    door: FakeDoor, tmp_path: Path
) -> None:
    """Whoever gives the right back has the preview, too."""
    transfer = await storing(
        file(tmp_path, "a"), previews={"0": [preview(tmp_path, PreviewKind.SHEET, "s.jpg")]}
    )
    door.refused = {"s.jpg": TelegramRefused("Bad Request: something about rights")}
    door.lacking = {CHANNEL: "channel-may-not-post"}
    with pytest.raises(MayNotPost):
        await archive(door, tmp_path).store(transfer)
    door.refused, door.lacking = {}, {}
    assert (await archive(door, tmp_path).store(transfer)).missed_previews == []
    assert [media.name for media in door.media(CHANNEL)] == ["a", "s.jpg"]


async def test_an_image_is_kept_as_the_file_it_is_and_shown_below(door: FakeDoor, tmp_path: Path) -> None:
    """Of a photo Telegram would keep a smaller picture of its own, and of a GIF the first one."""
    poster = preview(tmp_path, PreviewKind.POSTER, "poster.jpg")
    thumbnail = preview(tmp_path, PreviewKind.THUMBNAIL, "t.jpg")
    transfer = await storing(
        file(tmp_path, "a.gif", kind=Kind.IMAGE, width=20_000, height=40),
        previews={"0": [poster, thumbnail]},
    )
    one = archive(door, tmp_path)
    await one.store(transfer)
    image, shown = door.media(CHANNEL)
    assert (image.name, image.kind, image.thumbnail) == ("a.gif", Kind.DOCUMENT, tmp_path / "t.jpg")
    assert (shown.name, shown.kind) == ("poster.jpg", Kind.IMAGE)
    assert "#image" in image.caption
    main, reply = sorted(door.chats[CHANNEL])
    assert door.chats[CHANNEL][reply].reply_to == main
    await one.deliver(transfer.id, 7, by=ADA)
    await one.deliver(transfer.id, 7, previews=True, by=ADA)
    assert [media.name for media in door.media(7)] == ["a.gif", "poster.jpg"]


async def test_a_film_has_its_poster_on_it_and_not_below(door: FakeDoor, tmp_path: Path) -> None:
    poster = preview(tmp_path, PreviewKind.POSTER, "poster.jpg")
    await archive(door, tmp_path).store(await storing(file(tmp_path, "a"), previews={"0": [poster]}))
    (film,) = door.media(CHANNEL)
    assert (film.kind, film.cover) == (Kind.VIDEO, tmp_path / "poster.jpg")


async def test_a_film_that_is_refused_with_its_pictures_is_posted_without(tmp_path: Path) -> None:
    class Picky(FakeDoor):
        async def edit_into_media(
            self, chat_id: int, message_id: int, media: Media, *more: Any, **named: Any
        ) -> Any:
            if media.cover or media.thumbnail:
                raise TelegramRefused("Bad Request: PHOTO_INVALID_DIMENSIONS")
            return await super().edit_into_media(chat_id, message_id, media, *more, **named)

    door = Picky()
    poster = preview(tmp_path, PreviewKind.POSTER, "poster.jpg")
    archived = await archive(door, tmp_path).store(
        await storing(file(tmp_path, "a"), previews={"0": [poster]})
    )
    assert [media.name for media in door.media(CHANNEL)] == ["a"]
    assert archived.missed_previews == []
    assert len(door.chats[CHANNEL]) == 1


async def test_a_placeholder_somebody_deleted_is_made_anew(tmp_path: Path) -> None:
    transfer = await storing(file(tmp_path, "a"))

    class Deletes(FakeDoor):
        deleted = False

        async def send_text(self, *arguments: Any, **named: Any) -> Any:
            sent = await super().send_text(*arguments, **named)
            if not Deletes.deleted:
                Deletes.deleted = True
                del self.chats[CHANNEL][sent.message_id]
            return sent

    deletes = Deletes()
    with pytest.raises(MessageGone):
        await archive(deletes, tmp_path).store(transfer)
    await archive(deletes, tmp_path).store(transfer)
    assert [media.name for media in deletes.media(CHANNEL)] == ["a"]


async def test_delivering_copies_posts_or_previews(door: FakeDoor, tmp_path: Path) -> None:
    sheet = preview(tmp_path, PreviewKind.SHEET, "s.jpg")
    transfer = await storing(file(tmp_path, "a"), file(tmp_path, "b"), previews={"0": [sheet]})
    one = archive(door, tmp_path)
    await one.store(transfer)
    await one.deliver(transfer.id, 7, by=ADA)
    assert [media.name for media in door.media(7)] == ["a", "b"]
    await one.deliver(transfer.id, 8, previews=True, by=ADA)
    assert [media.name for media in door.media(8)] == ["s.jpg"]


@pytest.mark.parametrize("previews", [True, False])
async def test_what_is_not_there_cannot_be_delivered(previews: bool, door: FakeDoor, tmp_path: Path) -> None:
    with pytest.raises(NothingToDeliver) as error:
        await archive(door, tmp_path).deliver("nothing", 7, previews=previews, by=ADA)
    assert error.value.key == ("preview-none" if previews else "item-not-deliverable")


async def test_two_at_once_in_one_channel_do_not_take_each_other_for_orphans(
    door: FakeDoor, tmp_path: Path
) -> None:
    one = archive(door, tmp_path)
    transfers = [await storing(*(file(tmp_path, f"{n}{m}") for m in "ab")) for n in range(4)]
    await asyncio.gather(*(one.store(transfer) for transfer in transfers))
    assert sorted(media.name for media in door.media(CHANNEL)) == sorted(
        f"{n}{m}" for n in range(4) for m in "ab"
    )
    assert door.texts(CHANNEL) == []


async def test_the_store_keeps_the_ports_word(door: FakeDoor, tmp_path: Path) -> None:
    store = TelegramStore(door, CHANNEL, only_posts=True)
    facts = file(tmp_path, "a")
    stored_file = StoredFile(tmp_path / "a", "a", Kind.VIDEO, facts.size, facts.blake3)
    copy = await store.put(stored_file, key=CopyKey("i", "0"))
    again = await store.put(stored_file, key=CopyKey("i", "0"))
    assert (again.id, again.message_id, again.stored) == (copy.id, copy.message_id, True)
    assert copy.file_ids == {"42": f"file-{copy.message_id}"}
    assert await store.verify(copy) is Verdict.SOUND
    assert b"".join([part async for part in store.open(copy, 2)]) == f"file-{copy.message_id}".encode()[2:]
    await store.remove(copy)
    await store.remove(copy)
    assert await store.verify(copy) is Verdict.MISSING


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_caption_is_valid_for_telegram(language: str, door: FakeDoor, tmp_path: Path) -> None:
    """Titles and tags come from files, cleaned and cut to 200 characters by the inspection."""
    facts = [
        file(
            tmp_path, f"f{number}", kind=kind, title=title[:200] or "?", performer=title[:200], album=title[:200],
            duration=4000.5, width=7680, height=4320,
        )
        for number, (title, kind) in enumerate(zip(TITLES.values(), cycle(Kind)))
    ]  # fmt: skip
    previews = {
        str(number): [preview(tmp_path, kind, f"p{number}{kind}") for kind in PreviewKind]
        for number in (0, 1, 9)
    }
    transfer = await storing(*facts, previews=previews)
    await archive(door, tmp_path, language=language).store(transfer)
    media = door.media(CHANNEL)
    assert len(media) == len(facts) + 3 * 4
    for one in media:
        shown = message_caption({"caption": one.caption, "parse_mode": "HTML"})
        kinds = {entity["type"] for entity in shown.get("caption_entities", ())}
        assert not kinds & {"text_link", "pre", "spoiler", "italic"}
    assert "#video" in media[0].caption


async def test_what_lies_in_somebody_s_own_chat_is_for_nobody_else(door: FakeDoor, tmp_path: Path) -> None:
    """Ids of Items can be guessed; without an archive channel the posts stand in their orderers' private chats."""
    own = archive(door, tmp_path, channel=None)
    transfer = await storing(file(tmp_path, "a.mkv"), member_id=ADA.id)
    await own.store(transfer)
    with pytest.raises(NothingToDeliver):
        await own.deliver(transfer.id, 7, by=EVE)
    await own.deliver(transfer.id, 7, by=ADA)


async def test_only_a_repetition_looks_for_orphans(door: FakeDoor, tmp_path: Path) -> None:
    """A channel full of posts of others: the first try asks Telegram about none of them."""
    for number in range(1, 31):
        door.chats.setdefault(CHANNEL, {})[number] = Message(text="somebody else's")
    await archive(door, tmp_path).store(await storing(file(tmp_path, "a.mkv")))
    assert "edit_text" not in {call.method for call in door.calls}


async def test_a_placeholder_nobody_noted_goes_with_its_order(door: FakeDoor, tmp_path: Path) -> None:
    """Sent, then killed before it was written down, then the order is given up."""
    transfer = await storing(file(tmp_path, "a"))
    door.chats[CHANNEL] = {99: Message()}  # somebody else's
    door.lost = [TelegramAway(0)]
    with pytest.raises(TelegramAway):
        await archive(door, tmp_path).store(transfer)
    assert door.texts(CHANNEL) == ["⏳"]
    await archive(door, tmp_path).discard(transfer.id)
    assert list(door.chats[CHANNEL]) == [99]
    assert await Copy.find({"item": transfer.id}).count() == 0


async def test_an_orphan_goes_with_its_order_also_when_another_placeholder_was_noted(
    door: FakeDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent, then killed before it was written down; begun again, and given up before it was looked for."""
    transfer = await storing(file(tmp_path, "a"))
    door.lost = [TelegramAway(0)]
    with pytest.raises(TelegramAway):
        await archive(door, tmp_path).store(transfer)

    async def away(*_asked: object) -> None:
        raise TelegramAway(0)

    with monkeypatch.context() as broken:
        broken.setattr(door, "look_at", away)
        with pytest.raises(TelegramAway):
            await archive(door, tmp_path).store(transfer)
    assert door.texts(CHANNEL) == ["⏳", "⏳"]
    await archive(door, tmp_path).discard(transfer.id)
    assert door.chats[CHANNEL] == {}


async def test_a_post_of_somebody_between_a_crash_and_its_repetition_stays(
    door: FakeDoor, tmp_path: Path
) -> None:
    transfer = await storing(file(tmp_path, "a"))
    door.lost = [TelegramAway(0)]
    with pytest.raises(TelegramAway):
        await archive(door, tmp_path).store(transfer)
    door.next_id += 1
    door.chats[CHANNEL][door.next_id] = Message(text="a person's words")
    await archive(door, tmp_path).store(transfer)
    assert door.texts(CHANNEL) == ["a person's words"]
    assert [media.name for media in door.media(CHANNEL)] == ["a"]


@pytest.mark.parametrize("of_person", [False, True])
async def test_what_looking_for_orphans_left_is_removed_with_them(
    of_person: bool, door: FakeDoor, tmp_path: Path
) -> None:
    """Killed again and again while it looks: each time one more message of ours stays, until it is let."""
    transfer = await storing(file(tmp_path, "a"))
    words = ["a person's words"] if of_person else []

    class Stumbles(FakeDoor):
        stumbles = 3

        def _lose(self) -> None:
            call = self.calls[-1]
            is_answer = call.method == "send" and self.chats[CHANNEL][self.next_id].reply_to is not None
            if self.stumbles and (is_answer or len(self.calls) == 1):
                self.stumbles -= 1
                raise TelegramAway(1)

    stumbling = Stumbles(limits=door.limits)
    for _ in range(3):
        with pytest.raises(TelegramAway):
            await archive(stumbling, tmp_path).store(transfer)
        if of_person and stumbling.stumbles == 2:
            stumbling.next_id += 1
            stumbling.chats[CHANNEL][stumbling.next_id] = Message(text=words[0])
    assert stumbling.texts(CHANNEL).count("⏳") == 4
    await archive(stumbling, tmp_path).store(transfer)
    assert stumbling.texts(CHANNEL) == words
    assert [media.name for media in stumbling.media(CHANNEL)] == ["a"]


async def test_who_waits_for_telegrams_turn_may_be_told_to_stop(door: FakeDoor, tmp_path: Path) -> None:
    """A chat may have to rest for a minute, and nobody who stops us waits for that."""
    door.budget.rest(CHANNEL, 50, time.monotonic())
    facts = file(tmp_path, "film.mp4", kind=Kind.VIDEO)
    waiting = asyncio.ensure_future(archive(door, tmp_path).store(await storing(facts)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.5)
    waiting.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(waiting, return_exceptions=True)
    assert door.calls == []


async def test_a_chat_that_rests_for_long_keeps_nobody_waiting_in_its_place(
    door: FakeDoor, tmp_path: Path
) -> None:
    door.budget.rest(CHANNEL, 600, time.monotonic())
    with pytest.raises(TelegramAway) as away:
        await archive(door, tmp_path).store(await storing(file(tmp_path, "film.mp4", kind=Kind.VIDEO)))
    assert away.value.flood
    assert 590 < away.value.seconds <= 600
