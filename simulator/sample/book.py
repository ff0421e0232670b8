"""A small book: an EPUB 3 made by hand."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_DATE = (2026, 1, 5, 15, 0, 0)

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:uuid:5b7c9f2e-6a1d-4c53-9d0e-2f4b8a7c1e30</dc:identifier>
    <dc:title>A Short Guide to Magpies</dc:title>
    <dc:language>en</dc:language>
    <dc:rights>CC0 1.0</dc:rights>
    <meta property="dcterms:modified">2026-01-05T15:00:00Z</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="text" href="text.xhtml" media-type="application/xhtml+xml"/>
  </manifest>
  <spine><itemref idref="text"/></spine>
</package>
"""
_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
  <head><title>A Short Guide to Magpies</title></head>
  <body>{body}</body>
</html>
"""
_CONTENTS = '<nav epub:type="toc"><h1>Contents</h1><ol><li><a href="text.xhtml">The guide</a></li></ol></nav>'
_TEXT = """
    <h1>A Short Guide to Magpies</h1>
    <p>The Eurasian magpie is black and white from afar, and green, blue and violet when the sun is on it.</p>
    <p>It is among the few birds that know themselves in a mirror. It hides food in many small places and
    remembers where; the tale that it collects shiny things is older than the evidence for it.</p>
    <p>Its nest is a large ball of twigs with a roof, and it is built anew almost every year.</p>
"""


def make_magpie_guide(to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(to, "w") as book:
        # The format wants this member first and not compressed.
        book.writestr(ZipInfo("mimetype", _DATE), "application/epub+zip", compress_type=ZIP_STORED)
        _add(book, "META-INF/container.xml", _CONTAINER)
        _add(book, "book.opf", _PACKAGE)
        _add(book, "nav.xhtml", _PAGE.format(body=_CONTENTS))
        _add(book, "text.xhtml", _PAGE.format(body=_TEXT))


def _add(book: ZipFile, name: str, text: str) -> None:
    book.writestr(ZipInfo(name, _DATE), text, compress_type=ZIP_DEFLATED)
