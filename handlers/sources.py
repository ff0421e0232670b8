"""Sources that members send: a magnet, a link, a .torrent file; with /add or without."""

from telegram import Document, Update

from handlers.context import BotContext
from models.cards import CardKind
from models.ids import derived_id
from services.downloads.port import Source, SourceRejected
from services.failpoints import failpoint


async def on_add(update: Update, context: BotContext) -> None:
    text = " ".join(context.args or ())
    if not text:
        await context.say(update, "add-usage")
        return
    await _order_text(update, context, text)


async def on_text(update: Update, context: BotContext) -> None:
    message = update.message
    await _order_text(update, context, (message.text or "") if message is not None else "")


async def on_document(update: Update, context: BotContext) -> None:
    document = update.message.document if update.message is not None else None
    if document is None or not (document.file_name or "").lower().endswith(".torrent"):
        await context.say(update, "not-understood")
        return
    torrent = await context.services.reader.torrent(await _fetch(context, document))
    await order(update, context, torrent)


async def order(update: Update, context: BotContext, source: Source, search: str | None = None) -> None:
    """Saves an order for a Source and shows its Card."""
    if update.effective_chat is None:
        return
    transfer = await context.services.transfers.request(
        source,
        transfer_id=derived_id("transfer", context.bot.id, update.update_id),
        chat_id=update.effective_chat.id,
        trace=f"{update.update_id}",
        search=search,
        by=context.member,
    )
    await context.show(update, CardKind.TRANSFER, transfer.id)


async def _order_text(update: Update, context: BotContext, text: str) -> None:
    source = await context.services.reader.text(text)
    if source is None:
        await context.say(update, "not-understood")
        return
    await order(update, context, source)


async def _fetch(context: BotContext, document: Document) -> bytes:
    limit = context.services.door.limits.fetch
    if (document.file_size or 0) > limit:
        raise SourceRejected("file-too-large", limit=context.t.size(limit))
    with failpoint("downloads.receive"):
        return await context.services.door.fetch(document.file_id)
