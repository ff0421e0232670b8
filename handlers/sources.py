"""Sources that members send: magnets, links, files; alone or amid a text, several at once, with /add or without."""

from collections.abc import Sequence

from telegram import Document, Message, MessageEntity, Update

from handlers.attached import file_in
from handlers.context import BotContext
from handlers.groups import answered, has_torrent, origin_of
from models.cards import CardKind
from models.ids import derived_id
from models.transfers import Transfer
from services.downloads.amid_text import links_in
from services.downloads.metainfo import MOST_BYTES
from services.downloads.port import Magnet, Source, SourceRejected, TorrentFile, download_key
from services.downloads.sources import read_infohash
from services.failpoints import failpoint

MOST_AT_ONCE = 10
"""Orders out of one message."""
_SHOWN_LINK = 60


async def on_add(update: Update, context: BotContext) -> None:
    """What stands behind the command, or in the message that it answers."""
    message = update.message
    if message is None:
        return
    text, asked_of = " ".join(context.args or ()), answered(message)
    if text:
        links = links_in(text, _addresses(message))
        await _order_links(update, context, links)
        understood = bool(links)
    else:
        understood = asked_of is not None and await _order_all(update, context, asked_of)
    if not understood:
        await context.say(update, "add-usage" if not text and asked_of is None else "not-understood")


async def on_text(update: Update, context: BotContext) -> None:
    """A text, or media with a caption. Without anything to order in it, how to use this is said once a day."""
    message = update.message
    if message is None or await _order_all(update, context, message):
        return
    if message.effective_attachment is not None:
        await context.say(update, "not-understood")
    else:
        await context.say_daily(update, "not-understood")


async def _order_all(update: Update, context: BotContext, message: Message) -> bool:
    """Orders the file and the links of a message; whether there were any."""
    links, file = links_in(*_said(message)), file_in(message)
    album = context.album if message is update.message else ()
    if message.document is not None and has_torrent(message):
        await _order_torrent(update, context, message.document)
    elif file is not None and not _is_about(message, album or [message]):
        await order(update, context, file)
        return True
    await _order_links(update, context, links)
    return file is not None or bool(links)


def _is_about(message: Message, album: Sequence[Message]) -> bool:
    """Whether a file only shows what is sent with it: a picture with a link or a .torrent, or anything with a magnet.

    With it is also what any message of its album has. Other links below a film lead to the channel it came from, mostly.
    """
    links = [link for each in album for link in links_in(*_said(each))]
    if any(link.lower().startswith("magnet:") for link in links):
        return True
    if any(map(has_torrent, album)):
        return _is_picture(message)
    return bool(message.photo and links)


def _is_picture(message: Message) -> bool:
    """Beside a .torrent a picture is a document, as Telegram lets documents only be together with their like."""
    document = message.document
    return bool(message.photo) or (document is not None and (document.mime_type or "").startswith("image/"))


async def _order_torrent(update: Update, context: BotContext, document: Document) -> None:
    try:
        torrent = await context.services.reader.torrent(await _fetch(context, document))
    except SourceRejected as error:
        if update.message is None or update.message.media_group_id is None:
            raise
        await _say_rejected(update, context, document.file_name or "?", error)
    else:
        await order(update, context, torrent)


async def on_key(update: Update, context: BotContext, key: str) -> None:
    """What a deep link `add_<key>` names: an infohash, or an archived Item, whose Source is ordered again."""
    infohash = read_infohash(key)
    if infohash is not None:
        await order(update, context, await context.services.reader.magnet(f"magnet:?xt=urn:btih:{infohash}"))
        return
    chat = update.effective_chat
    source = await context.services.archive.source(key, chat.id if chat is not None else 0, by=context.member)
    await order(update, context, source)


async def order(
    update: Update,
    context: BotContext,
    source: Source,
    *,
    search: str | None = None,
    picked: Sequence[str] = (),
    place: int = 0,
    link: str = "",
) -> Transfer | None:
    """Saves an order for a Source and shows its Card. `place`: which of several in one message it is, `link`: as it stands there.

    `picked`: the names of the Release of `search` that it is an order of.
    """
    if update.effective_chat is None:
        return None
    transfer = await context.services.transfers.request(
        source,
        transfer_id=_transfer_id(update, context, source, place, link),
        chat_id=update.effective_chat.id,
        trace=f"{update.update_id}",
        search=search,
        picked=picked,
        by=context.member,
    )
    await context.show(update, CardKind.TRANSFER, transfer.id)
    return transfer


def order_id(update: Update, context: BotContext, place: int = 0) -> str:
    """The id of what an update orders: the same however often it is handled."""
    places = (place,) if place else ()
    return derived_id("transfer", context.bot.id, update.update_id, *places)


def _transfer_id(update: Update, context: BotContext, source: Source, place: int, link: str) -> str:
    """The same for a repeated update, and for the same .torrent, magnet or link twice in one album."""
    message = update.message
    same = source.infohash if isinstance(source, TorrentFile | Magnet) else link
    if not same or message is None or message.media_group_id is None:
        return order_id(update, context, place)
    return derived_id("transfer", context.bot.id, origin_of(update), same)


async def _order_links(update: Update, context: BotContext, links: Sequence[str]) -> None:
    """One order each, up to a limit; what cannot be ordered keeps the others from nothing."""
    ordered: set[str] = set()
    for place, link in enumerate(links[:MOST_AT_ONCE], 1):
        try:
            source = await context.services.reader.text(link)
        except SourceRejected as error:
            if len(links) == 1:
                raise
            await _say_rejected(update, context, link, error)
            continue
        if source is not None and download_key(source) not in ordered:
            ordered.add(download_key(source))
            await order(update, context, source, place=place, link=link)
    if len(links) > MOST_AT_ONCE:
        await context.say(update, "add-too-many", limit=MOST_AT_ONCE, left=len(links) - MOST_AT_ONCE)


async def _say_rejected(update: Update, context: BotContext, what: str, error: SourceRejected) -> None:
    shown = what if len(what) <= _SHOWN_LINK else what[: _SHOWN_LINK - 1] + "…"
    why = context.t.label(error.key, **error.values)
    await context.say_of(update, what, "add-rejected", what=shown, why=why)


def _said(message: Message) -> tuple[str, list[str]]:
    """The text or the caption, and the addresses behind its words."""
    return message.text or message.caption or "", _addresses(message)


def _addresses(message: Message) -> list[str]:
    entities = [*message.entities, *message.caption_entities]
    return [entity.url for entity in entities if entity.type == MessageEntity.TEXT_LINK and entity.url]


async def _fetch(context: BotContext, document: Document) -> bytes:
    limit = min(context.services.door.limits.fetch, MOST_BYTES)
    if (document.file_size or 0) > limit:
        raise SourceRejected("file-too-large", limit=context.t.size(limit))
    with failpoint("downloads.receive"):
        return await context.services.door.fetch(document.file_id)
