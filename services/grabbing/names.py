"""What the files of posts are called in a folder."""

import mimetypes
from collections.abc import Iterator
from pathlib import PurePosixPath

from services.grabbing.port import Post, PostKind
from services.media.audio_names import audio_name
from services.names import MOST_BYTES, safe_name

_SOUND = (PostKind.AUDIO, PostKind.VOICE)


def name_of(post: Post) -> str:
    """One path component that never begins with a dot: what is sound by performer and title, else as its sender said."""
    given = safe_name(post.name) or f"{post.kind} {post.message_id}"
    if post.kind in _SOUND:
        return audio_name(post.performer, post.title, given, post.mime)
    if PurePosixPath(given).suffix:
        return given
    return given + (mimetypes.guess_extension(post.mime, strict=True) or "")


def numbered(name: str) -> Iterator[str]:
    """The name, then with ` (2)`, ` (3)`… before its ending: at most 200 bytes."""
    yield name
    path = PurePosixPath(name)
    number = 1
    while True:
        number += 1
        end = f" ({number}){path.suffix}"
        stem = path.stem.encode()[: MOST_BYTES - len(end.encode())].decode(errors="ignore")
        yield stem.rstrip(". ") + end
