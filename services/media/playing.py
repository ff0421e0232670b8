"""What sound and films are. Runs in the probe's child process."""

import re
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.media.formats import MOST_SUBTITLES
from services.media.opening import first_frame, open_media, pictures_of, seconds_of, shown_size, sound_of

_LANGUAGE = re.compile("[a-z]{2,3}")


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
