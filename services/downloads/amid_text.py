"""Links amid a text: what a person wrote around them is not for us."""

import re
from collections.abc import Iterable, Sequence

_LINK = re.compile(
    r"(?<![a-z0-9+.@/-])(?:magnet:|https?://|t(?:elegram)?\.me/)[^\s<>\"]+", re.IGNORECASE | re.ASCII
)
_INFOHASH = re.compile(r"[0-9a-f]{40}", re.IGNORECASE | re.ASCII)
_AFTER = ".,;:!?'`*_|»”’…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def links_in(text: str, addresses: Iterable[str] = ()) -> Sequence[str]:
    """Magnets, http(s) links and Telegram's without https:// in a text and behind its words (`addresses`), each once, in order.

    A bare infohash counts only where it is the whole text: amid others it may be anything. Nothing is checked here but
    how a link begins.
    """
    alone = text.strip()
    if _INFOHASH.fullmatch(alone) or _is_spaced_magnet(alone):
        return [alone]
    written = [_without_ending(found) for found in _LINK.findall(text)]
    behind = [address for address in addresses if _LINK.fullmatch(address)]
    return list(dict.fromkeys([*written, *behind]))


def _is_spaced_magnet(text: str) -> bool:
    """A magnet whose name was not escaped: behind the spaces its parameters go on."""
    first, *rest = text.split()[:2] or [""]
    one = len(text.splitlines()) == 1 and len(_LINK.findall(text)) == 1
    return one and first.lower().startswith("magnet:?") and bool(rest) and "&" in text[len(first) :]


def _without_ending(link: str) -> str:
    """Without the punctuation of the sentence around it; a bracket stays where its partner is part of the link."""
    while link and (link[-1] in _AFTER or _is_unpaired(link)):
        link = link[:-1]
    return link


def _is_unpaired(link: str) -> bool:
    opening = _PAIRS.get(link[-1])
    return opening is not None and link.count(link[-1]) > link.count(opening)
