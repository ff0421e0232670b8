"""What a reader remembers of the pages of history that it has seen."""

from typing import Any, cast

from services.telegram.mtproto.download import Place
from services.telegram.mtproto.reading import Found, Reader
from services.telegram.pace import Pace
from services.telegram.port import MessageFile


def test_only_what_was_seen_lately_is_remembered() -> None:
    """A channel has a million posts, of which nobody may want one."""
    reader = Reader(cast("Any", None), Pace())
    for number in range(3000):
        reader.remember("@channel", number, Found(MessageFile(str(number), 1), Place(None, 1, 2)))
    kept = list(reader._lately)
    assert 100 <= len(kept) <= 1000
    assert kept == [("@channel", number) for number in range(3000 - len(kept), 3000)]
