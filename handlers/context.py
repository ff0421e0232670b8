"""What every handler has at hand."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update
from telegram.ext import Application, CallbackContext, ExtBot

from handlers.again import Again
from handlers.buttons import Press
from handlers.groups import origin_of, place_of
from handlers.menu import Menu
from handlers.pacing import Pacing
from models.access import Member
from models.cards import Card, CardKind
from models.clock import now
from models.ids import derived_id
from services.access.own_data import OwnData
from services.access.preferences import Preferences
from services.access.service import AccessService, Person
from services.checks.service import Checkup
from services.downloads.reading import SourceReader
from services.feeds.service import Feeds
from services.grabbing.service import Grabs
from services.intake.service import Intakes
from services.library.collections import Collections
from services.library.duplicates import Duplicates
from services.library.service import Library
from services.search.service import Searches
from services.storage.archive import Archive
from services.telegram.door import BotApiDoor
from services.transfers.choosing import Choosing
from services.transfers.instant import Instant
from services.transfers.service import Transfers
from services.words import Catalogue, Words

_DAY_MILLIS = 24 * 3_600_000


@dataclass(frozen=True)
class Services:
    """The use cases and the few tools that handlers call."""

    access: AccessService
    archive: Archive
    catalogue: Catalogue
    checkup: Checkup
    choosing: Choosing
    collections: Collections
    door: BotApiDoor
    feeds: Feeds
    grabs: Grabs
    instant: Instant
    intakes: Intakes
    library: Library
    menu: Menu
    own_data: OwnData
    pacing: Pacing
    preferences: Preferences
    reader: SourceReader
    searches: Searches
    transfers: Transfers
    again: Again
    duplicates: Duplicates


class BotContext(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[str, Services]]):
    """One update's context. `member` and `album` are set by the admission that runs before every other handler."""

    def __init__(
        self, application: "MagpieApplication", chat_id: int | None = None, user_id: int | None = None
    ) -> None:
        super().__init__(application=application, chat_id=chat_id, user_id=user_id)
        self.admitted: Member | None = None
        self.album: Sequence[Message] = ()
        """The messages of the album that the update's message is part of, itself among them; empty: of none."""
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

    async def say_of(self, update: Update, about: str, name: str, /, **values: str | int) -> None:
        """A notice about one of several things in a message: the same words come once for each."""
        card = self._card(update, CardKind.NOTICE, f"{name} {about}")
        await self.services.pacing.show(card.model_copy(update={"key": name, "values": values}))

    async def say_daily(self, update: Update, name: str, /) -> None:
        """A notice that its reader gets once a day (of UTC) in a chat, however often there is a reason."""
        card = self._card(update, CardKind.NOTICE, name)
        today = derived_id("daily", self.bot.id, card.chat_id, card.member_id, name, now() // _DAY_MILLIS)
        await self.services.pacing.show(card.model_copy(update={"id": today, "key": name}))

    async def subject_of(self, message: Message, kind: CardKind) -> str | None:
        """What a Card of ours shows, if the message is one of that kind."""
        where = {"chat_id": message.chat.id, "message_id": message.message_id, "kind": kind.value}
        card = await Card.find_one({**where, "bot_id": {"$in": [0, self.bot.id]}})
        return None if card is None else card.subject

    def _card(self, update: Update, kind: CardKind, subject: str) -> Card:
        person, place = person_of(update), place_of(update)
        if person is None or place is None:
            raise LookupError("an update without a person or a chat has no card")
        return Card(
            id=derived_id("card", self.bot.id, origin_of(update), kind, subject),
            chat_id=place.chat_id,
            member_id=person.id,
            language=self.admitted.language if self.admitted is not None else person.language,
            kind=kind,
            subject=subject,
            reply_to=place.reply_to,
            thread_id=place.thread_id,
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
