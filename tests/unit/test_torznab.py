"""Torznab as Prowlarr and Jackett really speak it, and as nobody should."""

import gzip
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search import Query, Release, packed, unpacked
from services.search.port import IndexerBroken, IndexerBusy, IndexerError, IndexerRejected
from services.search.torznab import TorznabIndexer
from services.search.torznab_documents import NotTorznab, parse, read_capabilities, read_page
from tests.indexers import CAPS, KEY, TorznabServer, Works, error_document, item, results
from tests.loopback import Answer, Handler, Request, Server, serve

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
BASE32 = "YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK"


@asynccontextmanager
async def torznab(handler: Handler) -> AsyncIterator[tuple[TorznabIndexer, Server]]:
    async with serve(handler) as server, httpx.AsyncClient() as http:
        yield TorznabIndexer("Mine", f"{server.url}/1/api?apikey={KEY}", http), server


async def ask(indexer: TorznabIndexer, text: str = "work", limit: int = 100) -> list[Release]:
    return [release async for release in indexer.search(Query(text=text, limit=limit))]


def read_one(text: str) -> Release:
    page = read_page(parse(results([text])), "Mine")
    assert page.items == 1
    return page.releases[0]


def read_none(text: str) -> None:
    page = read_page(parse(results([text])), "Mine")
    assert page.items == 1
    assert page.releases == []


async def test_the_exact_requests() -> None:
    async with torznab(TorznabServer(Works(25, page_size=10))) as (indexer, server):
        await ask(indexer, " big  buck & bunny ", limit=12)
        await ask(indexer, limit=12)

    assert [request.path for request in server.requests] == ["/1/api"] * 4
    assert [dict(request.query) for request in server.requests] == [
        {"apikey": KEY, "t": "caps"},
        {"apikey": KEY, "t": "search", "q": "big buck & bunny", "limit": "10", "offset": "0"},
        {"apikey": KEY, "t": "search", "q": "work", "limit": "10", "offset": "0"},
        {"apikey": KEY, "t": "search", "q": "work", "limit": "2", "offset": "10"},
    ]
    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}


async def test_what_stands_in_the_address_goes_along() -> None:
    async with serve(TorznabServer(Works(1), path="/api")) as server, httpx.AsyncClient() as http:
        await ask(TorznabIndexer("Mine", f"{server.url}/api?cat=2000&apikey={KEY}#x", http))

    assert all(request.query["cat"] == "2000" for request in server.requests)


def paged(page: Callable[[int, int], bytes], most: int = 100) -> Handler:
    def answer(request: Request) -> Answer:
        if request.query["t"] == "caps":
            return Answer(CAPS.format(most=most).encode())
        return Answer(page(int(request.query["offset"]), int(request.query["limit"])))

    return answer


def items(numbers: range) -> list[str]:
    return [item(f"work {number}", f"http://t.example.org/{number}") for number in numbers]


@pytest.mark.parametrize(
    ("page", "hits", "requests"),
    [
        pytest.param(lambda o, n: results(items(range(o, min(o + n, 25)))), 25, 4, id="no total"),
        pytest.param(lambda o, n: results(items(range(o, o + n)) if o < 20 else []), 20, 4, id="empty page"),
        pytest.param(lambda _o, _n: results(items(range(10))), 10, 3, id="offset ignored"),
        pytest.param(lambda _o, _n: results(items(range(60))), 50, 2, id="limit ignored"),
        pytest.param(
            lambda o, n: results(items(range(o, o + n)), '<newznab:response offset="0" total="10"/>'),
            10,
            2,
            id="total",
        ),
        pytest.param(
            lambda o, n: results(items(range(o, min(o + n, 12))), '<newznab:response total="9999"/>'),
            12,
            4,
            id="total is a lie",
        ),
        pytest.param(
            lambda o, n: results(items(range(o, o + n)), '<newznab:response total="many"/>'),
            50,
            6,
            id="no number",
        ),
    ],
)
async def test_paging_ends(page: Callable[[int, int], bytes], hits: int, requests: int) -> None:
    async with torznab(paged(page, most=10)) as (indexer, server):
        assert len(await ask(indexer, limit=50)) == hits
    assert len(server.requests) == requests


