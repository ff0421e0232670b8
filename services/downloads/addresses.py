"""The guard between members' Sources and private networks: which addresses are public, and connections that check.

A host name is only as public as what it resolves to at the moment of connecting. So the guarded transport resolves a
name itself, checks every address and connects to one of those it checked: nothing is resolved a second time, and
redirects pass the same way.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from ipaddress import IPv4Address, ip_address

import httpcore
import httpx

from services.downloads.networks import IPAddress, is_private
from services.downloads.port import SourceRejected, SourceUnavailable
from services.trusted import authorities

Resolve = Callable[[str, int], Awaitable[Sequence[IPAddress]]]
"""All addresses of a host name. Raises OSError when it has none."""

RESOLVE_SECONDS = 5.0
MOST_ADDRESSES = 6
MOST_HOSTS = 40
"""Hosts of one Source that are resolved; the rest are not shown to be public and are left out."""

_URL = re.compile(
    r"(?P<scheme>[a-z]{1,8})://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?",
    re.IGNORECASE | re.ASCII,
)
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".home.arpa", ".corp")


class PrivateAddress(SourceRejected):
    """A member's link leads into a private network."""

    def __init__(self, host: str) -> None:
        super().__init__("link-private", host=host)


def looks_private(host: str) -> bool:
    """What can be said of a host without asking DNS: a private address in any spelling, or a name of a local network."""
    name = host.strip("[]").rstrip(".").lower()
    literal = _literal(name)
    if literal is not None:
        return is_private(literal)
    return "." not in name or name.endswith(_LOCAL_SUFFIXES)


def _literal(name: str) -> IPAddress | None:
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        # The old spellings that resolvers still take: 127.1, 0x7f000001, 017700000001.
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeEncodeError):
        return None


def host_of(url: str, schemes: Collection[str]) -> str | None:
    """The host of a plainly written URL with one of these schemes.

    None for any other text: user names, backslashes and blanks are where two readers of one URL see two hosts.
    """
    match = _URL.fullmatch(url)
    if match is None or match["scheme"].lower() not in schemes:
        return None
    return match["host"].strip("[]").lower()


async def system_resolve(host: str, port: int) -> Sequence[IPAddress]:
    """Asks the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0])) for entry in found]


async def resolve_public(
    host: str,
    port: int,
    allow_private: bool,
    *,
    resolve: Resolve = system_resolve,
    seconds: float = RESOLVE_SECONDS,
) -> list[IPAddress]:
    """The addresses of a host, each once, in the resolver's order; all are checked, the first MOST_ADDRESSES given.

    Raises PrivateAddress when one of them is private and that is not allowed, SourceUnavailable when there are none.
    """
    try:
        async with asyncio.timeout(seconds):
            found = list(dict.fromkeys(await resolve(host, port)))
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable("link-unreachable", host=host) from error
    if not found:
        raise SourceUnavailable("link-unreachable", host=host)
    if not allow_private and any(map(is_private, found)):
        raise PrivateAddress(host)
    return found[:MOST_ADDRESSES]


async def public_hosts(
    hosts: Iterable[str], *, resolve: Resolve = system_resolve, seconds: float = RESOLVE_SECONDS
) -> frozenset[str]:
    """Those of the hosts that are shown to be public, within `seconds` for all and at most MOST_HOSTS."""
    candidates = [host for host in dict.fromkeys(hosts) if not looks_private(host)][:MOST_HOSTS]
    verdicts = await asyncio.gather(*(_is_public(host, resolve, seconds) for host in candidates))
    return frozenset(host for host, public in zip(candidates, verdicts, strict=True) if public)


async def _is_public(host: str, resolve: Resolve, seconds: float) -> bool:
    try:
        await resolve_public(host, 0, allow_private=False, resolve=resolve, seconds=seconds)
    except (PrivateAddress, SourceUnavailable):
        return False
    return True


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only (or to all, with `allow_private`), and to exactly the address it checked."""

    def __init__(
        self,
        allow_private: bool,
        *,
        resolve: Resolve = system_resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises PrivateAddress; otherwise httpcore's errors, as any backend does."""
        try:
            addresses = await resolve_public(host, port, self._allow_private, resolve=self._resolve)
        except SourceUnavailable as error:
            raise httpcore.ConnectError(f"cannot resolve {host}") from error
        share = None if timeout is None else timeout / len(addresses)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise httpcore.ConnectError(f"cannot connect to {host}") from failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        context = authorities()
        super().__init__(verify=context)
        # httpx gives no way to name the backend; the pool is the same but for that.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=100, keepalive_expiry=5.0, network_backend=backend
        )


def guarded_transport(
    allow_private: bool,
    *,
    resolve: Resolve = system_resolve,
    network: httpcore.AsyncNetworkBackend | None = None,
) -> httpx.AsyncHTTPTransport:
    """A transport for `httpx.AsyncClient` that refuses private addresses with PrivateAddress, redirects included.

    The client takes no proxy from the environment with it. `resolve` and `network` are what it asks and dials by.
    """
    return _GuardedTransport(GuardedBackend(allow_private, resolve=resolve, network=network))
