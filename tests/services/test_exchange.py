"""What is exported is all there is, comes in again once, and nothing harmful comes with it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.assembly import LOCALES
from models.access import Member, Role
from models.clock import now
from models.ids import derived_id, new_id
from models.intake import Intake, IntakeState
from models.library import Alert, Collection, CollectionKind, Favourite, Item, alert_id
from models.media import Facts, Kind
from models.storage import Copy, Link, Whole
from models.transfers import Post
from services.exchange.export import Exported, export
from services.exchange.importing import Imported, look_through, take_in
from services.exchange.lines import (
    MOST_BYTES,
    AlertLine,
    ButtonLine,
    ChannelLine,
    CollectionLine,
    CopyLine,
    FavouriteLine,
    FileLine,
    ItemLine,
    MemberLine,
    PostLine,
    WholeLine,
    schema,
)
from services.exchange.reading import NotAnExport, Wrong
from services.library.follower import Follower
from services.tasks import Bell
from tests.exports import FILE, HASH, ITEM, MEMBER, sheet
from tests.json_schema import faults

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
SCHEMA = LOCALES.parent / "docs" / "export.schema.json"
KINDS = (Member, Item, Copy, Favourite, Collection, Alert, Intake)
NOT_OF_THE_CHANNEL = {
    *(
        "member_id",
        "chat_id",
        "channel",
        "state",
        "opened",
        "closed",
        "before",
        "looked",
        "taken",
        "known",
        "skipped",
    ),
    *(
        "untagged",
        "tries",
        "waiting",
        "error",
        "error_values",
        "resume_to",
        "lease_owner",
        "lease_until",
        "changed_at",
    ),
}
"""But of whose wish it was, and how far that came."""


async def some_library(items: int = 3) -> Sequence[str]:
    """Something of each sort, with as much said of it as there is to say; the ids of the Items."""
    await Member(id="1001", name="Ada", role=Role.OWNER, silent_from=22, silent_to=7, menu="x" * 16).insert()
    await Member(id="1002", name="Blas\n“é”\u2028", role=Role.GUEST).insert()
    ids = [new_id() for _ in range(items)]
    for item in ids:
        await an_item(item)
        await Favourite(id=derived_id("favourite", "1002", item), member_id="1002", item=item).insert()
    await Collection(
        id=new_id(),
        member_id="1002",
        collects=CollectionKind.ALBUM,
        title="Kind of “Blue”",
        items=list(reversed(ids)),
        opened=True,
    ).insert()
    await Alert(id=alert_id("1002", "jazz"), member_id="1002", text="jazz", seen_until=0).insert()
    opened = {"channel_id": -1007, "title": "Films", "delivers": True, "state": IntakeState.DONE}
    nobodys = {"member_id": "", "chat_id": 0, "channel": "-1007"}
    await Intake(id=new_id(), **nobodys, **opened, opened=True).insert()
    return ids


async def an_item(item: str) -> None:
    facts = Facts(
        path="downloads/secret-place/tone.mp3",
        name="tone.mp3",
        size=4000,
        blake3=HASH,
        kind=Kind.AUDIO,
        title="Tone ✨",
        duration=1.25,
        genres=("jazz",),
        year=1959,
    )
    copy = Copy(
        id=f"{item}:0:telegram-1001",
        item=item,
        part="0",
        store="telegram-1001",
        blake3=HASH,
        size=4000,
        channel_id=-1001,
        message_id=7,
        bot_id=42,
        file_ids={"42": "BQACAgIAAx-secret"},
        links=[Link(text="Get", url=f"https://t.me/bot?start=get_{item}")],
        stored=True,
    )
    await copy.insert()
    kept = {"id": f"{item}:1+2:disk", "part": "1+2", "store": "disk", "channel_id": None, "message_id": None}
    whole = Whole(name="film.iso", blake3=HASH, size=9000, each=4000)
    await copy.model_copy(update={**kept, "path": f"store/{item}/1-film.iso", "whole": whole}).insert()
    await copy.model_copy(update={"id": f"{item}:2:disk", "part": "2", "stored": False}).insert()
    posts = [Post(copy_id=copy.id, link="https://t.me/c/1001/7")]
    known = {"source": "ab" * 20, "wanted": "0-2,5", "group": -77, "channel_id": -1001, "handed_out": 3}
    await Item(
        id=item, title="Tone", files=[facts], tags=["live"], member_id="1001", posts=posts, **known
    ).insert()


async def written(path: Path) -> Exported:
    with path.open("wb") as file:
        return await export(file.write)


async def everything() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {
        kind.__name__: await kind.get_pymongo_collection().find({}).sort("_id", 1).to_list() for kind in KINDS
    }


async def emptied() -> None:
    for kind in KINDS:
        await kind.get_pymongo_collection().delete_many({})


async def imported(path: Path) -> tuple[Imported, Sequence[Wrong]]:
    wrong: list[Wrong] = []
    return await take_in(path, wrong.append), wrong


def without(document: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


async def test_what_was_exported_comes_in_again(tmp_path: Path) -> None:
    ids = await some_library()
    await Item.get_pymongo_collection().update_one({"_id": ids[0]}, {"$set": {"merged_into": ids[1]}})
    before = await everything()
    assert (await written(tmp_path / "all.jsonl")) == Exported(2 + 3 + 6 + 3 + 1 + 1 + 1, [])
    await emptied()
    moment = now()
    found, wrong = await imported(tmp_path / "all.jsonl")
    after = await everything()
    assert wrong == []
    assert found.is_sound
    assert found.added == {
        "member": 2,
        "item": 3,
        "copy": 6,
        "favourite": 3,
        "collection": 1,
        "alert": 1,
        "channel": 1,
    }
    assert found.known.total() == 0
    assert after["Favourite"] == before["Favourite"]
    assert [without(one, "menu") for one in after["Member"]] == [
        without(one, "menu") for one in before["Member"]
    ]
    stored = [one for one in before["Copy"] if one["stored"]]
    assert after["Copy"] == [{**one, "file_ids": {}} for one in stored]
    for old, new in zip(before["Item"], after["Item"], strict=True):
        assert new["changed_at"] >= moment
        assert new["files"] == [{**file, "path": ""} for file in old["files"]]
        assert without(new, "changed_at", "files") == without(old, "changed_at", "files")
    assert [item.id for item in await Item.find({}).sort("_id").to_list()] == sorted(ids)


async def test_no_secret_and_nothing_of_a_disk_is_in_it(tmp_path: Path) -> None:
    await some_library(1)
    await written(tmp_path / "all.jsonl")
    text = (tmp_path / "all.jsonl").read_text()
    assert "secret" not in text
    assert "file_id" not in text


async def test_every_line_is_as_the_schema_says(tmp_path: Path) -> None:
    await some_library()
    await written(tmp_path / "all.jsonl")
    described = json.loads(SCHEMA.read_text())
    # made by: json.dumps(schema(), indent=1, ensure_ascii=False)
    assert described == schema(), "docs/export.schema.json is not what services/exchange/lines.py says"
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_bytes().splitlines()]
    assert [line["kind"] for line in lines] == [
        *(
            "header",
            *["member"] * 2,
            *["item"] * 3,
            *["copy"] * 6,
            *["favourite"] * 3,
            "collection",
            "alert",
            "channel",
            "footer",
        )
    ]
    for line in lines:
        assert list(faults(line, described)) == []
    assert list(faults({**lines[1], "role": "king"}, described))
    assert list(faults({**lines[1], "more": 1}, described))


@pytest.mark.parametrize(
    ("model", "line", "left_out"),
    [
        (Member, MemberLine, {"menu", "shown_setup"}),
        (Item, ItemLine, {"changed_at", "work"}),
        (
            Copy,
            CopyLine,
            {"after", "generation", "head", "stored", "file_ids", "turn", "going", "looked_at", "lost_at"},
        ),
        (Favourite, FavouriteLine, set()),
        (Collection, CollectionLine, {"changed_at"}),
        (Alert, AlertLine, {"seen_until"}),
        (Intake, ChannelLine, NOT_OF_THE_CHANNEL),
        (Facts, FileLine, {"path", "modified"}),
        (Whole, WholeLine, set()),
        (Link, ButtonLine, set()),
        (Post, PostLine, set()),
    ],
)
def test_a_new_field_is_exported_or_left_out_on_purpose(
    model: type[BaseModel], line: type[BaseModel], left_out: set[str]
) -> None:
    """Exported, it makes a new version of the lines."""
    assert set(model.model_fields) - {"revision_id"} - left_out == set(line.model_fields) - (
        set() if model is Facts else {"kind"}
    )


async def test_two_exports_of_the_same_are_the_same(tmp_path: Path) -> None:
    await some_library()
    await written(tmp_path / "one.jsonl")
    await written(tmp_path / "two.jsonl")
    one, two = [(tmp_path / name).read_bytes().splitlines()[1:-1] for name in ("one.jsonl", "two.jsonl")]
    assert one == two
    ids = [json.loads(line)["id"] for line in one if b'"kind":"item"' in line]
    assert ids == sorted(ids)


async def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (first, *_) = await some_library()
    await written(tmp_path / "all.jsonl")
    await Item.get_pymongo_collection().update_one({"_id": first}, {"$set": {"title": "Mine"}})
    await Member.get_pymongo_collection().delete_one({"_id": "1002"})
    before = await everything()
    found, _ = await imported(tmp_path / "all.jsonl")
    assert found.added == {
        "member": 1,
        "item": 0,
        "copy": 0,
        "favourite": 0,
        "collection": 0,
        "alert": 0,
        "channel": 0,
    }
    assert found.known == {
        "member": 1,
        "item": 3,
        "copy": 6,
        "favourite": 3,
        "collection": 1,
        "alert": 1,
        "channel": 1,
    }
    after = await everything()
    assert after["Item"] == before["Item"]
    assert len(after["Member"]) == 2
    again, _ = await imported(tmp_path / "all.jsonl")
    assert again.known == {
        "member": 2,
        "item": 3,
        "copy": 6,
        "favourite": 3,
        "collection": 1,
        "alert": 1,
        "channel": 1,
    }


async def test_the_index_takes_what_comes_in(tmp_path: Path) -> None:
    await some_library(2)
    await written(tmp_path / "all.jsonl")
    await emptied()
    follower = Follower(tmp_path / "index", Bell())
    await follower.look()
    assert follower.size == 0
    await imported(tmp_path / "all.jsonl")
    await follower.look()
    assert follower.size == 2
    follower.close()


async def test_there_is_one_owner(tmp_path: Path) -> None:
    """Whoever was it elsewhere is a member here; into an empty database the owner comes as one."""
    await some_library(0)
    await written(tmp_path / "all.jsonl")
    await emptied()
    await Member(id="5", name="Eve", role=Role.OWNER).insert()
    await imported(tmp_path / "all.jsonl")
    assert {member.id: member.role for member in await Member.find({}).to_list()} == {
        "5": Role.OWNER,
        "1001": Role.MEMBER,
        "1002": Role.GUEST,
    }


COPY = {
    "kind": "copy",
    "id": "a1:0:disk",
    "item": "a1",
    "part": "0",
    "store": "disk",
    "created_at": 1,
    "blake3": HASH,
    "size": 1,
    "path": "store/a1/0-a",
}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "Invalid JSON"),
        (b"nonsense", "Invalid JSON"),
        (b"\xff\xfe{}", "Invalid JSON"),
        (b'{"kind":"member","id":"7","name":"\xff"}', "Invalid JSON"),
        (b'{"kind":"member","id":"7","name":"\\ud800"}', "Invalid JSON"),
        (b"[" * 100_000, "Invalid JSON: recursion limit"),
        (b'{"a":' * 50_000, "Invalid JSON: recursion limit"),
        (b"[]", "Input should be an object"),
        (b"{}", "Unable to extract tag"),
        ({**MEMBER, "kind": "licence"}, "Input tag 'licence'"),
        ({**MEMBER, "kind": "header"}, "header"),
        ({**MEMBER, "id": 7}, "member.id: Input should be a valid string"),
        ({**MEMBER, "id": "-7"}, "member.id"),
        ({**MEMBER, "id": "7" * 30}, "member.id"),
        ({**MEMBER, "role": "king"}, "member.role: Input should be 'owner'"),
        ({**MEMBER, "joined_at": "1"}, "member.joined_at"),
        ({**MEMBER, "joined_at": True}, "member.joined_at"),
        ({**MEMBER, "joined_at": 10**40}, "member.joined_at"),
        ({**MEMBER, "joined_at": 1.5}, "member.joined_at"),
        ({**MEMBER, "silent_from": 24}, "member.silent_from"),
        ({**MEMBER, "name": "E\x00e"}, "member.name"),
        ({**MEMBER, "file_ids": {}}, "member.file_ids: Extra inputs"),
        ({**MEMBER, "\x1b[31m\n" + "x" * 5000: 1}, "member.?[31m?xxx"),
        ({**ITEM, "id": "../a"}, "item.id"),
        ({**ITEM, "id": {"$ne": None}}, "item.id"),
        ({**ITEM, "files": {}}, "item.files"),
        ({**ITEM, "files": [{**FILE, "duration": float("nan")}]}, "item.files.0.duration"),
        ({**ITEM, "files": [{**FILE, "duration": float("inf")}]}, "item.files.0.duration"),
        (json.dumps({**ITEM, "files": [{**FILE, "duration": 0}]}).encode().replace(b": 0}", b": 1e999}"), "item.files.0"),
        ({**ITEM, "files": [{**FILE, "size": -1}]}, "item.files.0.size"),
        ({**ITEM, "files": [{**FILE, "path": "/etc/passwd"}]}, "item.files.0.path: Extra"),
        ({**ITEM, "wanted": "0-9999999"}, "item.wanted: is no ascending list"),
        ({**ITEM, "wanted": "0-9,0-9"}, "item.wanted: is no ascending list"),
        ({**ITEM, "posts": [{"copy_id": "a", "link": "javascript:alert(1)"}]}, "item.posts.0.link"),
        ({**COPY, "path": "store/../../etc/passwd"}, "copy.path: is no path below store/"),
        ({**COPY, "path": "/etc/passwd"}, "copy.path"),
        ({**COPY, "path": "store"}, "copy.path"),
        ({**COPY, "id": "a2:0:disk"}, "copy: its id is not item:part:store"),
        ({"kind": "favourite", "id": "a", "member_id": "7", "item": "a1", "created_at": 1}, "favourite: its id"),
        (b'{"kind":"footer","count":0,"sha256":"' + b"0" * 63 + b'"}', "footer.sha256"),
    ],
)  # fmt: skip
async def test_a_wrong_line_is_named_and_the_rest_comes(
    tmp_path: Path, line: bytes | Mapping[str, Any], reason: str
) -> None:
    path = sheet(tmp_path / "some.jsonl", MEMBER, line, {**MEMBER, "id": "8"})
    found, wrong = await imported(path)
    assert [one.number for one in wrong] == [3]
    assert wrong[0].reason.startswith(reason) or reason in wrong[0].reason
    assert len(wrong[0].reason) <= 161
    assert wrong[0].reason.isprintable()
    assert (found.wrong, found.added["member"], found.damage) == (1, 2, None)
    assert await Member.find({}).count() == 2
    assert look_through(path, lambda _: None).wrong == 1


async def test_a_line_without_an_end_takes_no_memory(tmp_path: Path) -> None:
    huge = b'{"kind":"member","name":"' + b"x" * (3 * MOST_BYTES) + b'"}'
    found, wrong = await imported(sheet(tmp_path / "some.jsonl", huge, MEMBER))
    assert [(one.number, one.reason) for one in wrong] == [(2, f"it is longer than {MOST_BYTES} bytes")]
    assert found.added["member"] == 1


async def test_what_no_database_takes_costs_itself_only(tmp_path: Path) -> None:
    """A short line may become a long document: what is as usual is written there, too."""
    large = {**ITEM, "files": [FILE] * 60_000}
    found, wrong = await imported(sheet(tmp_path / "some.jsonl", ITEM, large, {**ITEM, "id": "a2"}))
    assert [one.reason for one in wrong] == ["it is larger than a database takes"]
    assert found.added["item"] == 2


async def test_an_id_that_is_there_twice_comes_once(tmp_path: Path) -> None:
    lines = [ITEM, {**ITEM, "title": "b"}, {**ITEM, "id": "a2"}]
    found, wrong = await imported(sheet(tmp_path / "some.jsonl", *lines))
    assert wrong == []
    assert (found.added["item"], found.known["item"]) == (2, 1)
    first = await Item.get("a1")
    assert first is not None
    assert first.title == "a"


async def test_an_archive_that_was_cut_off_or_changed_is_noticed(tmp_path: Path) -> None:
    whole = sheet(tmp_path / "whole.jsonl", MEMBER, ITEM).read_bytes()
    cut, changed, more = tmp_path / "cut.jsonl", tmp_path / "changed.jsonl", tmp_path / "more.jsonl"
    cut.write_bytes(whole[: whole.rindex(b'{"kind": "footer"')])
    changed.write_bytes(whole.replace(b"Eve", b"Eva"))
    more.write_bytes(whole + whole)
    assert "cut off" in (look_through(cut, lambda _: None).damage or "")
    assert "changed or lost" in (look_through(changed, lambda _: None).damage or "")
    assert look_through(more, lambda _: None).wrong == 4
    found, _ = await imported(cut)
    assert (found.added.total(), found.is_sound) == (2, False)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (b"", "no export of Magpie"),
        (b"\x89PNG\r\n", "no export of Magpie"),
        (b"[" * 1000, "no export of Magpie"),
        (b'{"kind":"header","format":"other","version":1}', "no export of Magpie"),
        (b'{"kind":"header","format":"magpie-export","version":"1"}', "no export of Magpie"),
        (b'{"kind":"header","format":"magpie-export","version":0}', "no export of Magpie"),
        (b'{"kind":"header","format":"magpie-export","version":2,"new":[]}', "newer Magpie"),
    ],
)
async def test_what_is_no_export_is_refused(tmp_path: Path, first: bytes, reason: str) -> None:
    (tmp_path / "some").write_bytes(first + b"\n" + json.dumps(MEMBER).encode() + b"\n")
    with pytest.raises(NotAnExport, match=reason):
        await take_in(tmp_path / "some", lambda _: None)
    assert await Member.count() == 0


async def test_what_is_damaged_is_left_out_and_named(tmp_path: Path) -> None:
    broken = {"broken1": [], "broken2": 7, "broken3": [7], "broken4": None}
    for name, files in broken.items():
        await Item.get_pymongo_collection().insert_one({"_id": name, "title": 5, "files": files})
    await some_library(1)
    exported = await written(tmp_path / "all.jsonl")
    assert exported.left_out == list(broken)
    assert look_through(tmp_path / "all.jsonl", lambda _: None).is_sound
