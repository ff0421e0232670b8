"""`magpie grab` as a person uses it: a channel of the simulator's into a folder, stopped in the middle, refused."""

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from mutagen.id3 import ID3

from bot.instance import instance
from services.telegram.lease import Lease
from tests import media_kit
from tests.contract.simulator_client import ADA, CHANNEL, CLEO, Client, jpeg, noted, program
from tests.data_centre import session_of
from tests.house import until
from tests.programs import need
from tests.terminal import called, said, terminal

pytestmark = pytest.mark.xdist_group("login")
_SECONDS = 60.0
MIB = 1 << 20
NAME = "@sine_waves"


@dataclass(frozen=True)
class Place:
    """A simulator with a channel in it, and a folder in which the command is called."""

    http: Client
    folder: Path
    env: Mapping[str, str]

    async def says(self, *arguments: str, **env: str) -> tuple[int, str]:
        """How it ended, and everything that it said."""
        status, told = await said(self.folder, {**self.env, **env}, "grab", *arguments)
        assert "Traceback" not in told
        return status, told

    async def posted(self, name: str, data: bytes, kind: str = "document") -> None:
        reply = await self.http.http.post(
            f"/api/people/{CLEO}/chats/{await self.room()}/file",
            data={"kind": kind},
            files={"file": (name, data)},
        )
        assert reply.status_code == 200, reply.text

    async def room(self) -> int:
        chats = await self.http.get(f"/people/{CLEO}/chats")
        return int(next(chat["id"] for chat in chats if "Sine Waves" in chat.values()))

    def files(self) -> dict[str, bytes]:
        """What came, as a person sees it."""
        there = self.folder / "sine_waves"
        return {path.name: path.read_bytes() for path in there.glob("[!.]*")}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with program(tmp_path / "simulator", "--flood", "off") as running, running.client() as http:
        await http.post("/channels", title="Sine Waves", username=NAME[1:], owner=CLEO)
        env = {
            "COLUMNS": "200",
            "API_ID": "1",
            "API_HASH": "0" * 32,
            "MTPROTO_SERVER": f"{running.url}/api/data-centre",
            "USER_SESSION": await session_of(running.url, ADA),
        }
        (tmp_path / "here").mkdir()
        yield Place(http, tmp_path / "here", env)


async def test_a_channel_comes_and_comes_once(place: Place) -> None:
    for name in "abc":
        await place.posted(f"tone {name}.txt", name.encode() * 70_000)
    await place.posted("picture.jpg", jpeg(), "photo")
    status, said = await place.says("t.me/sine_waves", "--kind", "document", "--dry-run", "--limit", "2")
    assert status == 0
    assert said.splitlines() == [
        "Sine Waves: 2 files, 137 KB, would come to sine_waves",
        "  tone c.txt (68.4 KB)",
        "  tone b.txt (68.4 KB)",
    ]
    assert not (place.folder / "sine_waves").exists()
    wanted = ("--kind", "document", "--min-size", "60K", "--words", "TONE", "--after", "2020")
    assert await place.says(NAME, *wanted) == (0, "Sine Waves: 3 files came in sine_waves")
    assert place.files() == {f"tone {name}.txt": name.encode() * 70_000 for name in "abc"}
    again = (0, "Sine Waves: 0 files came, 3 were there already in sine_waves")
    assert await place.says(NAME, *wanted) == again
    status, said = await place.says(NAME, "--dry-run", "--limit", "3")
    assert (status, said.splitlines()[0].partition("B, ")[2]) == (
        0,
        "would come to sine_waves, 2 are there already",
    )


async def test_killed_again_and_again_it_brings_the_same_files(place: Place) -> None:
    """In the middle of files, wherever it is."""
    wanted = {f"noise {number}.bin": os.urandom(2 * MIB + number) for number in range(5)}
    for name, data in wanted.items():
        await place.posted(name, data)
    await place.http.post("/line", rate=500_000)
    for kill in range(1, 5):
        process = await called(place.folder, place.env, "grab", NAME, "--at-once", "2")

        async def has_come(kill: int = kill) -> bool:
            there = (place.folder / "sine_waves").glob("*")
            return sum(path.stat().st_size for path in there) > kill * MIB

        await until(has_come, "nothing came", _SECONDS)
        assert process.alive
        process.kill()
        await process.ended()
    await place.http.post("/line")
    status, _ = await place.says(NAME)
    assert (status, place.files()) == (0, wanted)
    left = {path.name for path in (place.folder / "sine_waves").glob(".*")}
    assert left == {".magpie-grab.jsonl"}


