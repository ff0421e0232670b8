"""The whole of Magpie as processes, for tests that live in it: a simulator, a bot that may be killed, and people."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from models.ids import new_id
from simulator.sample.generate import make_library
from tests import zygote
from tests.zygote import Forked

ROOT = Path(__file__).resolve().parent.parent
ADA, BLAS, CLEO = 1001, 1002, 1003
RIGHTS = ("can_post_messages", "can_edit_messages", "can_delete_messages")
"""What the bot has in the archive channel, and needs there."""
Message = dict[str, Any]
PATIENCE = 120.0
"""Seconds: far more than anything takes, so that a busy machine fails no test."""


class Silence(AssertionError):
    """What was waited for did not come."""


async def until(condition: Callable[[], Awaitable[bool]], otherwise: str, seconds: float = PATIENCE) -> None:
    """Asks again and again, less and less often, for at most so long."""
    end, pause = asyncio.get_running_loop().time() + seconds, 0.05
    while not await condition():
        if asyncio.get_running_loop().time() > end:
            raise Silence(otherwise)
        await asyncio.sleep(pause)
        pause = min(0.4, pause * 1.5)


SHARED_WORKS = "MAGPIE_TEST_WORKS"
"""Names the folder of the sample works, which are made once for a whole run of tests, by whoever needs them first."""


class Process:
    """A program of ours, ended by its own pid."""

    def __init__(self, process: asyncio.subprocess.Process | Forked, log: Path) -> None:
        self._process = process
        self.log = log

    @classmethod
    async def start(cls, log: Path, *arguments: str, env: Mapping[str, str]) -> "Process":
        """Starts `python ARGUMENTS`."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                # not where a developer's `.env` may lie
                cwd=log.parent,
                env={**_environment(), **env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(process, log)

    @classmethod
    async def fork(
        cls, log: Path, module: str, *arguments: str, env: Mapping[str, str], cwd: Path | None = None
    ) -> "Process":
        """Starts `python -m MODULE ARGUMENTS`, by the zygote where there is one: at a third of the cost.

        In the folder of its log unless told.
        """
        if zygote.PATH not in os.environ or any(name.startswith("PYTHON") for name in env):
            return await cls.start(log, "-m", module, *arguments, env=env)
        log.touch()
        everything = {**_environment(), **env}
        cwd = cwd or log.parent
        return cls(await Forked.start(module, *arguments, cwd=cwd, env=everything, log=log), log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def status(self) -> int | None:
        return self._process.returncode

    async def said(self, pattern: str, seconds: float = PATIENCE) -> re.Match[str]:
        """Waits until the log has a line with the pattern."""
        async with asyncio.timeout(seconds):
            while (found := re.search(pattern, self.log.read_text(errors="replace"))) is None:
                if not self.alive:
                    raise Silence(
                        f"ended with {self.status}:\n{self.log.read_text(errors='replace')[-4000:]}"
                    )
                await asyncio.sleep(0.05)
        return found

    def text(self) -> str:
        """The whole log so far."""
        return self.log.read_text(errors="replace")

    async def ended(self, seconds: float = 30.0) -> int:
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.alive:
            os.kill(self._process.pid, number)

    async def stop(self, seconds: float = 15.0) -> int:
        self.kill(signal.SIGTERM)
        try:
            return await self.ended(seconds)
        except TimeoutError:
            self.kill()
            raise


class Person:
    """Somebody in the simulator, in a chat with the bot."""

    def __init__(self, http: httpx.AsyncClient, person: int, bot: int) -> None:
        self._http = http
        self.id = person
        self.bot = bot

    async def say(
        self, text: str, chat: int | None = None, *, reply_to: Message | None = None, **more: Any
    ) -> Message:
        """To the bot unless told; `more`: thread (a topic's), parse_mode (HTML, MarkdownV2)."""
        body = {"text": text, **_answering(reply_to), **more}
        return await self._post(f"chats/{chat or self.bot}/text", body)

    async def start(self, payload: str = "") -> Message:
        """As a deep link does."""
        return await self._post(f"chats/{self.bot}/start", {"payload": payload})

    async def edit(self, message: Message, text: str) -> Message:
        body = {"message_id": message["message_id"], "text": text}
        return await self._post(f"chats/{message['chat']['id']}/edit", body)

    async def send(
        self,
        name: str,
        data: bytes,
        caption: str = "",
        chat: int | None = None,
        *,
        reply_to: Message | None = None,
        **more: Any,
    ) -> Message:
        """Sends a file. `more`: kind (document, photo, video, audio, animation), thread."""
        answer = await self._http.post(
            f"/api/people/{self.id}/chats/{chat or self.bot}/file",
            files={"file": (name, data)},
            data={"caption": caption, **_answering(reply_to), **more},
        )
        answer.raise_for_status()
        return dict(answer.json())

    async def send_album(
        self, files: Sequence[tuple[str, bytes]], caption: str = "", chat: int | None = None, **more: Any
    ) -> Sequence[Message]:
        """Several files as one album. `more`: kind (that of all), thread."""
        answer = await self._http.post(
            f"/api/people/{self.id}/chats/{chat or self.bot}/album",
            files=[("files", file) for file in files],
            data={"caption": caption, "kinds": more.pop("kind", "document"), **more},
        )
        return list(answer.raise_for_status().json())

    async def forward(
        self, *messages: Message, chat: int | None = None, hidden: bool = False, **more: Any
    ) -> Sequence[Message]:
        """Forwards messages of one chat, to the bot unless told; `hidden`: their author's settings hide them."""
        ids = [message["message_id"] for message in messages]
        body = {"from_chat": messages[0]["chat"]["id"], "message_ids": ids, "hidden": hidden, **more}
        path = f"/api/people/{self.id}/chats/{chat or self.bot}/forward"
        return list((await self._http.post(path, json=body)).raise_for_status().json())

    async def query(self, text: str, chat: int | None = None, **more: Any) -> Message:
        """Asks the bot inline: what it offers, with its `query_id`. `more`: offset, timeout."""
        body = {"bot": self.bot, "query": text, "timeout": 60, **more}
        return await self._post(f"chats/{chat or self.bot}/inline", body)

    async def choose(self, offer: Message, result: str, chat: int | None = None, **more: Any) -> Message:
        """Sends a result of `query`, by its id, to the chat from which was asked."""
        body = {"query_id": offer["query_id"], "result_id": result, **more}
        return await self._post(f"chats/{chat or self.bot}/inline/choose", body)

    async def press(
        self, message: Message, label: str = "", *, data: str = "", seconds: float = 20
    ) -> Message:
        """Presses by label, or with forged data; the toast, when it comes in time."""
        wish: dict[str, object] = {"label": label} if label else {"data": data}
        wish |= {"message_id": message["message_id"], "timeout": seconds}
        return await self._post(f"chats/{message['chat']['id']}/press", wish)

    async def wait(self, seconds: float = PATIENCE, chat: int | None = None, **wish: Any) -> Message:
        """The newest state of the first message that has what is wished: contains, pattern, button, after."""
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            body = {"chat": chat or self.bot, "timeout": min(left, 10), **wish}
            answer = await self._http.post(f"/api/people/{self.id}/wait", json=body)
            if answer.is_success:
                return dict(answer.json())
        raise Silence(f"{wish} did not come; the chat:\n{await self.chat(chat)}")

    async def messages(self, chat: int | None = None) -> Sequence[Message]:
        answer = await self._http.get(f"/api/people/{self.id}/chats/{chat or self.bot}/messages")
        return list(answer.raise_for_status().json())

    async def chat(self, chat: int | None = None) -> str:
        """The chat as a person reads it, for failure messages."""
        return "\n".join(
            f"{m['message_id']}: {m.get('text') or m.get('caption') or '[media]'} {labels(m)}"
            for m in await self.messages(chat)
        )

    async def chats(self) -> Sequence[Message]:
        """What stands at the left side of their app."""
        return list((await self._http.get(f"/api/people/{self.id}/chats")).raise_for_status().json())

    async def new_group(
        self, title: str, *members: int, kind: str = "supergroup", forum: bool = False
    ) -> int:
        """Makes a group and adds people and bots to it; `kind`: supergroup or group (a basic one). Its id."""
        body = {"title": title, "owner": self.id, "members": members, "kind": kind, "is_forum": forum}
        return int((await self._ask("/api/groups", body))["id"])

    async def new_channel(self, title: str, username: str | None = None) -> int:
        body = {"title": title, "owner": self.id, "username": username}
        return int((await self._ask("/api/channels", body))["id"])

    async def new_topic(self, forum: int, name: str) -> int:
        """The topic's `message_thread_id`."""
        topic = await self._ask(f"/api/chats/{forum}/topics", {"name": name, "by": self.id})
        return int(topic["message_thread_id"])

    async def close_topic(self, forum: int, thread: int, *, closed: bool = True) -> None:
        await self._ask(f"/api/chats/{forum}/topics/{thread}", {"closed": closed, "by": self.id})

    async def upgrade(self, group: int) -> int:
        """Makes a supergroup of a basic group; the supergroup's id."""
        return int((await self._ask(f"/api/chats/{group}/upgrade", {"by": self.id}))["id"])

    async def add(self, user: int, chat: int) -> None:
        """Adds a person or a bot to a group, a person to a channel; bots get into channels by `promote`."""
        await self._place(user, chat, "member")

    async def promote(self, user: int, chat: int, *rights: str) -> None:
        """Makes an administrator, with rights by the Bot API's names, who is added if need be."""
        await self._place(user, chat, "administrator", *rights)

    async def demote(self, user: int, chat: int) -> None:
        """Takes the rights; a bot in a channel is out of it then."""
        await self._place(user, chat, "member")

    async def restrict(self, user: int, chat: int, *allowed: str) -> None:
        """Leaves a member of a group only the permissions named."""
        await self._place(user, chat, "restricted", *allowed)

    async def remove(self, user: int, chat: int) -> None:
        """Throws somebody out, for good."""
        await self._place(user, chat, "kicked")

    async def leave(self, chat: int) -> None:
        await self._place(self.id, chat, "left")

    async def _place(self, user: int, chat: int, status: str, *rights: str) -> None:
        body = {"user": user, "status": status, "rights": rights, "by": self.id}
        await self._ask(f"/api/chats/{chat}/members", body)

    async def change_bot(self, **change: Any) -> None:
        """As with @BotFather: token (of the same bot), privacy, inline, feedback."""
        await self._ask(f"/api/bots/{self.bot}", change)

    async def new_bot(self, token: str, username: str) -> int:
        """Another bot, who knows nobody yet; its id."""
        body = {"token": token, "first_name": "Magpie", "username": username}
        return int((await self._ask("/api/bots", body))["id"])

    async def block(self, blocked: bool) -> None:
        await self._post("block", {"bot": self.bot, "blocked": blocked})

    async def delete(self, message: Message, chat: int | None = None) -> None:
        """Deletes it for everyone."""
        body = {"message_id": message["message_id"], "for_everyone": True}
        await self._post(f"chats/{chat or self.bot}/delete", body)

    async def _post(self, path: str, body: Mapping[str, object]) -> Message:
        return await self._ask(f"/api/people/{self.id}/{path}", body)

    async def _ask(self, path: str, body: Mapping[str, object]) -> Message:
        answer = await self._http.post(path, json=body)
        answer.raise_for_status()
        return dict(answer.json() or {})


def _answering(message: Message | None) -> Mapping[str, int]:
    return {} if message is None else {"reply_to": message["message_id"]}


def labels(message: Message) -> list[str]:
    """The keys under a message, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


EMBEDDED = {"MONGODB_URL": ""}
"""Of a house whose bots bring their database, which ends with them."""


class House:
    """A simulator that stays, and a bot that comes and goes."""

    everywhere: ClassVar[Mapping[str, str]] = {}
    """Settings of every house besides its own. A fixture sets them for a folder of tests."""
    server: ClassVar[str | None] = None
    """The MongoDB where each house has a database, unless it is `EMBEDDED`, and how its name begins; None: each bot brings one."""

    def __init__(self, folder: Path, url: str, http: httpx.AsyncClient, bot_facts: Mapping[str, Any]) -> None:
        self.folder = folder
        self.url = url
        self.http = http
        self.token = str(bot_facts["token"])
        self.bot_id = int(bot_facts["id"])
        self.channel = 0
        self.group = 0
        """A forum that Ada owns, with Blas, Cleo and the bot."""
        self.bots: list[Process] = []
        self.ada = Person(http, ADA, self.bot_id)
        self.blas = Person(http, BLAS, self.bot_id)
        self.cleo = Person(http, CLEO, self.bot_id)
        self.settings: dict[str, str] = {}
        self._number = new_id()

    @property
    def second_door(self) -> Mapping[str, str]:
        """The settings with which a bot has the door for large files."""
        return {"API_ID": "1", "API_HASH": "0" * 32, "MTPROTO_SERVER": f"{self.url}/api/data-centre"}

    async def start_bot(self, **env: str) -> Process:
        """Starts the bot with the house's settings and `env`, and waits until it says that it runs."""
        bot = await self.launch_bot(**env)
        await bot.said(r"Magpie runs as")
        return bot

    async def launch_bot(self, **env: str) -> Process:
        log = self.folder / f"bot{len(self.bots)}.log"
        bot = await Process.fork(log, "bot", "run", env={**self._environment(), **env})
        self.bots.append(bot)
        return bot

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Meanwhile the newest bot does nothing."""
        bot = self.bots[-1]
        bot.kill(signal.SIGSTOP)
        try:
            yield
        finally:
            bot.kill(signal.SIGCONT)

    async def said_by_a_bot(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Waits until the log of the newest bot, or of one before it, has a line with the pattern."""

        async def is_said() -> bool:
            return any(re.search(pattern, bot.text()) for bot in self.bots[-2:])

        await until(is_said, f"no bot said {pattern}", seconds)

    async def record(self, chat: int | None = None) -> Sequence[Message]:
        """Every call of bots that Telegram knows of."""
        answer = await self.http.get("/api/record", params={} if chat is None else {"chat": chat})
        return list(answer.raise_for_status().json())

    async def fault(self, **fault: object) -> None:
        (await self.http.post("/api/faults", json=fault)).raise_for_status()

    async def no_faults(self) -> None:
        (await self.http.delete("/api/faults")).raise_for_status()

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of its bots."""
        return self._environment()

    def _environment(self) -> dict[str, str]:
        return {
            "BOT_TOKEN": self.token,
            "OWNER_ID": str(ADA),
            "TELEGRAM_API_URL": self.url,
            "ARCHIVE_CHANNEL": str(self.channel),
            "TORZNAB_URLS": f"Samples={self.url}/sample/api?apikey=sample",
            "INTERNET_ARCHIVE": "false",
            "DATA_DIR": str(self.folder / "data"),
            "HEALTH_PORT": "0",
            "TORRENT_LISTEN": "127.0.0.1:0",
            **self._server(),
            **self.everywhere,
            **self.settings,
        }

    def _server(self) -> dict[str, str]:
        if self.server is None:
            return {}
        address = urlsplit(self.server)
        return {"MONGODB_URL": address._replace(path=f"{address.path}-{self._number}").geturl()}


@asynccontextmanager
async def open_house(folder: Path, *, flood: str = "off", **settings: str) -> AsyncIterator[House]:
    """Starts a simulator, a local Bot API server with TELEGRAM_LOCAL_MODE; everything is ended with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["simulator", "--port", "0", "--data-dir", str(folder / "simulator"), "--flood", flood]
    if "TELEGRAM_LOCAL_MODE" in settings:
        arguments.append("--local")
    if works := os.environ.get(SHARED_WORKS):
        await asyncio.to_thread(make_library, Path(works))
        arguments += ["--works", works]
    simulator = await Process.fork(folder / "simulator.log", *arguments, env={})
    try:
        url = (await simulator.said(r"simulator listening on (\S+)")).group(1)
        # shorter than the simulator keeps connections: one that it closes must not be the next to be used
        limits = httpx.Limits(keepalive_expiry=1)
        async with httpx.AsyncClient(base_url=url, timeout=90, limits=limits, trust_env=False) as http:
            house = House(folder, url, http, (await http.get("/api/bots")).json()[0])
            chats = (await http.get(f"/api/people/{ADA}/chats")).json()
            house.channel = next(chat["id"] for chat in chats if chat["type"] == "channel")
            house.group = next(chat["id"] for chat in chats if chat["type"] == "supergroup")
            house.settings = settings
            try:
                yield house
            except Silence as silence:
                for bot in house.bots[-2:]:
                    silence.add_note(f"{bot.log.name}:\n{bot.text()[-6000:]}")
                raise
            finally:
                await _end(house.bots)
    finally:
        await _end([simulator])


async def _end(processes: Sequence[Process]) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        await process.ended()


def _environment() -> dict[str, str]:
    """Nothing of the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "PYTHONPATH": str(ROOT)}
