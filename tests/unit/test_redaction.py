"""Secrets are planted everywhere, and must come out nowhere."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.redaction import Redaction
from tests.loopback import Answer, Request, serve

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "123456789:AAplantedTokenOfThisBot_0123456789-abc"
OTHER_TOKEN = "987654321:AAtokenOfAnotherBotThatNobodyKnows_12345"
PASSWORD = "planted pass/word'\"<&>$1\\n"
API_KEY = "plantedapikey0123456789abcdef"
SECRETS = (TOKEN, PASSWORD, API_KEY)


@pytest.fixture
def redaction() -> Redaction:
    return Redaction(SECRETS)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"token {TOKEN} here", "token [secret] here"),
        (f"{TOKEN}{TOKEN}", "[secret][secret]"),
        (f"{[PASSWORD]!r}", "['[secret]']"),
        (json.dumps({"a": PASSWORD}), '{"a": "[secret]"}'),
        (
            f"http://h/?x={quote(PASSWORD, safe='')}&y={quote_plus(PASSWORD)}",
            "http://h/?x=[secret]&y=[secret]",
        ),
        (f"https://api.telegram.org/bot{OTHER_TOKEN}/getMe", "https://api.telegram.org/bot[secret]/getMe"),
        (f"https://x/file/bot{OTHER_TOKEN}/photos/1.jpg", "https://x/file/bot[secret]/photos/1.jpg"),
        (f"log in as {OTHER_TOKEN}.", "log in as [secret]."),
        ("http://h/api?t=search&apikey=unknownkey&q=x", "http://h/api?t=search&apikey=[secret]&q=x"),
        ("http://h/api?APIKEY=unknownkey", "http://h/api?APIKEY=[secret]"),
        (
            "http://h/?passkey=unknown&token=unknown;secret=unknown",
            "http://h/?passkey=[secret]&token=[secret]",
        ),
        ("mongodb://ada:unknown@host:1/db", "mongodb://[secret]@host:1/db"),
        ("socks5://ada:un:known@host", "socks5://[secret]@host"),
        ("see http://host:8080/a@b", "see http://host:8080/a@b"),
        ("http://h/api?jackett_apikey=unknown&q=x", "http://h/api?jackett_apikey=[secret]&q=x"),
        ("http://h/a?torrent_pass=unknown&id=1", "http://h/a?torrent_pass=[secret]&id=1"),
        ("http://h/a?authkey=unknown&rsskey=unknown", "http://h/a?authkey=[secret]&rsskey=[secret]"),
        ("http://h/#access_token=unknown", "http://h/#access_token=[secret]"),
        ("http://h/a?X-Amz-Signature=unknown&b=1", "http://h/a?X-Amz-Signature=[secret]&b=1"),
        ("username=ada&password=unknown", "username=ada&password=[secret]"),
        ("http://:unknown@h/a", "http://[secret]@h/a"),
        ("http://unknown@h:80", "http://[secret]@h:80"),
        ("http://ada:un@known@h/a", "http://[secret]@h/a"),
        ("Authorization: Bearer unknown\nAccept: */*", "Authorization: [secret]\nAccept: */*"),
        ("{'authorization': 'Basic unknown', 'a': 'b'}", "{'authorization': '[secret]', 'a': 'b'}"),
        ("(b'Authorization', b'Bearer unknown')", "(b'Authorization', b'[secret]')"),
        (
            json.dumps(json.dumps({"Cookie": "SID=a", "b": "c"})),
            r'''"{\"Cookie\": \"[secret]\", \"b\": \"c\"}"''',
        ),
        ('Cookie: SID="unknown"; lang=en', "Cookie: [secret]"),
        ("Set-Cookie: SID=unknown; HttpOnly", "Set-Cookie: [secret]"),
        ("got Bearer unknown.unknown-unknown here", "got Bearer [secret] here"),
        (f"http://t/{'0a' * 16}/announce", "http://t/[secret]/announce"),
        (f"http://t/announce/{'0a' * 16} down", "http://t/announce/[secret] down"),
        (
            f"magnet:?xt=urn:btih:{'0a' * 20}&tr={quote('http://t/a?passkey=unknown&b=1', safe='')}",
            f"magnet:?xt=urn:btih:{'0a' * 20}&tr={quote('http://t/a?passkey=', safe='')}[secret]%26b%3D1",
        ),
        (
            f"magnet:?xt=urn:btih:{'0a' * 20}&tr=http%3A%2F%2Ft%2F{'0b' * 16}%2Fannounce",
            f"magnet:?xt=urn:btih:{'0a' * 20}&tr=http%3A%2F%2Ft%2F[secret]%2Fannounce",
        ),
        ("tr=http%3A%2F%2Fada%3Aunknown%40t%2Fa&b=1", "tr=http%3A%2F%2F[secret]%40t%2Fa&b=1"),
        (f"download {'0a' * 20} and bt-{'0a' * 20}", f"download {'0a' * 20} and bt-{'0a' * 20}"),
        (f"/downloads/{'0a' * 20}/film.mkv", f"/downloads/{'0a' * 20}/film.mkv"),
        ("cookies are eaten, and tokens=many stay", "cookies are eaten, and tokens=many stay"),
        ("12:34 and 123456:short stay", "12:34 and 123456:short stay"),
        ("", ""),
    ],
)
def test_texts(text: str, clean: str, redaction: Redaction) -> None:
    assert redaction.text(text) == clean


@pytest.mark.timeout(20)
def test_long_texts_cost_no_more_than_they_are_long(redaction: Redaction) -> None:
    for piece in ("a", "a-", "http://", "%3A%2F%2F", "/announce", "token=", "0a/", "cookie", "bearer ", "1:"):
        redaction.text(piece * (200_000 // len(piece)))


def test_everything_that_is_logged(redaction: Redaction) -> None:
    class Thing:
        def __str__(self) -> str:
            return f"Thing({PASSWORD})"

    logged = {
        "text": PASSWORD,
        "number": 7,
        "nothing": None,
        "list": [TOKEN, {"deep": (API_KEY, 1.5)}],
        "error": ValueError(PASSWORD),
        "path": Path("/x") / API_KEY,
        "bytes": API_KEY.encode(),
        "set": {API_KEY},
        "thing": Thing(),
    }
    cleaned = redaction.clean(logged)
    assert cleaned["number"] == 7
    assert cleaned["nothing"] is None
    assert cleaned["list"] == ["[secret]", {"deep": ["[secret]", 1.5]}]
    assert not any(secret in repr(cleaned) for secret in (*SECRETS, "planted"))


def test_a_secret_that_holds_another_is_taken_out_whole() -> None:
    assert Redaction(["word", "password1"]).text("password1 word") == "[secret] [secret]"


def test_a_secret_too_short_to_tell_from_words_is_left() -> None:
    assert Redaction(["a", ""]).text("a cat") == "a cat"


@given(st.text(), st.text(min_size=4).filter(lambda secret: secret not in "[secret]"), st.text())
def test_no_known_secret_comes_through(before: str, secret: str, after: str) -> None:
    assert secret not in Redaction([secret]).text(f"{before}{secret}{after}").replace("[secret]", "")


PROGRAM = """
import logging, sys, json
from bot.logs import set_up_logs
from services.redaction import Redaction
import structlog

