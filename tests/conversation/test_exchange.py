"""`magpie export` and `magpie import` on the command line, beside a Magpie that runs and without one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.chats import answer_to, becomes
from tests.exports import ITEM, MEMBER, sheet
from tests.house import EMBEDDED, ROOT, Process, open_house, until

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("conversation-exchange")]


async def magpie(folder: Path, *words: str, **env: str) -> tuple[int, str]:
    """Runs it in a data folder; its status and what it said."""
    number = len(list(folder.glob("magpie*.log")))
    program = await Process.fork(
        folder / f"magpie{number}.log", "bot", *words, env={"DATA_DIR": str(folder / "data"), **env}
    )
    return await program.ended(90), program.text()


def lines(path: Path) -> Sequence[Mapping[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_there_and_back(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.jsonl", MEMBER, ITEM)
    assert await magpie(tmp_path, "import", str(path)) == (
        0,
        "members: 1 imported, 0 were here already\nitems: 1 imported, 0 were here already\nLines that are wrong: 0.\n",
    )
    out = tmp_path / "out.jsonl"
    out.write_text("an older one")
    assert await magpie(tmp_path, "export", str(out)) == (0, "2 lines were exported.\n")
    assert [line["kind"] for line in lines(out)] == ["header", "member", "item", "footer"]
    assert out.stat().st_mode & 0o077 == 0, "it names members"
    assert list(tmp_path.glob("*.part")) == []


async def test_what_is_wrong_is_told_and_strict_takes_nothing_then(tmp_path: Path) -> None:
    wrong = {**ITEM, "id": "a2", "title": 7}
    path = sheet(tmp_path / "in.jsonl", ITEM, wrong, *[b"nonsense"] * 60)
    status, said = await magpie(tmp_path, "import", "--strict", str(path))
    assert (status, said.splitlines()[0]) == (1, "line 3: item.title: Input should be a valid string")
    assert said.splitlines()[-2:] == ["… and 11 more lines are wrong", "magpie: nothing was imported"]
    status, said = await magpie(tmp_path, "import", str(path))
    assert status == 1
    assert said.splitlines()[-2:] == ["items: 1 imported, 0 were here already", "Lines that are wrong: 61."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "missing.jsonl"], "magpie: missing.jsonl: No such file or directory\n"),
        (["import", "."], "magpie: .: Is a directory\n"),
        (["import", "/dev/null"], "magpie: /dev/null: this is no export of Magpie: its first line does not say so\n"),
        (["export", "/dev/null"], "magpie: /dev/null: is there, and no file\n"),
        (["export", "missing/all.jsonl"], "magpie: missing/all.jsonl: No such file or directory\n"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, words: Sequence[str], said: str) -> None:
    assert await magpie(tmp_path, *words) == (1, said)


def test_the_standard_output_has_nothing_else_in_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "export", "-"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        timeout=90,
        check=True,
    )
    (tmp_path / "out").write_bytes(done.stdout)
    assert [line["kind"] for line in lines(tmp_path / "out")] == ["header", "footer"]
    assert done.stderr == b"0 lines were exported.\n"


async def test_beside_a_magpie_with_its_built_in_database_it_says_what_to_do(tmp_path: Path) -> None:
    path = sheet(tmp_path / "in.jsonl", MEMBER)
    async with open_house(tmp_path, TORZNAB_URLS="", **EMBEDDED) as house:
        await house.start_bot()
        for words in (["export", "out.jsonl"], ["import", str(path)]):
            status, said = await magpie(tmp_path, *words)
            assert status == 1
            assert said.startswith("magpie: a Magpie is running in this DATA_DIR")
            assert len(said.splitlines()) == 1
    assert not (tmp_path / "out.jsonl").exists()


async def test_beside_a_magpie_with_a_database_of_its_own_it_works(tmp_path: Path) -> None:
    """What comes in is found soon, without anybody's doing."""
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.start_bot()
        await answer_to(house.ada, "/help")
        url = {"MONGODB_URL": house._server()["MONGODB_URL"]}
        item = {**ITEM, "title": "Parsifal", "channel_id": house.channel}
        path = sheet(tmp_path / "in.jsonl", item)
        assert (await magpie(tmp_path, "import", str(path), **url))[0] == 0

        async def is_found() -> bool:
            asked = await answer_to(house.ada, "/library parsifal")
            return "1. Parsifal" in (await becomes(house.ada, asked, "📚"))["text"]

        await until(is_found, "what was imported is not found", 60)
        assert (await magpie(tmp_path, "export", "out.jsonl", **url))[0] == 0
    assert {"member", "item"} <= {line["kind"] for line in lines(tmp_path / "out.jsonl")}
