"""What the library knows of a post: by Telegram's attributes, by its name and caption, and by how its file begins."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from models.media import Facts, Kind
from services.grabbing.names import name_of
from services.grabbing.port import Post, PostKind
from services.library.tags import MOST_TAGS
from services.media.claims import claimed_kind
from services.media.names import clean, stem_of
from services.media.workshop import Findings
from services.names import safe_name

MOST_CAPTION = 1024
_TAG = re.compile(r"(?<![\w#])#(\w{1,64})(?!\w)")
_KINDS = {"audio": Kind.AUDIO, "image": Kind.IMAGE, "video": Kind.VIDEO}


def kind_of(post: Post) -> Kind:
    """Of what was sent as a document, by its name, or what its sender says."""
    if post.kind is not PostKind.DOCUMENT:
        return post.kind.media
    claimed = claimed_kind(PurePosixPath(post.name).suffix)
    return claimed or _KINDS.get(post.mime.partition("/")[0], Kind.DOCUMENT)


def caption_of(post: Post) -> str:
    """Line by line without what turns or hides letters."""
    lines = [clean(line, MOST_CAPTION) for line in post.caption[: 4 * MOST_CAPTION].splitlines()]
    return "\n".join(lines)[:MOST_CAPTION].strip()


def tags_in(caption: str) -> list[str]:
    """Its hashtags, each once. A number alone is none."""
    tags: dict[str, str] = {}
    for tag in _TAG.findall(caption):
        if not tag.isdigit():
            tags.setdefault(tag.casefold(), tag)
    return list(tags.values())[:MOST_TAGS]


def film_name(post: Post) -> str:
    """By what a film is told: its file name, else how its caption begins."""
    return safe_name(post.name) or _headline(post) or name_of(post)


def facts_of(post: Post, found: Findings) -> Facts:
    """`found` is what name and head say. What Telegram says of sound comes before; it is what its sender's own program read."""
    name, kind = safe_name(post.name) or name_of(post), kind_of(post)
    said = _first(post.title if kind is Kind.AUDIO else "", found.title or "")
    return Facts(
        path="",
        name=name,
        size=post.size or 0,
        blake3="",
        kind=kind,
        title=said or (stem_of(name) if post.name else clean(_headline(post)) or stem_of(name)),
        duration=post.duration or None,
        width=post.width or None,
        height=post.height or None,
        performer=_first(post.performer, found.performer or "") or None,
        album=found.album,
        year=found.year,
        series=found.series,
        season=found.season,
        episode=found.episode,
        disc=found.disc,
        track=found.track,
        genres=found.genres,
    )


def needs_head(post: Post) -> bool:
    """Whether there may be tags in it. Voices have none, and Telegram never tells the album."""
    return kind_of(post) is Kind.AUDIO and post.kind is not PostKind.VOICE


def _first(*texts: str) -> str:
    return next((text for text in map(clean, texts) if text), "")


def _headline(post: Post) -> str:
    """The first line of the caption that has more than hashtags."""
    lines: Sequence[str] = [_TAG.sub("", line).strip() for line in caption_of(post).splitlines()]
    return next((line for line in lines if any(map(str.isalnum, line))), "")
