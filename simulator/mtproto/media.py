"""The media that calls carry: uploaded, or known by what the data centre gave out for it."""

import asyncio
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyrogram.raw import types

from simulator.errors import ApiError
from simulator.files import Blob
from simulator.media import PHOTO_LIMIT, Prepared, looked_into, store
from simulator.messages import Content
from simulator.methods.call import media_content
from simulator.mtproto import shown_media
from simulator.mtproto.call import Answer, Call, chat_of
from simulator.mtproto.places import known_file
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused

_NOT_IMITATED = ("stickers", "ttl_seconds", "live_photo", "video", "query")


@dataclass(frozen=True, slots=True)
class Media:
    """What a message is going to carry. `uploads` are the numbers of the files whose parts it was made of."""

    prepared: Prepared | None = None
    thumbnail: Prepared | None = None
    known: Content | None = None
    beside: Content | None = None
    """Fields of the media that are the message's and not the file's."""
    spoiler: bool = False
    uploads: tuple[int, ...] = ()

    def content(self, call: Call) -> Content:
        """The message's fields; new files get their numbers."""
        content = self.known or {}
        if self.prepared:
            media = store(call.world.files, self.prepared, {}, self.thumbnail)
            content = media_content(self.prepared.kind, media)
        if "video" in content and self.beside:
            content = content | {"video": content["video"] | self.beside}
        return content | ({"has_media_spoiler": True} if self.spoiler else {})


async def read_media(call: Call, media: Any) -> Media:  # noqa: ANN401 - pyrogram's types are not typed
    """Raises RpcRefused and PartRefused."""
    wished = next((name for name in _NOT_IMITATED if getattr(media, name, None)), None)
    if wished:
        raise RpcRefused(BAD_REQUEST, f"{wished.upper()}_NOT_IMITATED")
    spoiler = bool(getattr(media, "spoiler", None))
    if isinstance(media, types.InputMediaUploadedDocument):
        return await _document(call, media)
    if isinstance(media, types.InputMediaUploadedPhoto):
        return Media(await _photo(call, media.file), spoiler=spoiler, uploads=(media.file.id,))
    if isinstance(media, types.InputMediaPhoto):
        return Media(known={"photo": _known_photo(call, media.id)}, spoiler=spoiler)
    if isinstance(media, types.InputMediaDocument):
        return Media(known=_known_document(call, media.id), beside=_beside(call, media), spoiler=spoiler)
    raise RpcRefused(BAD_REQUEST, "MEDIA_INVALID")


async def upload_media(call: Call) -> Answer:
    """Media that stand in no message yet, such as the cover of a video that is to be sent."""
    query = call.query
    if query.business_connection_id:
        raise RpcRefused(BAD_REQUEST, "BUSINESS_CONNECTION_ID_NOT_IMITATED")
    if not isinstance(query.peer, types.InputPeerSelf):
        chat_of(call, query.peer)
    media = await read_media(call, query.media)
    with call.world.change():
        content = media.content(call)
    await forget(call, media)
    return shown_media.media(call.world, call.who, content)


async def forget(call: Call, media: Media) -> None:
    """The parts of what a message carries now."""
    for file in media.uploads:
        await asyncio.to_thread(call.place.parts.forget, call.who.id, file)


async def _document(call: Call, media: Any) -> Media:  # noqa: ANN401
    blob = await _assembled(call, media.file)
    named = next(
        (each for each in media.attributes if isinstance(each, types.DocumentAttributeFilename)), None
    )
    name = Path(named.file_name if named else media.file.name).name
    kind, facts = _kind(media)
    suffix = mimetypes.guess_extension(media.mime_type) or ""
    thumbnail = None
    uploads = [media.file.id]
    if media.thumb:
        thumbnail = await looked_into(
            call.world.files, await _assembled(call, media.thumb), "thumb", "thumbnail"
        )
        uploads.append(media.thumb.id)
    return Media(
        Prepared(kind, blob, name or f"file{suffix}", facts),
        thumbnail,
        beside=_beside(call, media),
        spoiler=bool(media.spoiler),
        uploads=tuple(uploads),
    )


async def _assembled(call: Call, file: Any) -> Blob:  # noqa: ANN401
    if not isinstance(file, types.InputFile | types.InputFileBig):
        raise RpcRefused(BAD_REQUEST, "MEDIA_INVALID")
    md5 = getattr(file, "md5_checksum", "")
    return await asyncio.to_thread(call.place.parts.assemble, call.who.id, file.id, file.parts, md5)


def _kind(media: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
    """What the document is by its attributes: Telegram believes them, too."""
    if media.force_file:
        return "document", {}
    animated = any(isinstance(each, types.DocumentAttributeAnimated) for each in media.attributes)
    for each in media.attributes:
        if isinstance(each, types.DocumentAttributeVideo):
            facts = {"width": each.w, "height": each.h, "duration": int(each.duration)}
            return "animation" if animated else "video", facts
        if isinstance(each, types.DocumentAttributeAudio):
            about = {"title": each.title, "performer": each.performer}
            return "audio", {
                "duration": each.duration,
                **{name: value for name, value in about.items() if value},
            }
    return "document", {}


async def _photo(call: Call, file: Any) -> Prepared:  # noqa: ANN401
    blob = await _assembled(call, file)
    if blob.size > PHOTO_LIMIT:
        raise RpcRefused(BAD_REQUEST, "PHOTO_INVALID")
    with _refusing_photos():
        return await looked_into(call.world.files, blob, Path(file.name).name or "photo", "photo")


@contextmanager
def _refusing_photos() -> Iterator[None]:
    """The Bot API passes on what the data centre says about photos."""
    try:
        yield
    except ApiError as error:
        raise RpcRefused(BAD_REQUEST, error.description.removeprefix("Bad Request: ")) from error


def _beside(call: Call, media: Any) -> Content:  # noqa: ANN401
    beside: Content = {}
    if media.video_cover:
        beside["cover"] = _known_photo(call, media.video_cover)
    if media.video_timestamp:
        beside["start_timestamp"] = media.video_timestamp
    return beside


def _known_photo(call: Call, named: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    if not isinstance(named, types.InputPhoto):
        raise RpcRefused(BAD_REQUEST, "PHOTO_INVALID")
    stored = known_file(call, named)
    if stored.kind != "photo":
        raise RpcRefused(BAD_REQUEST, "PHOTO_INVALID")
    sizes: list[dict[str, Any]] = call.world.files.media(stored.id)
    return sizes


def _known_document(call: Call, named: Any) -> Content:  # noqa: ANN401
    if not isinstance(named, types.InputDocument):
        raise RpcRefused(BAD_REQUEST, "DOCUMENT_INVALID")
    stored = known_file(call, named)
    if stored.kind not in shown_media.DOCUMENTS:
        raise RpcRefused(BAD_REQUEST, "DOCUMENT_INVALID")
    return media_content(stored.kind, call.world.files.media(stored.id))
