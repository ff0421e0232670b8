"""A client of MTProto as everybody has it, kurigram, that goes to the simulator's data centre instead of Telegram's."""

import asyncio
import os
import secrets
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx
from pyrogram import Client, errors
from pyrogram.connection import Connection
from pyrogram.crypto import rsa
from pyrogram.raw import functions, types

from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import CHANNEL, Program, program
from tests.contract.simulator_client import Client as Http

PART = 512 << 10
PEER = types.InputPeerChannel(channel_id=-1000000000000 - CHANNEL, access_hash=0)


async def facts_of(url: str) -> dict[str, Any]:
    """Where the data centre of the simulator at `url` listens, and its key, which pyrogram trusts from now on."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        facts: dict[str, Any] = (await http.get("/api/data-centre")).raise_for_status().json()
    key = rsa.PublicKey(int(facts["modulus"], 16), facts["exponent"])
    rsa.server_public_keys[facts["fingerprint"]] = key
    return facts


def leading_to(host: str, port: int) -> type[Connection]:
    """A connection that goes there, whatever address pyrogram knows."""

    class There(Connection):  # type: ignore[misc]
        def __init__(self, **wish: Any) -> None:
            super().__init__(**{**wish, "server_address": host, "port": port})

    return There


def leading_by(facts: dict[str, Any]) -> type[Connection]:
    """A connection that goes to the data centre whose number is wished."""
    centres = facts["centres"]

    class There(Connection):  # type: ignore[misc]
        opened: ClassVar[list[Any]] = []

        def __init__(self, **wish: Any) -> None:
            place = centres[str(wish["dc_id"])]
            super().__init__(**{**wish, "server_address": place["host"], "port": place["port"]})

        async def connect(self) -> None:
            try:
                await super().connect()
            finally:
                self.opened.append(self.protocol)

    return There


@asynccontextmanager
async def _hung_up(client: Client) -> AsyncIterator[Client]:
    """Closes in the end what pyrogram forgets: connections on which nobody answered within two seconds."""
    try:
        yield client
    finally:
        for protocol in client.connection_factory.opened:
            await protocol.close()


@asynccontextmanager
async def signed_in(
    url: str, folder: Path, token: str = FIRST_BOT_TOKEN, **options: Any
) -> AsyncIterator[Client]:
    """A bot's client that is connected; its authorisation lies in the folder."""
    facts = await facts_of(url)
    client = Client(
        "bot",
        api_id=1,
        api_hash="0" * 32,
        bot_token=token,
        workdir=folder,
        no_updates=True,
        connection_factory=leading_by(facts),
        **options,
    )
    async with _hung_up(client):
        await client.start()
        try:
            yield client
        finally:
            await client.stop()


async def code_sent_to(url: str, phone: str) -> str:
    """The newest code that was sent to the number."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        codes = (await http.get("/api/codes")).raise_for_status().json()
    return str(next(each["code"] for each in codes if each["phone"] == phone))


async def phone_of(url: str, person: int) -> str:
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        login = (await http.get(f"/api/people/{person}/login")).raise_for_status().json()
    return str(login["phone"])


async def client_of(url: str, folder: Path, **options: Any) -> Client:
    """A client in which nobody is signed in yet, and which is not connected."""
    about = {"api_id": 1, "api_hash": "0" * 32, "workdir": folder, "no_updates": True}
    return Client("person", **about, connection_factory=leading_by(await facts_of(url)), **options)


async def sign_in(client: Client, url: str, person: int, password: str = "") -> None:
    """With a code that was sent, and the password of whom has one; the client is connected."""
    phone = await phone_of(url, person)
    sent = await client.send_code(phone)
    try:
        await client.sign_in(phone, sent.phone_code_hash, await code_sent_to(url, phone))
    except errors.SessionPasswordNeeded:
        await client.check_password(password)


@asynccontextmanager
async def person_signed_in(
    url: str, folder: Path, person: int, password: str = "", **options: Any
) -> AsyncIterator[Client]:
    """A person's client that is connected; their authorisation lies in the folder."""
    async with _hung_up(await client_of(url, folder, **options)) as client:
        if not await client.connect():
            await sign_in(client, url, person, password)
        await client.disconnect()
        await client.start()
        try:
            yield client
        finally:
            await client.stop()


