"""Files that are given by a data centre whom nobody needs to trust: core.telegram.org/cdn."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from pyrogram.raw import functions, types

from simulator.files import CDN
from simulator.mtproto.call import Answer, Call, Place
from simulator.mtproto.ranges import check_range, hashes, hashes_of, slice_of
from simulator.mtproto.redirects import Redirect
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused

_BLOCK_BYTES = 16


def config(key: str) -> Answer:
    """help.getCdnConfig: the key by which a client knows the CDN."""
    return types.CdnConfig(public_keys=[types.CdnPublicKey(dc_id=CDN, public_key=key)])


async def redirected(call: Call, file: int, path: Path) -> Answer:
    """What upload.getFile says of a file that the CDN gives."""
    redirect = call.place.redirects.of(file)
    return types.upload.FileCdnRedirect(
        dc_id=CDN,
        file_token=redirect.token,
        encryption_key=redirect.key,
        encryption_iv=redirect.iv,
        file_hashes=await hashes_of(path, 0),
    )


async def get_file(place: Place, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
    """upload.getCdnFile: the only thing that the CDN has. It asks for a file first."""
    if not isinstance(query, functions.upload.GetCdnFile):
        raise RpcRefused(BAD_REQUEST, "CDN_METHOD_INVALID")
    redirect = _known(place, query.file_token)
    if not place.redirects.has_come(redirect):
        return types.upload.CdnFileReuploadNeeded(request_token=redirect.request)
    check_range(query.offset, query.limit)
    data = await asyncio.to_thread(slice_of, _path(place, redirect), query.offset, query.limit)
    return types.upload.CdnFile(bytes=_sealed(redirect, query.offset, data))


def _sealed(redirect: Redirect, offset: int, data: bytes) -> bytes:
    counter = redirect.iv[:12] + (offset // _BLOCK_BYTES).to_bytes(4, "big")
    return Cipher(AES256(redirect.key), CTR(counter)).encryptor().update(data)


async def reupload(call: Call) -> Answer:
    """upload.reuploadCdnFile: gives the CDN what it asked for."""
    redirect = _known(call.place, call.query.file_token)
    if not secrets.compare_digest(redirect.request, bytes(call.query.request_token)):
        raise RpcRefused(BAD_REQUEST, "REQUEST_TOKEN_INVALID")
    call.place.redirects.come(redirect)
    return await hashes(_path(call.place, redirect), 0)


async def get_hashes(call: Call) -> Answer:
    redirect = _known(call.place, call.query.file_token)
    return await hashes(_path(call.place, redirect), call.query.offset)


def _known(place: Place, token: bytes) -> Redirect:
    redirect = place.redirects.get(token)
    if redirect is None:
        raise RpcRefused(BAD_REQUEST, "FILE_TOKEN_INVALID")
    return redirect


def _path(place: Place, redirect: Redirect) -> Path:
    stored = place.world.files.get(redirect.file)
    assert stored is not None  # noqa: S101 - files are never deleted
    return place.world.files.place(stored.blob)
