"""Searching: /search and the keys of its Card."""

from telegram import Update

from handlers import sources
from handlers.buttons import Pick, SearchAgain, TurnSearch
from handlers.context import BotContext, Presses
from models.cards import CardKind
from models.ids import derived_id

_MOST_CHARACTERS = 200


async def on_search(update: Update, context: BotContext) -> None:
    text = " ".join(context.args or ())[:_MOST_CHARACTERS]
    if not text:
        await context.say(update, "search-usage")
        return
    search_id = derived_id("search", context.bot.id, update.update_id)
    search = await context.services.searches.begin(text, search_id=search_id, by=context.member)
    if not search.reports:
        await context.say(update, "search-no-indexers")
        return
    await context.show(update, CardKind.SEARCH, search.id)


async def on_turn(press: TurnSearch, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.turn(press.search, press.page, by=context.member)
    context.services.pacing.changed(search.id)


async def on_again(press: SearchAgain, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.again(press.search, by=context.member)
    context.services.pacing.changed(search.id)


async def on_pick(press: Pick, update: Update, context: BotContext) -> None:
    release = await context.services.searches.hit(press.search, press.release, by=context.member)
    source = await context.services.reader.hit(release.link, release.title)
    await sources.order(update, context, source, search=press.search)


PRESSES: Presses = {TurnSearch: on_turn, SearchAgain: on_again, Pick: on_pick}