token, password, api_key, style = json.loads(sys.argv[1])
set_up_logs("DEBUG", style, Redaction([token, password, api_key]))
ours, library = structlog.get_logger("ours"), logging.getLogger("library")

def broken():
    local = password
    try:
        raise KeyError(token, password)
    except KeyError as error:
        try:
            raise ConnectionError(f"cannot reach http://u:{api_key}@host?apikey={api_key}") from error
        except ConnectionError:
            raise RuntimeError("first line " + password)

structlog.contextvars.bind_contextvars(trace="t1", bound=password)
ours.info("planted " + token, value=password, deep={"list": [api_key]}, error=ValueError(password), raw=api_key.encode())
ours.warning("with %s", password)
library.warning("to %s and %r", password, {"key": api_key})
library.warning("extra", extra={"planted_extra": password})
logging.getLogger("httpx").warning("HTTP Request: POST https://api.telegram.org/bot%s/getMe", token)
logging.getLogger("httpx").info("not shown")
for log in (ours, library):
    try:
        broken()
    except RuntimeError as error:
        log.exception("it broke")
        log.error("explicit", exc_info=error)
ours.info("stack", stack_info=True)
library.info("stack", stack_info=True)
try:
    raise ExceptionGroup("group " + password, [ValueError(token), ExceptionGroup("inner", [OSError(api_key)])])
