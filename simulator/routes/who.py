"""The JSON interface: the people and the bots."""

from dataclasses import asdict, replace

from fastapi import APIRouter, HTTPException

from simulator.accounts import Bot, Person
from simulator.forms import BotChange, NewBot, NewPerson
from simulator.routes.given import JsonObject, TheWorld

router = APIRouter()


@router.get("/people")
async def list_people(world: TheWorld) -> list[Person]:
    return world.accounts.people()


@router.post("/people")
async def add_person(new: NewPerson, world: TheWorld) -> Person:
    with world.change():
        return world.accounts.add_person(new.first_name, new.username, new.language_code)


@router.get("/bots")
async def list_bots(world: TheWorld) -> list[JsonObject]:
    return [bot_shown(bot) for bot in world.accounts.bots()]


@router.post("/bots")
async def add_bot(new: NewBot, world: TheWorld) -> JsonObject:
    if world.accounts.bot(int(new.token.partition(":")[0])):
        raise HTTPException(409, "there is a bot with this id")
    with world.change():
        return bot_shown(world.accounts.add_bot(new.token, new.first_name, new.username))


@router.post("/bots/{bot}")
async def change_bot(bot: int, change: BotChange, world: TheWorld) -> JsonObject:
    """What one does with @BotFather: a new token (the old one counts no more), settings."""
    before = world.accounts.bot(bot)
    if before is None:
        raise HTTPException(404, "no such bot")
    changed = replace(before, **change.model_dump(exclude_none=True))
    if changed.token.partition(":")[0] != str(bot):
        raise HTTPException(400, "a bot's token begins with its id")
    with world.change():
        world.accounts.change_bot(changed)
    return bot_shown(changed)


def bot_shown(bot: Bot) -> JsonObject:
    return {name: value for name, value in asdict(bot).items() if name != "file_key"}
