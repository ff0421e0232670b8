"""Testing what Magpie stands on: who may, what is said, and that no secret is in it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import connect, wait_until_it_answers
from models.access import Member, Role
from models.search import Query, Release
from services.access.rights import NotAllowed
from services.checks.findings import NO_ANSWER, Finding, Verdict, hint, sound, unset, wrong
from services.checks.parts import (
    engine_parts,
    groups_part,
    indexer_parts,
    known,
    large_part,
    machine_parts,
    user_part,
)
from services.checks.probes import (
    probe_channel,
    probe_database,
    probe_engine,
    probe_indexer,
    probe_large,
    probe_user,
)
from services.checks.service import Checkup, Part, UnknownPart
from services.downloads.port import EngineHealth
from services.redaction import Redaction
from services.search.port import IndexerBusy, IndexerRejected
from services.telegram.port import IN_USE, AccountLost, ChatClosed, Me, TelegramAway, TelegramRefused
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine

CHANNEL = -1001234
OWNER = Member.model_construct(id="1", name="Ada", role=Role.OWNER)
SECRET = "planted-secret"


class Door(FakeDoor):
    """`lack` is what Telegram tells of our place in the channel."""

    lack: str | None = None
    refuses: Exception | None = None

    async def lacks(self, channel_id: int) -> str | None:
        return self.lack

    async def delete(self, chat_id: int, message_id: int) -> None:
        if self.refuses is not None:
            raise self.refuses
        await super().delete(chat_id, message_id)


class Ask:
    """A Part's answers, one after the other; an exception is raised."""

    def __init__(self, *answers: Finding | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self) -> Finding:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def checkup(*parts: Part) -> Checkup:
    return Checkup(parts, Redaction([SECRET]))


async def verdicts(checks: Checkup) -> list[Verdict]:
    return [checked.finding.verdict for checked in await checks.look(by=OWNER)]


@pytest.mark.parametrize("role", Role)
async def test_only_who_may_manage(role: Role) -> None:
    ask = Ask(sound("found-ffmpeg"))
    checks = checkup(Part("ffmpeg", ask))
    person = Member.model_construct(id="2", name="x", role=role)
    if role in {Role.OWNER, Role.ADMIN}:
        await checks.test(None, by=person)
        assert ask.asked == 1
        return
    for use_case in (checks.look(by=person), checks.begin(None, by=person), checks.test(None, by=person)):
        with pytest.raises(NotAllowed):
            await use_case
    assert ask.asked == 0


async def test_one_is_tested_and_the_others_are_not() -> None:
    first, second = Ask(sound("found-engine", version="1")), Ask()
    checks = checkup(Part("engine", first, "a"), Part("engine", second, "b"))
    assert await verdicts(checks) == [Verdict.UNTESTED, Verdict.UNTESTED]
    part = (await checks.look(by=OWNER))[0].id
    await checks.begin(part, by=OWNER)
    assert await verdicts(checks) == [Verdict.RUNNING, Verdict.UNTESTED]
    await checks.test(part, by=OWNER)
    assert await verdicts(checks) == [Verdict.SOUND, Verdict.UNTESTED]
    assert second.asked == 0


async def test_what_is_known_at_once_is_asked_whenever_it_is_looked_at() -> None:
    ask = Ask(sound("found-ffmpeg"), wrong("ffmpeg-missing"))
    checks = checkup(Part("ffmpeg", ask, at_once=True), known("archive", unset("found-archive-unset")))
    assert await verdicts(checks) == [Verdict.SOUND, Verdict.UNSET]
    assert await verdicts(checks) == [Verdict.WRONG, Verdict.UNSET]
    assert not any(checked.testable for checked in await checkup().look(by=OWNER))
    await checks.test(None, by=OWNER)
    assert ask.asked == 2, "there is nothing to test"


async def test_all_are_tested_side_by_side() -> None:
    both = asyncio.Barrier(2)

    async def meet() -> Finding:
        await both.wait()
        return sound("found-ffmpeg")

    checks = checkup(Part("engine", meet, "a"), Part("engine", meet, "b"))
    async with asyncio.timeout(60):
        await checks.test(None, by=OWNER)
    assert await verdicts(checks) == [Verdict.SOUND, Verdict.SOUND]


async def test_a_test_that_breaks_does_not_run_for_ever() -> None:
    checks = checkup(Part("engine", Ask(RuntimeError("broken"), sound("found-ffmpeg")), "a"))
    await checks.begin(None, by=OWNER)
    with pytest.RaisesGroup(RuntimeError):
        await checks.test(None, by=OWNER)
    assert await verdicts(checks) == [Verdict.UNTESTED]
    await checks.test(None, by=OWNER)
    assert await verdicts(checks) == [Verdict.SOUND]


async def test_an_unknown_part_is_refused() -> None:
    checks = checkup(Part("engine", Ask(), "a"), known("owner", unset("found-owner-unset")))
    for part in ("", "nothing", known("owner", unset("found-owner-unset")).id):
        with pytest.raises(UnknownPart):
            await checks.begin(part, by=OWNER)
        with pytest.raises(UnknownPart):
            await checks.test(part, by=OWNER)


async def test_no_secret_leaves_it() -> None:
    told = wrong("found-telegram-refused", reason=f"no {SECRET} http://x/?apikey=abcdef")
    checks = checkup(Part("engine", Ask(told), f"named {SECRET}"), known("owner", told))
    await checks.test(None, by=OWNER)
    assert SECRET not in repr(await checks.look(by=OWNER))
    assert "abcdef" not in repr(await checks.look(by=OWNER))


