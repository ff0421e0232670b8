"""Entities that Telegram finds by itself: addresses, mentions, hashtags, commands.

Simpler than tdlib's finder: only what people and bots commonly write.
"""

import re
from collections.abc import Iterator

from simulator.entities.common import Entity, in_order, utf16_length

URL = r"(?:https?|ftp|tg)://[^\s<>\"'«»]+|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|dev|info)(?:/[^\s<>\"'«»]*)?(?!\w)"
PATTERNS = (
    ("url", re.compile(URL, re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
)
TRAILING = ".,:;!?)]}"
CLOSED = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})


def find_entities(text: str, marked: list[Entity]) -> list[Entity]:
    """`marked` and what was found beside it, in order."""
    taken = [entity for entity in marked if entity["type"] in CLOSED]
    result = list(marked)
    for entity in _found(text):
        if not any(_overlap(entity, other) for other in taken):
            taken.append(entity)
            result.append(entity)
    return in_order(result)


def _found(text: str) -> Iterator[Entity]:
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            word = match[0].rstrip(TRAILING) if kind == "url" else match[0]
            if word:
                offset = utf16_length(text[: match.start()])
                yield {"type": kind, "offset": offset, "length": utf16_length(word)}


def _overlap(one: Entity, other: Entity) -> bool:
    start = max(one["offset"], other["offset"])
    return bool(start < min(one["offset"] + one["length"], other["offset"] + other["length"]))
