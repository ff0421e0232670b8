"""A client of MTProto as everybody has it, kurigram, that goes to the simulator's data centre instead of Telegram's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pyrogram import Client
from pyrogram.connection import Connection
from pyrogram.crypto import rsa

from simulator.accounts import FIRST_BOT_TOKEN


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
        connection_factory=leading_to(facts["host"], facts["port"]),
        **options,
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()
