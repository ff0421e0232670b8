"""New posts, as the Bot API tells them."""

from datetime import timedelta
from typing import Any

import pytest
from telegram import Message

from handlers.intake import post_of
from services.grabbing.port import PostKind

FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 7}
SHAPE = {"width": 640, "height": 360}
CHANNEL = {"id": -1001000000007, "type": "channel", "title": "Songs"}


def message(**content: Any) -> Message:
    made = Message.de_json({"message_id": 3, "date": 1_700_000_000, "chat": CHANNEL, **content}, None)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ({"photo": [{**FILE, **SHAPE, "file_size": 1}, {**FILE, **SHAPE}]}, PostKind.PHOTO, {"width": 640}),
        ({"video": {**FILE, **SHAPE, "duration": 9, "file_name": "a.mp4"}}, PostKind.VIDEO, {"duration": 9, "name": "a.mp4"}),
        ({"video_note": {**FILE, "length": 240, "duration": 9}}, PostKind.VIDEO, {"duration": 9, "name": ""}),
        ({"voice": {**FILE, "duration": 9, "mime_type": "audio/ogg"}}, PostKind.VOICE, {"mime": "audio/ogg"}),
        ({"audio": {**FILE, "duration": 9, "title": "T", "performer": "P"}}, PostKind.AUDIO, {"title": "T", "performer": "P"}),
        ({"document": {**FILE, "file_name": "a.pdf"}}, PostKind.DOCUMENT, {"name": "a.pdf"}),
        (
            {"animation": {**FILE, **SHAPE, "duration": 1}, "document": {**FILE, "file_name": "a.gif"}},
            PostKind.ANIMATION,
            {"height": 360},
        ),
    ],
)  # fmt: skip
def test_every_kind_of_file(content: dict[str, Any], kind: PostKind, said: dict[str, object]) -> None:
    post = post_of(message(caption="c", **content))
    assert post is not None
    assert (post.kind, post.size, post.unique_id, post.caption, post.message_id) == (kind, 7, "u", "c", 3)
    assert {name: getattr(post, name) for name in said} == said
    assert post.date.utcoffset() == timedelta()


@pytest.mark.parametrize("content", [{"text": "hello"}, {"sticker": {**FILE, **SHAPE, "is_animated": False, "is_video": False, "type": "regular"}}])  # fmt: skip
def test_what_is_no_file_to_people(content: dict[str, Any]) -> None:
    assert post_of(message(**content)) is None
