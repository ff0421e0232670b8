"""Whom an album in a group is for, and what a file in it is called that has no name."""

from typing import Any, cast

import pytest
from telegram import Bot, Message

from handlers.attached import file_in
from handlers.groups import is_for_us

FILE = {"file_id": "f", "file_unique_id": "u"}
SHAPE = {"width": 640, "height": 360}
TORRENT = {**FILE, "file_name": "a.torrent"}
BY_TYPE = {**FILE, "file_name": "a", "mime_type": "application/x-bittorrent"}
CHAT = {"id": -7, "type": "supergroup", "title": "Films"}


class Us:
    """As much of a Bot as a message asks."""

    id = 42
    username = "Magpie_bot"
    defaults = None


def message(number: int = 1, **content: Any) -> Message:
    said = {"message_id": number, "date": 1_700_000_000, "chat": CHAT, **content}
    made = Message.de_json(said, cast("Bot", Us()))
    assert made is not None
    return made


def captioned(text: str, kind: str = "mention", **content: Any) -> Message:
    entity = {"type": kind, "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return message(caption=text, caption_entities=[entity], **content)


PLAIN = message(2, document=FILE)


@pytest.mark.parametrize(
    ("first", "is_ours"),
    [
        (captioned("@magpie_bot please", document=FILE), True),
        (captioned("@another_bot please", document=FILE), False),
        (captioned("/add@magpie_bot", "bot_command", document=FILE), True),
        (captioned("/add@another_bot", "bot_command", document=FILE), False),
        (message(document=FILE), False),
    ],
)
def test_what_one_says_to_us_all_say(first: Message, is_ours: bool) -> None:
    assert is_for_us(PLAIN, [first, PLAIN]) is is_ours
    assert is_for_us(first, [first, PLAIN]) is is_ours
    assert not is_for_us(PLAIN)


@pytest.mark.parametrize("document", [TORRENT, BY_TYPE, {**FILE, "mime_type": "application/x-bittorrent"}])
def test_a_torrent_speaks_for_itself_only(document: dict[str, str]) -> None:
    torrent = message(3, document=document)
    assert is_for_us(torrent, [torrent, PLAIN])
    assert not is_for_us(PLAIN, [torrent, PLAIN])


def test_what_is_said_to_another_bot_is_said_of_torrents_too() -> None:
    first = captioned("/leech@another_bot", "bot_command", document=TORRENT)
    torrent = message(3, document=TORRENT)
    assert not is_for_us(torrent, [first, torrent])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"photo": [{**FILE, **SHAPE}]}, "photo 5.jpg"),
        ({"video": {**FILE, **SHAPE, "duration": 9, "mime_type": "video/mp4"}}, "video 5.mp4"),
        ({"video_note": {**FILE, "length": 240, "duration": 9}}, "video message 5.mp4"),
        ({"voice": {**FILE, "duration": 9, "mime_type": "audio/mpeg"}}, "voice message 5.mp3"),
        ({"audio": {**FILE, "duration": 9, "mime_type": "audio/mpeg"}}, "audio 5.mp3"),
        ({"audio": {**FILE, "duration": 9, "mime_type": "audio/mpeg", "title": "So What"}}, "So What.mp3"),
        ({"document": {**FILE, "mime_type": "application/pdf"}}, "document 5.pdf"),
        ({"document": {**FILE, "file_name": "a.pdf"}}, "a.pdf"),
        ({"animation": {**FILE, **SHAPE, "duration": 1, "mime_type": "video/mp4"}, "document": FILE}, "animation 5.mp4"),
    ],
)  # fmt: skip
def test_a_file_without_a_name_is_called_by_its_kind(content: dict[str, Any], name: str) -> None:
    found = file_in(message(5, **content))
    assert found is not None
    assert found.name == name
