"""A channel brought into a folder: whole files, each once, whatever comes between. Telegram is a list of posts here."""

import asyncio
import errno
import json
import os
import resource
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.errors import MagpieError
from services.grabbing.choosing import surveyed
from services.grabbing.folder import FolderFull, Grab
from services.grabbing.ledger import LEDGER, FolderBusy, numbers_in, opened_ledger
from services.grabbing.names import name_of, numbered
from services.grabbing.port import Page, Post, PostKind
from services.grabbing.wish import Wish
from services.telegram.port import AccountLost, ChatClosed, FileDamaged, MessageGone, TelegramAway

CHAT = "@sine_waves"
CHUNK = 1000
PAGE = 100
DAY = datetime(2024, 1, 31, tzinfo=UTC)
ALL = Wish()


def post(number: int, data: bytes = b"", name: str = "", **more: object) -> Post:
    about = {"size": len(data), "unique_id": f"u{number}", "name": name or f"tone {number}.txt", **more}
    return replace(Post(number, DAY, PostKind.DOCUMENT), **about)  # type: ignore[arg-type]


@dataclass
class Channel:
    """Posts with their bytes. What is in `troubles` comes instead of the next pages and fetches, one each."""

    data: dict[int, bytes]
    posts: list[Post]
    troubles: list[BaseException] = field(default_factory=list)
    breaks: dict[int, list[BaseException]] = field(default_factory=dict)
    """By message: what comes after its first chunk, once each."""
    starts: list[tuple[int, int]] = field(default_factory=list)
    pages: int = 0
    asked: Callable[[], None] = lambda: None
    """Called whenever a file is."""
    at_once: int = 0
    most_at_once: int = 0
    pause = 0.0

    @classmethod
    def of(cls, *files: bytes, **about: object) -> "Channel":
        """The first is the oldest, number 1."""
        data = dict(enumerate(files, 1))
        return cls(data, [post(number, body, **about) for number, body in reversed(data.items())])  # type: ignore[arg-type]

    async def page(self, chat: int | str, before: int | None) -> Page:
        assert chat == CHAT
        self.pages += 1
        if self.troubles:
            raise self.troubles.pop(0)
        found = [each for each in self.posts if before is None or each.message_id < before]
        return Page(found[:PAGE], found[PAGE - 1].message_id if len(found) > PAGE else None)

    async def title(self, chat: int | str) -> str:
        return "Sine Waves"

    async def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        self.starts.append((post.message_id, start))
        self.asked()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            body = self.data[post.message_id]
            for at in range(start, len(body), CHUNK):
                await asyncio.sleep(0)
                yield body[at : at + CHUNK]
                if trouble := self.breaks.get(post.message_id):
                    raise trouble.pop(0)
        finally:
            self.at_once -= 1

    async def kept(self, chat: int | str, message_id: int, unique_id: str, part: Path) -> int:
        assert unique_id == f"u{message_id}"
        return equal_bytes(part.read_bytes(), self.data[message_id])

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        raise AssertionError("it has none")


def equal_bytes(one: bytes, other: bytes) -> int:
    """How many at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


async def grabbed(channel: Channel, folder: Path, wish: Wish = ALL, at_once: int = 3) -> Grab:
    grab = Grab(channel, CHAT, folder, at_once)
    await grab.run(wish)
    return grab


def files_in(folder: Path) -> dict[str, bytes]:
    """What a person sees there."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".") and path.name != LEDGER]


def lines_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / LEDGER).read_text().splitlines()]


def bodies(count: int) -> list[bytes]:
    return [f"{number} ".encode() * (500 + number) for number in range(count)]


async def test_everything_comes_once(tmp_path: Path) -> None:
    """Several at a time, over several pages; again, nothing is fetched."""
    bytes_of = bodies(250)
    channel = Channel.of(*bytes_of)
    grab = await grabbed(channel, tmp_path / "new")
    assert files_in(tmp_path / "new") == {f"tone {n}.txt": body for n, body in enumerate(bytes_of, 1)}
    assert (grab.tally.came, grab.tally.bytes) == (250, sum(map(len, bytes_of)))
    assert channel.most_at_once == 3
    assert left_over(tmp_path / "new") == []
    channel.starts.clear()
    again = await grabbed(channel, tmp_path / "new")
    assert (again.tally.came, again.tally.there, channel.starts) == (0, 250, [])


async def test_the_newest_come_first_and_no_more_than_wanted(tmp_path: Path) -> None:
    channel = Channel.of(*bodies(300))
    await grabbed(channel, tmp_path, Wish(limit=2), at_once=1)
    assert [number for number, _ in channel.starts] == [300, 299]
    assert channel.pages == 1


