"""What is known of a post that nobody fetches."""

from datetime import UTC, datetime

import pytest

from models.media import Kind
from services.grabbing.port import Post, PostKind
from services.intake.facts import MOST_CAPTION, caption_of, facts_of, film_name, kind_of, needs_head, tags_in
from services.media.post_names import tags_of_head
from services.media.tag_reader import tags_named
from services.media.workshop import Findings


def post(kind: PostKind = PostKind.DOCUMENT, **about: object) -> Post:
    return Post(1, datetime(2024, 1, 1, tzinfo=UTC), kind, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        (PostKind.DOCUMENT, {"name": "a.FLAC"}, Kind.AUDIO),
        (PostKind.DOCUMENT, {"name": "a", "mime": "video/mp4"}, Kind.VIDEO),
        (PostKind.DOCUMENT, {"name": "a.pdf", "mime": "application/pdf"}, Kind.DOCUMENT),
        (PostKind.PHOTO, {}, Kind.IMAGE),
        (PostKind.VOICE, {}, Kind.AUDIO),
        (PostKind.ANIMATION, {"name": "a.gif"}, Kind.VIDEO),
    ],
)
def test_kinds(kind: PostKind, about: dict[str, str], expected: Kind) -> None:
    assert kind_of(post(kind, **about)) is expected


def test_voices_have_no_tags_and_music_may() -> None:
    assert [needs_head(post(kind)) for kind in PostKind] == [kind is PostKind.AUDIO for kind in PostKind]
    assert needs_head(post(name="a.mp3"))


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("#Jazz and #jazz, #blue_note!", ["Jazz", "blue_note"]),
        ("#1959 c#major ##no https://t.me/a#b", []),
        ("#джаз\n#música", ["джаз", "música"]),
        (" ".join(f"#tag{number}" for number in range(99)), [f"tag{number}" for number in range(30)]),
    ],
)
def test_hashtags_become_tags(caption: str, tags: list[str]) -> None:
    assert tags_in(caption) == tags


def test_captions_are_kept_as_they_are_read() -> None:
    assert caption_of(post(caption="a\u202eb  c\n\nd\x00e\n")) == "ab c\n\nd e"
    assert len(caption_of(post(caption="x" * 5000))) == MOST_CAPTION


def test_what_has_no_name_is_called_as_its_caption_begins() -> None:
    photo = post(PostKind.PHOTO, caption="#art\n— \nA harbour #sea\nat night", mime="image/jpeg")
    assert facts_of(photo, Findings()).title == "A harbour"
    assert facts_of(post(PostKind.PHOTO, mime="image/jpeg"), Findings()).title == "photo 1"
    assert film_name(post(PostKind.VIDEO, caption="A Film (2001)")) == "A Film (2001)"
    assert film_name(post(PostKind.VIDEO, name="b.mkv", caption="A Film")) == "b.mkv"


def test_telegram_comes_before_the_head_and_the_head_before_the_name() -> None:
    found = Findings(title="Tagged", performer="Tags", album="Album")
    said = facts_of(post(PostKind.AUDIO, name="x.mp3", title="Said", mime="audio/mpeg"), found)
    assert (said.title, said.performer, said.album) == ("Said", "Tags", "Album")
    assert facts_of(post(PostKind.AUDIO, name="x.mp3"), found).title == "Tagged"
    assert facts_of(post(PostKind.AUDIO, name="x_y.mp3"), Findings()).title == "x y"


@pytest.mark.parametrize(
    "head", [b"", b"ID3", b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f", b"fLaC\xff\xff\xff\xff", bytes(5000)]
)
def test_heads_that_say_nothing(head: bytes) -> None:
    assert tags_of_head(head) == {}


@pytest.mark.parametrize(
    ("said", "track"),
    [("3", 3), ("03/12", 3), ("0", None), ("", None), ("a3", None), ("1000", None), ("٣", None)],
)
def test_which_track_it_is(said: str, track: int | None) -> None:
    assert tags_named({"tracknumber": [said]}).get("track") == track
