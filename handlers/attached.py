"""The file in a message that came to us, as a Source."""

import mimetypes
from dataclasses import replace

from telegram import Animation, Audio, Document, Message, PhotoSize, Video, VideoNote, Voice

from services.downloads.names import display_name
from services.downloads.port import TelegramMessage

_File = Animation | Audio | Document | PhotoSize | Video | VideoNote | Voice
_ENDINGS = {PhotoSize: ".jpg", VideoNote: ".mp4"}
_KINDS = {
    Animation: "animation",
    Audio: "audio",
    Document: "document",
    PhotoSize: "photo",
    Video: "video",
    VideoNote: "video message",
    Voice: "voice message",
}
"""What Telegram's apps call them."""


def file_in(message: Message) -> TelegramMessage | None:
    """None where there is none, or nothing that could be kept, as a sticker."""
    found = message.effective_attachment
    # a picture comes in several sizes, the largest last
    file = found[-1] if isinstance(found, tuple) and found else found
    if not isinstance(file, _File):
        return None
    source = TelegramMessage(
        message.chat_id,
        message.message_id,
        _name(file, message.message_id),
        unique_id=file.file_unique_id,
        file_id=file.file_id,
        size=file.file_size,
    )
    return _with_tags(source, file) if isinstance(file, Audio) else source


def _with_tags(source: TelegramMessage, music: Audio) -> TelegramMessage:
    """What Telegram knows of it, also where the file itself does not say."""
    cover = music.thumbnail.file_id if music.thumbnail else ""
    return replace(source, title=music.title or "", performer=music.performer or "", cover_id=cover)


def _name(file: _File, number: int) -> str:
    """As its sender called it, else as its tags do, else by its kind."""
    said = getattr(file, "file_name", None)
    if said:
        return display_name(said)
    ending = (
        _ENDINGS.get(type(file)) or mimetypes.guess_extension(getattr(file, "mime_type", None) or "") or ""
    )
    tags = [getattr(file, tag, None) for tag in ("performer", "title")]
    stem = " - ".join(filter(None, tags)) or f"{_KINDS[type(file)]} {number}"
    return display_name(stem + ending)
