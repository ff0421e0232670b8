"""What tests of the chat page need: a real browser, the real simulator, a bot that the test plays, somebody new.

A test module takes the fixtures by name: `person = browsing.person`.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from simulator.sample.films import make_colour_bars
from simulator.sample.music import make_three_tones
from simulator.sample.pictures import draw_cover
from tests.house import Process
from tests.programs import need

PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""
expect.set_options(timeout=PATIENCE * 1000)

once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")

CHANNEL = -1001000000001
ADA, BLAS, CLEO = 1001, 1002, 1003
GROUP, FILMS = -1001000000002, 2
BOT_NAME, BOT_USERNAME = "Magpie", "magpie_sim_bot"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
Json = dict[str, Any]
PLAY = "node => node.play().then(() => undefined)"


class Bot:
    """A bot as small as can be: calls methods, and takes updates one by one."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"{base_url}/bot{token}/", timeout=PATIENCE)
        self.files = httpx.AsyncClient(base_url=f"{base_url}/file/bot{token}/", timeout=PATIENCE)
        self._offset = 0

    async def call(self, method: str, files: Json | None = None, **parameters: Any) -> Any:
        if files is None:
            reply = await self._http.post(method, json=parameters)
        else:
            reply = await self._http.post(method, data=parameters, files=files)
        answer = reply.json()
        assert answer["ok"], answer
        return answer["result"]

    async def next(self, kind: str, of: int, chat: int | None = None) -> Json:
        """The next update of a kind that comes from this person, in this chat if given; others are passed over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for update in await self.call("getUpdates", offset=self._offset, limit=1, timeout=2):
                self._offset = update["update_id"] + 1
                content: Json = update.get(kind, {})
                if content.get("from", {}).get("id") != of:
                    continue
                if chat is None or content["chat"]["id"] == chat:
                    return content
        raise AssertionError(f"no {kind} from {of} arrived")

    async def close(self) -> None:
        await self._http.aclose()
        await self.files.aclose()


class Person:
    """Somebody new in the world of the simulator, with a browser tab."""

    def __init__(self, number: int, base_url: str, page: Page) -> None:
        self.id = number
        self.base_url = base_url
        self.page = page

    async def open(self, chat: int | None = None, person: int | None = None) -> Page:
        where = f"?person={person or self.id}" + (f"&chat={chat}" if chat else "")
        await self.page.goto(f"{self.base_url}/{where}")
        await expect(self.page.locator("#connection")).to_be_hidden()
        return self.page


@asynccontextmanager
async def running_simulator(data: Path, port: int = 0) -> AsyncIterator[str]:
    """`python -m simulator` in a process of its own; gives its address."""
    log = data.with_name(f"{data.name}.{port}.log")
    process = await Process.fork(log, "simulator", "--port", str(port), "--data-dir", str(data), env={})
    try:
        yield (await process.said(r"simulator listening on (\S+)")).group(1)
    finally:
        await process.stop()


@once
async def base_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with running_simulator(tmp_path_factory.mktemp("simulator")) as address:
        yield address


@once
async def browser() -> AsyncIterator[Browser]:
    # the shell draws no window of its own, which is most of what starting a page costs
    shell = shutil.which("chromium-headless-shell")
    if shell is None:
        need("chromium")
    async with async_playwright() as playwright:
        program = shell or shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        await browser.close()


@once
async def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    draw_cover().save(folder / "picture.png")
    await asyncio.to_thread(make_colour_bars, folder / "film.mp4")
    await asyncio.to_thread(make_three_tones, folder / "album")
    return folder


@once
async def bot(base_url: str) -> AsyncIterator[Bot]:
    bot = Bot(base_url, await first_token(base_url))
    yield bot
    await bot.close()


@each
async def person(base_url: str, browser: Browser) -> AsyncIterator[Person]:
    """A new person, whose page must run without any error in its console."""
    async with httpx.AsyncClient(base_url=base_url) as http:
        about = {"first_name": "Eva", "username": None, "language_code": "en"}
        number = (await http.post("/api/people", json=about)).json()["id"]
    context = await browser.new_context(viewport={"width": 1200, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield Person(number, base_url, page)
    await context.close()
    assert errors == []


@each
async def talk(person: Person, bot: Bot) -> Page:
    """The page with the bot's chat open and begun."""
    page = await person.open(await bot_id(bot))
    await page.get_by_role("button", name="Start", exact=True).click()
    await bot.next("message", of=person.id)
    # the bot may hear of it before the page does, which takes files only in a chat that has begun
    await expect(page.get_by_label("Message", exact=True)).to_be_visible()
    return page


async def first_token(base_url: str) -> str:
    async with httpx.AsyncClient(base_url=base_url) as http:
        token: str = (await http.get("/api/bots")).json()[0]["token"]
        return token


async def bot_id(bot: Bot) -> int:
    number: int = (await bot.call("getMe"))["id"]
    return number


def bubbles(page: Page) -> Locator:
    return page.locator("#messages .bubble")


async def fill(bot: Bot, chat: int) -> None:
    """More messages than fit on the screen."""
    for number in range(8):
        await bot.call("sendMessage", chat_id=chat, text=f"filler {number}" + "\n|" * 8)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Waits until the condition holds; fails after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.05)
