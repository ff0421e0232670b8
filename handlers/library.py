"""The library in the chat: /library and the keys of its Card."""

from telegram import Message, Update

from handlers.buttons import (
    ChooseFinds,
    ClearFinds,
    Favour,
    Resemble,
    ShowFinds,
    ShowFindsFilter,
    ShowItem,
    SortFinds,
    StaleButton,
    TurnLibrary,
    Watch,
)
from handlers.context import BotContext, Presses
from handlers.groups import answered, place_of
from handlers.pacing import Pacing
from models.access import Member
from models.cards import Card, CardKind
from models.ids import derived_id
from models.library import LibrarySearch
from models.search import Face
from services.library.index import Facet
from services.library.query import SortBy
from services.library.tags import read_tags


async def on_library(update: Update, context: BotContext) -> None:
    """What is in the library: all of it, the newest first, or what fits the words."""
    search = await asked(update, context)
    if search is not None:
        await context.show(update, CardKind.LIBRARY, search.id)


async def asked(update: Update, context: BotContext) -> LibrarySearch | None:
    """The search that a command begins, with the words behind it; the same for an update that comes again."""
    message, place = update.message, place_of(update)
    if message is None or place is None:
        return None
    # as it was typed: blanks count in quotes and at the end
    _, _, text = (message.text or "").partition(" ")
    return await context.services.library.begin(
        text,
        search_id=derived_id("library", context.bot.id, update.update_id),
        chat_id=place.chat_id,
        by=context.member,
    )


async def looked_at(message: Message, context: BotContext) -> str:
    """The id of the search whose Card a message answers, else of the one that looked closely at a work last. Raises NotInLibrary."""
    shown = answered(message)
    search_id = None if shown is None else await context.subject_of(shown, CardKind.LIBRARY)
    if search_id is not None:
        return search_id
    return (await context.services.library.last(message.chat.id, by=context.member)).id


async def on_tag(update: Update, context: BotContext) -> None:
    """`/tag #jazz -live`: for the work whose Card it answers, else for the one that was looked at last."""
    message = update.message
    if message is None:
        return
    on, off = read_tags(context.args or ())
    search_id = await looked_at(message, context)
    item = await context.services.library.tag(search_id, on, off, by=context.member)
    context.services.pacing.changed(search_id)
    await context.say(
        update, "library-tagged", title=item.title, tags=" ".join(f"#{tag}" for tag in item.tags)
    )


async def look_at(update: Update, context: BotContext, item: str) -> None:
    """The details of one Item, where a link led to it."""
    place = place_of(update)
    if place is None:
        return
    search_id = derived_id("library", context.bot.id, update.update_id)
    await context.services.library.begin_at(
        item, search_id=search_id, chat_id=place.chat_id, by=context.member
    )
    await context.show(update, CardKind.LIBRARY, search_id)


async def on_turn(press: TurnLibrary, _update: Update, context: BotContext) -> None:
    await context.services.library.turn(press.search, press.page, by=context.member)
    context.services.pacing.changed(press.search)


async def on_sort(press: SortFinds, _update: Update, context: BotContext) -> None:
    if press.order not in list(SortBy):
        raise StaleButton
    await context.services.library.sort(press.search, SortBy(press.order), by=context.member)
    context.services.pacing.changed(press.search)


async def on_choose(press: ChooseFinds, _update: Update, context: BotContext) -> None:
    facets = list(Facet)
    if press.facet >= len(facets):
        raise StaleButton
    await context.services.library.choose(
        press.search, facets[press.facet], press.value, chosen=bool(press.chosen), by=context.member
    )
    context.services.pacing.changed(press.search)


async def on_clear(press: ClearFinds, _update: Update, context: BotContext) -> None:
    await context.services.library.clear(press.search, by=context.member)
    context.services.pacing.changed(press.search)


async def on_face(
    press: ShowFinds | ShowFindsFilter | ShowItem, _update: Update, context: BotContext
) -> None:
    face = {ShowFinds: Face.HITS, ShowFindsFilter: Face.FILTER, ShowItem: Face.DETAILS}[type(press)]
    looked_at = press.item if isinstance(press, ShowItem) else ""
    await context.services.library.face(press.search, face, looked_at=looked_at, by=context.member)
    context.services.pacing.changed(press.search)


async def on_like(press: Resemble, _update: Update, context: BotContext) -> None:
    await context.services.library.like(press.search, press.item, by=context.member)
    context.services.pacing.changed(press.search)


async def on_favour(press: Favour, _update: Update, context: BotContext) -> str:
    wanted = bool(press.wanted)
    await context.services.library.favour(press.item, wanted=wanted, by=context.member)
    context.services.pacing.changed(press.search)
    return "favoured" if wanted else "disfavoured"


async def on_watch(press: Watch, _update: Update, context: BotContext) -> str:
    wanted = bool(press.wanted)
    await context.services.library.watch(press.search, wanted=wanted, by=context.member)
    context.services.pacing.changed(press.search)
    return "watched" if wanted else "unwatched"


async def show_arrived(pacing: Pacing, search: LibrarySearch, member: Member) -> None:
    """Shows a member what arrived that they wait for; the same is the same Card."""
    card = Card(
        id=derived_id("card", search.id),
        chat_id=search.chat_id,
        member_id=member.id,
        language=member.language,
        kind=CardKind.LIBRARY,
        subject=search.id,
    )
    await pacing.show(card)


PRESSES: Presses = {
    TurnLibrary: on_turn,
    SortFinds: on_sort,
    ChooseFinds: on_choose,
    ClearFinds: on_clear,
    ShowFinds: on_face,
    ShowFindsFilter: on_face,
    ShowItem: on_face,
    Resemble: on_like,
    Favour: on_favour,
    Watch: on_watch,
}
