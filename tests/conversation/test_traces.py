"""What the log tells of an order: every line, from the update that asked for it to the post, under that update's number."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.chats import becomes
from tests.house import House, Message, open_house, until
from tests.swarm import WebSeed, make_payload, make_torrent

NAMES = ["one.bin", "two.bin"]
STAGES = ["choosing", "queued", "inspecting", "previewing", "storing"]
"""What workers do; `fetching` is ended by the poll of all Downloads."""


async def test_an_order_has_one_trace_from_its_update_to_its_post(tmp_path: Path) -> None:
    """Two at a time, so that none can have that of the other."""
    make_payload(tmp_path / "seeded", dict.fromkeys(NAMES, 20_000))
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true", TORZNAB_URLS="") as house:
        with WebSeed(tmp_path / "seeded") as seed:
            for name in NAMES:
                made = make_torrent(tmp_path / "seeded" / name, web_seed=seed.url)
                await house.ada.send(f"{name}.torrent", made.metainfo)
            traces = await updates_that_wait(house)
            assert len(set(traces.values())) == len(NAMES)
            bot = await house.start_bot(LOG_FORMAT="json")
            pickers = [await house.ada.wait(contains=name, button="Start") for name in NAMES]
            for picker in pickers:
                await house.ada.press(picker, "Start")
            for picker in pickers:
                await becomes(house.ada, picker, "is in the archive")

        async def is_told() -> bool:
            return len(told(bot.text(), "stage-done")) == len(NAMES) * len(STAGES)

        await until(is_told, "the ends of the stages were not logged")
        for name in NAMES:
            check_trace(told(bot.text()), traces[f"{name}.torrent"], await post_of(house, name))


def check_trace(lines: Sequence[Mapping[str, Any]], trace: str, post: Message) -> None:
    """What was logged under the trace is the way of one order, and nothing of that was logged under another one."""
    (ordered,) = [line for line in lines if line["event"] == "ordered" and line.get("trace") == trace]
    mine = [line for line in lines if line.get("transfer") == ordered["transfer"]]
    assert {line.get("trace") for line in mine} == {trace}
    assert [line["stage"] for line in mine if line["event"] == "stage-done"] == STAGES
    (joined,) = [line for line in mine if line["event"] == "joined"]
    assert len(joined["key"]) == 40, "what is told of its Download is found by that"
    assert [line["message"] for line in mine if line["event"] == "posted"] == [post["message_id"]]


async def updates_that_wait(house: House) -> Mapping[str, str]:
    """The number of each update by the name of its file, while no bot has come for it."""
    answer = await house.http.get(f"/bot{house.token}/getUpdates")
    updates = answer.raise_for_status().json()["result"]
    return {update["message"]["document"]["file_name"]: str(update["update_id"]) for update in updates}


async def post_of(house: House, name: str) -> Message:
    posts = await house.ada.messages(house.channel)
    (post,) = [post for post in posts if post.get("document", {}).get("file_name") == name]
    return post


def told(log: str, event: str = "") -> Sequence[Mapping[str, Any]]:
    """The lines of events; the rest is for whoever starts Magpie by hand."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if event in ("", line["event"])]
