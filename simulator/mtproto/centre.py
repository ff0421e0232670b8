"""The data centre as a whole: its key, who is signed in, what is being uploaded, and the faults it is ordered to have."""

import asyncio
from collections.abc import Callable
from typing import Any

from simulator.faults import Fault
from simulator.mtproto.handshake import Handshake
from simulator.mtproto.keys import ServerKey
from simulator.mtproto.methods import Answer, Place, handle, name_of
from simulator.mtproto.parts import Parts
from simulator.mtproto.refusals import Dropped, RpcRefused
from simulator.mtproto.sessions import AuthKeys, Key
from simulator.mtproto.talk import Talk
from simulator.world import World

_FLOOD, _INTERNAL = 420, 500


class Centre:
    """`address` says where it listens. Reads or makes its key: blocks."""

    def __init__(self, world: World, address: Callable[[], tuple[str, int]]) -> None:
        folder = world.settings.folder
        self._place = Place(world, AuthKeys(world.db), Parts(world.files, folder / "parts"), address)
        self.server_key = ServerKey.of(folder / "data-centre.pem")

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talks with one client until it goes."""
        await Talk(reader, writer, Handshake(self.server_key), self._place.keys, self._handle).run()

    async def _handle(self, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
        fault = self._place.world.faults.take(name_of(query))
        if fault is None:
            return await handle(self._place, key, query)
        await _fail(fault)
        result = await handle(self._place, key, query)
        if fault.action == "drop":
            raise Dropped
        return result


async def _fail(fault: Fault) -> None:
    """What happens before a call is obeyed, if it is."""
    if fault.action == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault.action == "429":
        raise RpcRefused(_FLOOD, f"FLOOD_WAIT_{fault.retry_after}")
    elif fault.action in ("400", "error"):
        raise RpcRefused(fault.error_code, fault.description)
    elif fault.action == "500":
        raise RpcRefused(_INTERNAL, "INTERNAL")
    elif fault.before:
        raise Dropped