async def session_of(url: str, person: int, password: str = "") -> str:
    """A session string of a person who signs in for it."""
    async with _hung_up(await client_of(url, Path(), in_memory=True)) as client:
        await client.connect()
        try:
            await sign_in(client, url, person, password)
            return str(await client.export_session_string())
        finally:
            await client.disconnect()


@dataclass(frozen=True, slots=True)
class Centre:
    """A simulator that runs: asked over HTTP, and by its first bot over MTProto, which may post to the channel.

    Its data lie in the folder.
    """

    program: Program
    http: Http
    bot: Client
    folder: Path


@asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Centre]:
    """The simulator's data and the bot's session lie in the folder."""
    session = folder / "session"
    session.mkdir()
    async with program(folder / "simulator", "--flood", "off") as running, running.client() as http:
        await http.new_bot_right(CHANNEL, "administrator", "can_post_messages")
        await http.say("/start")
        async with signed_in(running.url, session) as bot:
            yield Centre(running, http, bot, folder / "simulator")


async def uploaded(bot: Client, data: bytes, *leave_out: int) -> types.InputFileBig:
    """Sends the parts of a file, the last first, several at a time."""
    number = secrets.randbits(62)
    total = -(-len(data) // PART)
    wishes = [
        functions.upload.SaveBigFilePart(
            file_id=number,
            file_part=part,
            file_total_parts=total,
            bytes=data[part * PART : (part + 1) * PART],
        )
        for part in reversed(range(total))
        if part not in leave_out
    ]
    assert all(await asyncio.gather(*(bot.invoke(wish) for wish in wishes)))
    return types.InputFileBig(id=number, parts=total, name="film.bin")


def shorten_last_part(simulator: Path) -> None:
    """Of the file that came in parts last: as if the data centre, whose data lie in the folder, had lost its last byte."""
    newest = max((simulator / "parts").glob("*/sizes"), key=lambda path: path.stat().st_mtime_ns)
    with newest.open("r+b") as sizes:
        sizes.seek(-4, os.SEEK_END)
        (size,) = struct.unpack("<I", sizes.read(4))
        sizes.seek(-4, os.SEEK_END)
        sizes.write(struct.pack("<I", size - 1))


def post(file: Any, random_id: int = 0, **more: Any) -> functions.messages.SendMedia:
    """Posts an uploaded file to the channel; `media` says more about the file."""
    named = types.DocumentAttributeFilename(file_name="film.bin")
    attributes = more.pop("attributes", [named])
    media = types.InputMediaUploadedDocument(
        file=file, mime_type="application/octet-stream", attributes=attributes, **more.pop("media", {})
    )
    wish = {"peer": PEER, "message": "a caption", "random_id": random_id or secrets.randbits(62), **more}
    return functions.messages.SendMedia(media=media, **wish)


def place(document: Any, **changes: Any) -> types.InputDocumentFileLocation:
    about = {
        "id": document.id,
        "access_hash": document.access_hash,
        "file_reference": document.file_reference,
        "thumb_size": "",
    }
    return types.InputDocumentFileLocation(**{**about, **changes})


async def downloaded(bot: Client, document: Any) -> bytes:
    step = 1 << 20
    wishes = [
        functions.upload.GetFile(location=place(document), offset=offset, limit=step)
        for offset in range(0, document.size, step)
    ]
    return b"".join([answer.bytes for answer in await asyncio.gather(*map(bot.invoke, wishes))])


def news(answer: Any) -> Any:
    """The message that an answer to messages.sendMedia tells of."""
    return next(each.message for each in answer.updates if hasattr(each, "message"))
