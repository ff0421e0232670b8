"""What the routes are given: the world, and the rules for those who do something in it."""

from typing import Annotated, Any

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from simulator.members import Members
from simulator.people import People
from simulator.speech import Speech
from simulator.world import World

JsonObject = dict[str, Any]


async def the_world(connection: HTTPConnection) -> World:
    world: World = connection.app.state.world
    return world


TheWorld = Annotated[World, Depends(the_world)]


async def the_people(world: TheWorld) -> People:
    return People(world)


ThePeople = Annotated[People, Depends(the_people)]


async def the_speech(people: ThePeople) -> Speech:
    return Speech(people)


async def the_members(world: TheWorld) -> Members:
    return Members(world)


TheSpeech = Annotated[Speech, Depends(the_speech)]
TheMembers = Annotated[Members, Depends(the_members)]


def known_user(world: World, user: int) -> int:
    if not world.accounts.person(user) and not world.accounts.bot(user):
        raise HTTPException(404, "no such user")
    return user
