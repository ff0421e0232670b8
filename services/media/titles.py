"""What a work is called: from its file name (guessit) or its tags (mutagen). Runs in the probe's child process."""

from pathlib import Path

import mutagen
from guessit import guessit

from services.media.names import clean


def title_of_video(name: str) -> str | None:
    """“Title (Year)”, “Title S01E02”; None when the name says nothing."""
    guess = guessit(name)
    title = clean(_first(guess.get("title")))
    if not title:
        return None
    year = f"({guess['year']})" if isinstance(guess.get("year"), int) else ""
    return clean(
        " ".join(part for part in (title, year, _episode(guess.get("season"), guess.get("episode"))) if part)
    )


def tags_of_audio(path: Path) -> dict[str, str]:
    """Those of title, performer and album that the file's tags name; raises MutagenError."""
    tags = mutagen.File(path, easy=True)
    if tags is None:
        return {}
    found = {"title": tags.get("title"), "performer": tags.get("artist"), "album": tags.get("album")}
    return {name: text for name, value in found.items() if (text := clean(_first(value)))}


def _episode(season: object, episode: object) -> str:
    seasons, episodes = _numbers(season), _numbers(episode)
    return "".join([
        f"S{seasons[0]:02}" if seasons else "",
        f"E{episodes[0]:02}" if episodes else "",
        f"-E{episodes[-1]:02}" if len(episodes) > 1 else "",
    ])  # fmt: skip


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [number for number in values if isinstance(number, int)]


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)
