"""What music is called, by its tags. Runs in the probe's child process."""

from pathlib import Path

import mutagen

from services.media.names import clean, first


def tags_of_audio(path: Path) -> dict[str, str]:
    """Those of title, performer and album that the file's tags name; raises MutagenError."""
    tags = mutagen.File(path, easy=True)
    if tags is None:
        return {}
    found = {"title": tags.get("title"), "performer": tags.get("artist"), "album": tags.get("album")}
    return {name: text for name, value in found.items() if (text := clean(first(value)))}
