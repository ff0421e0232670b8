"""Collections: what the library's works are parts of, and what members put together themselves."""

from telegram import Update

from handlers.buttons import (
    AskCollect,
    AskDeleteCollection,
    Collect,
    DeleteCollection,
    Enter,
    GetListed,
    MoveWork,
    OpenCollection,
    ShowCollections,
)
from handlers.context import BotContext, Presses
from handlers.delivery import deliver
from handlers.library import asked, looked_at
from models.cards import CardKind
from models.search import Face
from services.errors import MagpieError
from services.library.collections import CollectionWrong, read_named
from services.library.service import NotInLibrary
from services.storage.archive import NotHandedOut, NothingToDeliver, NotOfGroup


async def on_collections(update: Update, context: BotContext) -> None:
    """What the works in the library are parts of: all of them, or those that fit the words."""
    search = await asked(update, context)
    if search is not None:
        await context.services.library.face(search.id, Face.COLLECTIONS, by=context.member)
        await context.show(update, CardKind.LIBRARY, search.id)


async def on_collect(update: Update, context: BotContext) -> None:
    """`/collect Evening`, `/collect -Evening`: for the work whose Card it answers, else for the one that was looked at last."""
    message = update.message
    if message is None:
        return
    _, _, text = (message.text or "").partition(" ")
    named = read_named(text)
    try:
        search_id = await looked_at(message, context)
        collection = await context.services.collections.name(search_id, named, by=context.member)
    except NotInLibrary:
        raise CollectionWrong("collection-usage") from None
    context.services.pacing.changed(search_id)
    await context.say(update, "collected" if named.wanted else "uncollected", title=collection.title)


async def on_show(press: ShowCollections, _update: Update, context: BotContext) -> None:
    await context.services.library.face(press.search, Face.COLLECTIONS, by=context.member)
    context.services.pacing.changed(press.search)


async def on_enter(press: Enter, _update: Update, context: BotContext) -> None:
    collection = "" if press.collection == press.search else press.collection
    await context.services.library.enter(press.search, collection, by=context.member)
    context.services.pacing.changed(press.search)


async def on_ask(press: AskCollect, _update: Update, context: BotContext) -> None:
    await context.services.library.face(press.search, Face.COLLECT, looked_at=press.item, by=context.member)
    context.services.pacing.changed(press.search)


async def on_put(press: Collect, _update: Update, context: BotContext) -> None:
    wanted = bool(press.wanted)
    await context.services.collections.put(press.search, press.collection, wanted=wanted, by=context.member)
    context.services.pacing.changed(press.search)


async def on_move(press: MoveWork, _update: Update, context: BotContext) -> None:
    await context.services.collections.move(press.search, press.place, by=context.member)
    context.services.pacing.changed(press.search)


async def on_get(press: GetListed, update: Update, context: BotContext) -> str:
    """One after the other; what cannot be had keeps none of the others back."""
    library = context.services.library
    shown = await library.shown(await library.find(press.search, by=context.member))
    missing, refused = 0, list[MagpieError]()
    for item in shown.items:
        try:
            missing += await deliver(update, context, item.id, previews=False)
        except (NothingToDeliver, NotHandedOut, NotOfGroup) as error:
            refused.append(error)
    if refused and len(refused) == len(shown.items):
        raise refused[-1]
    return "delivered-in-part" if missing or refused else "delivered"


async def on_open(press: OpenCollection, _update: Update, context: BotContext) -> str:
    opened = bool(press.opened)
    await context.services.collections.open(press.search, opened=opened, by=context.member)
    context.services.pacing.changed(press.search)
    return "collection-opened" if opened else "collection-closed"


async def on_ask_delete(press: AskDeleteCollection, _update: Update, context: BotContext) -> None:
    await context.services.library.face(press.search, Face.DOUBT, by=context.member)
    context.services.pacing.changed(press.search)


async def on_delete(press: DeleteCollection, _update: Update, context: BotContext) -> str:
    await context.services.collections.drop(press.search, by=context.member)
    context.services.pacing.changed(press.search)
    return "collection-deleted"


PRESSES: Presses = {
    ShowCollections: on_show,
    Enter: on_enter,
    AskCollect: on_ask,
    Collect: on_put,
    MoveWork: on_move,
    GetListed: on_get,
    OpenCollection: on_open,
    AskDeleteCollection: on_ask_delete,
    DeleteCollection: on_delete,
}
