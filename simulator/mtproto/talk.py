"""One connection of a client: packets in, messages and calls read, answers out. Over TCP, in any transport of MTProto."""

import asyncio
import contextlib
import gzip
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, Protocol

from mtproto.enums import ConnectionRole
from mtproto.session.msg_id import MsgId
from mtproto.transport.connection import Connection
from mtproto.transport.packets.error_packet import ErrorPacket
from mtproto.transport.packets.message_packet import (
    DecryptedMessagePacket,
    EncryptedMessagePacket,
    UnencryptedMessagePacket,
)
from pyrogram.raw import functions, types
from pyrogram.raw.core import Bool, Bytes, GzipPacked, Int, Long, MsgContainer, TLObject

from simulator.auth_keys import Key
from simulator.mtproto.call import Answer
from simulator.mtproto.handshake import Handshake, HandshakeFailed
from simulator.mtproto.refusals import INTERNAL, Dropped, RpcRefused
from simulator.mtproto.wire import Wire

_KEY_UNKNOWN = 404
_WRONG_SALT = 48
_TOO_OLD, _TOO_NEW, _NOT_A_CLIENTS = 16, 17, 18
_OLDEST_SECONDS, _NEWEST_SECONDS = 300, 30
_GZIP_FROM, _GZIP_LEVEL = 512, 1
_RESULT = 0xF35C6D01
_log = logging.getLogger(__name__)
Handle = Callable[[Key, TLObject], Awaitable[Answer]]


class Keys(Protocol):
    """Of one data centre."""

    def keep(self, secret: bytes, salt: bytes) -> None: ...

    def get(self, number: int) -> Key | None: ...


@dataclass(frozen=True, slots=True)
class _Said:
    """A message of the client's."""

    id: int
    body: Any


