"""What the parsers of all parse modes share."""

import re
from typing import Any

Entity = dict[str, Any]
# where entities begin and end together, the outer one stands first, in tdlib's order of kinds
PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)  # noqa: PLR2004  the last one-unit code point


def byte_offset(text: str, index: int) -> int:
    """Refusals name places by the offset in UTF-8."""
    return len(text[:index].encode())


def in_order(entities: list[Entity]) -> list[Entity]:
    return sorted(
        entities,
        key=lambda entity: (entity["offset"], -entity["length"], PRIORITY.get(entity["type"], 50)),
    )


def tidy(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without white space at both ends; entities are cut to what is left."""
    left = len(text) - len(text.lstrip())
    text = text.strip()
    end = utf16_length(text)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - left, 0)
        stop = min(entity["offset"] - left + entity["length"], end)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return text, in_order(kept)


def link_entity(url: str) -> Entity | None:
    """The entity for a link with this address, without its place; None for an address that is no link."""
    user = re.fullmatch(r"tg://user\?id=(\d{1,18})", url)
    if user:
        return {"type": "text_mention", "user": {"id": int(user[1]), "is_bot": False, "first_name": ""}}
    checked = checked_url(url)
    return {"type": "text_link", "url": checked} if checked else None


def checked_url(url: str) -> str | None:
    """The address as a server keeps it (`example.com` → `http://example.com/`), None when it is not one."""
    url = url.strip()
    if re.match(r"(tg|ton|tonsite):", url, re.IGNORECASE):
        return url
    match = re.fullmatch(
        r"(?:(https?|ftp)://)?([^\s/?#@]+@)?([^\s/?#:]+)(:\d{1,5})?([/?#]\S*)?", url, re.IGNORECASE
    )
    if match is None or not re.fullmatch(r"[^.\s]+(\.[^.\s]+)+", match[3]):
        return None
    scheme, user, host, port, rest = (part or "" for part in match.groups())
    return f"{(scheme or 'http').lower()}://{user}{host.lower()}{port}{rest or '/'}"