async def test_what_is_older_than_wanted_ends_it(tmp_path: Path) -> None:
    channel = Channel.of(*bodies(300))
    await grabbed(channel, tmp_path, Wish(after=date(2024, 2, 1)))
    assert (channel.starts, channel.pages) == ([], 1)


async def test_the_same_file_in_two_posts_comes_once(tmp_path: Path) -> None:
    channel = Channel.of(b"a" * 5000, b"a" * 5000, b"b")
    channel.posts[0] = replace(channel.posts[0], unique_id="u2")
    channel.posts[1] = replace(channel.posts[1], name="another name.txt")
    channel.data[3] = channel.data[2]
    channel.posts[0] = replace(channel.posts[0], size=5000)
    grab = await grabbed(channel, tmp_path)
    assert len(channel.starts) == 2
    assert (grab.tally.came, grab.tally.there, grab.tally.twins) == (1, 1, 1)
    assert list(files_in(tmp_path).values()) == [b"a" * 5000]
    assert len({line["blake3"] for line in lines_of(tmp_path)}) == 1
    assert len({line["name"] for line in lines_of(tmp_path)}) == 1
    assert left_over(tmp_path) == []


async def test_another_file_of_the_same_name_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "tone.txt").write_bytes(b"somebody else's")
    channel = Channel.of(b"one", b"two", name="tone.txt")
    await grabbed(channel, tmp_path)
    came = files_in(tmp_path)
    assert came.pop("tone.txt") == b"somebody else's"
    assert (set(came), set(came.values())) == ({"tone (2).txt", "tone (3).txt"}, {b"one", b"two"})


async def test_what_was_cut_off_goes_on(tmp_path: Path) -> None:
    channel = Channel.of(b"x" * 3500)
    channel.breaks[1] = [TelegramAway(0), TelegramAway(0, flood=True)]
    grab = await grabbed(channel, tmp_path)
    assert channel.starts == [(1, 0), (1, 1000), (1, 2000)]
    assert (files_in(tmp_path), grab.tally.bytes) == ({"tone 1.txt": b"x" * 3500}, 3500)


async def test_how_much_is_chosen_is_known_from_the_beginning(tmp_path: Path) -> None:
    """Without what is here already, and without what will not come: in the end it is all that came."""
    (tmp_path / ".u1.part").write_bytes(b"1" * 1000)
    channel = Channel.of(*(b"%d" % number * 3500 for number in range(1, 5)))
    channel.posts[1] = replace(channel.posts[1], size=None)
    channel.breaks = {4: [FileDamaged()], 1: [TelegramAway(0)]}
    grab, totals = Grab(channel, CHAT, tmp_path, 4), list[int]()
    channel.asked = lambda: totals.append(grab.tally.total)
    await grab.run(ALL)
    assert totals[0] == 3500
    assert max(totals) >= 9500
    assert (grab.tally.done, grab.tally.came, grab.tally.failed) == (4, 3, 1)
    assert grab.tally.total == grab.tally.bytes == 1000 + 3500 + 3500 + 2500


async def test_a_line_that_breaks_all_the_time_brings_it_all_the_same(tmp_path: Path) -> None:
    channel = Channel.of(b"x" * 30_500)
    channel.breaks[1] = [TelegramAway(0) for _ in range(30)]
    assert (await grabbed(channel, tmp_path)).tally.came == 1
    assert len(channel.starts) == 31


async def test_a_part_that_is_longer_than_the_file_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / ".u1.part").write_bytes(b"y" * 9000)
    await grabbed(Channel.of(b"x" * 3500), tmp_path)
    assert files_in(tmp_path) == {"tone 1.txt": b"x" * 3500}


async def test_pauses_of_telegrams_are_waited_for(tmp_path: Path) -> None:
    """However many there are."""
    channel = Channel.of(b"x")
    channel.troubles = [TelegramAway(0, flood=True) for _ in range(50)]
    assert (await grabbed(channel, tmp_path)).tally.came == 1


async def test_a_telegram_that_is_away_for_good_ends_it(tmp_path: Path) -> None:
    channel = Channel.of(b"x")
    channel.troubles = [TelegramAway(0) for _ in range(50)]
    with pytest.raises(TelegramAway):
        await grabbed(channel, tmp_path)
    assert channel.pages < 20


@pytest.mark.parametrize("trouble", [MessageGone("x"), FileDamaged()])
async def test_a_file_that_cannot_be_had_costs_itself_alone(tmp_path: Path, trouble: MagpieError) -> None:
    channel = Channel.of(*bodies(3))
    channel.breaks[2] = [trouble]
    told: list[tuple[int, str]] = []
    grab = Grab(channel, CHAT, tmp_path, 3, lambda post, error: told.append((post.message_id, error.key)))
    await grab.run(ALL)
    assert set(files_in(tmp_path)) == {"tone 1.txt", "tone 3.txt"}
    assert (grab.tally.failed, told) == (1, [(2, trouble.key)])


