"""Magnet links (BEP 9): what they name, and nothing in them that a member may not point at."""

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from services.downloads.addresses import host_of, looks_private
from services.downloads.names import display_name
from services.downloads.port import Magnet, SourceRejected

MOST_BYTES = 8 * 1024
_MOST_PARAMETERS = 200
_TRACKER_SCHEMES = ("http", "https", "udp")
_WEB_SCHEMES = ("http", "https")
_SCHEMES = {"tr": _TRACKER_SCHEMES, "ws": _WEB_SCHEMES, "as": _WEB_SCHEMES, "xs": _WEB_SCHEMES}
"""The parameters that hold addresses; besides them `x.pe` holds peers, as `host:port`."""

_HEX = re.compile(r"[0-9a-f]{40}", re.IGNORECASE | re.ASCII)
_BASE32 = re.compile(r"[a-z2-7]{32}", re.IGNORECASE | re.ASCII)
_NUMBERED = re.compile(r"\.\d+$", re.ASCII)
_PEER = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_.-]{1,253}):([0-9]{1,5})", re.ASCII)

Allows = Callable[[str], bool]
"""Whether a host may be pointed at."""


def read_infohash(text: str) -> str | None:
    """40 lower-case hexadecimal digits from the two spellings of a v1 infohash (hex, base32); None for anything else."""
    if _HEX.fullmatch(text):
        return text.lower()
    if _BASE32.fullmatch(text):
        return base64.b32decode(text.upper()).hex()
    return None


def read_magnet(text: str, *, trusted: bool = False, allow_private: bool = False) -> Magnet:
    """Parses and rewrites a magnet link; reading its `uri` again gives the same Magnet.

    Unless `trusted` or `allow_private`, trackers, web seeds, sources and peers at private addresses or with other schemes
    than http, https, udp are left out. Raises SourceRejected: `magnet-malformed`, `magnet-v2-only`.
    """
    magnet = _parse(text)
    if not (trusted or allow_private):
        magnet = _without(magnet, lambda host: not looks_private(host))
    return _build(magnet, trusted=trusted)


def keep_hosts(magnet: Magnet, allows: Allows) -> Magnet:
    """The same magnet with only those addresses whose host `allows` takes."""
    return _build(_without(_parse(magnet.uri), allows), trusted=magnet.trusted)


def hosts_in(magnet: Magnet) -> Sequence[str]:
    """Every host that the magnet's addresses point at."""
    parameters = _parse(magnet.uri).addresses
    return [host for key, value in parameters if (host := _host(key, value)) is not None]


def addresses_in(magnet: Magnet, parameter: str) -> Sequence[str]:
    """What a magnet says under `tr` (trackers), `ws` (web seeds) and so on, in its order."""
    return [value for key, value in _parse(magnet.uri).addresses if key == parameter]


@dataclass(frozen=True)
class _Parsed:
    infohash: str
    name: str
    addresses: tuple[tuple[str, str], ...]
    size: str | None


def _parse(text: str) -> _Parsed:
    parameters = [(_NUMBERED.sub("", key), value) for key, value in _parameters(text.strip())]
    names = [value for key, value in parameters if key == "dn"]
    sizes = [value for key, value in parameters if key == "xl" and re.fullmatch(r"[0-9]{1,15}", value)]
    addresses = [(key, value) for key, value in parameters if key in _SCHEMES or key == "x.pe"]
    infohash = _infohash([value for key, value in parameters if key == "xt"])
    return _Parsed(
        infohash=infohash,
        name=display_name(names[0] if names else "") or infohash,
        addresses=tuple(dict.fromkeys(addresses)),
        size=sizes[0] if sizes else None,
    )


def _parameters(text: str) -> Iterable[tuple[str, str]]:
    if len(text) > MOST_BYTES or not text.lower().startswith("magnet:?"):
        raise SourceRejected("magnet-malformed")
    try:
        text.encode()
        return parse_qsl(text[len("magnet:?") :], max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise SourceRejected("magnet-malformed") from error


def _infohash(topics: Sequence[str]) -> str:
    """The one v1 infohash that the exact topics name."""
    prefix = "urn:btih:"
    found = {read_infohash(topic[len(prefix) :]) for topic in topics if topic.lower().startswith(prefix)}
    if not found and any(topic.lower().startswith("urn:btmh:") for topic in topics):
        raise SourceRejected("magnet-v2-only")
    infohash = found.pop() if found else None
    if infohash is None or found:
        raise SourceRejected("magnet-malformed")
    return infohash


def _without(magnet: _Parsed, allows: Allows) -> _Parsed:
    kept = [
        (key, value)
        for key, value in magnet.addresses
        if (host := _host(key, value)) is not None and allows(host)
    ]
    return _Parsed(magnet.infohash, magnet.name, tuple(kept), magnet.size)


def _host(key: str, value: str) -> str | None:
    """The host that a parameter points at; None when it is not written plainly."""
    if key in _SCHEMES:
        return host_of(value, _SCHEMES[key])
    match = _PEER.fullmatch(value)
    return match[1].strip("[]").lower() if match else None


def _build(magnet: _Parsed, *, trusted: bool) -> Magnet:
    parameters = [("dn", magnet.name), *magnet.addresses]
    if magnet.size is not None:
        parameters.append(("xl", magnet.size))
    # libtorrent reads a peer only where nothing in it is escaped
    extras = "".join(
        f"&{key}={quote(value, safe=':[]' if key == 'x.pe' else '')}" for key, value in parameters
    )
    uri = f"magnet:?xt=urn:btih:{magnet.infohash}{extras}"
    if len(uri) > MOST_BYTES:
        raise SourceRejected("magnet-malformed")
    return Magnet(uri=uri, infohash=magnet.infohash, name=magnet.name, trusted=trusted)
