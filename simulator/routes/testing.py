"""What a test needs: the record of all calls, and faults on demand."""

from fastapi import APIRouter

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
