"""Results of an inline query: files that Telegram has already, and texts."""

from dataclasses import dataclass

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResult,
    InlineQueryResultArticle,
    InlineQueryResultCachedAudio,
    InlineQueryResultCachedDocument,
    InlineQueryResultCachedVideo,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from models.media import Kind

MOST_RESULTS = 50


@dataclass(frozen=True)
class Offer:
    """What a person may choose: it becomes their message, the file where there is one, else `text` (HTML).

    `id`: at most 64 bytes. `file_id` is this bot's; `kind`: how Telegram has the file. `button` leads to `url`.
    """

    id: str
    title: str
    description: str
    text: str
    button: str
    url: str
    kind: Kind = Kind.DOCUMENT
    file_id: str | None = None


def result_of(offer: Offer) -> InlineQueryResult:
    """As Telegram takes it."""
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(offer.button, url=offer.url)]])
    if offer.file_id is None:
        content = InputTextMessageContent(
            offer.text, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
        return InlineQueryResultArticle(
            offer.id, offer.title, content, reply_markup=keyboard, description=offer.description
        )
    if offer.kind is Kind.AUDIO:
        return InlineQueryResultCachedAudio(offer.id, offer.file_id, reply_markup=keyboard)
    cached = InlineQueryResultCachedVideo if offer.kind is Kind.VIDEO else InlineQueryResultCachedDocument
    return cached(
        offer.id,
        offer.file_id,
        offer.title,
        description=offer.description,
        caption=offer.text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
    )
