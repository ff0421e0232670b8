"""What a film is called, from its file name. Runs in the probe's child process."""

from collections.abc import Sequence

from guessit import guessit

from services.media.names import clean, first

_YEARS = range(1000, 3000)
_MOST_NUMBER = 9999


def names_of_video(name: str) -> dict[str, object]:
    """What the name says of title (“Title (Year)”, “Title S01E02”), year, series, season and episode."""
    guess = guessit(name)
    title = clean(first(guess.get("title")))
    if not title:
        return {}
    years = [year for year in _numbers(guess.get("year")) if year in _YEARS]
    seasons, episodes = _numbers(guess.get("season")), _numbers(guess.get("episode"))
    shown = (title, f"({years[0]})" if years else "", _episode(seasons, episodes))
    found: dict[str, object] = {
        "title": clean(" ".join(part for part in shown if part)),
        "year": next(iter(years), None),
        "season": next(iter(seasons), None),
        "episode": next(iter(episodes), None),
        "series": title if seasons or episodes else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _episode(seasons: Sequence[int], episodes: Sequence[int]) -> str:
    return "".join([
        f"S{seasons[0]:02}" if seasons else "",
        f"E{episodes[0]:02}" if episodes else "",
        f"-E{episodes[-1]:02}" if len(episodes) > 1 else "",
    ])  # fmt: skip


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [number for number in values if isinstance(number, int) and 0 <= number <= _MOST_NUMBER]