async def test_an_endless_trickle_is_not_followed_for_ever() -> None:
    async with torznab(
        paged(lambda o, _n: results(items(range(o, o + 1)), '<newznab:response total="9999"/>'))
    ) as (
        indexer,
        server,
    ):
        assert len(await ask(indexer, limit=1000)) == 50
    assert len(server.requests) == 51


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ('<limits max="30" default="20"/>', 30),
        ('<limits default="20"/>', 20),
        ('<limits max="0" default="0"/>', 100),
        ('<limits max="-5"/>', 100),
        ('<limits max="999999999"/>', 1000),
        ("", 100),
    ],
)
def test_page_sizes(limits: str, size: int) -> None:
    assert read_capabilities(parse(f"<caps>{limits}</caps>".encode())).page_size == size


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (100, IndexerRejected),
        (101, IndexerRejected),
        (102, IndexerRejected),
        (199, IndexerRejected),
        (410, IndexerRejected),
        (910, IndexerRejected),
        (200, IndexerBroken),
        (201, IndexerBroken),
        (202, IndexerBroken),
        (300, IndexerBroken),
        (900, IndexerBusy),
        (-1, IndexerBroken),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_error_documents(code: int, error: type[IndexerError], status: int) -> None:
    async with torznab(lambda _: Answer(error_document(code), status=status)) as (indexer, _):
        with pytest.raises(error) as raised:
            await ask(indexer)
    assert getattr(raised.value, "retry_at", None) is None


@pytest.mark.parametrize("code", [429, 500, 501])
@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "60"}, 60), ({}, 900)])
async def test_a_limit_that_is_reached_names_when_to_ask_again(
    code: int, headers: dict[str, str], seconds: int
) -> None:
    expected = datetime.now(UTC) + timedelta(seconds=seconds)
    async with torznab(lambda _: Answer(error_document(code), headers=headers)) as (indexer, _):
        with pytest.raises(IndexerRejected) as raised:
            await ask(indexer)
    assert raised.value.retry_at is not None
    assert abs(raised.value.retry_at - expected) < timedelta(seconds=10)


async def test_results_where_capabilities_belong_are_broken_and_asked_again() -> None:
    works = Works(3, wrong=Answer(results([])))
    async with torznab(TorznabServer(works)) as (indexer, _):
        with pytest.raises(IndexerBroken):
            await ask(indexer)
        works.wrong = None
        assert len(await ask(indexer)) == 3


async def test_a_compressed_answer_is_not_unfolded() -> None:
    body = gzip.compress(b"<caps/>")
    async with torznab(lambda _: Answer(body, headers={"Content-Encoding": "gzip"})) as (indexer, _):
        with pytest.raises(IndexerBroken):
            await indexer.check()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prowlarr:9696",
        "ftp://x/api?apikey=5ecre7key",
        "http:///?apikey=5ecre7key",
        "http://h:p/?apikey=5ecre7key",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="the indexer Mine") as raised:
        TorznabIndexer("Mine", url, httpx.AsyncClient())
    assert KEY not in str(raised.value)


def test_an_item_as_prowlarr_writes_it() -> None:
    release = read_one(
        "<item><title>Sintel 4K</title><description/><guid>https://tracker.example.org/77</guid>"
        '<prowlarrindexer id="7" type="public">Example</prowlarrindexer>'
        "<comments>https://tracker.example.org/77</comments><pubDate>Sat, 14 Mar 2015 17:10:42 -0400</pubDate>"
        "<size>6000</size><link>http://prowlarr:9696/7/download?apikey=k&amp;link=abc&amp;file=Sintel</link>"
        '<enclosure url="http://prowlarr:9696/7/download?apikey=k&amp;link=abc&amp;file=Sintel" length="6000" '
        'type="application/x-bittorrent"/><torznab:attr name="seeders" value="12"/>'
        f'<torznab:attr name="infohash" value="{HASH.upper()}"/>'
        '<torznab:attr name="magneturl" value="http://prowlarr:9696/7/download?apikey=k&amp;link=def"/></item>'
    )

    assert release == Release(
        title="Sintel 4K",
        link="http://prowlarr:9696/7/download?apikey=k&link=def",
        indexers=("Mine",),
        size=6000,
        seeders=12,
        infohash=HASH,
        page="https://tracker.example.org/77",
        published=1_426_367_442_000,
    )


