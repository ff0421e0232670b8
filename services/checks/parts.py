"""The Parts that the running Magpie and `magpie check` have in common."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from services.checks.findings import Finding, unset
from services.checks.probes import (
    found_groups,
    probe_disk,
    probe_engine,
    probe_ffmpeg,
    probe_groups,
    probe_indexer,
    probe_large,
    probe_user,
)
from services.checks.service import Part
from services.downloads.port import Downloader
from services.search.port import Indexer
from services.telegram.door import BotApiDoor
from services.telegram.large import SecondDoor
from services.telegram.user import UserDoor


def known(kind: str, finding: Finding, name: str = "") -> Part:
    """A Part of which all is known already."""

    async def ask() -> Finding:
        return finding

    return Part(kind, ask, name, at_once=True)


def groups_part(door: BotApiDoor) -> Part:
    """What we hear in groups: as Telegram said it at the start, until it is asked again."""
    return Part("groups", partial(probe_groups, door), before=found_groups(hears_all=door.hears_groups))


def large_part(door: SecondDoor | None) -> Part:
    """The door for large files, if there is one."""
    if door is None:
        return known("large", unset("found-large-unset"))
    return Part("large", partial(probe_large, door.greet))


def user_part(door: UserDoor | None) -> Part:
    """The owner's own session, if there is one."""
    if door is None:
        return known("user", unset("found-user-unset"))
    return Part("user", lambda: probe_user(door.me, door.limited))


def machine_parts(folder: Path) -> Sequence[Part]:
    """What the machine brings: room under `folder`, and ffmpeg."""

    async def disk() -> Finding:
        return probe_disk(folder)

    async def ffmpeg() -> Finding:
        return probe_ffmpeg()

    return [Part("disk", disk, at_once=True), Part("ffmpeg", ffmpeg, at_once=True)]


def engine_parts(engines: Iterable[Downloader]) -> Sequence[Part]:
    """One Part an engine; a line more when there is none but the embedded one."""
    parts = [Part("engine", partial(probe_engine, engine), engine.name) for engine in engines]
    if any(part.name != "embedded" for part in parts):
        return parts
    return [*parts, known("engines", unset("found-engines-unset"))]


def indexer_parts(indexers: Sequence[Indexer], *, own: bool) -> Sequence[Part]:
    """One Part an Indexer; a line more when the owner has set none of their `own`."""
    parts = [Part("indexer", partial(probe_indexer, indexer), indexer.name) for indexer in indexers]
    return parts if own else [*parts, known("indexers", unset("found-indexers-unset"))]
