"""Telegram's menu of commands: in every language, and for whom may do more in their own chat."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, TelegramError

from models.access import LanguageBy, Member, Role
from models.ids import derived_id
from services.documents import insist, update_if
from services.failpoints import failpoint
from services.tasks import heed_cancellation
from services.words import Catalogue, Words
from services.words.catalogue import DEFAULT_LANGUAGE

MenuOf = Callable[[Role, Words], Sequence[BotCommand]]
_General = tuple[BotCommandScope, str]
"""For whom, and in which language."""
_EVERYWHERE = "everywhere"
_AGAIN_SECONDS = 5.0
_LONGEST_SECONDS = 3600.0
_log = structlog.get_logger(__name__)


class Menu:
    """Telegram keeps what it is told; `menu_of` says which commands a role has in a language."""

    def __init__(self, bot: Bot, catalogue: Catalogue, menu_of: MenuOf) -> None:
        self._bot = bot
        self._catalogue = catalogue
        self._menu_of = menu_of

    async def run(self) -> None:
        """At start: what all may do in every language, and what somebody may do in their own chat.

        Ends once Telegram has taken what is for all.
        """
        left = await self._without_taken(self._general())
        for member in await insist(_special):
            await insist(partial(self.follow, member))
        seconds = _AGAIN_SECONDS
        while left:
            heed_cancellation()
            await asyncio.sleep(seconds)
            left = await self._without_taken(left)
            seconds = min(2 * seconds, _LONGEST_SECONDS)

    def _general(self) -> list[_General]:
        scopes = (BotCommandScopeDefault(), BotCommandScopeAllPrivateChats())
        return [(scope, language) for language in self._catalogue.languages for scope in scopes]

    async def _without_taken(self, left: Sequence[_General]) -> list[_General]:
        """Tells Telegram each of these; those that it did not take."""
        return [(scope, language) for scope, language in left if not await self._tell_all(scope, language)]

    async def _tell_all(self, scope: BotCommandScope, language: str) -> bool:
        commands = self._menu_of(Role.MEMBER, self._catalogue.words(language))
        return await self._set(commands, scope, None if language == DEFAULT_LANGUAGE else language)

    async def follow(self, member: Member) -> None:
        """Makes the menu in the member's own chat fit their role and the language they chose; what fits is left alone.

        A failure is logged, and tried again when they next say something.
        """
        wanted = self._wanted(member)
        fitting = _EVERYWHERE if wanted is None else self._hash(wanted)
        if (member.menu or _EVERYWHERE) == fitting or not await self._apply(member, wanted):
            return
        with failpoint("access.menu"):
            await update_if(Member, {"_id": member.id}, {"menu": fitting})

    def _wanted(self, member: Member) -> Sequence[BotCommand] | None:
        """None: what everybody has, in Telegram's language, is right."""
        usual = member.role in {Role.MEMBER, Role.GUEST} and member.language_by is LanguageBy.TELEGRAM
        return None if usual else self._menu_of(member.role, self._catalogue.words(member.language))

    async def _apply(self, member: Member, commands: Sequence[BotCommand] | None) -> bool:
        scope = BotCommandScopeChat(int(member.id))
        if commands is not None:
            return await self._set(commands, scope, None)
        try:
            with failpoint("menu.remove"):
                await self._bot.delete_my_commands(scope)
        except TelegramError as error:
            _log.warning("commands-not-removed", member=member.id, error=str(error))
            return False
        return True

    async def _set(self, commands: Sequence[BotCommand], scope: BotCommandScope, code: str | None) -> bool:
        try:
            with failpoint("menu.set"):
                await self._bot.set_my_commands(commands, scope=scope, language_code=code)
        except TelegramError as error:
            # whoever has not begun a chat with us gets theirs when they do
            if isinstance(error, BadRequest) and isinstance(scope, BotCommandScopeChat):
                _log.debug("commands-not-set-yet", error=str(error))
            else:
                _log.warning("commands-not-set", scope=scope.type, language=code, error=str(error))
            return False
        return True

    def _hash(self, commands: Sequence[BotCommand]) -> str:
        # another bot, of a new token, has been told nothing yet
        return derived_id(self._bot.id, *(f"{one.command} {one.description}" for one in commands))


async def _special() -> Sequence[Member]:
    return await Member.find({"role": {"$in": [Role.OWNER.value, Role.ADMIN.value]}}).to_list()
