"""Photos and documents in pyrogram's types, with their sizes and thumbnails."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.files import StoredFile
from simulator.messages import Content
from simulator.mtproto.sealed import REFERENCE_SECONDS, Holder, access_hash, file_reference
from simulator.world import World

DOCUMENTS = ("animation", "document", "video", "audio")
"""An animation is a document, too: it comes first."""
PHOTO_TYPES = "smxy"
"""The names of the boxes into which photos are scaled, as `simulator/probe.py` does it."""
THUMBNAIL_TYPE = "m"


def media(world: World, holder: Holder, content: Content) -> TLObject | None:
    """What a message with this content carries; None for a text."""
    spoiler = content.get("has_media_spoiler")
    if "photo" in content:
        return types.MessageMediaPhoto(photo=photo(world, holder, content["photo"]), spoiler=spoiler)
    kind = next((kind for kind in DOCUMENTS if kind in content), None)
    if kind is None:
        return None
    about = content[kind]
    shown = document(holder, _stored(world, about), about, world.now() + REFERENCE_SECONDS)
    cover = about.get("cover")
    return types.MessageMediaDocument(
        document=shown,
        video=kind == "video" or None,
        spoiler=spoiler,
        video_cover=photo(world, holder, cover) if cover else None,
        video_timestamp=about.get("start_timestamp"),
    )


def _stored(world: World, about: dict[str, Any]) -> StoredFile:
    stored = world.files.get(about["file"])
    assert stored is not None  # noqa: S101 - a message's file is never deleted
    return stored


def photo(world: World, holder: Holder, sizes: list[dict[str, Any]]) -> TLObject:
    """A photo is named by its largest size."""
    number = sizes[-1]["file"]
    return types.Photo(
        id=number,
        access_hash=access_hash(holder, number),
        file_reference=file_reference(holder, number, world.now() + REFERENCE_SECONDS),
        date=0,
        sizes=[_size(name, size) for name, size in zip(PHOTO_TYPES, sizes, strict=False)],
        dc_id=_stored(world, sizes[-1]).dc,
    )


def document(holder: Holder, stored: StoredFile, about: dict[str, Any], until: int) -> TLObject:
    """`about` is the media as the Bot API has it; the file reference is good until `until`."""
    small = about.get("thumbnail")
    return types.Document(
        id=stored.id,
        access_hash=access_hash(holder, stored.id),
        file_reference=file_reference(holder, stored.id, until),
        date=0,
        mime_type=stored.mime_type,
        size=stored.blob.size,
        dc_id=stored.dc,
        attributes=_attributes(stored, about),
        thumbs=[_size(THUMBNAIL_TYPE, small)] if small else None,
    )


def _size(name: str, size: dict[str, Any]) -> TLObject:
    return types.PhotoSize(type=name, w=size["width"], h=size["height"], size=size["file_size"])


def _attributes(stored: StoredFile, about: dict[str, Any]) -> list[TLObject]:
    attributes: list[TLObject] = [types.DocumentAttributeFilename(file_name=stored.name)]
    if stored.kind in ("video", "animation"):
        size = {"w": about.get("width", 0), "h": about.get("height", 0)}
        attributes.append(types.DocumentAttributeVideo(duration=float(about.get("duration", 0)), **size))
    if stored.kind == "animation":
        attributes.append(types.DocumentAttributeAnimated())
    if stored.kind == "audio":
        named = {"title": about.get("title"), "performer": about.get("performer")}
        attributes.append(types.DocumentAttributeAudio(duration=int(about.get("duration", 0)), **named))
    return attributes
