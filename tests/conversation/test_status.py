"""One Card from Start to the link: progress, its keys, and /status."""

import re
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chats import answer_to, becomes, choose, house_for_all, leaves_nothing, newcomer, start
from tests.house import House, Message, Person, labels, until
from tests.loopback import Answer, serve
from tests.swarm import Made, WebSeed, make_payload, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-status"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
SLOW, SIZE = 60_000, 2_000_000
RUNNING = ["Pause", "Cancel", "Details"]


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_for_all(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture
def seed(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[WebSeed]:
    """A slow one, of a file of every test's own."""
    number = zlib.crc32(request.node.name.encode())
    with WebSeed(make_payload(tmp_path / "web", {"slow.bin": SIZE}, number), rate=SLOW) as seed:
        yield seed


@pytest.fixture
def made(seed: WebSeed) -> Made:
    return make_torrent(seed.folder / "slow.bin", web_seed=seed.url)


async def test_progress_is_shown_and_details_unfold(house: House, seed: WebSeed, made: Made) -> None:
    person = await newcomer(house)
    card = await start(person, made.metainfo)
    card = await becomes(person, card, pattern=r"[1-9]\d? % · [\d.]+ KB/s · \d+ s left")
    title, progress, steps = card["text"].split("\n")
    assert title == "slow.bin"
    assert re.match(r"[■□]{10} \d+ % · ", progress)
    assert steps == "● Fetch  ○ Check  ○ Preview  ○ Archive"
    assert labels(card) == RUNNING
    await person.press(card, "Details")
    card = await becomes(person, card, button="Less")
    assert card["text"].split("\n")[3].startswith("1 file · 1.9 MB · 1 peer, ")
    await person.press(card, "Less")
    assert len((await becomes(person, card, button="Details"))["text"].split("\n")) == 3
    seed.rate = None
    await becomes(person, card, "✅ slow is in the archive.")


async def test_paused_it_rests_and_resumed_it_goes_on(house: House, seed: WebSeed, made: Made) -> None:
    person = await newcomer(house, "es", "Blas")
    card = await _start_in_spanish(person, made)
    card = await becomes(person, card, pattern=r"\d % · .* · quedan ")
    await person.press(card, "Pausar")
    card = await becomes(person, card, "⏸ En pausa")
    assert labels(card) == ["Seguir", "Cancelar", "Detalles"]
    assert card["text"].split("\n")[2].startswith("● Traer")
    asked: list[int] = []

    async def rests() -> bool:
        asked.append(len(seed.log))
        return len(asked) > 40 and len(set(asked[-40:])) == 1

    await until(rests, "it still fetches")
    await person.press(card, "Seguir")
    seed.rate = None
    await becomes(person, card, "✅ slow está en el archivo.")


async def test_cancel_asks_once_and_nothing_is_kept(house: House, made: Made) -> None:
    person = await newcomer(house)
    async with leaves_nothing(house):
        card = await start(person, made.metainfo)
        card = await becomes(person, card, "%")
        await person.press(card, "Cancel")
        card = await becomes(person, card, "Really give up slow.bin?")
        assert card["text"] == "Really give up slow.bin? What was fetched so far will be removed."
        assert labels(card) == ["Yes, give it up", "No, go on"]
        await person.press(card, "No, go on")
        card = await becomes(person, card, "%")
        assert labels(card) == RUNNING
        await person.press(card, "Cancel")
        await person.press(await becomes(person, card, button="Yes"), "Yes, give it up")
        card = await becomes(person, card, "was cancelled")
        assert card["text"] == "✖ slow.bin was cancelled. Nothing was kept."
        assert labels(card) == []


async def test_a_failed_one_tells_why_and_is_retried(house: House) -> None:
    answers = {"/words.bin": Answer(status=503)}
    async with serve(lambda request: answers[request.path]) as server:
        person = await newcomer(house, "es")
        card = await answer_to(person, f"{server.url}/words.bin")
        card = await becomes(person, card, "no salió bien")
        said, _, code = card["text"].rpartition("\n")
        assert said == (
            "⚠ words.bin no salió bien.\n"
            "El servidor de este enlace responde con un error en vez del archivo.\n"
            "Todavía no se había traído nada."
        )
        assert re.fullmatch(r"Código [0-9a-f]{6} · mi registro lo explica", code)
        assert labels(card) == ["Reintentar", "Descartar", "Detalles"]
        answers["/words.bin"] = Answer(b"some words")
        await person.press(card, "Reintentar")
        card = await becomes(person, card, button="Empezar")
        await person.press(card, "Empezar")
        await becomes(person, card, "✅ words está en el archivo.")


async def test_status_without_orders(house: House) -> None:
    assert (await answer_to(await newcomer(house), "/status"))["text"] == (
        "You have no orders. /search finds something."
    )
    empty = await answer_to(await newcomer(house, "es"), "/status")
    assert empty["text"] == "No tienes pedidos. Con /search se encuentra algo."
    assert labels(empty) == []


async def test_status_lists_ones_own_orders_with_a_key_each(
    house: House, seed: WebSeed, made: Made, tmp_path: Path
) -> None:
    person = await newcomer(house)
    other = make_torrent(make_payload(tmp_path / "other" / "Box", {"a.bin": 1000, "b.bin": 1000}))
    await choose(person, other.metainfo)
    card = await becomes(person, await start(person, made.metainfo), "%")
    status = await answer_to(person, "/status")
    head, first, second = status["text"].split("\n")
    assert head == "Your orders"
    assert re.fullmatch(r"1\. slow\.bin — fetching \d+ %", first)
    assert second == "2. Box — choosing"
    assert labels(status) == ["1", "2"]
    await person.press(status, "1")
    again = await person.wait(contains="slow.bin", button="Pause", after=status["message_id"])
    assert labels(again) == RUNNING
    await person.press(again, "Pause")
    await becomes(person, again, "⏸ Paused")
    await becomes(person, card, "⏸ Paused")
    await person.press(again, "Resume")
    seed.rate = None
    await becomes(person, again, "is in the archive")
    await becomes(person, card, "is in the archive")
    later = await answer_to(person, "/status")
    assert later["text"].split("\n")[1:] == ["1. Box — choosing", "2. slow — done"]


async def _start_in_spanish(person: Person, made: Made) -> Message:
    sent = await person.send("algo.torrent", made.metainfo)
    picker = await person.wait(button="Empezar", after=sent["message_id"])
    await person.press(picker, "Empezar")
    return picker
