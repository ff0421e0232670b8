"""`magpie login` as a person uses it: at a terminal, with right answers and wrong ones."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.instance import instance
from services.telegram.lease import Lease
from tests.contract.simulator_client import ADA, BLAS, CLEO, Client, Program, noted, program
from tests.data_centre import session_of
from tests.terminal import Terminal, said, terminal

pytestmark = pytest.mark.xdist_group("login")
PHONE = "Phone number.*: $"
PASSWORD = "swordfish"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


@pytest.fixture
async def http(running: Program) -> AsyncIterator[Client]:
    async with running.client() as client:
        yield client


@pytest.fixture
async def asked(running: Program, tmp_path: Path) -> AsyncIterator[Terminal]:
    env = {"API_ID": "1", "API_HASH": "0" * 32, "MTPROTO_SERVER": f"{running.url}/api/data-centre"}
    async with terminal(tmp_path, env, "login") as shown:
        yield shown


async def phone_of(http: Client, person: int) -> str:
    return str((await http.get(f"/people/{person}/login"))["phone"])


async def code_for(http: Client, phone: str) -> str:
    codes: list[dict[str, Any]] = await http.get("/codes")
    return str(next(each["code"] for each in codes if each["phone"] == phone))


async def checked(folder: Path, running: Program, session: str, **env: str) -> str:
    """What `magpie check` says of the session."""
    application = {"API_ID": "1", "API_HASH": "0" * 32, "MTPROTO_SERVER": f"{running.url}/api/data-centre"}
    env = {"COLUMNS": "400", **application, "USER_SESSION": session, **env}
    _, told = await said(folder, env, "check")
    assert session not in told
    return next(line for line in told.splitlines() if "your account" in line)


async def test_the_right_answers(asked: Terminal, http: Client, running: Program, tmp_path: Path) -> None:
    """And `magpie check` finds that the session is good, until it is ended."""
    phone = await phone_of(http, ADA)
    await asked.answer(PHONE, f"+{phone}")
    await asked.shows("your Telegram app")
    await asked.answer("Code: $", await code_for(http, phone))
    session = (await asked.shows(r"USER_SESSION=\S+\n")).strip().removeprefix("USER_SESSION=")
    assert await asked.ended() == 0
    assert asked.text.count(session) == 1
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert kept == [], "nothing of it is written down"
    assert re.match("✓ your account: signed in as [Aa]da$", await checked(tmp_path, running, session))
    await http.post(f"/people/{ADA}/login", premium=True)
    assert "with Telegram Premium" in await checked(tmp_path, running, session)
    await http.http.delete(f"/api/people/{ADA}/sessions", params={"error": "SESSION_REVOKED"})
    assert "✗ your account" in (lost := await checked(tmp_path, running, session))
    assert "SESSION_REVOKED" in lost


async def test_wrong_answers_have_another_chance(asked: Terminal, http: Client) -> None:
    await http.post(f"/people/{CLEO}/login", password=PASSWORD, hint="a fish")
    phone = await phone_of(http, CLEO)
    await asked.answer(PHONE, "12")
    await asked.shows("no phone number")
    await asked.answer(PHONE, "")
    await asked.answer(PHONE, phone)
    await asked.shows("has sent a code")
    right = await code_for(http, phone)
    await asked.answer("Code: $", f"{(int(right) + 1) % 100_000:05}")
    await asked.shows("not the code")
    await asked.answer("Code: $", "")
    await asked.shows("A code is needed")
    await asked.answer("Code: $", right)
    await asked.answer(r"Password \(hint: a fish\): $", "sturgeon")
    await asked.shows("not the password")
    await asked.answer(r"Password \(hint: a fish\): $", PASSWORD)
    await asked.shows(r"USER_SESSION=\S+\n")
    assert await asked.ended() == 0
    assert PASSWORD not in asked.text
    assert "sturgeon" not in asked.text


async def test_a_code_that_expired_is_followed_by_another(asked: Terminal, http: Client) -> None:
    phone = await phone_of(http, BLAS)
    await asked.answer(PHONE, phone)
    await asked.shows("Code: $")
    old = await code_for(http, phone)
    about = {"action": "error", "error_code": 400, "description": "PHONE_CODE_EXPIRED"}
    await http.post("/faults", method="auth.signIn", **about)
    await asked.answer("Code: $", old)
    await asked.shows("(?s)has expired.*has sent a code.*Code: $")
    await asked.answer("Code: $", await code_for(http, phone))
    await asked.shows(r"USER_SESSION=\S+\n")


async def test_a_code_by_email(asked: Terminal, http: Client) -> None:
    await http.post(f"/people/{BLAS}/login", email="blas@example.org")
    phone = await phone_of(http, BLAS)
    await asked.answer(PHONE, phone)
    await asked.shows("code by e-mail")
    right = await code_for(http, phone)
    await asked.answer("Code: $", f"{(int(right) + 1) % 100_000:05}")
    await asked.shows("not the code")
    about = {"action": "error", "error_code": 400, "description": "EMAIL_VERIFY_EXPIRED"}
    await http.post("/faults", method="auth.signIn", **about)
    await asked.answer("Code: $", right)
    await asked.shows("(?s)has expired.*code by e-mail.*Code: $")
    await asked.answer("Code: $", await code_for(http, phone))
    await asked.shows(r"USER_SESSION=\S+\n")


async def test_who_must_give_an_email_address_first(asked: Terminal, http: Client) -> None:
    await http.post(f"/people/{BLAS}/login", needs_email=True)
    await asked.answer(PHONE, await phone_of(http, BLAS))
    await asked.shows("magpie: .*give it an address first")
    assert await asked.ended() == 1


RESTART = {"action": "error", "error_code": 500, "description": "AUTH_RESTART"}


@pytest.mark.parametrize("steps", [1, 2, 3], ids=["at the number", "at the code", "at the password"])
async def test_telegram_wants_to_begin_once_more(asked: Terminal, http: Client, steps: int) -> None:
    await http.post(f"/people/{CLEO}/login", password=PASSWORD)
    method = ("auth.sendCode", "auth.signIn", "auth.checkPassword")[steps - 1]
    await http.post("/faults", method=method, **RESTART)
    await signed_in(asked, http, steps)
    await asked.shows("wants to begin once more")
    await signed_in(asked, http)
    await asked.shows(r"USER_SESSION=\S+\n")
    assert await asked.ended() == 0


async def signed_in(asked: Terminal, http: Client, steps: int = 3) -> None:
    """Gives so many of the right answers: the number, the code and the password."""
    phone = await phone_of(http, CLEO)
    await asked.answer(PHONE, phone)
    if steps > 1:
        await asked.shows("Code: $")
        await asked.answer("Code: $", await code_for(http, phone))
    if steps > 2:
        await asked.answer("Password: $", PASSWORD)


async def test_a_password_that_was_changed_meanwhile(asked: Terminal, http: Client) -> None:
    await http.post(f"/people/{CLEO}/login", password=PASSWORD)
    about = {"action": "error", "error_code": 400, "description": "SRP_PASSWORD_CHANGED"}
    await http.post("/faults", method="auth.checkPassword", **about)
    await signed_in(asked, http)
    await asked.shows("password was changed just now")
    await asked.answer("Password: $", PASSWORD)
    await asked.shows(r"USER_SESSION=\S+\n")


@pytest.mark.parametrize(
    ("description", "code", "words"),
    [
        ("PHONE_NUMBER_BANNED", 400, "banned this phone number"),
        ("API_ID_INVALID", 400, "as my.telegram.org shows them"),
        ("UPDATE_APP_TO_LOGIN", 406, "update Magpie"),
        ("USER_DEACTIVATED_BAN", 401, "banned this account"),
        ("PHONE_PASSWORD_FLOOD", 406, "too many wrong tries"),
        ("FLOOD_WAIT_33", 420, "wait for 33 seconds"),
        ("FLOOD_WAIT_4000", 420, "wait for 67 minutes"),
        ("SOMETHING_NEW", 400, "Telegram refuses: SOMETHING_NEW"),
    ],
)
async def test_what_makes_no_sense_to_try_again(
    asked: Terminal, http: Client, description: str, code: int, words: str
) -> None:
    about = {"action": "error", "error_code": code, "description": description}
    await http.post("/faults", method="auth.sendCode", **about)
    await asked.answer(PHONE, await phone_of(http, ADA))
    await asked.shows(f"magpie: .*{re.escape(words)}")
    assert await asked.ended() == 1
    assert "Traceback" not in asked.text


async def test_a_number_that_nobody_has(asked: Terminal, http: Client) -> None:
    await asked.answer(PHONE, "4915100000000")
    await asked.shows("as a text message")
    await asked.answer("Code: $", await code_for(http, "4915100000000"))
    await asked.shows("magpie: no Telegram account has this phone number")
    assert await asked.ended() == 1


@pytest.mark.parametrize("name", ["PHONE_MIGRATE_4", "NETWORK_MIGRATE_4"])
async def test_who_lives_in_another_data_centre(asked: Terminal, http: Client, name: str) -> None:
    """Telegram says where, and it is asked there."""
    phone = await phone_of(http, ADA)
    about = {"action": "error", "error_code": 303, "description": name}
    await http.post("/faults", method="auth.sendCode", **about)
    await asked.answer(PHONE, phone)
    await asked.shows("Code: $")
    await asked.answer("Code: $", await code_for(http, phone))
    await asked.shows(r"USER_SESSION=\S+\n")


async def test_it_finds_the_simulator_that_runs(tmp_path: Path) -> None:
    """As `make run` has started it: nothing is set."""
    async with noted(tmp_path / "data") as world, terminal(tmp_path, {}, "login") as shown:
        async with world.client() as http:
            phone = await phone_of(http, ADA)
            await shown.answer(PHONE, phone)
            await shown.shows("Code: $")
            assert f"{world.url}/api/codes" in shown.text
            await shown.answer("Code: $", await code_for(http, phone))
        await shown.shows(r"USER_SESSION=\S+\n")


async def test_nobody_signs_in_beside_a_magpie_that_runs(running: Program, tmp_path: Path) -> None:
    session = await session_of(running.url, ADA)
    with instance(tmp_path / "data"):
        assert "✓ your account: the Magpie that runs here" in await checked(tmp_path, running, session)
    assert "signed in" in await checked(tmp_path, running, session)


@pytest.mark.models
async def test_a_session_that_another_magpie_uses(
    running: Program, tmp_path: Path, database_url: str, database: str
) -> None:
    session, url = await session_of(running.url, ADA), database_url.replace("/?", f"/{database}?")
    other = Lease(session, "another")
    await other.keep()
    said = await checked(tmp_path, running, session, MONGODB_URL=url)
    assert "✗ your account: another Magpie uses this session" in said
    await other.release()
    for _ in range(2):
        assert "signed in" in await checked(tmp_path, running, session, MONGODB_URL=url)


async def test_nobody_answers(asked: Terminal, running: Program) -> None:
    await asked.shows(PHONE)
    await running.kill()
    await asked.answer(PHONE, "4915100000000")
    await asked.shows("magpie: Telegram does not answer")
    assert await asked.ended() == 1


async def test_it_is_given_up(asked: Terminal, http: Client) -> None:
    await asked.answer(PHONE, await phone_of(http, ADA))
    await asked.shows("Code: $")
    await asked.interrupt("magpie: stopped: nobody is signed in")
    assert await asked.ended() == 1
    assert "Traceback" not in asked.text


async def test_without_an_application_there_is_no_signing_in(tmp_path: Path) -> None:
    async with terminal(tmp_path, {"BOT_TOKEN": f"1:{'A' * 35}"}, "login") as shown:
        await shown.shows("magpie: API_ID and API_HASH are not set: my.telegram.org gives them\n")
        assert await shown.ended() == 2


async def test_without_anything_the_simulator_must_run(tmp_path: Path) -> None:
    async with terminal(tmp_path, {}, "login") as shown:
        await shown.shows("magpie: API_ID and API_HASH are not set.*make run\n")
        assert await shown.ended() == 2
