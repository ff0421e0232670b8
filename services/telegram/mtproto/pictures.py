"""The small pictures that go with a large file."""

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import Any

from pyrogram.raw import functions, types

from services.failpoints import failpoint
from services.telegram.mtproto.account import Account

_PART = 512 * 1024


async def thumbnail(account: Account, picture: Path) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
    """As a message's media wants it; None when it is gone. Raises RpcRefused, TelegramAway."""
    return await _sent(account, picture)


async def cover(account: Account, peer: Any, picture: Path) -> Any:  # noqa: ANN401
    """As a video wants it, a photo that Telegram has already; else as `thumbnail`."""
    file = await _sent(account, picture)
    if file is None:
        return None
    media = types.InputMediaUploadedPhoto(file=file)
    with failpoint("telegram.cover"):
        photo = (await account.ask(functions.messages.UploadMedia(peer=peer, media=media))).photo
    return types.InputPhoto(id=photo.id, access_hash=photo.access_hash, file_reference=photo.file_reference)


async def _sent(account: Account, picture: Path) -> Any:  # noqa: ANN401
    try:
        data = await asyncio.to_thread(picture.read_bytes)
    except FileNotFoundError:
        return None
    # thumbnail and cover may be the same picture, and a file is gone once a message is made of it
    number = secrets.randbits(62)
    parts = range(0, len(data), _PART)
    for part, start in enumerate(parts):
        query = functions.upload.SaveFilePart(
            file_id=number, file_part=part, bytes=data[start : start + _PART]
        )
        with failpoint("telegram.picture"):
            await account.ask(query)
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return types.InputFile(id=number, parts=len(parts), name=picture.name, md5_checksum=digest)
