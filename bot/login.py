"""`magpie login`: asks for what Telegram wants to know, and prints the session string."""

import asyncio
import getpass
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.second_door import proxy_of
from bot.settings import Settings
from bot.simulated import API_HASH, API_ID, DATA_CENTRE, NothingSet, simulator_to_sign_in_to
from services.telegram.large import Access, UserSession, server_at
from services.telegram.port import AccountLost, TelegramAway, TelegramRefused

if TYPE_CHECKING:
    from services.telegram.mtproto.login import Login

Say = Callable[[str], None]
Result = TypeVar("Result")
_ANEW = "AUTH_RESTART"
_NEW_CODE = ("PHONE_CODE_EXPIRED", "PHONE_CODE_HASH_EMPTY", "EMAIL_VERIFY_EXPIRED")
_AGAIN = {
    "PHONE_NUMBER_INVALID": "Telegram says that this is no phone number. Begin it with + and the country's code.",
    "PHONE_CODE_INVALID": "This is not the code.",
    "CODE_INVALID": "This is not the code.",
    "PHONE_CODE_EMPTY": "A code is needed.",
    "CODE_EMPTY": "A code is needed.",
    "PHONE_CODE_EXPIRED": "This code has expired. Telegram is asked for a new one.",
    "PHONE_CODE_HASH_EMPTY": "This code has expired. Telegram is asked for a new one.",
    "EMAIL_VERIFY_EXPIRED": "This code has expired. Telegram is asked for a new one.",
    "PASSWORD_HASH_INVALID": "This is not the password.",
    "SRP_ID_INVALID": "That took too long. Please once more.",
    "SRP_PASSWORD_CHANGED": "The password was changed just now. Please give the new one.",
    _ANEW: "Telegram wants to begin once more, with the phone number.",
}
"""Answers after which there is another chance."""
_END = {
    "PHONE_NUMBER_BANNED": "Telegram has banned this phone number",
    "PHONE_NUMBER_UNOCCUPIED": "no Telegram account has this phone number: sign up with one of Telegram's apps first",
    "PHONE_NUMBER_FLOOD": "Telegram lets this number ask for no more codes today",
    "PHONE_PASSWORD_FLOOD": "too many wrong tries: Telegram lets this number try again tomorrow",
    "API_ID_INVALID": "Telegram does not know API_ID and API_HASH: they must be as my.telegram.org shows them",
    "API_ID_PUBLISHED_FLOOD": "Telegram refuses this API_ID because it was published: my.telegram.org gives one of your own",
    "CODE_NOT_SENT": "Telegram does not send a code in a way that is known here",
    "EMAIL_SETUP_REQUIRED": "Telegram wants to send codes by e-mail: give it an address first, in one of Telegram's apps",
    "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN": "no Telegram account has this phone number: sign up with one of Telegram's apps first",
    "UPDATE_APP_TO_LOGIN": "Telegram lets only newer programs sign in: update Magpie",
    "USER_DEACTIVATED": "this account was deleted",
    "USER_DEACTIVATED_BAN": "Telegram has banned this account",
}
_SENT = {
    "app": "Telegram has sent a code to your Telegram app.",
    "sms": "Telegram has sent a code as a text message.",
    "email": "Telegram has sent a code by e-mail.",
    "other": "Telegram has sent a code.",
}


class CannotSignIn(Exception):
    """It makes no sense to ask on. The text is one line for a person."""


class NothingToSignInWith(CannotSignIn):
    """A setting is missing. The text is one line for a person."""


@dataclass(frozen=True)
class _Wrong(Generic[Result]):
    """An answer that may be given again, and what Telegram calls the mistake."""

    reason: str


def log_in(settings: Settings, say: Say) -> None:
    """Prints the session string at the end. Raises CannotSignIn, KeyboardInterrupt, EOFError.

    Questions are asked while no loop runs, so that Ctrl-C ends them at once.
    """
    with asyncio.Runner() as runner:
        login = _told(runner, _begun(settings, say))
        try:
            _Dialogue(runner, login, say).hold()
            _tell(runner.run(login.session()), say)
        finally:
            runner.run(login.close())


