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
class _Refusals:
    wrong: str
    expired: str


_OF_CODES = _Refusals("PHONE_CODE_INVALID", "PHONE_CODE_EXPIRED")
_OF_EMAIL_CODES = _Refusals("CODE_INVALID", "EMAIL_VERIFY_EXPIRED")


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
    """To the person's other devices, or their e-mail address; a number that nobody has gets a text message."""
    phone = _phone(knock)
    login = knock.world.logins.with_phone(phone)
    if login and login.banned:
        raise RpcRefused(BAD_REQUEST, "PHONE_NUMBER_BANNED")
    code = knock.world.logins.send_code(phone, knock.world.now())
    return types.auth.SentCode(type=_way(login), phone_code_hash=code.hash)


def _way(login: Login | None) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
    if login is None:
        return types.auth.SentCodeTypeSms(length=CODE_DIGITS)
    if login.email:
        return types.auth.SentCodeTypeEmailCode(email_pattern=_masked(login.email), length=CODE_DIGITS)
    if login.needs_email:
        return types.auth.SentCodeTypeSetUpEmailRequired()
    return types.auth.SentCodeTypeApp(length=CODE_DIGITS)


def _masked(email: str) -> str:
    name, _, server = email.partition("@")
    return f"{name[0]}***@{server}"


async def person(knock: Knock) -> Answer:
    """With the code; who has a password is asked for it."""
    phone, logins, query = _phone(knock), knock.world.logins, knock.query
    login = logins.with_phone(phone)
    given, names = _given(query, by_email=login is not None and bool(login.email))
    if not given:
        raise RpcRefused(BAD_REQUEST, "PHONE_CODE_EMPTY")
    sent = logins.code(phone, query.phone_code_hash)
    if sent is None or sent.until < knock.world.now():
        raise RpcRefused(BAD_REQUEST, names.expired)
    if sent.code != given:
        raise RpcRefused(BAD_REQUEST, names.wrong)
    if login is None:
        raise RpcRefused(BAD_REQUEST, "PHONE_NUMBER_UNOCCUPIED")
    logins.forget_code(phone)
    if login.password:
        knock.place.keys.wait_for_password(knock.key, login.person)
        raise RpcRefused(UNAUTHORIZED, "SESSION_PASSWORD_NEEDED")
    return _signed_in(knock, login.person)


def _given(query: Any, *, by_email: bool) -> tuple[str, _Refusals]:  # noqa: ANN401
    """The code, in the field where it must stand; and what is said of a wrong one."""
    if not by_email:
        return query.phone_code or "", _OF_CODES
    proof = query.email_verification
    return proof.code if isinstance(proof, types.EmailVerificationCode) else "", _OF_EMAIL_CODES


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
