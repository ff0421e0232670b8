"""What a film is called, from its file name. Runs in the probe's child process."""

from guessit import guessit

from services.media.names import clean, first


def title_of_video(name: str) -> str | None:
    """“Title (Year)”, “Title S01E02”; None when the name says nothing."""
    guess = guessit(name)
    title = clean(first(guess.get("title")))
    if not title:
        return None
    year = f"({guess['year']})" if isinstance(guess.get("year"), int) else ""
    return clean(
        " ".join(part for part in (title, year, _episode(guess.get("season"), guess.get("episode"))) if part)
    )


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
