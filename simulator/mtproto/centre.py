"""The data centre as a whole: its key, who is signed in, what is being uploaded, and the faults it is ordered to have."""

import asyncio
import functools
from dataclasses import dataclass
from typing import Any

from mtproto.enums import ConnectionRole
from mtproto.session.msg_id import MsgId

from simulator.auth_keys import AuthKeys, Key
from simulator.faults import Fault
from simulator.files import CDN
from simulator.mtproto.call import Addresses, Answer, Place
from simulator.mtproto.cipher import quicken
from simulator.mtproto.handshake import Handshake
from simulator.mtproto.keys import ServerKey
from simulator.mtproto.methods import handle, name_of
from simulator.mtproto.parts import Parts
from simulator.mtproto.passwords import Passwords
from simulator.mtproto.ranges import corrupt
from simulator.mtproto.recorded import call_of
from simulator.mtproto.redirects import Redirects
from simulator.mtproto.refusals import FLOOD, INTERNAL, Dropped, RpcRefused
from simulator.mtproto.talk import Talk
from simulator.mtproto.wire import Wire
from simulator.record import Record
from simulator.world import World


@dataclass(frozen=True, slots=True)
class _Here:
    """The keys of one data centre."""

    keys: AuthKeys
    dc: int

    def keep(self, secret: bytes, salt: bytes) -> None:
        self.keys.keep(self.dc, secret, salt)

    def get(self, number: int) -> Key | None:
        return self.keys.get(self.dc, number)


class Centre:
    """All data centres, which have one key, and the CDN, which has its own. `addresses` says where they listen. Reads or
    makes the keys: blocks.
    """

    def __init__(self, world: World, addresses: Addresses) -> None:
        quicken()
        folder = world.settings.folder
        self.server_key = ServerKey.of(folder / "data-centre.pem")
        self._cdn_key = ServerKey.of(folder / "cdn.pem")
        parts = Parts(world.files, folder / "parts")
        parts.forget_old()
        memory = (Passwords(), Redirects())
        self._place = Place(world, AuthKeys(world.db), parts, *memory, addresses, self._cdn_key.pem)
        self._record = Record(world.db)
        self._ids = MsgId(ConnectionRole.SERVER)

    async def talk(self, dc: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talks with one client until it goes."""
        wire = Wire(reader, writer, self._place.world.line)
        here = _Here(self._place.keys, dc)
        handle = functools.partial(self._handle, dc)
        key = self._cdn_key if dc == CDN else self.server_key
        await Talk(wire, Handshake(key), here, handle, self._ids).run()

    async def _handle(self, dc: int, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
        faults = self._place.world.faults
        if faults.is_down():
            raise Dropped
        fault = faults.take(name_of(query))
        try:
            return await self._obey(dc, key, query, fault)
        finally:
            if faults.is_down() or (fault is not None and fault.action == "drop"):
                raise Dropped

    async def _obey(self, dc: int, key: Key, query: Any, fault: Fault | None) -> Answer:  # noqa: ANN401
        try:
            if fault is not None:
                await _fail(fault)
            answer = await handle(self._place, dc, key, query)
            if fault is not None and fault.action == "corrupt":
                corrupt(answer)
        except RpcRefused as refused:
            self._note(key, call_of(query, error=refused.words))
            raise
        self._note(key, call_of(query, answer))
        return answer

    def _note(self, key: Key, call: dict[str, Any]) -> None:
        self._record.note(self._place.world.clock(), self._place.keys.user_of(key), call)


async def _fail(fault: Fault) -> None:
    """What happens before a call is obeyed, if it is."""
    if fault.action == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault.action == "429":
        raise RpcRefused(FLOOD, f"FLOOD_WAIT_{fault.retry_after}")
    elif fault.action in ("400", "error"):
        raise RpcRefused(fault.error_code, fault.description)
    elif fault.action == "500":
        raise RpcRefused(INTERNAL, "INTERNAL")
    elif fault.before:
        raise Dropped
