"""The JSON interface: how people sign in over MTProto, and what becomes of it."""

from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, HTTPException

from simulator.auth_keys import AuthKeys
from simulator.forms import LoginChange
from simulator.logins import Login
from simulator.routes.given import JsonObject, ThePeople, TheWorld
from simulator.world import World

router = APIRouter()


@router.get("/codes")
async def list_codes(world: TheWorld) -> list[JsonObject]:
    """The codes that were sent and not used, the newest first."""
    return [{"phone": code.phone, "code": code.code} for code in world.logins.codes()]


@router.get("/people/{person}/login")
async def show_login(person: int, world: TheWorld, people: ThePeople) -> JsonObject:
    people.person(person)
    return login_shown(world, world.logins.of(person))


@router.post("/people/{person}/login")
async def change_login(person: int, change: LoginChange, world: TheWorld, people: ThePeople) -> JsonObject:
    """What is not named stays; an empty password takes it away."""
    people.person(person)
    changed = replace(world.logins.of(person), **change.model_dump(exclude_none=True))
    owner = world.logins.with_phone(changed.phone)
    if owner and owner.person != person:
        raise HTTPException(409, "somebody has this phone number")
    with world.change():
        world.logins.change(changed)
    return login_shown(world, changed)


@router.delete("/people/{person}/sessions")
async def end_sessions(
    person: int,
    world: TheWorld,
    people: ThePeople,
    error: Literal["SESSION_REVOKED", "AUTH_KEY_UNREGISTERED"] = "SESSION_REVOKED",
) -> JsonObject:
    """Ends all sessions of the person; their calls are refused with this error from now on."""
    people.person(person)
    with world.change():
        AuthKeys(world.db).revoke(person, error)
    return login_shown(world, world.logins.of(person))


def login_shown(world: World, login: Login) -> JsonObject:
    return {
        "phone": login.phone,
        "has_password": bool(login.password),
        "hint": login.hint,
        "email": login.email,
        "needs_email": login.needs_email,
        "premium": login.premium,
        "banned": login.banned,
        "sessions": AuthKeys(world.db).count(login.person),
    }
