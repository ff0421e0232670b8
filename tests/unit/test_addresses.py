"""Which addresses are public, and a transport that connects to nothing else."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.downloads.addresses import (
    MOST_HOSTS,
    PrivateAddress,
    Resolve,
    guarded_transport,
    host_of,
    looks_private,
    public_hosts,
    resolve_public,
)
from services.downloads.embedded.session import private_addresses
from services.downloads.networks import PRIVATE_NETWORKS, IPAddress, is_private
from services.downloads.port import SourceUnavailable
from tests.loopback import Answer, Request, serve

PUBLIC = "93.184.215.14"
PUBLIC_V6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def names(table: Mapping[str, Sequence[str]]) -> Resolve:
    """A resolver that knows these names, and literals."""

    async def resolve(host: str, _port: int) -> Sequence[IPAddress]:
        if host not in table:
            try:
                return [ip_address(host)]
            except ValueError:
                raise OSError("no such name") from None
        return [ip_address(address) for address in table[host]]

    return resolve


class TinyInternet(httpcore.AsyncNetworkBackend):
    """A network on which public addresses are servers of the test: real connections, other routes."""

    def __init__(self, routes: Mapping[str, int]) -> None:
        self._routes = routes
        self.dialled: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host not in self._routes:
            raise httpcore.ConnectError("no route")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._routes[host], timeout)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.3",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::5db8:d70e",
        "2002:7f00:1::1",
        "2002:c0a8:101::",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
        "5f00::1",
    ],
)
def test_not_public(address: str) -> None:
    assert is_private(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC,
        "1.1.1.1",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        PUBLIC_V6,
        f"::ffff:{PUBLIC}",
        "64:ff9b::5db8:d70e",
        "2002:5db8:d70e::1",
    ],
)
def test_public(address: str) -> None:
    assert not is_private(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_hidden_in_ipv6_is_judged_as_itself(address: IPAddress) -> None:
    number = int(address)
    for hidden in (0xFFFF << 32 | number, 0x64_FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_private(ip_address(hidden)) == is_private(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_as_private(address: IPAddress) -> None:
    assert is_private(address) or (address.is_global and not address.is_multicast)


def test_libtorrent_refuses_what_we_refuse() -> None:
    """One list for both: libtorrent's filter agrees at the borders of every network, and far from them."""
    rules = private_addresses()
    borders = [number for network in PRIVATE_NETWORKS for number in _around(network)]
    assert len(borders) > 200
    for address in (
        *borders,
        *map(ip_address, (PUBLIC, PUBLIC_V6, "2002:5db8:d70e::1", "64:ff9b::5db8:d70e")),
    ):
        assert (rules.access(str(address)) != 0) == is_private(address), address


def _around(network: IPv4Network | IPv6Network) -> Iterable[IPAddress]:
    """Its first and last address, and the ones before and behind."""
    kind = type(network.network_address)
    first, last = int(network[0]), int(network[-1])
    most = 2**network.max_prefixlen
    return [kind(number) for number in (first - 1, first, last, last + 1) if 0 <= number < most]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "db.localhost",
        "qbittorrent",
        "nas.local",
        "router.lan",
        "x.home.arpa",
        "metadata.google.internal",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "192.168.1.1.",
        "[::1]",
        "::ffff:127.0.0.1",
        "",
    ],
)
def test_private_at_a_glance(host: str) -> None:
    assert looks_private(host)


@pytest.mark.parametrize("host", ["example.org", "tracker.example.org.", PUBLIC, f"[{PUBLIC_V6}]", "1.1"])
def test_public_at_a_glance(host: str) -> None:
    # 1.1 is 1.0.0.1, a public address
    assert not looks_private(host)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Tracker.example.org:6969/announce?passkey=a@b", "tracker.example.org"),
        ("https://[2001:DB8::1]/x", "2001:db8::1"),
        ("http://example.org", "example.org"),
        ("http://example.org?x", "example.org"),
        ("udp://example.org:80", None),
        ("http://user:password@example.org/", None),
        ("http://example.org\\@127.0.0.1/", None),
        ("http://example.org /", None),
        ("http://127.0.0.1%2f.example.org/", None),
        ("http://１２７.0.0.1/", None),
        ("http:/example.org/", None),
        ("//example.org/", None),
        ("http://exa\nmple.org/", None),
        ("http://example.org/\n", None),
        ("", None),
    ],
)
def test_only_a_plainly_written_url_has_a_host(url: str, host: str | None) -> None:
    assert host_of(url, ("http", "https")) == host


async def test_every_address_of_a_name_must_be_public() -> None:
    resolve = names({"good.example": [PUBLIC, PUBLIC_V6, PUBLIC], "mixed.example": [PUBLIC, "10.0.0.1"]})

    assert await resolve_public("good.example", 80, allow_private=False, resolve=resolve) == [
        ip_address(PUBLIC),
        ip_address(PUBLIC_V6),
    ]
    with pytest.raises(PrivateAddress) as raised:
        await resolve_public("mixed.example", 80, allow_private=False, resolve=resolve)
    assert (raised.value.key, raised.value.values) == ("link-private", {"host": "mixed.example"})
    assert len(await resolve_public("mixed.example", 80, allow_private=True, resolve=resolve)) == 2