class Talk:
    """Talks until the client goes. A call is handled in a task of its own: answers come in any order."""

    def __init__(
        self,
        wire: Wire,
        handshake: Handshake,
        keys: Keys,
        handle: Handle,
        ids: MsgId,
    ) -> None:
        self._wire = wire
        self._handshake = handshake
        self._keys = keys
        self._handle = handle
        self._connection: Connection[Any] = Connection(ConnectionRole.SERVER)
        self._ids = ids
        self._key: Key | None = None
        self._session = 0
        self._sequence = 0
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Nothing of it is left open afterwards. Calls that came are obeyed, also when their client has gone."""
        try:
            with contextlib.suppress(ConnectionError, HandshakeFailed, _Unreadable):
                await self._listen()
        except Exception:  # noqa: BLE001 - whatever bytes of strangers make of the parsers
            _log.warning("a client is cut off", exc_info=True)
        except asyncio.CancelledError:
            self._wire.abort()
            raise
        finally:
            await self._wire.close()
            await asyncio.gather(*self._calls, return_exceptions=True)

    async def _listen(self) -> None:
        while data := await self._wire.read():
            self._connection.data_received(data)
            while self._connection.has_packet():
                self._take(self._connection.next_event())
            await self._wire.drain()

    def _take(self, packet: object) -> None:
        if isinstance(packet, UnencryptedMessagePacket):
            self._shake_hands(packet)
        elif isinstance(packet, EncryptedMessagePacket):
            for said in self._opened(packet):
                self._hear(said)
        else:
            raise _Unreadable("neither a message nor a step of a handshake")

    def _shake_hands(self, packet: UnencryptedMessagePacket) -> None:
        answer = self._handshake.answer(_read(packet.message_data))
        if isinstance(answer, types.DhGenOk):
            self._keys.keep(self._handshake.auth_key, self._handshake.salt)
        self._send(UnencryptedMessagePacket(self._ids.make(in_reply=True), answer.write()))

    def _opened(self, packet: EncryptedMessagePacket) -> Iterator[_Said]:
        """The messages in a packet; what is wrong about it is said to the client."""
        if self._key is None or self._key.id != packet.auth_key_id:
            self._key = self._keys.get(packet.auth_key_id)
        if self._key is None:
            self._send(ErrorPacket(_KEY_UNKNOWN))
            raise _Unreadable("a key that is not known")
        message = packet.decrypt(self._key.secret, ConnectionRole.CLIENT)
        if not _is_sealed(message, packet, self._key):
            raise _Unreadable("a message whose key is not its own")
        if message.session_id != self._session:
            self._session, self._sequence = message.session_id, 0
            self._tell(
                types.NewSessionCreated(
                    first_msg_id=message.message_id, unique_id=self._session, server_salt=self._key.salt
                )
            )
        problem = self._problem(message)
        if problem is not None:
            self._tell(problem, in_reply=True)
            return
        body = _read(message.data)
        if isinstance(body, MsgContainer):
            yield from (_Said(each.msg_id, each.body) for each in body.messages)
        else:
            yield _Said(message.message_id, body)

    def _problem(self, message: DecryptedMessagePacket) -> TLObject | None:
        assert self._key is not None  # noqa: S101
        about = {"bad_msg_id": message.message_id, "bad_msg_seqno": message.seq_no}
        if Long.read(BytesIO(message.salt)) != self._key.salt:
            return types.BadServerSalt(**about, error_code=_WRONG_SALT, new_server_salt=self._key.salt)
        sent_at = message.message_id >> 32
        if message.message_id % 4:
            return types.BadMsgNotification(**about, error_code=_NOT_A_CLIENTS)
        if sent_at < time.time() - _OLDEST_SECONDS:
            return types.BadMsgNotification(**about, error_code=_TOO_OLD)
        if sent_at > time.time() + _NEWEST_SECONDS:
            return types.BadMsgNotification(**about, error_code=_TOO_NEW)
        return None

    def _hear(self, said: _Said) -> None:
        if isinstance(said.body, functions.Ping | functions.PingDelayDisconnect):
            self._tell(types.Pong(msg_id=said.id, ping_id=said.body.ping_id), in_reply=True)
        elif not isinstance(said.body, types.MsgsAck | types.HttpWait):
            call = asyncio.create_task(self._answer(said))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _answer(self, said: _Said) -> None:
        assert self._key is not None  # noqa: S101
        try:
            result = _written(await self._handle(self._key, said.body))
        except Dropped:
            self._wire.abort()
            return
        except RpcRefused as refused:
            result = types.RpcError(error_code=refused.code, error_message=refused.words).write()
        except Exception:  # noqa: BLE001 - a fault of the simulator, and loud
            _log.exception("no answer to %s", type(said.body).__name__)
            result = types.RpcError(error_code=INTERNAL, error_message="INTERNAL").write()
        if not self._wire.is_closing:
            self._tell_bytes(Int(_RESULT, False) + Long(said.id) + result, in_reply=True)

    def _tell(self, what: TLObject, *, in_reply: bool = False) -> None:
        self._tell_bytes(what.write(), in_reply=in_reply)

    def _tell_bytes(self, data: bytes, *, in_reply: bool) -> None:
        assert self._key is not None  # noqa: S101
        packet = DecryptedMessagePacket(
            salt=bytes(Long(self._key.salt)),
            session_id=self._session,
            message_id=self._ids.make(in_reply=in_reply),
            seq_no=self._sequence * 2 + 1,
            data=data,
        )
        self._sequence += 1
        self._send(packet.encrypt(self._key.secret, ConnectionRole.SERVER))

    def _send(self, packet: UnencryptedMessagePacket | EncryptedMessagePacket | ErrorPacket) -> None:
        self._wire.write(self._connection.send(packet))


class _Unreadable(Exception):
    """What came cannot be answered: the connection is closed."""


def _read(data: bytes) -> Any:  # noqa: ANN401
    try:
        return TLObject.read(BytesIO(data))
    except (KeyError, ValueError, OSError, AttributeError) as error:
        raise _Unreadable(f"no object of this layer: {error!r}") from error


def _is_sealed(message: DecryptedMessagePacket, packet: EncryptedMessagePacket, key: Key) -> bool:
    """Whether the message's key is made of the message. The library does not look when it opens one."""
    head = Long(message.session_id) + Long(message.message_id) + Int(message.seq_no) + Int(len(message.data))
    plain = message.salt + head + message.data + message.padding
    return sha256(key.secret[88:120] + plain).digest()[8:24] == packet.message_key


def _written(result: Answer) -> bytes:
    """Large results are compressed, as Telegram does, but not files, which would gain nothing."""
    if isinstance(result, bool):
        return bytes(Bool(result))
    if isinstance(result, bytes):
        return bytes(result)
    data = bytes(result.write())
    if len(data) < _GZIP_FROM or isinstance(result, types.upload.File | types.upload.CdnFile):
        return data
    # as `GzipPacked` writes itself, which would write the result once more
    return bytes(Int(GzipPacked.ID, False) + Bytes(gzip.compress(data, _GZIP_LEVEL)))