async def test_the_channel_is_tested_with_a_message_that_goes_again() -> None:
    door = Door()
    assert await probe_channel(door, CHANNEL, "a test") == sound("found-archive")
    assert [(call.method, call.text) for call in door.calls] == [("send", "a test"), ("delete", "")]
    assert door.chats[CHANNEL] == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lack": "channel-may-not-post"}, "channel-may-not-post"),
        ({"errors": [ChatClosed("Forbidden: bot was kicked")]}, "telegram-refused"),
        ({"errors": [TelegramAway(1)]}, "telegram-away"),
        ({"refuses": TelegramRefused("message can't be deleted")}, "found-archive-stays"),
    ],
)
async def test_what_is_wrong_with_the_channel(change: dict[str, object], says: str) -> None:
    door = Door()
    for name, value in change.items():
        setattr(door, name, value)
    found = await probe_channel(door, CHANNEL, "a test")
    assert (found.verdict, found.key) == (Verdict.WRONG, says)


class InGroups(FakeDoor):
    """`now` is what Telegram says when it is asked again."""

    now: bool | Exception = True

    @property
    def hears_groups(self) -> bool:
        return False

    async def hears_groups_now(self) -> bool:
        if isinstance(self.now, Exception):
            raise self.now
        return self.now


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (True, sound("found-groups")),
        (False, hint("found-groups-private")),
        (TelegramAway(1), NO_ANSWER),
        (TelegramRefused("X"), NO_ANSWER),
    ],
)
async def test_what_is_heard_in_groups_is_known_before_it_is_asked(
    now: bool | Exception, found: Finding
) -> None:
    door = InGroups()
    door.now = now
    checks = checkup(groups_part(door))
    (before,) = await checks.look(by=OWNER)
    assert (before.finding, before.testable) == (hint("found-groups-private"), True)
    await checks.test(None, by=OWNER)
    (after,) = await checks.look(by=OWNER)
    assert after.finding == found


class Answers:
    """An Indexer whose check answers or raises."""

    name = "Some"

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    async def search(self, query: Query) -> AsyncIterator[Release]:
        yield Release(title=query.text, link="", indexers=())

    async def check(self) -> str:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_indexers() -> None:
    assert await probe_indexer(Answers("Jackett")) == sound("found-indexer", title="Jackett")
    for error in (IndexerBusy("Some"), IndexerRejected("Some")):
        assert await probe_indexer(Answers(error)) == wrong(error.key, indexer="Some")
    assert [part.kind for part in indexer_parts([], own=False)] == ["indexers"]
    assert [part.name for part in indexer_parts([Answers("x")], own=True)] == ["Some"]


class Ill(FakeEngine):
    """Says of itself what it was told."""

    said = EngineHealth(ok=True, version="5.0")

    async def health(self) -> EngineHealth:
        return self.said


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (EngineHealth(ok=True, version="5.0"), sound("found-engine", version="5.0")),
        (EngineHealth(ok=False, problem="engine-unreachable"), wrong("engine-unreachable", engine="fake")),
        (EngineHealth(ok=False, problem="error 1: something odd"), wrong("found-engine-trouble")),
    ],
)
async def test_engines(said: EngineHealth, found: Finding) -> None:
    engine = Ill()
    engine.said = said
    assert await probe_engine(engine) == found


def test_the_embedded_engine_alone_is_said() -> None:
    assert [part.kind for part in engine_parts([FakeEngine("embedded")])] == ["engine", "engines"]
    assert [part.kind for part in engine_parts([FakeEngine("aria2"), FakeEngine("embedded")])] == [
        "engine"
    ] * 2


async def test_the_machine(tmp_path: Path) -> None:
    disk, ffmpeg = [await part.ask() for part in machine_parts(tmp_path)]
    assert disk.sizes["free"] > 0
    assert ffmpeg.verdict is Verdict.SOUND


async def test_a_database_that_answers(database_url: str) -> None:
    client = connect(database_url)
    await wait_until_it_answers(client)
    found = await probe_database(client)
    await client.close()
    assert (found.verdict, found.key) == (Verdict.SOUND, "found-database")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("magpie_bot", sound("found-large", username="magpie_bot")),
        (AccountLost("USER_DEACTIVATED"), wrong("found-large-refused", reason="USER_DEACTIVATED")),
        (TelegramAway(1), NO_ANSWER),
        (TelegramRefused("X"), NO_ANSWER),
    ],
)
async def test_the_door_for_large_files(answer: str | Exception, found: Finding) -> None:
    async def greet() -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await probe_large(greet) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Me("Ada", is_premium=False), sound("found-user", name="Ada")),
        (Me("Ada", is_premium=True), sound("found-user-premium", name="Ada")),
        (AccountLost("SESSION_REVOKED"), wrong("found-user-lost", reason="SESSION_REVOKED")),
        (AccountLost(IN_USE), wrong("found-user-in-use")),
        (TelegramAway(1), NO_ANSWER),
        (TelegramRefused("X"), NO_ANSWER),
    ],
)
async def test_the_owners_session(answer: Me | Exception, found: Finding) -> None:
    async def ask() -> Me:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await probe_user(ask) == found


async def test_a_session_that_may_send_nothing() -> None:
    async def ask() -> Me:
        return Me("Ada", is_premium=True)

    found = await probe_user(ask, "PEER_FLOOD")
    assert found == wrong("found-user-limited", name="Ada", reason="PEER_FLOOD")


async def test_no_session_of_the_owner() -> None:
    part = user_part(None)
    assert part.at_once
    assert await part.ask() == unset("found-user-unset")


async def test_no_door_for_large_files() -> None:
    part = large_part(None)
    assert part.at_once
    assert await part.ask() == unset("found-large-unset")