@pytest.mark.parametrize("trouble", [ChatClosed("x"), AccountLost("x")])
async def test_what_concerns_all_of_it_ends_it(tmp_path: Path, trouble: MagpieError) -> None:
    channel = Channel.of(*bodies(3))
    channel.breaks[3] = [trouble]
    with pytest.raises(type(trouble)):
        await grabbed(channel, tmp_path)


async def test_less_than_was_said_is_no_file(tmp_path: Path) -> None:
    channel = Channel.of(b"x" * 3000)
    channel.data[1] = b"x" * 2000
    assert (await grabbed(channel, tmp_path)).tally.failed == 1
    assert files_in(tmp_path) == {}


async def test_a_full_disk_ends_it_and_keeps_what_came(tmp_path: Path) -> None:
    channel = Channel.of(b"x" * 9000)
    channel.breaks[1] = [OSError(errno.ENOSPC, "no room")]
    with pytest.raises(FolderFull):
        await grabbed(channel, tmp_path)
    assert (tmp_path / ".u1.part").stat().st_size == 1000
    await grabbed(channel, tmp_path)
    assert channel.starts == [(1, 0), (1, 1000)]
    assert files_in(tmp_path) == {"tone 1.txt": b"x" * 9000}


async def test_what_another_run_left_wrong_comes_again(tmp_path: Path) -> None:
    """After a power cut, say: as long as it was, and not as it was."""
    channel = Channel.of(b"x" * 9000)
    (tmp_path / ".u1.part").write_bytes(b"x" * 2500 + bytes(2500))
    grab = await grabbed(channel, tmp_path)
    assert grab.tally.total == grab.tally.bytes == 6500
    assert channel.starts == [(1, 2500)]
    assert files_in(tmp_path) == {"tone 1.txt": b"x" * 9000}


async def test_a_disk_that_takes_nothing_ends_it(tmp_path: Path) -> None:
    """Here the system says so itself, in the midst of writing and again when the file is closed."""
    channel, part = Channel.of(b"x" * 9000), tmp_path / ".u1.part"
    part.symlink_to("/dev/full")
    with pytest.raises(FolderFull):
        await grabbed(channel, tmp_path)
    part.unlink()
    await grabbed(channel, tmp_path)
    assert files_in(tmp_path) == {"tone 1.txt": b"x" * 9000}


async def test_it_is_stopped_anywhere_and_goes_on(tmp_path: Path) -> None:
    """After every single chunk that ever arrives."""
    bytes_of = bodies(6)
    channel = Channel.of(*bytes_of)
    stops = 0
    while len(files_in(tmp_path)) < len(bytes_of):
        channel.breaks = {number: [asyncio.CancelledError()] for number in channel.data}
        stops += 1
        try:
            await grabbed(channel, tmp_path)
        except asyncio.CancelledError:
            continue
    assert stops > 2
    assert files_in(tmp_path) == {f"tone {n}.txt": body for n, body in enumerate(bytes_of, 1)}
    fetched = [start for start in channel.starts if start[1] > 0]
    assert len(fetched) == len(set(fetched)), "no byte was asked for twice"
    assert left_over(tmp_path) == []


async def test_killed_between_the_ledger_and_the_name_it_gets_its_name(tmp_path: Path) -> None:
    channel = Channel.of(b"one", b"two")
    await grabbed(channel, tmp_path)
    (tmp_path / "tone 2.txt").rename(tmp_path / ".u2.whole")
    channel.starts.clear()
    await grabbed(channel, tmp_path)
    assert files_in(tmp_path) == {"tone 1.txt": b"one", "tone 2.txt": b"two"}
    assert channel.starts == []


async def test_somebodys_file_of_that_name_costs_neither(tmp_path: Path) -> None:
    """It was put there after the kill."""
    channel = Channel.of(b"one")
    await grabbed(channel, tmp_path)
    (tmp_path / "tone 1.txt").rename(tmp_path / ".u1.whole")
    (tmp_path / "tone 1.txt").write_bytes(b"somebody's")
    await grabbed(channel, tmp_path)
    assert files_in(tmp_path) == {"tone 1.txt": b"somebody's", "tone 1 (2).txt": b"one"}


async def test_killed_before_the_ledger_nothing_is_fetched_again(tmp_path: Path) -> None:
    (tmp_path / ".u1.whole").write_bytes(b"one")
    channel = Channel.of(b"one")
    await grabbed(channel, tmp_path)
    assert (files_in(tmp_path), channel.starts) == ({"tone 1.txt": b"one"}, [])


