"""`magpie key` and `magpie rebuild` as the owner uses them: all that is left is Telegram, and 24 words."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from services.ledger.keys import KEY_FILE, InstanceKey, key_in
from tests.house import House, until
from tests.recovery.journeys import LONG, house_with_noises, order, press
from tests.recovery.test_kills_ledger import ledger_of, written_of
from tests.terminal import said, terminal

pytestmark = pytest.mark.xdist_group("rebuild")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Two works are archived and written down; Blas was let in. Then the machine is lost."""
    (tmp_path / "house").mkdir()
    async with house_with_noises(tmp_path / "house") as (house, torrent):
        house.settings = {**house.settings, **house.second_door, "OPEN_ACCESS": "true"}
        channel = await ledger_of(house)
        bot = await house.start_bot()
        for number in range(2):
            await order(house.ada, torrent(number))
        await house.blas.say("/start")

        async def is_written() -> bool:
            return await written_of(house, channel) == (2, 2)

        await until(is_written, "it is not written down", LONG)
        await bot.stop()
        yield house


def anew(house: House, folder: Path) -> Mapping[str, str]:
    """The settings of another machine."""
    folder.mkdir()
    return {**house.environment, "DATA_DIR": str(folder / "data"), "MONGODB_URL": ""}


async def phrase_of(folder: Path, env: Mapping[str, str]) -> str:
    async with terminal(folder, env, "key") as shown:
        return await shown.shows(r"([a-z]+ ){23}[a-z]+")


async def test_all_that_is_left_is_telegram_and_24_words(house: House, tmp_path: Path) -> None:
    env = anew(house, tmp_path / "new")
    phrase = await phrase_of(tmp_path, house.environment)
    words = tmp_path / "words"
    words.write_text(f"{phrase}\n")
    status, told = await said(tmp_path / "new", env, "rebuild", "--phrase-file", str(words))
    assert (status, "Restored: 2 works with 2 copies, 2 members" in told) == (0, True), told
    assert phrase not in told
    kept = key_in(tmp_path / "new" / "data")
    assert kept is not None
    assert kept.public == InstanceKey.from_phrase(phrase).public
    status, told = await said(tmp_path / "new", env, "rebuild", "--phrase-file", str(words))
    assert (status, "the database has works in it" in told) == (1, True), told
    await house.start_bot(**env)
    asked = await house.blas.say("/library noise")
    card = await house.blas.wait(button="1", after=asked["message_id"], seconds=LONG)
    await press(house.blas, card, "1")

    async def is_there() -> bool:
        return any("document" in message for message in await house.blas.messages())

    await until(is_there, "it was not delivered", LONG)


async def test_the_words_are_asked_for_and_wrong_ones_change_nothing(house: House, tmp_path: Path) -> None:
    env = anew(house, tmp_path / "new")
    phrase = await phrase_of(tmp_path, house.environment)
    status, told = await said(tmp_path / "new", env, "rebuild")
    assert (status, "--phrase-file" in told) == (2, True), told
    async with terminal(tmp_path, env, "rebuild") as shown:
        await shown.answer("Recovery phrase", phrase.replace(" ", "  ", 1).rpartition(" ")[0])
        await shown.shows("a recovery phrase has 24 words, these are 23")
    async with terminal(tmp_path, env, "rebuild") as shown:
        await shown.answer("Recovery phrase", InstanceKey(bytes(32)).phrase)
        await shown.shows("no manifest of this key stands in LEDGER_CHANNEL")
    assert not (tmp_path / "new" / "data" / KEY_FILE).exists()
    async with terminal(tmp_path, env, "rebuild") as shown:
        await shown.answer("Recovery phrase", phrase)
        await shown.shows("Restored: 2 works")
        assert phrase.split()[5] not in shown.text


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("LEDGER_CHANNEL", "LEDGER_CHANNEL is not set"),
        ("BOT_TOKEN", "BOT_TOKEN is not set"),
        ("API_ID", "API_ID and"),
    ],
)
async def test_what_is_missing_is_said(missing: str, says: str, tmp_path: Path) -> None:
    env = {
        "BOT_TOKEN": "1:" + "a" * 30,
        "LEDGER_CHANNEL": "-1001234567890",
        "API_ID": "1",
        "API_HASH": "0" * 32,
    }
    env = {**env, "API_HASH": ""} if missing == "API_ID" else env
    words = tmp_path / "words"
    words.write_text(InstanceKey(bytes(32)).phrase)
    folder = tmp_path / "folder"
    folder.mkdir()
    status, told = await said(folder, {**env, missing: ""}, "rebuild", "--phrase-file", str(words))
    assert (status, says in told) == (2, True), told


async def test_the_words_are_shown_to_nobody_but_a_terminal(tmp_path: Path) -> None:
    status, told = await said(tmp_path, {}, "key")
    assert (status, "in a terminal only" in told) == (1, True), told
    assert not (tmp_path / "data" / KEY_FILE).exists()
