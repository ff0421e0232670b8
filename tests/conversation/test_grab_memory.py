"""A channel of a hundred thousand messages, looked through by `magpie grab`: of all of them only numbers stay in memory."""

import asyncio
import io
import re
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from simulator.media import Prepared, store
from simulator.members import Members
from simulator.messages import Message
from simulator.methods.call import media_content
from simulator.world import Settings, World
from tests.contract.simulator_client import ADA, CLEO, program
from tests.data_centre import session_of
from tests.house import Process
from tests.terminal import called

FEW, MANY = 5_000, 100_000
MOST_MORE = 16
"""MiB. Ten are the numbers of the files, by which one is known that is posted again; the posts themselves would be seventy."""
CAPTION = "between the tones " * 10
MORE_FILES = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?1)
    INSERT INTO files SELECT id + n, kind, sha256, size, n || ' ' || name, mime_type,
        json_set(media, '$.file', id + n, '$.file_name', n || ' ' || name), dc
    FROM numbers, files WHERE id = ?2"""
MORE_MESSAGES = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?1)
    INSERT INTO messages SELECT box, message_id + n, sender, date, edit_date, version + n,
        json_set(content, '$.document.file', ?2 + n, '$.document.file_name', n || ' tone.txt')
    FROM numbers, messages WHERE box = ?3 AND message_id = ?4"""


def filled(folder: Path, channels: Mapping[str, int]) -> None:
    """A world with channels of these names, with so many posts, each with a file of its own: as if Cleo had sent them."""
    with closing(World(Settings(folder))) as world:
        blob = world.files.keep_stream(io.BytesIO(b"a tone"))
        for name, count in channels.items():
            with world.change():
                chat = Members(world).add_room("channel", name, name, CLEO, is_forum=False).chat
                media = store(world.files, Prepared("document", blob, "tone.txt"), {}, None)
                first = {**media_content("document", media), "caption": CAPTION}
                repeat(world, world.messages.add(chat, CLEO, world.now(), first), media["file"], count - 1)


def repeat(world: World, said: Message, file: int, times: int) -> None:
    """So many more posts like this one, as the simulator would write them, and in a tenth of the time."""
    world.db.run(MORE_FILES, times, file)
    world.db.run(MORE_MESSAGES, times, file, said.chat.box, said.message_id)
    counters = "UPDATE counters SET value = value + ? WHERE name IN ('version', ?)"
    world.db.run(counters, times, f"message:{said.chat.room}")


def most_of(pid: int) -> int:
    """MiB that it had at most so far; 0 for what has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        if found := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()):
            return int(found[1]) >> 10
    return 0


async def most_until_its_end(process: Process) -> int:
    most = 0
    while process.alive:
        most = max(most, most_of(process.pid))
        await asyncio.sleep(0.02)
    return most


async def test_memory_stays_as_it_is_over_a_hundred_thousand_messages(tmp_path: Path) -> None:
    filled(tmp_path / "simulator", {"few_tones": FEW, "many_tones": MANY})
    async with program(tmp_path / "simulator", "--flood", "off") as running:
        env = {
            "COLUMNS": "200",
            "API_ID": "1",
            "API_HASH": "0" * 32,
            "MTPROTO_SERVER": f"{running.url}/api/data-centre",
            "USER_SESSION": await session_of(running.url, ADA),
        }
        here = tmp_path / "here"
        here.mkdir()
        most = list[int]()
        for name, count in {"few_tones": FEW, "many_tones": MANY}.items():
            process = await called(here, env, "grab", f"@{name}", "--dry-run")
            most.append(await most_until_its_end(process))
            assert process.text().startswith(f"{name}: {count} files, ")
        assert most[1] - most[0] < MOST_MORE
