"""The data centre as a whole: its key, who is signed in, what is being uploaded, and the faults it is ordered to have."""

import asyncio
from collections.abc import Callable
from typing import Any

from mtproto.enums import ConnectionRole
from mtproto.session.msg_id import MsgId

from simulator.faults import Fault
from simulator.mtproto.call import Answer, Place
from simulator.mtproto.handshake import Handshake
from simulator.mtproto.keys import ServerKey
from simulator.mtproto.methods import handle, name_of
from simulator.mtproto.parts import Parts
from simulator.mtproto.refusals import FLOOD, INTERNAL, Dropped, RpcRefused
from simulator.mtproto.sessions import AuthKeys, Key
from simulator.mtproto.talk import Talk
from simulator.world import World


class Centre:
    """`address` says where it listens. Reads or makes its key: blocks."""

    def __init__(self, world: World, address: Callable[[], tuple[str, int]]) -> None:
        folder = world.settings.folder
        self._place = Place(world, AuthKeys(world.db), Parts(world.files, folder / "parts"), address)
        self._place.parts.forget_old()
        self._ids = MsgId(ConnectionRole.SERVER)
        self.server_key = ServerKey.of(folder / "data-centre.pem")

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talks with one client until it goes."""
        await Talk(
            reader, writer, Handshake(self.server_key), self._place.keys, self._handle, self._ids
        ).run()

    async def _handle(self, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
        faults = self._place.world.faults
        fault = faults.take(name_of(query))
        if fault is not None:
            await _fail(fault)
        if faults.is_down():
            raise Dropped
        try:
            return await handle(self._place, key, query)
        finally:
            if faults.is_down() or (fault is not None and fault.action == "drop"):
                raise Dropped


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
