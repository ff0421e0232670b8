"""What clients name by an id, a hash and a reference: photos and documents, and the files that these consist of."""

from typing import Any

from pyrogram.raw import types

from simulator.files import StoredFile
from simulator.mtproto.call import Call
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.sealed import access_hash, is_good_reference
from simulator.mtproto.shown_media import PHOTO_TYPES, THUMBNAIL_TYPE


def known_file(call: Call, named: Any) -> StoredFile:  # noqa: ANN401 - pyrogram's types are not typed
    """The file that `named` means, which has id, access_hash and file_reference. Raises RpcRefused."""
    stored = call.world.files.get(named.id)
    if stored is None or named.access_hash != access_hash(call.who, named.id):
        raise RpcRefused(BAD_REQUEST, "FILE_ID_INVALID")
    good = is_good_reference(call.who, named.id, named.file_reference, call.world.now())
    if not good:
        raise RpcRefused(BAD_REQUEST, "FILE_REFERENCE_INVALID" if good is None else "FILE_REFERENCE_EXPIRED")
    return stored


def located_file(call: Call, location: Any) -> StoredFile:  # noqa: ANN401
    """The file at a location: a document, a thumbnail of one, a size of a photo. Raises RpcRefused."""
    if isinstance(location, types.InputPhotoFileLocation):
        size = _size_of_photo(call, location)
    elif isinstance(location, types.InputDocumentFileLocation):
        stored = known_file(call, location)
        if stored.kind == "photo":
            raise RpcRefused(BAD_REQUEST, "LOCATION_INVALID")
        if not location.thumb_size:
            return stored
        small = call.world.files.media(stored.id).get("thumbnail")
        size = small["file"] if small and location.thumb_size == THUMBNAIL_TYPE else None
    else:
        size = None
    found = call.world.files.get(size) if size else None
    if found is None:
        raise RpcRefused(BAD_REQUEST, "LOCATION_INVALID")
    return found


def _size_of_photo(call: Call, location: Any) -> int | None:  # noqa: ANN401
    stored = known_file(call, location)
    if stored.kind != "photo":
        return None
    sizes = call.world.files.media(stored.id)
    named = {name: size["file"] for name, size in zip(PHOTO_TYPES, sizes, strict=False)}
    return named.get(location.thumb_size)
