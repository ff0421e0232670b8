"""Made-up works as Items of the embedded database, and who may see them."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from babel.core import get_global

from benchmarks.made_items import CHANNELS, GROUPS, Made, made
from bot.database import NAME, opened_database
from models.media import Facts, Kind
from services.library.reach import Reach

ARCHIVE = -1001000000000
"""The archive channel, unless told."""
_OTHERS = {name: ARCHIVE - 1 - place for place, name in enumerate(sum(CHANNELS.values(), ()))}
_GROUP, _OTHER, _OWN = (16, 17), 18, 19
"""Of each twenty Items: two ordered in a group, one in a channel of its own, one in somebody's chat; the rest is for all."""
_EPISODE = re.compile(r" S(\d\d)E(\d\d) ")
_CONTAINERS = {"mkv": "matroska,webm", "mp4": "mov,mp4,m4a,3gp,3g2,mj2", "mp3": "mp3", "flac": "flac"}
_UNKNOWN = Facts(path="", name="", size=0, blake3="", kind=Kind.DOCUMENT, title="").model_dump(mode="json")
_NOTHING: Mapping[str, Any] = {"wanted": "", "unpacked": False, "handed_out": 0, "removed_at": 0}


def member_id(member: str) -> str:
    """Telegram's id of one of the members who ordered."""
    return str(5_000_000 + int(member[1:]))


def group_id(group: str) -> int:
    return -1002000000000 - int(group[1:])


def plain_member(number: int, channel: int = ARCHIVE) -> Reach:
    """One of those who ordered, in two of the groups."""
    groups = [group_id(f"g{(number + step) % GROUPS:02}") for step in (0, 5)]
    return Reach(channel, member_id(f"m{number:03}"), groups)


async def fill(
    data_dir: Path, count: int, seed: int, channel: int = ARCHIVE, group: int | None = None
) -> None:
    """Puts them into the embedded database of a bot that does not run; `group`: the only one there is.

    Right into the file, once the server has made it: the server needs ten times as long for each.
    """
    folder = data_dir / "db"
    async with opened_database(None, folder):
        pass
    rows = ((item["_id"], json.dumps(item)) for item in archive(count, seed, channel, group))
    with closing(sqlite3.connect(folder / f"{NAME}.db")) as database, database:
        database.executemany("INSERT INTO items (_id, data) VALUES (?, ?)", rows)


def archive(
    count: int, seed: int, channel: int = ARCHIVE, group: int | None = None
) -> Iterator[dict[str, Any]]:
    """That many, as the database has them."""
    return (document_of(number, work, channel, group) for number, work in enumerate(made(count, seed)))


def document_of(number: int, work: Made, channel: int, only_group: int | None) -> dict[str, Any]:
    """One Item as the database has it."""
    key = f"{work.archived // 1000:08x}{number:08}"
    place, group = _place(number % 20, work, channel)
    if group is not None and only_group is not None:
        group = only_group
    return {
        "_id": key,
        "title": work.title,
        "files": _files(key, work),
        "tags": list(work.tags),
        "member_id": member_id(work.member),
        "source": hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest(),
        "posts": [{"copy_id": key, "link": None}],
        "channel_id": place,
        "group": group,
        **_NOTHING,
        "archived_at": work.archived,
        "changed_at": number,
    }


def _place(share: int, work: Made, channel: int) -> tuple[int, int | None]:
    """The chat of the main post, and the group for which it is."""
    if share == _OTHER:
        return _OTHERS[work.channel], None
    if share == _OWN:
        return int(member_id(work.member)), None
    return channel, group_id(work.group) if share in _GROUP else None


def _files(key: str, work: Made) -> list[dict[str, Any]]:
    size, seconds = work.size // len(work.files), work.seconds / len(work.files)
    common = _common(work)
    subtitles = [_three_letters()[code] for code in work.subtitles]
    files = []
    for name in work.files:
        stem, _, ending = name.rpartition(".")
        path = f"downloads/{key}/{name}"
        file = {
            "path": path,
            "name": name,
            "size": size,
            "blake3": hashlib.sha256(path.encode()).hexdigest(),
            "title": work.title if len(work.files) == 1 else stem,
        }
        if ending == "srt":
            files.append({**_UNKNOWN, **file})
            continue
        container = _CONTAINERS.get(ending)
        playing = {"duration": seconds or None, "subtitles": subtitles, "container": container}
        files.append({**_UNKNOWN, **common, **playing, **file})
    return files


def _common(work: Made) -> dict[str, Any]:
    """What all files of a work have."""
    facts: dict[str, Any] = {"kind": work.kind.value, "year": work.year, "performer": work.performer or None}
    if work.kind is Kind.AUDIO:
        return {
            **facts,
            "album": work.album or None,
            "audio_codec": work.codec,
            "genres": list(work.tags[:1]),
        }
    if work.kind is not Kind.VIDEO or work.height is None:
        return facts
    facts |= {"height": work.height, "width": work.height * 16 // 9}
    facts |= {"video_codec": work.codec, "audio_codec": "aac", "series": work.album or None}
    if episode := _EPISODE.search(work.title):
        facts |= {"season": int(episode[1]), "episode": int(episode[2])}
    return facts


@cache
def _three_letters() -> Mapping[str, str]:
    """The ISO 639-2 codes, as films name the languages of their subtitles."""
    aliases = get_global("language_aliases")
    return {code: long for long, code in aliases.items() if len(long) == 3 and len(code) == 2}


def sampled(count: int, seed: int, wanted: int) -> Sequence[tuple[int, Made]]:
    """That many of them, evenly from the first to the last, with their numbers."""
    step = max(1, count // wanted)
    return list(islice(islice(enumerate(made(count, seed)), 0, None, step), wanted))
