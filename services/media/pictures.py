"""`python -m services.media.pictures image|cover PATH CONTAINER FOLDER`: JPEGs of an image, or of the cover in an audio file.

Prints one JSON line for each picture made. An audio file without a cover makes none, and that is no error.
"""

import json
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from services.media.images import as_photo, open_picture, save_jpeg, shrunk
from services.media.sizes import POSTER_SIDE, THUMBNAIL_SIDE


def main(arguments: list[str]) -> None:
    what, path, container, folder = arguments
    if what == "image":
        with open_picture(Path(path)) as image:
            make_with_thumbnail("poster", shrunk(image, POSTER_SIDE), Path(folder))
        return
    data = cover_in(Path(path), container)
    if data is None:
        return
    with open_picture(BytesIO(data)) as image:
        make_with_thumbnail("cover", shrunk(image, POSTER_SIDE), Path(folder))


def cover_in(path: Path, container: str) -> bytes | None:
    # a picture by itself does not need it, and it takes long to import
    from services.media.opening import cover_of, open_media

    with open_media(path, frozenset({container})) as media:
        stream = cover_of(media)
        if stream is None:
            return None
        return next((bytes(packet) for packet in media.demux(stream) if packet.size), None)


def make_with_thumbnail(kind: str, image: Image.Image, folder: Path) -> None:
    make(kind, as_photo(image), folder)
    make("thumbnail", shrunk(image, THUMBNAIL_SIDE), folder)


def make(kind: str, image: Image.Image, folder: Path) -> None:
    save_jpeg(image, folder / f"{kind}.jpg")
    sys.stdout.write(json.dumps({"kind": kind, "width": image.width, "height": image.height}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