except ExceptionGroup:
    ours.exception("group")
structlog.contextvars.clear_contextvars()
ours.info("the end")
"""


def logged(style: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps([TOKEN, PASSWORD, API_KEY, style])],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("style", ["console", "json"])
def test_no_secret_reaches_the_log(style: str) -> None:
    text = logged(style)
    for secret in SECRETS:
        assert secret not in text
        assert repr(secret)[1:-1] not in text
        assert json.dumps(secret)[1:-1] not in text
    assert "AAplanted" not in text
    assert text.count("[secret]") > 20
    assert "not shown" not in text
    assert text.count("RuntimeError: first line [secret]") == 4
    assert "ExceptionGroup" in text
    assert "the end" in text
    assert "Traceback" in text


def test_every_line_of_json_is_one_event_with_its_trace() -> None:
    events = [json.loads(line) for line in logged("json").splitlines()]
    assert [event["event"] for event in events[-1:]] == ["the end"]
    assert all(event["trace"] == "t1" for event in events[:-1])
    assert "trace" not in events[-1]
    assert {event["logger"] for event in events} == {"ours", "library", "httpx"}
    assert all({"level", "timestamp"} <= set(event) for event in events)
    extra = next(event for event in events if event["event"] == "extra")
    assert extra["planted_extra"] == "[secret]"


@asynccontextmanager
async def unfriendly() -> AsyncIterator[str]:
    """Answers every request with everything it was asked, and refuses it."""

    def answer(request: Request) -> Answer:
        told = {"ok": False, "description": f"Unauthorized: {request.target} {dict(request.headers)}"}
        return Answer(json.dumps(told).encode(), status=401)

    async with serve(answer) as server:
        yield server.url


async def test_check_says_what_is_wrong_and_no_secret(tmp_path: Path) -> None:
    async with unfriendly() as url:
        text, status = await check(
            tmp_path,
            BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=url,
            MONGODB_URL=f"mongodb://ada:{API_KEY}@127.0.0.1:1/?serverSelectionTimeoutMS=200",
            TORZNAB_URLS=f"[red]one[/]={url}/api?apikey={API_KEY}",
            ARIA2_URL=url,
            ARIA2_SECRET=PASSWORD,
            QBITTORRENT_URL=url,
            QBITTORRENT_PASSWORD=PASSWORD,
        )
    assert status == 1
    for secret in (*SECRETS, "AAplanted"):
        assert secret not in text
    for wrong in (
        "Telegram",
        "database",
        "downloader aria2",
        "downloader qbittorrent",
        "indexer [red]one[/]",
    ):
        assert f"✗ {wrong}: " in text
    assert "✓ downloader embedded" in text
    assert "engine-" not in text, "a key is not a plain word"
    assert "indexer-" not in text
    assert "Traceback" not in text


async def test_check_with_nothing_set(tmp_path: Path) -> None:
    text, status = await check(tmp_path)
    assert status == 0, text
    assert "– Telegram: BOT_TOKEN is not set" in text
    assert "✓ database: embedded" in text
    assert "– owner: in the simulator its first person is the owner" in text
    assert "– archive channel: in the simulator its channel takes what is ordered" in text
    assert "– large files: in the simulator up to 2000 MB" in text
    assert "claim code" not in text
    assert "✓ downloader embedded: always there" in text


async def test_check_misses_the_interface_that_torrents_may_use_alone(tmp_path: Path) -> None:
    text, status = await check(tmp_path, TORRENT_INTERFACE="tun-gone0")
    assert status == 1
    assert "✗ downloader embedded: The network interface for torrents is gone." in text
    text, status = await check(tmp_path, TORRENT_INTERFACE="lo")
    assert status == 0, text
    assert "✓ downloader embedded: always there" in text


async def check(folder: Path, **env: str) -> tuple[str, int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check"),
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "TORRENT_LISTEN": "127.0.0.1:0",
            "COLUMNS": "400",
            **env,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return output.decode(), process.returncode or 0
