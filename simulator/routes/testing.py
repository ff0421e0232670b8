"""What a test needs: the record of all calls, and faults on demand. And what a client of MTProto must know to come in."""

from fastapi import APIRouter, Request

from simulator.data_centre import DataCentre
from simulator.faults import Fault
from simulator.forms import NewFault
from simulator.record import Record
from simulator.routes.given import JsonObject, TheWorld

router = APIRouter()


@router.get("/record")
async def record(world: TheWorld, chat: int | None = None, after: int = 0) -> list[JsonObject]:
    """Every call of a bot so far, oldest first."""
    return Record(world.db).calls(chat, after)


@router.get("/faults")
async def list_faults(world: TheWorld) -> list[JsonObject]:
    return world.faults.listed()


@router.post("/faults")
async def add_fault(new: NewFault, world: TheWorld) -> list[JsonObject]:
    world.faults.add(Fault(**new.model_dump()))
    world.signal.notify()
    return world.faults.listed()


@router.delete("/faults")
async def clear_faults(world: TheWorld) -> list[JsonObject]:
    world.faults.clear()
    return world.faults.listed()


@router.get("/data-centre")
async def data_centre(request: Request) -> JsonObject:
    """Where it listens, and its public key: Telegram's own clients carry those of Telegram."""
    here: DataCentre = request.app.state.data_centre
    host, port = here.address
    key = (await here.centre()).server_key
    numbers = {"modulus": f"{key.modulus:x}", "exponent": key.exponent, "fingerprint": key.fingerprint}
    return {"host": host, "port": port, **numbers}
