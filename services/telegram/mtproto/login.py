"""Signing in as a person: a number, the code that is sent to it, and the password of whom has one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from pyrogram import Client
from pyrogram.raw import functions, types
from pyrogram.utils import compute_password_check

from services.telegram.large import Access, Server
from services.telegram.mtproto.places import Place, agreed, ask_at_home, client_for, closed, keep_user
from services.telegram.mtproto.refusals import RpcRefused, ours
from services.telegram.port import TelegramRefused

_ANEW = ("AUTH_RESTART", "AUTH_RESTART_X", "SIGN_IN_FAILED")


class Way(Enum):
    """How a code comes."""

    APP = "app"
    SMS = "sms"
    EMAIL = "email"
    OTHER = "other"


_WAYS = {
    types.auth.SentCodeTypeApp: Way.APP,
    types.auth.SentCodeTypeSms: Way.SMS,
    types.auth.SentCodeTypeEmailCode: Way.EMAIL,
}


class Login:
    """One signing in, with nothing on disk. Calls raise TelegramRefused with Telegram's own word, TelegramAway, AccountLost.

    The word is AUTH_RESTART where all has to begin again, with the number.

    No connection is kept between two calls: a person may take their time.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._phone = ""
        self._sent = ""
        self._way = Way.OTHER

    @classmethod
    async def begun(cls, access: Access[Any], server: Server | None) -> "Login":
        """Agrees on a key. Raises TelegramAway."""
        client = client_for(access, server, "login", in_memory=True)
        try:
            await agreed(client.load_session())
            return cls(await Place.of(client))
        except BaseException:
            await closed(client)
            raise

    async def send_code(self, phone: str) -> Way:
        """Has a code sent; the one that was sent before is worth nothing then."""
        query = functions.auth.SendCode(
            phone_number=phone,
            api_id=self._client.api_id,
            api_hash=self._client.api_hash,
            settings=types.CodeSettings(),
        )
        sent = await self._asked(query)
        if not isinstance(sent, types.auth.SentCode):
            raise TelegramRefused("CODE_NOT_SENT")
        if isinstance(sent.type, types.auth.SentCodeTypeSetUpEmailRequired):
            raise TelegramRefused("EMAIL_SETUP_REQUIRED")
        self._phone, self._sent = phone, sent.phone_code_hash
        self._way = _WAYS.get(type(sent.type), Way.OTHER)
        return self._way

    async def sign_in(self, code: str) -> bool:
        """Whether that was all: else there is a password."""
        query = functions.auth.SignIn(
            phone_number=self._phone, phone_code_hash=self._sent, **_proof(self._way, code)
        )
        try:
            self._place, answer = await ask_at_home(self._place, query)
        except RpcRefused as refused:
            if refused.name == "SESSION_PASSWORD_NEEDED":
                return False
            with _ours():
                raise
        await self._keep(answer)
        return True

    async def hint(self) -> str:
        """What its owner wrote down to remember the password by; empty: nothing."""
        return str((await self._asked(functions.account.GetPassword())).hint or "")

    async def give(self, password: str) -> None:
        """Shows that it is known: it does not leave this machine."""
        question = await self._asked(functions.account.GetPassword())
        answer = await asyncio.to_thread(compute_password_check, question, password)
        await self._keep(await self._asked(functions.auth.CheckPassword(password=answer)))

    async def session(self) -> str:
        """What may be used from now on as this person: a secret."""
        return str(await self._client.export_session_string())

    async def close(self) -> None:
        await closed(self._client)

    @property
    def _client(self) -> Client:
        return self._place.client

    async def _asked(self, query: Any) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        with _ours():
            self._place, answer = await ask_at_home(self._place, query)
        return answer

    async def _keep(self, answer: Any) -> None:  # noqa: ANN401
        if not isinstance(answer, types.auth.Authorization):
            raise TelegramRefused("PHONE_NUMBER_UNOCCUPIED")
        await keep_user(self._client, answer.user.id, is_bot=False)


def _proof(way: Way, code: str) -> dict[str, Any]:
    if way is Way.EMAIL:
        return {"email_verification": types.EmailVerificationCode(code=code)}
    return {"phone_code": code}


@contextmanager
def _ours() -> Iterator[None]:
    """As `ours`; but what Telegram calls a fault of its own may be its wish to begin anew."""
    with ours():
        try:
            yield
        except RpcRefused as refused:
            if any(map(refused.is_like, _ANEW)):
                raise TelegramRefused(_ANEW[0]) from refused
            raise
