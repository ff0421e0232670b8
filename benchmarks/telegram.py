"""A Telegram that is fast and knows nothing: `python -m benchmarks.telegram`, in a process of its own.

It has `--updates` messages of `--people` waiting, and at `/begin?rate=…&presses=…&data=…` it lets people press a button so
many times a second, evenly; the answer, when all presses were answered, is how many seconds each waited for that.
"""

import argparse
import asyncio
import itertools
import json
import re
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

READY = "telegram listening on "
FIRST_PERSON = 10_000
FIRST_CARD = 500_000
BOT = {"id": 123_456_789, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_BATCH = 100
_MOST_SECONDS = 300.0


def person(number: int) -> dict[str, Any]:
    return {"id": FIRST_PERSON + number, "is_bot": False, "first_name": f"P{number}", "language_code": "en"}


def chat(number: int) -> dict[str, Any]:
    return {"id": FIRST_PERSON + number, "type": "private", "first_name": f"P{number}"}


class Telegram:
    """Answers what a bot asks, with the least there is to answer."""

    def __init__(self, people: int, updates: int) -> None:
        self._people = people
        self._ids = itertools.count(1)
        self._messages = itertools.count(10_000_000)
        self._waiting: deque[tuple[int, str]] = deque()
        self._news = asyncio.Event()
        self._pressed: dict[str, float] = {}
        self._waited: list[float] = []
        for number in range(updates):
            self._put({"message": self._message(number % people, next(self._messages))})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length.group(1)) if length else 0)
                said = (await self._answer(head.split(" ")[1], body.decode())).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(said), said)
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    async def _answer(self, target: str, body: str) -> str:
        address = urlsplit(target)
        asked = {key: values[-1] for key, values in parse_qs(f"{address.query}&{body}").items()}
        method = address.path.rpartition("/")[2].lower()
        if method == "begin":
            return json.dumps(await self._press_all(asked))
        return f'{{"ok":true,"result":{await self._result(method, asked)}}}'

    async def _result(self, method: str, asked: Mapping[str, str]) -> str:
        if method == "getme":
            return json.dumps(BOT)
        if method == "getupdates":
            return await self._updates(int(asked.get("offset", 0)), float(asked.get("timeout", 0)))
        if method == "answercallbackquery":
            pressed = self._pressed.pop(asked["callback_query_id"], None)
            if pressed is not None:
                self._waited.append(time.perf_counter() - pressed)
        if method in {"sendmessage", "editmessagetext"}:
            number = int(asked["chat_id"]) - FIRST_PERSON
            return json.dumps(self._message(number, int(asked.get("message_id", next(self._messages)))))
        return "true"

    async def _updates(self, offset: int, patience: float) -> str:
        while self._waiting and self._waiting[0][0] < offset:
            self._waiting.popleft()
        if not self._waiting:
            self._news.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._news.wait()
            except TimeoutError:
                return "[]"
        return f"[{','.join(body for _, body in itertools.islice(self._waiting, _BATCH))}]"

    async def _press_all(self, asked: Mapping[str, str]) -> list[float]:
        rate, presses, data = float(asked["rate"]), int(asked["presses"]), json.loads(asked["data"])
        self._waited.clear()
        begun = time.perf_counter()
        for number in range(presses):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            self._press(number % self._people, data[number % len(data)])
        async with asyncio.timeout(_MOST_SECONDS):
            while self._pressed:  # noqa: ASYNC110 - answers come through another connection
                await asyncio.sleep(0.01)
        return self._waited

    def _press(self, number: int, data: str) -> None:
        query = f"q{next(self._ids)}"
        self._pressed[query] = time.perf_counter()
        self._put(
            {
                "callback_query": {
                    "id": query,
                    "from": person(number),
                    "chat_instance": "1",
                    "data": data,
                    "message": {**self._message(number, FIRST_CARD + number), "from": BOT},
                }
            }
        )

    def _message(self, number: int, message_id: int) -> dict[str, Any]:
        said = {"message_id": message_id, "date": 1_700_000_000, "text": f"message {message_id}"}
        return {**said, "chat": chat(number), "from": person(number)}

    def _put(self, update: dict[str, Any]) -> None:
        number = next(self._ids)
        self._waiting.append((number, json.dumps({"update_id": number, **update})))
        self._news.set()


async def run(people: int, updates: int) -> None:
    """Serves until it is ended."""
    server = await asyncio.start_server(Telegram(people, updates).serve, "127.0.0.1", 0)
    print(f"{READY}http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--updates", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(run(options.people, options.updates))


if __name__ == "__main__":
    main()
