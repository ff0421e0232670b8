"""Says in JSON what a file is: `python -m services.media.probe PATH [NAME]`.

One line with the facts, then, when a NAME is given, one with the title. Two lines, because a strange name or tag that
stops the second shall not cost the first. No line: a document. The kinds are words here and in the other children:
the models would double the time they take to start, and who reads their lines checks them anyway.
"""

import json
import re
import sys
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.media.formats import MOST_SUBTITLES
from services.media.opening import (
    PICTURE_ERRORS,
    first_frame,
    open_media,
    open_picture,
    pictures_of,
    seconds_of,
    shown_size,
    shrunk,
    sound_of,
    upright_size,
)

_LANGUAGE = re.compile("[a-z]{2,3}")


def main(arguments: list[str]) -> None:
    path = Path(arguments[0])
    facts = image_facts(path) or media_facts(path)
    if facts is None:
        return
    say(facts)
    if len(arguments) > 1:
        say(titles(path, arguments[1], str(facts["kind"])))


def say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def image_facts(path: Path) -> dict[str, object] | None:
    """Only what decodes is an image."""
    try:
        with open_picture(path) as image:
            width, height = upright_size(image)
            shrunk(image, 64)
    except PICTURE_ERRORS:
        return None
    return {"kind": "image", "width": width, "height": height}


def media_facts(path: Path) -> dict[str, object] | None:
    """Video or audio with a duration that really decodes, else None."""
    try:
        with open_media(path) as media:
            pictures, sound = pictures_of(media), sound_of(media)
            if pictures is not None:
                return video_facts(media, pictures, sound)
            return audio_facts(media, sound) if sound is not None else None
    except (FFmpegError, OSError):
        return None


def video_facts(
    media: InputContainer, pictures: VideoStream, sound: AudioStream | None
) -> dict[str, object] | None:
    frame = first_frame(media, pictures)
    duration = seconds_of(media, pictures)
    if not isinstance(frame, VideoFrame) or (duration is not None and duration <= 0):
        return None
    width, height = shown_size(pictures, frame)
    return {
        "kind": "video",
        "container": media.format.name.split(",")[0],
        "duration": duration,
        "width": width,
        "height": height,
        "video_codec": pictures.codec_context.codec.canonical_name,
        "audio_codec": sound.codec_context.codec.canonical_name if sound is not None else None,
        "subtitles": subtitle_languages(media),
    }


def subtitle_languages(media: InputContainer) -> list[str]:
    """Of the subtitles in the file, those that name theirs."""
    named = (stream.metadata.get("language", "").lower() for stream in media.streams.subtitles)
    known = [language for language in named if _LANGUAGE.fullmatch(language) and language != "und"]
    return list(dict.fromkeys(known))[:MOST_SUBTITLES]


def audio_facts(media: InputContainer, sound: AudioStream) -> dict[str, object] | None:
    frame = first_frame(media, sound)
    duration = seconds_of(media, sound)
    if frame is None or (duration is not None and duration <= 0):
        return None
    return {
        "kind": "audio",
        "container": media.format.name.split(",")[0],
        "duration": duration,
        "audio_codec": sound.codec_context.codec.canonical_name,
    }


def titles(path: Path, name: str, kind: str) -> dict[str, object]:
    # imported once the facts are out, and only what is needed: guessit takes as long as all the rest
    if kind == "audio":
        from services.media.tag_reader import tags_of_audio

        return tags_of_audio(path)
    if kind == "video":
        from services.media.titles import names_of_video

        return names_of_video(name)
    return {}


if __name__ == "__main__":
    main(sys.argv[1:])
