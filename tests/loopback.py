"""A small HTTP server on loopback whose answers a test writes, the bad ones too."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> Mapping[str, str]:
        """The first value of each parameter."""
        parameters = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in parameters.items()}


@dataclass(frozen=True)
class Answer:
    """What is sent. `silent`: nothing until the client goes; `dropped`: the connection is cut; `endless`: the body is
    repeated until the client goes; `held`: nothing until this is set.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    dropped: bool = False
    endless: bool = False
    held: asyncio.Event | None = None


Handler = Callable[[Request], Answer]


@dataclass
class Server:
    url: str
    port: int
    requests: list[Request] = field(default_factory=list)


@asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[Server]:
    """Runs the server while the block does; `requests` are those that came."""
    server = Server("", 0)
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[asyncio.create_task(handle(reader, writer))] = writer

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                request = await _read(reader)
                server.requests.append(request)
                await _send(handler(request), reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{server.port}"
    async with listener:
        try:
            yield server
        finally:
            await stop_listening(listener)
            for task, writer in connections.items():
                task.cancel()
                writer.transport.abort()
            await asyncio.gather(*connections, return_exceptions=True)


async def stop_listening(listener: asyncio.Server) -> None:
    """Closes it when nobody is being accepted: Python 3.11 leaves a connection half made whose listener closes meanwhile."""
    loop = asyncio.get_running_loop()
    for accepting in listener.sockets:
        loop.remove_reader(accepting.fileno())
    for _ in range(10):
        await asyncio.sleep(0)
    listener.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    return Request(head[0].split(" ")[1], {name.lower(): value for name, value in headers.items()})


async def _send(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if answer.held is not None:
        await answer.held.wait()
    if answer.silent:
        await reader.read()
    if answer.silent or answer.dropped:
        return
    head = {"Connection": "close", **answer.headers}
    if not answer.endless:
        head.setdefault("Content-Length", str(len(answer.body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode("latin-1") + answer.body)
    await writer.drain()
    while answer.endless:
        writer.write(answer.body)
        await writer.drain()
