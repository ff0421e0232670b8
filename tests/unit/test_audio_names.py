"""What a file of sound is called, whatever strangers put into its tags."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.media.audio_names import audio_name
from services.names import MOST_BYTES, safe_name

texts = (
    st.none()
    | st.text(max_size=300)
    | st.sampled_from(["../../x", ".", "..", "a.mp3", ".mp3", "\u202egpj.mp3"])
)


@pytest.mark.parametrize(
    ("performer", "title", "file_name", "mime", "name"),
    [
        ("The Oscillators", "Sine Waves", "x.flac", "audio/mpeg", "The Oscillators - Sine Waves.flac"),
        ("The Oscillators", "Sine Waves", None, "audio/mpeg", "The Oscillators - Sine Waves.mp3"),
        (None, "Sine Waves", None, "audio/mp4; x=y", "Sine Waves.m4a"),
        ("The Oscillators", None, "waves.OGG", None, "waves.ogg"),
        ("The Oscillators", None, None, "AUDIO/OGG", "The Oscillators.ogg"),
        (None, None, None, "audio/flac", "audio.flac"),
        (None, None, None, None, "audio"),
        ("50/50", "a\\b", None, "audio/mpeg", "50_50 - a_b.mp3"),
        ("", "Vol. 2", "", "audio/opus", "Vol. 2.opus"),
        ("x", "y", "track.exe", "audio/mpeg", "x - y.mp3"),
        ("x", "y", "track.mid", "audio/midi", "x - y.mid"),
        ("x", "y", "track.a b", "nonsense", "x - y"),
        (None, None, "v1.2 of something", "audio/mpeg", "v1.2 of something.mp3"),
        (None, None, "../../etc/passwd.mp3", None, "passwd.mp3"),
        (None, "\u202eevil\x00\n", "a.mp3", None, "evil.mp3"),
        (None, "e\u0301", "a.mp3", None, "\u00e9.mp3"),
        ("...", "..", "..", "audio/mpeg", "audio.mp3"),
        (None, "é" * 300, "a.mp3", None, "é" * 98 + ".mp3"),
    ],
)
def test_names(
    performer: str | None, title: str | None, file_name: str | None, mime: str | None, name: str
) -> None:
    assert audio_name(performer, title, file_name, mime) == name


@given(
    texts,
    texts,
    texts,
    st.none() | st.text(max_size=20) | st.sampled_from(["audio/mpeg", "audio/x-wav", "video/mp4"]),
)
def test_any_name_is_one_of_a_file(
    performer: str | None, title: str | None, file_name: str | None, mime: str | None
) -> None:
    name = audio_name(performer, title, file_name, mime)
    assert 0 < len(name.encode()) <= MOST_BYTES
    assert not set(name) & set("/\\\0\r\n\u202e")
    assert not name.startswith(".")
    assert unicodedata.is_normalized("NFC", name)
    assert safe_name(name) == name
