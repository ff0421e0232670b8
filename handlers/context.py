"""What every handler has at hand."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot

from handlers.again import Again
from handlers.buttons import Press
from handlers.pacing import Pacing
from models.access import Member
from models.cards import Card, CardKind
from models.ids import derived_id
from services.access.service import AccessService, Person
from services.downloads.reading import SourceReader
from services.search.service import Searches
from services.storage.archive import Archive
from services.telegram.door import BotApiDoor
from services.transfers.service import Transfers
from services.words import Catalogue, Words


@dataclass(frozen=True)
class Services:
    """The use cases and the few tools that handlers call."""

    access: AccessService
    archive: Archive
    catalogue: Catalogue
    door: BotApiDoor
    pacing: Pacing
    reader: SourceReader
    searches: Searches
    transfers: Transfers
    again: Again


class BotContext(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[str, Services]]):
    """One update's context. `member` is set by the admission that runs before every other handler."""

    def __init__(
        self, application: "MagpieApplication", chat_id: int | None = None, user_id: int | None = None
    ) -> None:
        super().__init__(application=application, chat_id=chat_id, user_id=user_id)
        self.admitted: Member | None = None
        self.answered = False
        """Whether the press has had its one answer."""

    @property
    def services(self) -> Services:
        return self.bot_data["services"]

    @property
    def member(self) -> Member:
        """The member behind this update. Only where admission let it through."""
        if self.admitted is None:
            raise LookupError("no member was admitted for this update")
        return self.admitted

    @property
    def t(self) -> Words:
        return self.services.catalogue.words(self.member.language)

    async def show(self, update: Update, kind: CardKind, subject: str) -> None:
        """Shows a new Card in the chat of the update, once however often the update is handled."""
        await self.services.pacing.show(self._card(update, kind, subject))

    async def say(self, update: Update, name: str, /, **values: str | int) -> None:
        """Shows a notice: the words of a locale key."""
        card = self._card(update, CardKind.NOTICE, name)
        await self.services.pacing.show(card.model_copy(update={"key": name, "values": values}))

    def _card(self, update: Update, kind: CardKind, subject: str) -> Card:
        person, chat = person_of(update), update.effective_chat
        if person is None or chat is None:
            raise LookupError("an update without a person or a chat has no card")
        message = update.message
        return Card(
            id=derived_id("card", self.bot.id, update.update_id, kind, subject),
            chat_id=chat.id,
            member_id=person.id,
            language=self.admitted.language if self.admitted is not None else person.language,
            kind=kind,
            subject=subject,
            reply_to=message.message_id if message is not None and chat.type != chat.PRIVATE else None,
        )


MagpieApplication = Application[
    ExtBot[None], BotContext, dict[Any, Any], dict[Any, Any], dict[str, Services], None
]


OnPress = Callable[[Any, Update, BotContext], Coroutine[Any, Any, str | None]]
"""Carries out one sort of press; returns the key of a toast, or None."""
Presses = Mapping[type[Press], OnPress]


def person_of(update: Update) -> Person | None:
    """Who sent an update; None for channel posts and service updates."""
    user = update.effective_user
    if user is None or user.is_bot:
        return None
    return Person(str(user.id), user.full_name[:200], (user.language_code or "en")[:2].lower())