async def test_killed_before_a_twin_was_removed_it_goes(tmp_path: Path) -> None:
    await grabbed(Channel.of(b"one", b"one"), tmp_path)
    _, twin = lines_of(tmp_path)
    (tmp_path / f".{twin['unique_id']}.whole").write_bytes(b"one")
    await grabbed(Channel.of(b"one", b"one"), tmp_path)
    assert (list(files_in(tmp_path).values()), left_over(tmp_path)) == ([b"one"], [])


@pytest.mark.parametrize(
    "torn", [b'{"message": 3, "uni', b"\xff\xfe", b"{}", b'{"message": 3}\n', b"\n", b"[]\n"]
)
async def test_a_torn_line_counts_for_nothing(tmp_path: Path, torn: bytes) -> None:
    channel = Channel.of(*bodies(3))
    await grabbed(channel, tmp_path, Wish(limit=2))
    with (tmp_path / LEDGER).open("ab") as file:
        file.write(torn)
    channel.starts.clear()
    await grabbed(channel, tmp_path)
    assert channel.starts == [(1, 0)]
    assert len(numbers_in(tmp_path)) == 3


async def test_two_do_not_fill_one_folder(tmp_path: Path) -> None:
    with opened_ledger(tmp_path), pytest.raises(FolderBusy):
        await grabbed(Channel.of(b"x"), tmp_path)


async def test_a_limit_counts_what_is_there_already(tmp_path: Path) -> None:
    """What would come is what comes, and the same command again brings no more."""
    channel = Channel.of(*bodies(5))
    await grabbed(channel, tmp_path, Wish(limit=1))
    for files in (2, 0):
        survey = await surveyed(channel, CHAT, Wish(limit=3), numbers_in(tmp_path))
        assert (survey.files, survey.known) == (files, 3 - files)
        grab = await grabbed(channel, tmp_path, Wish(limit=3))
        assert (grab.tally.came, grab.tally.there) == (files, 3 - files)
    assert set(files_in(tmp_path)) == {f"tone {number}.txt" for number in (5, 4, 3)}


@dataclass
class Endless(Channel):
    """A hundred thousand posts, each made when it is asked for; every five-hundredth is a photo."""

    count: int = 100_000

    async def page(self, chat: int | str, before: int | None) -> Page:
        last = self.count if before is None else before - 1
        first = max(1, last - PAGE + 1)
        posts = [self._post(number) for number in range(last, first - 1, -1)]
        return Page(posts, first if first > 1 else None)

    def _post(self, number: int) -> Post:
        kind = PostKind.PHOTO if number % 500 == 0 else PostKind.DOCUMENT
        return post(number, kind=kind, size=None, caption="between the tones " * 20)

    async def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        yield str(post.message_id).encode()


def _resident() -> int:
    """MiB at this moment."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


async def test_memory_stays_as_it_is_over_a_hundred_thousand_posts(tmp_path: Path) -> None:
    await grabbed(Endless({}, [], count=1000), tmp_path / "warm", Wish(frozenset({PostKind.PHOTO})))
    before = _resident()
    grab = await grabbed(Endless({}, []), tmp_path / "cold", Wish(frozenset({PostKind.PHOTO})))
    assert grab.tally.came == 200
    assert _resident() - before < 16


async def test_a_survey_holds_numbers_only() -> None:
    before = _resident()
    survey = await surveyed(Endless({}, []), CHAT, ALL, frozenset({"u99999"}))
    assert (survey.files, survey.known) == (99_999, 1)
    assert (len(survey.first), survey.first[0].message_id) == (5, 100_000)
    assert _resident() - before < 64


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"name": "../../etc/passwd"}, "passwd"),
        ({"name": ".magpie-grab.jsonl"}, "magpie-grab.jsonl"),
        ({"name": "", "mime": "image/jpeg", "kind": PostKind.PHOTO}, "photo 7.jpg"),
        ({"name": "", "mime": "audio/ogg", "kind": PostKind.VOICE}, "voice 7.ogg"),
        (
            {"name": "x.mp3", "kind": PostKind.AUDIO, "title": "440 Hz", "performer": "Sine Waves"},
            "Sine Waves - 440 Hz.mp3",
        ),
        ({"name": "tone", "mime": ""}, "tone"),
    ],
)
def test_names(about: dict[str, object], name: str) -> None:
    assert name_of(replace(Post(7, DAY, PostKind.DOCUMENT), **about)) == name  # type: ignore[arg-type]


def test_numbers_leave_room_for_the_ending() -> None:
    names = numbered("é" * 98 + ".flac")
    first, second = next(names), next(names)
    assert first == "é" * 98 + ".flac"
    assert second.endswith("é (2).flac")
    assert len(os.fsencode(second)) <= 200
