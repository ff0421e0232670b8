"""Which networks are not the public internet: one list, for connections of our own and for libtorrent's filter.

After IANA's special-purpose address registries (RFC 6890): what is not globally reachable, and multicast. An IPv6 address
that carries an IPv4 address is as private as that one. `ipaddress` has a list, too, but another one in each Python.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    summarize_address_range,
)

IPAddress = IPv4Address | IPv6Address

_PRIVATE_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the clouds' metadata services among it
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_PRIVATE_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")


def _hidden_in(carrier: IPv6Network) -> Iterator[IPv6Network]:
    """The private IPv4 networks where `carrier` carries IPv4 addresses right behind its prefix."""
    room = carrier.max_prefixlen - carrier.prefixlen - IPv4Network(0).max_prefixlen
    for network in _PRIVATE_V4:
        first = int(carrier.network_address) + (int(network.network_address) << room)
        yield IPv6Network((first, carrier.prefixlen + network.prefixlen))


def _between(kept: Iterable[IPv6Network]) -> Iterator[IPv6Network]:
    """All of IPv6 but these networks."""
    start = 0
    for network in sorted(kept):
        if start < int(network[0]):
            yield from summarize_address_range(IPv6Address(start), network[0] - 1)
        start = int(network[-1]) + 1
    yield from summarize_address_range(IPv6Address(start), IPv6Address(2**128 - 1))


_V4 = tuple(collapse_addresses(_PRIVATE_V4))
_V6 = tuple(
    collapse_addresses(
        (
            *_between((_MAPPED, _NAT64, _GLOBAL_UNICAST)),
            *_PRIVATE_V6,
            *(network for carrier in (_MAPPED, _NAT64, _6TO4) for network in _hidden_in(carrier)),
        )
    )
)
PRIVATE_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = (*_V4, *_V6)
"""No address in these is a public unicast address, and every other one is. In order, and none within another."""


def is_private(address: IPAddress) -> bool:
    """True for everything that is not a public unicast address, also where an IPv4 address hides in an IPv6 one."""
    networks: tuple[IPv4Network, ...] | tuple[IPv6Network, ...] = _V6 if address.version == 6 else _V4  # noqa: PLR2004
    at = bisect_right(networks, int(address), key=_first)
    return at > 0 and address in networks[at - 1]


def _first(network: IPv4Network | IPv6Network) -> int:
    return int(network.network_address)