def test_an_item_as_jackett_writes_it() -> None:
    release = read_one(
        "<item><title>Sintel</title><guid>http://jackett:9117/dl/x/?jackett_apikey=k</guid>"
        "<comments>http://jackett:9117/x?jackett_apikey=k</comments>"
        f"<size>5</size><link>magnet:?xt=urn:btih:{BASE32}&amp;dn=Sintel&amp;tr=udp%3A%2F%2Ft.example.org%3A80</link>"
        f'<enclosure url="magnet:?xt=urn:btih:{BASE32}" length="5" type="application/x-bittorrent"/>'
        '<category>5000</category><category>100005</category><torznab:attr name="category" value="2040"/>'
        '<torznab:attr name="seeders" value="0"/><torznab:attr name="peers" value="3"/></item>'
    )

    assert release.link == f"magnet:?xt=urn:btih:{HASH}&dn={HASH}"
    assert release.infohash == HASH
    assert (release.seeders, release.leechers) == (0, 3)
    assert release.category == 2040
    assert release.page is None


MAGNET = f"magnet:?xt=urn:btih:{HASH}&amp;dn=x"


@pytest.mark.parametrize(
    ("inner", "link"),
    [
        (f'<link>http://a.example/1</link><enclosure url="{MAGNET}"/>', "magnet"),
        (f'<link>{MAGNET}</link><enclosure url="http://a.example/2"/>', "magnet"),
        (f"<link>http://a.example/1</link><guid>{MAGNET}</guid>", "magnet"),
        (f'<link>http://a.example/1</link><torznab:attr name="magneturl" value="{MAGNET}"/>', "magnet"),
        (f'<link>http://a.example/1</link><newznab:attr name="MagnetUrl" value="{MAGNET}"/>', "magnet"),
        ('<link>http://a.example/1</link><enclosure url="http://a.example/2"/>', "http://a.example/2"),
        ("<link>http://a.example/1</link><guid>http://a.example/3</guid>", "http://a.example/1"),
        ('<link>http://a.example/1</link><enclosure url="magnet:?xt=nonsense"/>', "http://a.example/1"),
        ('<link>http://a.example/1</link><enclosure url="ftp://a.example/"/>', "http://a.example/1"),
        ("<atom:link>http://a.example/9</atom:link><link>http://a.example/1</link>", "http://a.example/1"),
    ],
)
def test_a_magnet_is_preferred_then_the_torrent(inner: str, link: str) -> None:
    release = read_one(f"<item><title>x</title>{inner}</item>")

    assert release.link == (f"magnet:?xt=urn:btih:{HASH}&dn=x" if link == "magnet" else link)
    assert release.infohash == (HASH if link == "magnet" else None)


@pytest.mark.parametrize(
    "text",
    [
        "<item/>",
        "<item><title>no link</title></item>",
        "<item><title>x</title><link>/relative</link></item>",
        "<item><title>x</title><link>javascript:alert(1)</link></item>",
        "<item><title>x</title><link>http://a b/</link></item>",
        "<item><title>x</title><link>magnet:?xt=urn:btmh:1220aa</link></item>",
        f"<item><title>x</title><link>http://a.example/{'x' * 9000}</link></item>",
        "<item><link>http://a.example/</link></item>",
        "<item><title> &#9; </title><link>http://a.example/</link></item>",
    ],
)
def test_items_that_are_no_use_are_left_out(text: str) -> None:
    read_none(text)


def test_titles_are_one_plain_line() -> None:
    title = read_one(item("  <b>Big</b>\n Buck \u202eynnuB\u0085 " + "x" * 400)).title

    assert title.startswith("<b>Big</b> Buck ynnuB xxx")
    assert len(title) == 300


@pytest.mark.parametrize("value", ["-1", "abc", "", "1.5", "1e9", "٣", "99999999999999999999", "0x10", " "])
def test_wrong_numbers_are_none(value: str) -> None:
    release = read_one(item(size=value, seeders=value))

    assert release.size is None
    assert release.seeders is None


@pytest.mark.parametrize(
    "inner",
    [
        "<size>7</size>",
        '<size>0</size><enclosure url="" length="7"/>',
        '<size>0</size><torznab:attr name="size" value="7"/>',
        '<size>x</size><torznab:attr name="size" value="-7"/><enclosure url="" length="7"/>',
    ],
)
def test_the_size_is_taken_from_where_it_is_known(inner: str) -> None:
    assert read_one(f"<item><title>x</title><link>http://a.example/</link>{inner}</item>").size == 7


@pytest.mark.parametrize(
    ("attributes", "leechers"),
    [
        ({"peers": "9", "seeders": "4"}, 5),
        ({"peers": "4", "seeders": "9"}, 0),
        ({"peers": "4"}, 4),
        ({"leechers": "7", "peers": "4", "seeders": "9"}, 7),
        ({"leechers": "-7", "peers": "-4"}, None),
        ({"leechers": "99999999999"}, None),
        ({}, None),
    ],
)
def test_leechers_are_those_peers_that_do_not_seed(attributes: dict[str, str], leechers: int | None) -> None:
    assert read_one(item(**attributes)).leechers == leechers


