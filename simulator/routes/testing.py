"""What a test needs: the record of all calls, and faults on demand. And what a client of MTProto must know to come in."""

from fastapi import APIRouter, Request

from simulator.data_centre import DataCentre
from simulator.faults import Fault
from simulator.files import HOME
from simulator.forms import Keeping, NewFault, NewLine
from simulator.line import Line
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


@router.get("/line")
async def the_line(world: TheWorld) -> Line:
    return world.line


@router.post("/line")
async def set_line(new: NewLine, world: TheWorld) -> Line:
    """As slow as all connections of the data centre are from now on."""
    world.line.latency, world.line.rate = new.latency, new.rate
    return world.line


@router.get("/data-centre")
async def data_centre(request: Request, world: TheWorld) -> JsonObject:
    """Where they listen, and their public key: Telegram's own clients carry those of Telegram."""
    here: DataCentre = request.app.state.data_centre
    key = (await here.centre()).server_key
    numbers = {"modulus": f"{key.modulus:x}", "exponent": key.exponent, "fingerprint": key.fingerprint}
    centres = {number: {"host": host, "port": port} for number, (host, port) in here.addresses.items()}
    files = {"files": world.files.dc, "cdn": world.files.cdn, "most_parts": world.files.most_parts}
    return {**centres[HOME], **numbers, **files, "centres": centres, "repeats": world.repeats}


@router.post("/data-centre")
async def keep_files(new: Keeping, request: Request, world: TheWorld) -> JsonObject:
    """Where new files are kept from now on, those that there are if they are to move, and whether the CDN gives them."""
    world.files.dc = new.files or world.files.dc
    world.files.most_parts = new.most_parts or world.files.most_parts
    world.repeats = new.repeats or world.repeats
    if new.cdn is not None:
        world.files.cdn = new.cdn
    if new.move:
        with world.change():
            world.files.move_all(world.files.dc)
    return await data_centre(request, world)