class _Dialogue:
    """Asks until Telegram is content."""

    def __init__(self, runner: asyncio.Runner, login: "Login", say: Say) -> None:
        self._runner = runner
        self._login = login
        self._say = say

    def hold(self) -> None:
        while not self._is_through():
            pass

    def _is_through(self) -> bool:
        """False where Telegram wants to begin anew."""
        phone = self._ask_for_phone()
        while isinstance(done := self._try(self._login.sign_in(_asked("Code: "))), _Wrong):
            if done.reason == _ANEW:
                return False
            if done.reason in _NEW_CODE and isinstance(self._send(phone), _Wrong):
                return False
        return done or self._is_password_right()

    def _ask_for_phone(self) -> str:
        while True:
            phone = _asked("Phone number, with the country's code: ")
            if phone and not isinstance(self._send(phone), _Wrong):
                return phone

    def _send(self, phone: str) -> "_Wrong[Any] | None":
        way = self._try(self._login.send_code(phone))
        if isinstance(way, _Wrong):
            return way
        self._say(_SENT[way.value])
        return None

    def _is_password_right(self) -> bool:
        """Asks until it is. False where Telegram wants to begin anew."""
        hint = self._try(self._login.hint())
        if isinstance(hint, _Wrong):
            return False
        question = f"Password (hint: {_plain(hint)}): " if hint else "Password: "
        while isinstance(done := self._try(self._login.give(_asked(question, hidden=True))), _Wrong):
            if done.reason == _ANEW:
                return False
        return True

    def _try(self, call: Coroutine[Any, Any, Result]) -> "Result | _Wrong[Result]":
        try:
            return _told(self._runner, call)
        except TelegramRefused as refused:
            self._say(_AGAIN[refused.reason])
            return _Wrong(refused.reason)


async def _begun(settings: Settings, say: Say) -> "Login":
    access = await _access(settings, say)
    server = await server_at(access.server)
    from services.telegram.mtproto.login import Login

    return await Login.begun(access, server)


async def _access(settings: Settings, say: Say) -> Access[UserSession]:
    nobody = UserSession("")
    if settings.api_id is not None and settings.api_hash is not None:
        where = settings.mtproto_server, proxy_of(settings)
        return Access(settings.api_id, settings.api_hash.get_secret_value(), nobody, *where)
    try:
        url = await simulator_to_sign_in_to(settings)
    except NothingSet as error:
        raise NothingToSignInWith(str(error)) from error
    say(f"This is the simulator at {url}/: it shows codes at {url}/api/codes, and sends none.")
    return Access(API_ID, API_HASH, nobody, f"{url}{DATA_CENTRE}")


def _told(runner: asyncio.Runner, call: Coroutine[Any, Any, Result]) -> Result:
    """Raises TelegramRefused where there is another chance, else CannotSignIn."""
    try:
        return runner.run(call)
    except TelegramAway as away:
        if away.flood:
            raise CannotSignIn(f"Telegram asks to wait for {_duration(away.seconds)}") from away
        raise CannotSignIn("Telegram does not answer: is there a connection?") from away
    except AccountLost as lost:
        raise CannotSignIn(_END.get(lost.reason, f"Telegram refuses: {lost.reason}")) from lost
    except TelegramRefused as refused:
        if refused.reason in _AGAIN:
            raise
        raise CannotSignIn(_END.get(refused.reason, f"Telegram refuses: {refused.reason}")) from refused


def _tell(session: str, say: Say) -> None:
    say("You are signed in. Set this in .env or in the environment, and start Magpie again:\n")
    say(f"USER_SESSION={session}\n")
    say("It is a secret: whoever has it is you on Telegram. It is shown only now, and kept nowhere.")
    say("To make it worthless, end the session in Telegram: Settings, Devices.")


def _asked(question: str, *, hidden: bool = False) -> str:
    """One line. What is hidden is not shown while it is typed; a pipe shows nothing anyway."""
    if hidden and sys.stdin.isatty():
        return getpass.getpass(question)
    return input(question).strip()


def _plain(text: str) -> str:
    """Without what would move a terminal's cursor."""
    return "".join(letter for letter in text if letter.isprintable())


def _duration(seconds: float) -> str:
    minutes = -(-int(seconds) // 60)
    return f"{int(seconds)} seconds" if seconds < 120 else f"{minutes} minutes"  # noqa: PLR2004 - as people say it
