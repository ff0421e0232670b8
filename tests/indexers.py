"""Small honest indexers on loopback: a Torznab server and an Internet Archive, with works made up by number."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from tests.loopback import Answer, Request

KEY = "5ecre7key"
CAPS = (
    '<?xml version="1.0" encoding="UTF-8"?><caps><server title="Small Torznab"/>'
    '<limits max="{most}" default="{most}"/><searching><search available="yes" supportedParams="q"/></searching></caps>'
)


def infohash(number: int) -> str:
    return hashlib.sha1(b"work %d" % number, usedforsecurity=False).hexdigest()


def error_document(code: int) -> bytes:
    return f'<?xml version="1.0"?><error code="{code}" description="no"/>'.encode()


def results(items: Sequence[str], extra: str = "") -> bytes:
    """An RSS document as Prowlarr's and Jackett's, of items written out."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:newznab="http://www.newznab.com/DTD/2010/feeds/attributes/" '
        'xmlns:torznab="http://torznab.com/schemas/2015/feed"><channel><atom:link rel="self"/><title>x</title>'
        f"{extra}{''.join(items)}</channel></rss>"
    ).encode()


def item(title: str = "A work", link: str = "http://t.example.org/1.torrent", **attributes: str) -> str:
    attrs = "".join(
        f"<torznab:attr name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in attributes.items()
    )
    return f"<item><title>{escape(title)}</title><link>{escape(link)}</link>{attrs}</item>"


@dataclass
class Works:
    """How many works there are (each called `work` and a number), and what is wrong with the server, if anything."""

    count: int
    page_size: int = 100
    wrong: Answer | None = None
    says_total: bool = True

    def found(self, text: str) -> Sequence[int]:
        words = text.lower().split()
        return [
            number for number in range(self.count) if all(word in f"work {number}".split() for word in words)
        ]


@dataclass
class TorznabServer:
    works: Works
    path: str = "/1/api"

    def __call__(self, request: Request) -> Answer:
        query = request.query
        if self.works.wrong is not None:
            return self.works.wrong
        if request.path != self.path:
            return Answer(b"<html>no</html>", status=404)
        if query.get("apikey") != KEY:
            return Answer(error_document(100))
        if query["t"] == "caps":
            return Answer(CAPS.format(most=self.works.page_size).encode())
        found = self.works.found(query["q"])
        offset = int(query["offset"])
        page = found[offset : offset + min(int(query["limit"]), self.works.page_size)]
        total = f'<newznab:response offset="{offset}" total="{len(found)}"/>' if self.works.says_total else ""
        return Answer(results([self._item(number) for number in page], total))

    def _item(self, number: int) -> str:
        return item(
            f"work {number}",
            f"http://t.example.org/{number}.torrent",
            size=str(1000 + number),
            seeders=str(number),
            infohash=infohash(number),
        )


@dataclass
class ArchiveServer:
    """Answers as advancedsearch.php does: the shape of a recorded answer, the fields that were asked for."""

    works: Works
    queries: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        query = request.query
        self.queries.append(query.get("q", ""))
        if self.works.wrong is not None:
            return self.works.wrong
        if request.path != "/advancedsearch.php" or query["output"] != "json":
            return Answer(b"<html>no</html>", status=404)
        words = query["q"].removesuffix('format:"Archive BitTorrent"').removesuffix(" AND ").strip("()")
        found = self.works.found(words)
        rows = int(query["rows"])
        start = (int(query["page"]) - 1) * rows
        return Answer(
            archive_answer([self._doc(number) for number in found[start : start + rows]], len(found), start)
        )

    def _doc(self, number: int) -> dict[str, object]:
        return {
            "btih": infohash(number),
            "downloads": number,
            "identifier": f"work-{number}",
            "item_size": 1000 + number,
            "publicdate": "2008-05-22T19:20:21Z",
            "title": f"work {number}",
        }


def archive_answer(docs: Sequence[dict[str, object]], found: int | None = None, start: int = 0) -> bytes:
    return json.dumps(
        {
            "responseHeader": {"status": 0, "QTime": 12, "params": {"query": "…", "qin": "…"}},
            "response": {
                "numFound": len(docs) if found is None else found,
                "start": start,
                "docs": list(docs),
            },
        }
    ).encode()
