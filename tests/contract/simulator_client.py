"""Talking to the simulator in tests: in this process, or as the real program."""

import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import av
import httpx
from PIL import Image

from simulator.accounts import FIRST_BOT_TOKEN
from simulator.app import create_app
from simulator.rooms import FIRST_CHANNEL, FIRST_GROUP
from simulator.world import Settings, World
from tests.house import Process

ADA, BLAS, CLEO = 1001, 1002, 1003
BOT = 7_000_000_001
TOKEN = FIRST_BOT_TOKEN
CHANNEL = FIRST_CHANNEL
GROUP = FIRST_GROUP
FILMS = 2
"""The topic of the group, by its `message_thread_id`."""
START_SECONDS = 60.0
JsonObject = dict[str, Any]
Files = dict[str, tuple[str, bytes]]


class Clock:
    """The simulator's time, as a test sets it: seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Client:
    """Calls the Bot API as the first bot, and the JSON interface as a person."""

    def __init__(self, http: httpx.AsyncClient, world: World | None = None) -> None:
        self.http = http
        self._world = world

    @property
    def world(self) -> World:
        """The world itself, where the simulator runs in this process."""
        assert self._world
        return self._world

    async def ask(
        self, method: str, files: Files | None = None, token: str = TOKEN, **parameters: Any
    ) -> JsonObject:
        """The whole answer of a call."""
        path = f"/bot{token}/{method}"
        if files:
            fields = {
                name: value if isinstance(value, str) else json.dumps(value)
                for name, value in parameters.items()
            }
            reply = await self.http.post(path, data=fields, files=files)
        else:
            reply = await self.http.post(path, json=parameters)
        answer: JsonObject = reply.json()
        assert answer["ok"] is (reply.status_code == 200)
        assert answer["ok"] or answer["error_code"] == reply.status_code
        return answer

    async def result(self, method: str, files: Files | None = None, **parameters: Any) -> Any:
        answer = await self.ask(method, files, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, files: Files | None = None, **parameters: Any) -> str:
        """The description of an answer that must be an error."""
        answer = await self.ask(method, files, **parameters)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def get(self, path: str, **query: Any) -> Any:
        reply = await self.http.get(f"/api{path}", params=query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def post(self, path: str, **body: Any) -> Any:
        reply = await self.http.post(f"/api{path}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def say(self, text: str, person: int = ADA, chat: int = BOT, **more: Any) -> JsonObject:
        said: JsonObject = await self.post(f"/people/{person}/chats/{chat}/text", text=text, **more)
        return said

    async def history(self, person: int = ADA, chat: int = BOT) -> list[JsonObject]:
        messages: list[JsonObject] = await self.get(f"/people/{person}/chats/{chat}/messages")
        return messages

    async def new_bot_right(self, channel: int, status: str, *rights: str) -> None:
        """Puts the first bot into the channel with this status."""
        body = {"user": BOT, "status": status, "rights": list(rights), "by": ADA}
        await self.post(f"/channels/{channel}/members", **body)


@asynccontextmanager
async def in_process(folder: Path, **settings: Any) -> AsyncIterator[Client]:
    """A simulator in this process, with no flood limits unless told."""
    world = World(Settings(folder, **({"flood": "off"} | settings)))
    try:
        async with client_of(world) as client:
            yield client
    finally:
        world.close()


@asynccontextmanager
async def client_of(world: World) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(create_app(world, lambda: "http://127.0.0.1"))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=30) as http:
        yield Client(http, world)


class Program:
    """The real program on a free port, over the same folder at every start. `forked`: by what has imported it already."""

    def __init__(self, folder: Path, *options: str, forked: bool = True) -> None:
        self._folder = folder
        self._options = options
        self._forked = forked
        self._process: Process | None = None
        self.url = ""

    async def start(self) -> None:
        words = ("simulator", "--port", "0", "--data-dir", str(self._folder), *self._options)
        log = self._new_log()
        if self._forked:
            self._process = await Process.fork(log, *words, env={})
        else:
            self._process = await Process.start(log, "-m", *words, env={})
        self.url = (await self._process.said(r"simulator listening on (\S+)", START_SECONDS)).group(1)

    def _new_log(self) -> Path:
        """Beside the folder, which others may have been started over before."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        logs = (self._folder.with_name(f"{self._folder.name}.{number}.log") for number in count())
        return next(log for log in logs if not log.exists())

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    async def stop(self, seconds: float = 10.0) -> int:
        """SIGTERM; the exit status, within `seconds`."""
        assert self._process
        return await self._process.stop(seconds)

    async def kill(self) -> None:
        assert self._process
        self._process.kill()
        await self._process.ended()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as http:
            yield Client(http)


@asynccontextmanager
async def program(folder: Path, *options: str, forked: bool = True) -> AsyncIterator[Program]:
    running = Program(folder, *options, forked=forked)
    await running.start()
    try:
        yield running
    finally:
        await running.kill()


@asynccontextmanager
async def noted(data_dir: Path) -> AsyncIterator[Program]:
    """The program as `make run` leaves it for others to find: by the note in the data folder."""
    folder = data_dir / "simulator"
    async with program(folder, forked=False) as running:
        (folder / "process.json").write_text(json.dumps({"url": running.url, "pid": running.pid}))
        yield running


def jpeg(width: int = 200, height: int = 100) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=500)
    return out.getvalue()


def mp4(seconds: int = 2, width: int = 160, height: int = 120) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(seconds * 5):
            frame = av.VideoFrame(width, height, "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def wav(seconds: int = 3) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000 * seconds))
    return out.getvalue()
