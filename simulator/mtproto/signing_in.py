"""Methods by which bots and people sign in and out. Everybody's home is one data centre."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from pyrogram.raw import types

from simulator.auth_keys import Key
from simulator.files import CDN, HOME
from simulator.logins import CODE_DIGITS, Login
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, Place
from simulator.mtproto.refusals import BAD_REQUEST, SEE_OTHER, UNAUTHORIZED, RpcRefused
from simulator.mtproto.users import user_with
from simulator.world import World

_PHONE = re.compile(r"\d{7,15}")


@dataclass(frozen=True, slots=True)
class Knock:
    """A call, at a data centre, of whom nobody needs to know yet who they are."""

    place: Place
    dc: int
    key: Key
    query: Any

    @property
    def world(self) -> World:
        return self.place.world


async def bot(knock: Knock) -> Answer:
    if knock.dc != HOME:
        raise RpcRefused(SEE_OTHER, f"USER_MIGRATE_{HOME}")
    found = knock.world.accounts.bot_with_token(knock.query.bot_auth_token)
    if found is None:
        raise RpcRefused(BAD_REQUEST, "ACCESS_TOKEN_INVALID")
    return _signed_in(knock, found.id)


async def export(call: Call) -> Answer:
    """What signs the same account in at another data centre."""
    wanted = call.query.dc_id
    if wanted in (call.dc, CDN) or wanted not in call.place.addresses():
        raise RpcRefused(BAD_REQUEST, "DC_ID_INVALID")
    passage = call.place.keys.export(call.who.id, wanted)
    return types.auth.ExportedAuthorization(id=call.who.id, bytes=passage)


async def import_(knock: Knock) -> Answer:
    query = knock.query
    if not knock.place.keys.imports(query.id, knock.dc, query.bytes):
        raise RpcRefused(BAD_REQUEST, "AUTH_BYTES_INVALID")
    return _signed_in(knock, query.id)


async def send_code(knock: Knock) -> Answer:
    """To the person's other devices; a number that nobody has gets a text message."""
    phone = _phone(knock)
    login = knock.world.logins.with_phone(phone)
    if login and login.banned:
        raise RpcRefused(BAD_REQUEST, "PHONE_NUMBER_BANNED")
    code = knock.world.logins.send_code(phone, knock.world.now())
    kind = types.auth.SentCodeTypeApp if login else types.auth.SentCodeTypeSms
    return types.auth.SentCode(type=kind(length=CODE_DIGITS), phone_code_hash=code.hash)


async def person(knock: Knock) -> Answer:
    """With the code; who has a password is asked for it."""
    phone, logins, query = _phone(knock), knock.world.logins, knock.query
    if not query.phone_code:
        raise RpcRefused(BAD_REQUEST, "PHONE_CODE_EMPTY")
    sent = logins.code(phone, query.phone_code_hash)
    if sent is None or sent.until < knock.world.now():
        raise RpcRefused(BAD_REQUEST, "PHONE_CODE_EXPIRED")
    if sent.code != query.phone_code:
        raise RpcRefused(BAD_REQUEST, "PHONE_CODE_INVALID")
    login = logins.with_phone(phone)
    if login is None:
        raise RpcRefused(BAD_REQUEST, "PHONE_NUMBER_UNOCCUPIED")
    logins.forget_code(phone)
    if login.password:
        knock.place.keys.wait_for_password(knock.key, login.person)
        raise RpcRefused(UNAUTHORIZED, "SESSION_PASSWORD_NEEDED")
    return _signed_in(knock, login.person)


def _phone(knock: Knock) -> str:
    if knock.dc != HOME:
        raise RpcRefused(SEE_OTHER, f"PHONE_MIGRATE_{HOME}")
    phone = re.sub(r"[ +()-]", "", knock.query.phone_number)
    if not _PHONE.fullmatch(phone):
        raise RpcRefused(BAD_REQUEST, "PHONE_NUMBER_INVALID")
    return phone


async def get_password(knock: Knock) -> Answer:
    """The question by which somebody shows that they know the password."""
    return await asyncio.to_thread(knock.place.passwords.ask, _asked(knock))


async def check_password(knock: Knock) -> Answer:
    login, answer, passwords = _asked(knock), knock.query.password, knock.place.passwords
    if not isinstance(answer, types.InputCheckPasswordSRP) or not login.password:
        raise RpcRefused(BAD_REQUEST, "PASSWORD_HASH_INVALID")
    if not passwords.asked(answer.srp_id, login.person):
        raise RpcRefused(BAD_REQUEST, "SRP_ID_INVALID")
    if not passwords.is_right(answer):
        raise RpcRefused(BAD_REQUEST, "PASSWORD_HASH_INVALID")
    return _signed_in(knock, login.person)


def _asked(knock: Knock) -> Login:
    """Who is to show that they know their password."""
    keys = knock.place.keys
    number = keys.waiting(knock.key) or keys.user_of(knock.key)
    if knock.world.accounts.person(number) is None:
        raise RpcRefused(UNAUTHORIZED, "AUTH_KEY_UNREGISTERED")
    return knock.world.logins.of(number)


async def sign_out(knock: Knock) -> Answer:
    if not knock.place.keys.user_of(knock.key):
        raise RpcRefused(UNAUTHORIZED, knock.place.keys.refusal(knock.key))
    knock.place.keys.sign_in(knock.key, 0)
    return types.auth.LoggedOut()


def _signed_in(knock: Knock, number: int) -> Answer:
    knock.place.keys.sign_in(knock.key, number)
    return types.auth.Authorization(user=shown.user(knock.world, user_with(knock.world, number), number))
