"""Says in JSON what files are called of which nobody has more than the head: `python -m services.media.post_names KIND TEXT …`.

One line for each pair, in order. A video's TEXT is its file name, that of sound the path of its head.
"""

import json
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import mutagen
from mutagen.easyid3 import EasyID3

from services.media.tag_reader import tags_named

_BEHIND = 16 * 1024 * 1024
"""So much may a picture in the tags have that goes on behind the head: it is read as nothing."""


def main(arguments: list[str]) -> None:
    for kind, text in zip(arguments[::2], arguments[1::2], strict=True):
        sys.stdout.write(json.dumps(_names(kind, text)) + "\n")
        sys.stdout.flush()


def _names(kind: str, text: str) -> dict[str, object]:
    if kind == "audio":
        return tags_of_head(Path(text).read_bytes())
    # only what is needed: it takes as long as all the rest
    from services.media.titles import names_of_video

    return names_of_video(text)


def tags_of_head(head: bytes) -> dict[str, object]:
    """What the first bytes of a file of sound name of title, performer, album, year, disc, track and genres.

    They end anywhere: in a picture, or before the sound begins. So it is read as it is, then as if nothing but zeros came
    behind, then by its ID3 tags alone.
    """
    for tags in _readings(head):
        found = {} if tags is None else tags_named(tags)
        if found:
            return found
    return {}


def _readings(head: bytes) -> Iterator[Any]:
    yield _read(lambda: mutagen.File(BytesIO(head), easy=True))
    if not head.startswith((b"ID3", b"fLaC")):
        return
    padded = head + bytes(_BEHIND)
    yield _read(lambda: mutagen.File(BytesIO(padded), easy=True))
    yield _read(lambda: EasyID3(BytesIO(padded)))  # type: ignore[no-untyped-call]


def _read(reading: Callable[[], Any]) -> Any:  # noqa: ANN401 - mutagen's types are not typed
    try:
        return reading()
    except (mutagen.MutagenError, EOFError, ValueError):
        return None


if __name__ == "__main__":
    main(sys.argv[1:])
