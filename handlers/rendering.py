"""From a Card's document to its look: loads what it shows, and asks the card functions."""

from handlers.cards.look import Look
from handlers.cards.search import search_card
from handlers.cards.status import status_card
from handlers.cards.transfer import transfer_card
from models.access import Member
from models.cards import Card, CardKind
from models.search import Search
from models.transfers import Transfer
from services.transfers.service import Transfers
from services.words import Catalogue


class Renderer:
    """Says how a Card looks now; None when what it shows is gone."""

    def __init__(self, catalogue: Catalogue, transfers: Transfers) -> None:
        self._catalogue = catalogue
        self._transfers = transfers

    async def look(self, card: Card) -> Look | None:
        t = self._catalogue.words(card.language)
        if card.kind is CardKind.NOTICE:
            return Look(t(card.key or card.subject, **card.values), final=True)
        if card.kind is CardKind.SEARCH:
            search = await Search.get(card.subject)
            return None if search is None else search_card(search, t)
        if card.kind is CardKind.TRANSFER:
            transfer = await Transfer.get(card.subject)
            return None if transfer is None else transfer_card(transfer, t, card.view)
        member = await Member.get(card.member_id)
        return None if member is None else status_card(await self._transfers.mine(by=member), t)
