"""From a Card's document to its look: loads what it shows, and asks the card functions."""

from dataclasses import replace

from handlers.cards.duplicates import View, duplicates_card, encodings_card, encodings_gone_card
from handlers.cards.feeds import deleted_card, entry_card, feed_card, feeds_card
from handlers.cards.grab import grab_card
from handlers.cards.help import help_card
from handlers.cards.intake import intake_card
from handlers.cards.library import library_card
from handlers.cards.look import Look
from handlers.cards.mydata import mydata_card
from handlers.cards.notice import notice_card
from handlers.cards.search import search_card
from handlers.cards.settings import settings_card
from handlers.cards.setup import setup_card
from handlers.cards.status import status_card
from handlers.cards.transfer import transfer_card
from models.access import Member, Right
from models.cards import Card, CardKind
from models.clock import now
from models.feeds import Feed
from models.grabs import Grab
from models.intake import Intake
from models.library import LibrarySearch
from models.search import Search
from models.transfers import Transfer, TransferState
from services.access.own_data import kept_of
from services.checks.service import Checkup
from services.feeds.service import asked_for
from services.feeds.shown import feed_for, feeds_of
from services.library.duplicates import Duplicates, NoSuchEncodings
from services.library.service import Library
from services.search.shown import shown
from services.transfers.choosing import Choosing
from services.transfers.oversight import orders_of_others
from services.transfers.service import Transfers
from services.words import Catalogue, Words


class Renderer:
    """Says how a Card looks now; None when what it shows is gone."""

    def __init__(
        self,
        catalogue: Catalogue,
        transfers: Transfers,
        choosing: Choosing,
        checkup: Checkup,
        library: Library,
        duplicates: Duplicates,
    ) -> None:
        self._catalogue = catalogue
        self._transfers = transfers
        self._choosing = choosing
        self._checkup = checkup
        self._library = library
        self._duplicates = duplicates
        self._languages = {code: catalogue.words(code).label("language-name") for code in catalogue.languages}

    async def look(self, card: Card) -> Look | None:
        look = await self._look(card)
        if look is None or card.message_id is not None:
            return look
        return replace(look, silent=await _is_in_silent_hours(card))

    async def _look(self, card: Card) -> Look | None:
        t = self._catalogue.words(card.language)
        if card.kind is CardKind.NOTICE:
            return notice_card(card.key or card.subject, card.values, t)
        if card.kind is CardKind.SEARCH:
            search = await Search.get(card.subject)
            return None if search is None else search_card(await shown(search), t)
        if card.kind is CardKind.LIBRARY:
            return await self._for_library(card, t)
        if card.kind in {CardKind.GRAB, CardKind.INTAKE}:
            return await _of_channel(card, t)
        if card.kind is CardKind.TRANSFER:
            return await self._for_order(card, t)
        member = await Member.get(card.member_id)
        return None if member is None else await self._for_member(member, card, t)

    async def _for_library(self, card: Card, t: Words) -> Look | None:
        search, reader = await LibrarySearch.get(card.subject), await Member.get(card.member_id)
        if search is None or reader is None:
            return None
        return library_card(await self._library.shown(search), t, reader.utc_offset)

    async def _for_order(self, card: Card, t: Words) -> Look | None:
        """Where there is none, somebody may be asked whether there shall be one."""
        transfer = await Transfer.get(card.subject)
        if transfer is None:
            return await _for_entry(card, t)
        choosing = transfer.state is TransferState.CHOOSING
        picker = await self._choosing.picker(transfer) if choosing else None
        queued = transfer.state is TransferState.QUEUED
        reader = await Member.get(card.member_id) if queued else None
        overseen = reader is not None and reader.may(Right.OVERSEE)
        return transfer_card(transfer, t, card.view, picker, overseen=overseen)

    async def _for_member(self, member: Member, card: Card, t: Words) -> Look | None:
        if card.kind in {CardKind.FEED, CardKind.FEEDS}:
            return await _for_feeds(member, card, t)
        if card.kind is CardKind.HELP:
            return help_card(member.role, t)
        if card.kind is CardKind.SETTINGS:
            return settings_card(member, t, self._languages, card.view)
        if card.kind is CardKind.MYDATA:
            return mydata_card(member, await kept_of(member), t, card.view)
        if card.kind in {CardKind.SETUP, CardKind.DUPLICATES}:
            return await self._for_admin(member, card, t)
        return await self._status(member, card, t)

    async def _status(self, member: Member, card: Card, t: Words) -> Look:
        """What others ordered is between Magpie and who oversees it: a group is told of nobody else's."""
        overseen = member.may(Right.OVERSEE) and str(card.chat_id) == member.id
        others = await orders_of_others(_page(card), by=member) if overseen else None
        return status_card(await self._transfers.mine(by=member), t, others)

    async def _for_admin(self, member: Member, card: Card, t: Words) -> Look | None:
        if not member.may(Right.MANAGE):
            return None
        if card.kind is CardKind.DUPLICATES:
            return await self._for_duplicates(member, card, t)
        return setup_card(await self._checkup.look(by=member), t, _page(card))

    async def _for_duplicates(self, member: Member, card: Card, t: Words) -> Look:
        view = View.read(card.view)
        if not view.encodings:
            return duplicates_card(
                await self._duplicates.listed(view.page, decided=view.decided, by=member), t
            )
        try:
            looked = await self._duplicates.look(view.encodings, view.best, by=member)
        except NoSuchEncodings:
            return encodings_gone_card(t)
        return encodings_card(looked, t, view)


async def _for_entry(card: Card, t: Words) -> Look | None:
    """What stands where an order will be, while its member is asked for it."""
    entry = await asked_for(card.subject)
    feed = None if entry is None else await Feed.get(entry.feed)
    return None if entry is None or feed is None else entry_card(entry, feed.name, t)


async def _for_feeds(member: Member, card: Card, t: Words) -> Look:
    if card.kind is CardKind.FEEDS:
        return feeds_card(await feeds_of(member), t)
    feed = await Feed.get(card.subject)
    return deleted_card(t) if feed is None else feed_card(await feed_for(member, feed), t, card.view)


async def _of_channel(card: Card, t: Words) -> Look | None:
    if card.kind is CardKind.GRAB:
        grab = await Grab.get(card.subject)
        return None if grab is None else grab_card(grab, t)
    intake = await Intake.get(card.subject)
    return None if intake is None else intake_card(intake, t)


def _page(card: Card) -> int:
    return int(card.view) if card.view.isdigit() else 0


async def _is_in_silent_hours(card: Card) -> bool:
    member = await Member.get(card.member_id)
    return member is not None and member.is_silent_in(card.chat_id, now())
