"""Searching: /search and the keys of its Card."""

from telegram import Update

from handlers import files, sources
from handlers.buttons import (
    ChooseHits,
    ClearHits,
    OtherSource,
    Pick,
    SearchAgain,
    ShowFilters,
    ShowHits,
    ShowRelease,
    SortHits,
    StaleButton,
    TurnChoices,
    TurnSearch,
)
from handlers.context import BotContext, Presses
from models.cards import CardKind
from models.ids import derived_id
from models.search import Face, Order, Search
from models.transfers import TransferState
from services.search.facets import Facet

PATTERN = "~"
"""What a typed filter begins with."""
_MOST_CHARACTERS = 200


async def on_search(update: Update, context: BotContext) -> None:
    """Words to search for, a pattern for the last search, or nothing: then the last search comes back."""
    text = " ".join(context.args or ())[:_MOST_CHARACTERS].strip()
    if text and not text.startswith(PATTERN):
        await _begin(update, context, text)
        return
    last = await _last(update, context)
    if last is None:
        await context.say(update, "search-usage")
        return
    if text:
        await context.services.searches.narrow(last.id, text.removeprefix(PATTERN), by=context.member)
    await context.show(update, CardKind.SEARCH, last.id)


async def on_pattern(update: Update, context: BotContext) -> None:
    """A typed filter: for the search whose Card it answers, in a private chat else for the last one."""
    message = update.message
    if message is None:
        return
    answered = message.reply_to_message
    if answered is not None:
        search_id = await context.subject_of(answered, CardKind.SEARCH)
    else:
        last = await _last(update, context)
        search_id = None if last is None else last.id
    if search_id is None:
        await (context.say(update, "search-usage") if answered is None else files.on_text(update, context))
        return
    pattern = (message.text or "").strip().removeprefix(PATTERN)
    search = await context.services.searches.narrow(search_id, pattern, by=context.member)
    context.services.pacing.changed(search.id)


async def on_turn(press: TurnSearch, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.turn(press.search, press.page, by=context.member)
    context.services.pacing.changed(search.id)


async def on_sort(press: SortHits, _update: Update, context: BotContext) -> None:
    if press.order not in list(Order):
        raise StaleButton
    search = await context.services.searches.sort(press.search, Order(press.order), by=context.member)
    context.services.pacing.changed(search.id)


async def on_choose(press: ChooseHits, _update: Update, context: BotContext) -> None:
    if press.facet not in list(Facet):
        raise StaleButton
    search = await context.services.searches.choose(
        press.search, Facet(press.facet), press.number, chosen=bool(press.chosen), by=context.member
    )
    context.services.pacing.changed(search.id)


async def on_turn_choices(press: TurnChoices, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.turn_choices(press.search, press.page, by=context.member)
    context.services.pacing.changed(search.id)


async def on_clear(press: ClearHits, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.clear(press.search, by=context.member)
    context.services.pacing.changed(search.id)


async def on_face(press: ShowHits | ShowFilters | ShowRelease, _update: Update, context: BotContext) -> None:
    face = {ShowHits: Face.HITS, ShowFilters: Face.FILTER, ShowRelease: Face.DETAILS}[type(press)]
    looked_at = press.release if isinstance(press, ShowRelease) else ""
    searches = context.services.searches
    search = await searches.face(press.search, face, looked_at=looked_at, by=context.member)
    context.services.pacing.changed(search.id)


async def on_again(press: SearchAgain, _update: Update, context: BotContext) -> None:
    search = await context.services.searches.again(press.search, by=context.member)
    context.services.pacing.changed(search.id)


async def on_pick(press: Pick, update: Update, context: BotContext) -> None:
    searches = context.services.searches
    earlier = await searches.order_of(press.search, press.release, by=context.member)
    is_again = earlier == sources.order_id(update, context)
    begun = context.services.transfers.has_just_begun
    if earlier is not None and not is_again and await begun(earlier, by=context.member):
        return
    release = await searches.hit(press.search, press.release, by=context.member)
    source = await context.services.reader.hit(release.link, release.title)
    order = await sources.order(update, context, source, search=press.search, picked=release.names)
    if order is not None:
        await searches.ordered(press.search, press.release, order.id, by=context.member)


async def on_other(press: OtherSource, update: Update, context: BotContext) -> str | None:
    """Orders the next Release of the same search instead of one that came to nothing, which is given up."""
    services = context.services
    failed = await services.transfers.find(press.transfer, by=context.member)
    if failed.search is None or failed.state is not TransferState.FAILED:
        raise StaleButton
    release = await services.searches.next_release(
        failed.search, instead_of=failed.id, order=sources.order_id(update, context), by=context.member
    )
    if release is None:
        return "no-other-source"
    source = await context.services.reader.hit(release.link, release.title)
    await sources.order(update, context, source, search=failed.search, picked=release.names)
    await services.transfers.cancel(failed.id, by=context.member)
    services.pacing.changed(failed.id)
    return None


async def _begin(update: Update, context: BotContext, text: str) -> None:
    chat = update.effective_chat
    search = await context.services.searches.begin(
        text,
        search_id=derived_id("search", context.bot.id, update.update_id),
        chat_id=0 if chat is None else chat.id,
        by=context.member,
    )
    if not search.reports:
        await context.say(update, "search-no-indexers")
        return
    await context.show(update, CardKind.SEARCH, search.id)


async def _last(update: Update, context: BotContext) -> Search | None:
    chat = update.effective_chat
    return None if chat is None else await context.services.searches.last(chat.id, by=context.member)


PRESSES: Presses = {
    TurnSearch: on_turn,
    SortHits: on_sort,
    ChooseHits: on_choose,
    TurnChoices: on_turn_choices,
    ClearHits: on_clear,
    ShowHits: on_face,
    ShowFilters: on_face,
    ShowRelease: on_face,
    SearchAgain: on_again,
    Pick: on_pick,
    OtherSource: on_other,
}
