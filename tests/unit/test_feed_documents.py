"""Feeds as they are, and as nobody should write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feeds.documents import MOST_ENTRIES, Contents, read_feed
from services.feeds.entries import Entry
from services.feeds.errors import FeedTrouble
from services.search.fields import MOST_TITLE_CHARACTERS
from tests.feeds import item, rss, sized

BASE = "https://t.example.org/feeds/rss.xml"
HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
MAGNET = f"magnet:?xt=urn:btih:{HASH}&dn=Bunny"
LENGTH = "<torrent:contentLength>9</torrent:contentLength>"
DAY = 1_704_067_200_000
"""2024-01-01 in UTC."""


def read(body: bytes | str) -> Contents:
    return read_feed(body if isinstance(body, bytes) else body.encode(), BASE)


def only(text: str) -> Entry:
    contents = read(rss([text]))
    assert len(contents.entries) == 1, contents
    return contents.entries[0]


def atom(*entries: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Works</title>{"".join(entries)}</feed>'


def test_rss_with_an_enclosure() -> None:
    found = only(sized("Big Buck Bunny", "https://t.example.org/1.torrent", 1000))
    assert found == Entry("Big Buck Bunny", "https://t.example.org/1.torrent", 1000)


@pytest.mark.parametrize(
    ("inner", "size", "infohash"),
    [
        ("", None, None),
        ("<size>7</size>", 7, None),
        (
            f'<torznab:attr name="size" value="8"/><torznab:attr name="infohash" value="{HASH.upper()}"/>',
            8,
            HASH,
        ),
        (f"<nyaa:size>1.5 KiB</nyaa:size><nyaa:infoHash>{HASH}</nyaa:infoHash>", 1536, HASH),
        (
            f"<torrent:torrent><torrent:infoHash>{HASH}</torrent:infoHash>{LENGTH}</torrent:torrent>",
            9,
            HASH,
        ),
        ("<size>-5</size><torznab:attr name='infohash' value='nonsense'/>", None, None),
        (f"<size>{'9' * 40}</size>", None, None),
    ],
)
def test_what_trackers_add(inner: str, size: int | None, infohash: str | None) -> None:
    found = only(item(inner=inner))
    assert (found.size, found.infohash) == (size, infohash)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (item(link="/2.torrent"), "https://t.example.org/2.torrent"),
        (item(link="/Big Buck.torrent"), "https://t.example.org/Big%20Buck.torrent"),
        (item(link="3.torrent?a=1&b=2"), "https://t.example.org/feeds/3.torrent?a=1&b=2"),
        (item(link=MAGNET), MAGNET),
        (item(inner=f"<guid>{MAGNET.replace('&', '&amp;')}</guid>"), MAGNET),
        (item(inner=f'<torznab:attr name="magneturl" value="{MAGNET.replace("&", "&amp;")}"/>'), MAGNET),
        (
            item(inner='<media:content url="https://m.example.org/a.mp4" fileSize="5"/>'),
            "https://m.example.org/a.mp4",
        ),
        (
            item(inner='<media:group><media:content url="https://m.example.org/b.mp4"/></media:group>'),
            "https://m.example.org/b.mp4",
        ),
        (
            item(inner='<media:content url="https://m.example.org/a.jpg" medium="image"/>'),
            "https://t.example.org/1.torrent",
        ),
        (
            item(link="magnet:?xt=urn:btih:broken", inner='<enclosure url="/4.torrent"/>'),
            "https://t.example.org/4.torrent",
        ),
    ],
)
def test_where_an_entry_leads(text: str, link: str) -> None:
    assert only(text).link == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://t.example.org/a",
        "magnet:?xt=urn:btih:broken",
        "https://[::1",
        "tg://resolve?domain=x",
        "",
    ],
)
def test_what_leads_nowhere_is_counted_and_left_out(link: str) -> None:
    contents = read(
        rss([f"<item><title>A work</title><link>{link}</link></item>" if link else "<item/>", item()])
    )
    assert (len(contents.entries), contents.unfit) == (1, 1)


def test_atom() -> None:
    text = atom(
        "<entry><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Big <b>Buck</b></div></title>"
        "<link rel='alternate' type='text/html' href='/page'/>"
        "<link rel='enclosure' href='a.torrent' length='12'/><id>urn:1</id><published>2024-01-01T00:00:00Z</published></entry>",
        "<entry><title>Link alone</title><link href='https://t.example.org/b.torrent'/><id>urn:2</id></entry>",
        "<entry><title>Only a page</title><link type='text/html' href='https://t.example.org/c'/></entry>",
    )
    contents = read(text)
    assert (contents.name, contents.unfit) == ("Works", 1)
    first, second = contents.entries
    assert first == Entry(
        "Big Buck", "https://t.example.org/feeds/a.torrent", 12, published=DAY, mark="urn:1"
    )
    assert second.link == "https://t.example.org/b.torrent"


def test_rss_1() -> None:
    contents = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title></channel>'
        "<item><title>A work</title><link>https://t.example.org/a.torrent</link><dc:date>2024-01-01</dc:date></item></rdf:RDF>"
    )
    assert (contents.name, [entry.title for entry in contents.entries]) == ("Old", ["A work"])
    assert contents.entries[0].published == DAY


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Mon, 01 Jan 2024 00:00:00 GMT", DAY),
        ("2024-01-01T01:00:00+01:00", DAY),
        ("yesterday", None),
        ("Mon, 99 Foo 20244 99:99:99 +9999", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("0001-01-01", None),
    ],
)
def test_dates_right_and_wrong(date: str, published: int | None) -> None:
    assert only(item(inner=f"<pubDate>{date}</pubDate>")).published == published


@pytest.mark.parametrize(
    ("head", "pause"),
    [
        ("", 0),
        ("<ttl>60</ttl>", 3600),
        ("<ttl>soon</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400),
    ],
)
def test_how_long_it_wants_to_be_left_alone(head: str, pause: int) -> None:
    assert read(rss([], head)).pause == pause


def test_titles_are_one_line_of_what_can_be_seen() -> None:
    assert only(item("a\nb\u202ec")).title == "a bc"
    assert len(only(item("x" * 1_000_000)).title) == MOST_TITLE_CHARACTERS
    assert only(item("", "https://t.example.org/Big%20Buck.torrent")).title == "Big Buck.torrent"


def test_titles_of_other_namespaces_are_none() -> None:
    text = item(inner="<media:title>Other</media:title><media:thumbnail url='https://x.example.org/a.jpg'/>")
    assert only(text).title == "A work"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><rss><channel><item><title>&j;</title></item></channel></rss>"
)
OUTSIDE = (
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'
)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not XML",
        "<!DOCTYPE html><html><body>Log in</body></html>",
        "<html><head/></html>",
        "<rss/>",
        "<error code='100'/>",
        "<rss><channel><item>",
        BOMB,
        OUTSIDE,
        "<rss><channel><title>&nbsp;</title></channel></rss>",
        "<?xml version='1.0' encoding='klingon'?><rss><channel/></rss>",
        b"\x1f\x8b\x08\x00packed",
        b"\xff\xfe\x00\x00",
        '{"version": "https://jsonfeed.org/version/1"}',
        "<a>" * 100_000,
    ],
)
def test_what_is_no_feed(body: bytes | str) -> None:
    with pytest.raises(FeedTrouble) as refused:
        read(body)
    assert refused.value.key == "feed-unreadable"


@pytest.mark.parametrize("count", [MOST_ENTRIES + 1, 100_000])
def test_what_is_too_long_is_not_read(count: int) -> None:
    with pytest.raises(FeedTrouble) as refused:
        read(rss([item()] * count))
    assert refused.value.key == "feed-too-large"
    prefixed = f'<x:feed xmlns:x="urn:x">{"<x:entry/>" * (MOST_ENTRIES + 1)}</x:feed>'
    with pytest.raises(FeedTrouble) as refused:
        read(prefixed)
    assert refused.value.key == "feed-too-large"


XML = st.recursive(
    st.text(st.sampled_from("ab &<>\"'"), max_size=6).map(
        lambda text: text.replace("<", "").replace("&", "")
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            ["item", "entry", "title", "link", "enclosure", "guid", "pubDate", "size", "group", "attr"]
        ),
        st.dictionaries(
            st.sampled_from(["url", "href", "rel", "length", "type", "name", "value"]),
            st.sampled_from(
                ["", "infohash", "size", "1", "magnet:?", "https://x.example.org/a", "//", "http://["]
            ),
            max_size=3,
        ),
        st.lists(inner, max_size=4),
    ).map(
        lambda node: (
            f"<{node[0]} {' '.join(f'{name}={chr(34)}{value}{chr(34)}' for name, value in node[1].items())}>"
            f"{''.join(node[2])}</{node[0]}>"
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(["rss", "RDF", "feed"]), XML)
def test_whatever_stands_there_is_read_or_refused(root: str, inner: str) -> None:
    try:
        contents = read(f"<{root}><channel>{inner}</channel>{inner}</{root}>")
    except FeedTrouble:
        return
    for entry in contents.entries:
        assert entry.title
        assert entry.link.startswith(("https://", "http://", "magnet:"))
        assert entry.names


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(FeedTrouble):
        read(body)


def names(**about: object) -> set[str]:
    return set(Entry(**{"title": "Big Buck", "link": "https://x.example.org/1", **about}).names)  # type: ignore[arg-type]


def test_what_is_the_same_thing() -> None:
    """By infohash, then by title and size; never by a link, which may be another each time."""
    assert names(infohash=HASH) & names(infohash=HASH, title="Another", size=5)
    assert names(infohash=HASH, size=5) & names(size=5, link="https://x.example.org/2", title="  BIG  buck ")
    assert names(mark="a") & names(mark="a", link="https://x.example.org/2")
    assert names(mark="a") & names(mark="a", size=5)
    assert names() & names(link="https://x.example.org/2")


def test_what_is_not() -> None:
    assert not names(size=5) & names(size=6)
    assert not names(size=5) & names(size=5, title="Big Buck 2")
    assert not names(mark="a") & names(mark="b")
    assert not names(infohash=HASH, mark="a") & names(infohash="0" * 40, mark="a")
