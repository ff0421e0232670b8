"""Two data centres: files that another one keeps, keys that are good in one only, several sessions of one key."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha1, sha256
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyrogram import errors
from pyrogram.crypto import aes, rsa
from pyrogram.raw import functions, types
from pyrogram.raw.core.primitives import Bytes
from pyrogram.session import Auth, Session

from tests.contract.simulator_client import CHANNEL, jpeg
from tests.data_centre import PART, Centre, downloaded, facts_of, news, place, post, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
HOME, AWAY, CDN = 2, 4, 203


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def at_home(there: Centre) -> AsyncIterator[None]:
    yield
    await there.http.post("/data-centre", files=HOME, cdn=False)


async def posted(there: Centre, data: bytes) -> Any:
    return news(await there.bot.invoke(post(await uploaded(there.bot, data)))).media.document


def get_file(document: Any) -> functions.upload.GetFile:
    return functions.upload.GetFile(location=place(document), offset=0, limit=4096)


@asynccontextmanager
async def session(there: Centre, dc: int, key: bytes) -> AsyncIterator[Session]:
    """A connection of its own with this key."""
    facts = await facts_of(there.program.url)
    address = facts["centres"][str(dc)]
    made = Session(there.bot, dc, address["host"], address["port"], key, test_mode=False, is_media=True)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def test_both_are_told(there: Centre) -> None:
    config = await there.bot.invoke(functions.help.GetConfig())
    facts = await there.http.get("/data-centre")
    assert config.this_dc == HOME
    told = {str(each.id): {"host": each.ip_address, "port": each.port} for each in config.dc_options}
    assert (told, set(told)) == (facts["centres"], {"2", "4", "203"})
    assert not any(each.media_only for each in config.dc_options)
    assert [each.id for each in config.dc_options if each.cdn] == [CDN]


async def test_a_file_that_is_kept_away_is_given_there_only(there: Centre) -> None:
    await there.http.post("/data-centre", files=AWAY)
    data = os.urandom(100_000)
    document = await posted(there, data)
    assert document.dc_id == AWAY
    with pytest.raises(errors.FileMigrate) as refused:
        await there.bot.invoke(get_file(document))
    assert refused.value.value == AWAY
    away = await there.bot.get_session(AWAY, is_media=True)
    answer = await away.invoke(functions.upload.GetFile(location=place(document), offset=0, limit=1 << 20))
    assert answer.bytes == data


async def test_kurigrams_own_way_fetches_from_away(there: Centre) -> None:
    await there.http.post("/data-centre", files=AWAY)
    for method, name, data in (
        ("sendDocument", "document", os.urandom(5000)),
        ("sendPhoto", "photo", jpeg()),
    ):
        sent = await there.http.result(method, {name: ("a.jpg", data)}, chat_id=CHANNEL)
        message = await there.bot.get_messages(CHANNEL, sent["message_id"])
        file = await there.bot.download_media(message, in_memory=True)
        assert name == "photo" or bytes(file.getbuffer()) == data


async def test_what_is_at_home_is_not_given_away(there: Centre) -> None:
    document = await posted(there, os.urandom(1000))
    away = await there.bot.get_session(AWAY, is_media=True)
    with pytest.raises(errors.FileMigrate) as refused:
        await away.invoke(get_file(document))
    assert refused.value.value == HOME


async def test_a_file_may_move(there: Centre) -> None:
    document = await posted(there, os.urandom(1000))
    assert await there.bot.invoke(get_file(document))
    await there.http.post("/data-centre", files=AWAY, move=True)
    with pytest.raises(errors.FileMigrate):
        await there.bot.invoke(get_file(document))
    await there.http.post("/data-centre", files=HOME, move=True)


async def test_a_key_is_good_where_it_was_made(there: Centre) -> None:
    """A connection with a key of another data centre is told that there is no such key."""
    facts = await facts_of(there.program.url)
    address = facts["centres"][str(AWAY)]
    key = await there.bot.storage.auth_key()
    made = Session(there.bot, AWAY, address["host"], address["port"], key, test_mode=False)
    made.client.loop.create_task(made.start()).add_done_callback(lambda done: done.exception())
    async with asyncio.timeout(10):
        while made.recv_task is None or not made.recv_task.done():  # noqa: ASYNC110 - it does not say
            await asyncio.sleep(0.01)
    assert "Auth key not found" in str(made.recv_task.exception())
    made.recv_task = None
    await made.stop()


async def test_away_one_is_signed_in_by_what_home_gave_out(there: Centre) -> None:
    """Once; before that nobody is known there."""
    await there.http.post("/data-centre", files=AWAY)
    document = await posted(there, os.urandom(1000))
    fresh = await there.bot.get_session(AWAY, export_authorization=False, temporary=True)
    await fresh.stop()
    key = fresh.auth_key
    async with session(there, AWAY, key) as away:
        with pytest.raises(errors.AuthKeyUnregistered):
            await away.invoke(get_file(document))
        exported = await there.bot.invoke(functions.auth.ExportAuthorization(dc_id=AWAY))
        for wrong in ({"bytes": b"x" * 128}, {"id": 1001}):
            wish = {"id": exported.id, "bytes": exported.bytes, **wrong}
            with pytest.raises(errors.AuthBytesInvalid):
                await away.invoke(functions.auth.ImportAuthorization(**wish))
        exported = await there.bot.invoke(functions.auth.ExportAuthorization(dc_id=AWAY))
        wish = functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
        assert (await away.invoke(wish)).user.id == there.bot.me.id
        with pytest.raises(errors.AuthBytesInvalid):
            await away.invoke(wish)
        assert await away.invoke(get_file(document))


async def test_a_data_centre_that_there_is_not_is_refused(there: Centre) -> None:
    for number in (HOME, CDN, 77):
        with pytest.raises(errors.DcIdInvalid):
            await there.bot.invoke(functions.auth.ExportAuthorization(dc_id=number))


async def test_away_nothing_but_files_is_given(there: Centre) -> None:
    away = await there.bot.get_session(AWAY, is_media=True)
    with pytest.raises(errors.UserMigrate) as refused:
        await away.invoke(functions.updates.GetState())
    assert refused.value.value == HOME


async def test_four_sessions_of_one_key_work_at_once(there: Centre) -> None:
    key = await there.bot.storage.auth_key()
    data = os.urandom(40 * PART)
    number = secrets.randbits(62)
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(session(there, HOME, key)) for _ in range(4)]
        wishes = [
            functions.upload.SaveBigFilePart(
                file_id=number,
                file_part=part,
                file_total_parts=40,
                bytes=data[part * PART : (part + 1) * PART],
            )
            for part in range(40)
        ]
        spread = (sessions[part % 4].invoke(wish) for part, wish in enumerate(wishes))
        assert all(await asyncio.gather(*spread))
        file = types.InputFileBig(id=number, parts=40, name="film.bin")
        document = news(await there.bot.invoke(post(file))).media.document
        gets = [
            sessions[turn % 4].invoke(
                functions.upload.GetFile(location=place(document), offset=turn << 20, limit=1 << 20)
            )
            for turn in range(20)
        ]
        assert b"".join([answer.bytes for answer in await asyncio.gather(*gets)]) == data
    assert await downloaded(there.bot, document) == data


@once
async def cdn(there: Centre) -> AsyncIterator[Session]:
    """A connection to the CDN, whose key its home says."""
    (told,) = (await there.bot.invoke(functions.help.GetCdnConfig())).public_keys
    public = load_pem_public_key(told.public_key.encode())
    assert isinstance(public, RSAPublicKey)
    numbers = public.public_numbers()
    bare = b"".join(
        Bytes(each.to_bytes((each.bit_length() + 7) // 8, "big")) for each in (numbers.n, numbers.e)
    )
    fingerprint = int.from_bytes(sha1(bare).digest()[-8:], "little", signed=True)  # noqa: S324
    facts = await facts_of(there.program.url)
    assert (told.dc_id, fingerprint != facts["fingerprint"]) == (CDN, True)
    rsa.server_public_keys[fingerprint] = rsa.PublicKey(numbers.n, numbers.e)
    address = tuple(facts["centres"][str(CDN)].values())
    key = await Auth(there.bot, CDN, *address, test_mode=False).create()
    made = Session(there.bot, CDN, *address, key, test_mode=False, is_cdn=True)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def redirected(there: Centre, document: Any) -> Any:
    await there.http.post("/data-centre", cdn=True)
    return await there.bot.invoke(
        functions.upload.GetFile(location=place(document), offset=0, limit=1 << 20, cdn_supported=True)
    )


async def test_the_cdn_gives_what_only_the_client_can_read(there: Centre, cdn: Session) -> None:
    """It asks for the file first; what it gives is checked by hashes from elsewhere."""
    data = os.urandom((2 << 20) + 777)
    told = await redirected(there, await posted(there, data))
    assert (told.dc_id, [each.offset for each in told.file_hashes]) == (CDN, [n << 17 for n in range(8)])
    wish = functions.upload.GetCdnFile(file_token=told.file_token, offset=0, limit=1 << 20)
    needed = await cdn.invoke(wish)
    assert isinstance(needed, types.upload.CdnFileReuploadNeeded)
    about = {"file_token": told.file_token, "request_token": needed.request_token}
    with pytest.raises(errors.RequestTokenInvalid):
        await there.bot.invoke(functions.upload.ReuploadCdnFile(**{**about, "request_token": b"x"}))
    await there.bot.invoke(functions.upload.ReuploadCdnFile(**about))
    come = b""
    for offset in range(0, len(data), 1 << 20):
        wish = functions.upload.GetCdnFile(file_token=told.file_token, offset=offset, limit=1 << 20)
        sealed = (await cdn.invoke(wish)).bytes
        iv = bytearray(told.encryption_iv[:-4] + (offset // 16).to_bytes(4, "big"))
        piece = aes.ctr256_decrypt(sealed, told.encryption_key, iv, bytearray(1))
        hashes = await there.bot.invoke(
            functions.upload.GetCdnFileHashes(file_token=told.file_token, offset=offset)
        )
        for each in hashes:
            begin = each.offset - offset
            assert each.hash == sha256(piece[begin : begin + each.limit]).digest()
        come += piece
    assert come == data


async def test_who_cannot_go_to_a_cdn_is_not_sent_there(there: Centre) -> None:
    data = os.urandom(1000)
    document = await posted(there, data)
    await there.http.post("/data-centre", cdn=True)
    assert await downloaded(there.bot, document) == data


async def test_the_cdn_has_nothing_else(there: Centre, cdn: Session) -> None:
    with pytest.raises(errors.CdnMethodInvalid):
        await cdn.invoke(get_file(await posted(there, os.urandom(1000))))
    wish = functions.upload.GetCdnFile(file_token=b"x" * 32, offset=0, limit=4096)
    with pytest.raises(errors.FileTokenInvalid):
        await cdn.invoke(wish)