async def test_ctrl_c_says_how_to_go_on(place: Place) -> None:
    await place.posted("noise.bin", data := os.urandom(4 * MIB))
    await place.http.post("/line", rate=1_000_000)
    async with terminal(place.folder, place.env, "grab", NAME, "--limit", "2") as shown:
        await shown.shows(r"0 of 2 files .*\d/4\.2 MB")
        await shown.interrupt("magpie: stopped: the same command goes on from here")
        assert await shown.ended() == 1
        assert "Traceback" not in shown.text
    await place.http.post("/line")
    assert (await place.says(NAME))[0] == 0
    assert place.files() == {"noise.bin": data}


async def test_a_pause_that_telegram_asks_for_is_shown(place: Place) -> None:
    await place.posted("a.txt", b"a")
    await place.http.post("/faults", method="messages.getHistory", action="429", retry_after=2)
    async with terminal(place.folder, place.env, "grab", NAME) as shown:
        await shown.shows("Telegram asks to wait [12] s")
        await shown.shows("Sine Waves: 1 file came")
        assert await shown.ended() == 0


async def test_sound_gets_its_tags_and_its_cover(place: Place, tmp_path: Path) -> None:
    need("ffmpeg")
    song = media_kit.audio(tmp_path / "song.mp3").read_bytes()
    await place.http.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    await place.http.post(f"/chats/{CHANNEL}/members", user=ADA, status="member", by=CLEO)
    files = {"audio": ("x.mp3", song), "thumbnail": ("cover.jpg", jpeg(100, 100))}
    about = {"title": "440 Hz", "performer": "Sine Waves", "thumbnail": "attach://thumbnail"}
    await place.http.result("sendAudio", files, chat_id=CHANNEL, **about)
    assert (await place.says(str(CHANNEL), "--to", "sine_waves"))[0] == 0
    tags = ID3(place.folder / "sine_waves" / "Sine Waves - 440 Hz.mp3")  # type: ignore[no-untyped-call]
    assert str(tags["TIT2"])
    assert str(tags["TPE1"])
    (cover,) = tags.getall("APIC")  # type: ignore[no-untyped-call]
    assert cover.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("@nobody_has_this",), 1, "magpie: there is no public channel @nobody_has_this"),
        (("-1009999999999",), 1, "magpie: -1009999999999 is closed to your account"),
        (("what is this",), 2, "magpie: what is this is no channel"),
        ((NAME, "--min-size", "1x"), 2, "magpie: --min-size: 1x cannot be read"),
        ((NAME, "--min-size", "2M", "--max-size", "1M"), 2, "nothing can be like that"),
        ((NAME, "--pattern", "("), 2, "is not a pattern"),
        ((NAME, "--to", "/proc/nobody"), 1, "magpie: /proc/nobody cannot be used"),
    ],
)
async def test_what_cannot_be(place: Place, arguments: tuple[str, ...], status: int, words: str) -> None:
    ended, said = await place.says(*arguments)
    assert words in said
    assert (ended, len(said.splitlines())) == (status, 1)


async def test_who_may_not_use_the_account(place: Place) -> None:
    status, said = await place.says(NAME, USER_SESSION="")
    assert status == 2
    assert said.startswith("magpie: Telegram lets no bot look through channels: set USER_SESSION")
    with instance(place.folder / "data"):
        assert "stop it first" in (await place.says(NAME))[1]
    await place.http.http.delete(f"/api/people/{ADA}/sessions", params={"error": "SESSION_REVOKED"})
    status, said = await place.says(NAME)
    assert status == 1
    assert said.startswith("magpie: Telegram does not take USER_SESSION any more (SESSION_REVOKED)")
    without = {"API_ID": "", "API_HASH": "", "USER_SESSION": ""}
    assert "API_ID and API_HASH are not set" in (await place.says(NAME, **without))[1]
    status, said = await place.says(NAME, MTPROTO_SERVER="http://127.0.0.1:1/nobody")
    assert (status, said) == (1, "magpie: Telegram does not answer. The same command goes on from here")


@pytest.mark.models
async def test_a_session_that_another_magpie_uses(place: Place, database_url: str, database: str) -> None:
    other = Lease(place.env["USER_SESSION"], "another")
    await other.keep()
    url = database_url.replace("/?", f"/{database}?")
    status, said = await place.says(NAME, MONGODB_URL=url)
    assert (status, said) == (1, "magpie: another Magpie uses USER_SESSION at this moment")
    await other.release()
    assert (await place.says(NAME, MONGODB_URL=url))[0] == 0


async def test_it_finds_the_simulator_that_runs(tmp_path: Path) -> None:
    """As `make run` has started it, which works on."""
    async with noted(tmp_path / "data") as world, world.client() as http:
        env = {"COLUMNS": "200", "USER_SESSION": await session_of(world.url, ADA)}
        there = Place(http, tmp_path, env)
        with instance(tmp_path / "data"):
            status, said = await there.says(str(CHANNEL), "--dry-run")
        assert status == 0, said