async def test_a_private_address_is_found_behind_any_number_of_public_ones() -> None:
    many = [str(ip_address("1.1.1.1") + number) for number in range(30)]
    resolve = names({"many.example": [*many, "127.0.0.1"]})

    with pytest.raises(PrivateAddress):
        await resolve_public("many.example", 80, allow_private=False, resolve=resolve)


@pytest.mark.parametrize("host", ["missing.example", "empty.example"])
async def test_a_name_without_an_address_is_unavailable(host: str) -> None:
    with pytest.raises(SourceUnavailable) as raised:
        await resolve_public(host, 80, allow_private=False, resolve=names({"empty.example": []}))
    assert raised.value.key == "link-unreachable"


async def test_the_systems_resolver_is_checked_too() -> None:
    for host in ("localhost", "127.1", "0x7f000001", "::1"):
        with pytest.raises(PrivateAddress):
            await resolve_public(host, 80, allow_private=False)
    assert ip_address("127.0.0.1") in await resolve_public("127.1", 80, allow_private=True)


async def test_a_name_that_no_resolver_can_spell_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable):
        await resolve_public("a" * 70 + ".example", 80, allow_private=False)


async def test_public_hosts_are_those_that_resolve_to_public_addresses() -> None:
    resolve = names({"good.example": [PUBLIC], "bad.example": ["192.168.0.1"]})

    hosts = ["good.example", "bad.example", "gone.example", "10.0.0.1", "localhost", PUBLIC]

    assert await public_hosts(hosts, resolve=resolve) == {"good.example", PUBLIC}


async def test_a_bounded_number_of_hosts_is_resolved() -> None:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[IPAddress]:
        asked.append(host)
        return [ip_address(PUBLIC)]

    hosts = [f"{number}.example" for number in range(1000)]

    assert await public_hosts(hosts, resolve=resolve) == set(hosts[:MOST_HOSTS])
    assert len(asked) == MOST_HOSTS


async def test_a_silent_resolver_does_not_hold_anybody_up() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[IPAddress]:
        await asyncio.Event().wait()
        return []

    assert await public_hosts(["slow.example"], resolve=resolve, seconds=0.05) == frozenset()


async def test_the_transport_dials_the_address_it_checked_and_keeps_the_name() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> Sequence[IPAddress]:
        return [ip_address(address) for address in next(answers)]

    async with serve(lambda request: Answer(request.headers["host"].encode())) as server:
        internet = TinyInternet({PUBLIC: server.port})
        transport = guarded_transport(allow_private=False, resolve=rebinding, network=internet)
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.get("http://files.example/x")).text == "files.example"
            # the next connection asks anew, and sees that the name has moved
            with pytest.raises(PrivateAddress):
                await client.get("http://files.example/x")
        assert internet.dialled == [PUBLIC]


async def test_the_next_address_is_tried_when_one_is_dead() -> None:
    async with serve(lambda _: Answer(b"here")) as server:
        internet = TinyInternet({PUBLIC: server.port})
        resolve = names({"files.example": [PUBLIC_V6, PUBLIC]})
        transport = guarded_transport(allow_private=False, resolve=resolve, network=internet)
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.get("http://files.example/")).text == "here"
        assert internet.dialled == [PUBLIC_V6, PUBLIC]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://inside.example/", "http://[::1]:{port}/"]
)
async def test_a_redirect_into_the_private_network_is_refused(target: str) -> None:
    async with serve(lambda _: Answer(b"secret")) as inside:

        def redirect(_: Request) -> Answer:
            return Answer(status=302, headers={"Location": target.format(port=inside.port)})

        async with serve(redirect) as outside:
            resolve = names({"files.example": [PUBLIC], "inside.example": ["10.0.0.7"]})
            internet = TinyInternet({PUBLIC: outside.port, "127.0.0.1": inside.port, "10.0.0.7": inside.port})
            transport = guarded_transport(allow_private=False, resolve=resolve, network=internet)
            async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
                with pytest.raises(PrivateAddress):
                    await client.get("http://files.example/")
        assert len(outside.requests) == 1
        assert inside.requests == []


async def test_private_addresses_are_refused_before_anything_is_dialled() -> None:
    async with serve(lambda _: Answer(b"secret")) as server:
        async with httpx.AsyncClient(transport=guarded_transport(allow_private=False)) as client:
            for url in (server.url, f"http://localhost:{server.port}/", f"http://2130706433:{server.port}/"):
                with pytest.raises(PrivateAddress):
                    await client.get(url)
        assert server.requests == []


async def test_private_addresses_are_reached_where_the_owner_allows_it() -> None:
    async with (
        serve(lambda _: Answer(b"mine")) as server,
        httpx.AsyncClient(transport=guarded_transport(allow_private=True)) as client,
    ):
        assert (await client.get(f"http://localhost:{server.port}/")).text == "mine"


async def test_no_proxy_of_the_environment_goes_around_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve(lambda _: Answer(b"through the proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        async with httpx.AsyncClient(transport=guarded_transport(allow_private=False)) as client:
            with pytest.raises(PrivateAddress):
                await client.get("http://10.0.0.1/")
        assert proxy.requests == []


async def test_failures_to_connect_are_the_clients_usual_ones() -> None:
    transport = guarded_transport(
        allow_private=False, resolve=names({"dead.example": [PUBLIC]}), network=TinyInternet({})
    )
    async with httpx.AsyncClient(transport=transport) as client:
        for url in ("http://dead.example/", "http://unknown.example/"):
            with pytest.raises(httpx.ConnectError):
                await client.get(url)