def test_no_more_is_read_of_an_answer_than_was_asked_for() -> None:
    page = read_page(parse(results(items(range(10_000)))), "Mine", most=100)

    assert page.items == 10_000
    assert [release.title for release in page.releases] == [f"work {number}" for number in range(100)]


@pytest.mark.parametrize("value", [BASE32, BASE32.lower(), HASH, HASH.upper(), f" {HASH} "])
def test_infohashes_in_any_spelling(value: str) -> None:
    assert read_one(item(infohash=value)).infohash == HASH


@pytest.mark.parametrize("value", ["", "abc", HASH[1:], "z" * 40, "0" * 64])
def test_what_is_no_infohash_is_none(value: str) -> None:
    assert read_one(item(infohash=value)).infohash is None


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Sat, 99 Mar 2015 17:10:42",
        "Sat, 14 Mar 99999 17:10:42 +0000",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_wrong_dates_are_none(date: str) -> None:
    text = f"<item><title>x</title><link>http://a.example/</link><pubDate>{date}</pubDate></item>"

    assert read_one(text).published is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"plain",
        b"<rss><channel>",
        b'<?xml version="1.0" encoding="martian"?><rss/>',
        b'<?xml version="1.0" encoding="utf-7"?><rss/>',
        b"<rss>\xff</rss>",
        b"<!DOCTYPE rss><rss/>",
        b'<!DOCTYPE r [<!ENTITY a "b">]><rss>&a;</rss>',
        b"<a>" * 400_001,
    ],
)
def test_what_is_not_plain_xml_is_refused(body: bytes) -> None:
    with pytest.raises(NotTorznab):
        parse(body)


def test_deep_nesting_is_survived() -> None:
    depth = 100_000

    with pytest.raises(NotTorznab):
        read_page(parse(b"<rss>" * depth + b"</rss>" * depth), "Mine")


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
words = st.one_of(
    texts,
    st.text(st.sampled_from("\u202e\u2066\u061c\u200f\u0301א\u00ad x"), max_size=400),
    st.integers(-5, 10**20).map(str),
    st.just(f"magnet:?xt=urn:btih:{BASE32}&dn=x"),
    st.builds("http://t.example.org/{}".format, texts),
    st.datetimes().map("{:%a, %d %b %Y %H:%M:%S +0000}".format),
)
names = ["title", "link", "guid", "comments", "pubDate", "size", "category", "enclosure", "atom:link", "item"]
attributes = ["size", "seeders", "peers", "leechers", "infohash", "magneturl", "category", ""]
elements = st.one_of(
    st.builds("<{0}>{1}</{0}>".format, st.sampled_from(names), words.map(escape)),
    st.builds(
        "<torznab:attr name={} value={}/>".format,
        st.sampled_from(attributes).map(quoteattr),
        words.map(quoteattr),
    ),
    st.builds("<enclosure url={} length={}/>".format, words.map(quoteattr), words.map(quoteattr)),
)


@given(st.lists(st.lists(elements, max_size=12).map("".join).map("<item>{}</item>".format), max_size=4))
def test_any_items_are_read_or_left_out(found: list[str]) -> None:
    page = read_page(parse(results(found)), "Mine")

    assert page.items == len(found)
    for release in page.releases:
        assert release.title == " ".join(release.title.split())
        assert 0 < len(release.title) <= 300
        assert not set(release.title) & set("\u202e\u2066\u061c\u200f\u00ad")
        assert release.link.startswith(("magnet:?xt=urn:btih:", "http://", "https://"))
        assert len(release.link.encode()) <= 8 * 1024
        assert release.size is None or 0 < release.size <= 2**50
        assert all(count is None or 0 <= count <= 10**7 for count in (release.seeders, release.leechers))
        assert release.infohash is None or re.fullmatch("[0-9a-f]{40}", release.infohash)
        assert release.page is None or len(release.page.encode()) <= 1024
        assert release.published is None or 0 < release.published < 2**42
        assert release.category is None or 1000 <= release.category < 9000
    assert unpacked(packed(page.releases)) == page.releases


@given(st.binary(max_size=80) | texts.map(lambda text: f"<rss><channel>{text}</channel></rss>".encode()))
def test_any_bytes_are_a_document_or_refused(body: bytes) -> None:
    try:
        page = read_page(parse(body), "Mine")
    except NotTorznab:
        return
    assert page.releases == []
