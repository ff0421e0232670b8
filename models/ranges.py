"""Many whole numbers in a short text: `0-4,7`."""

from collections.abc import Iterable


def as_ranges(numbers: Iterable[int]) -> str:
    """Numbers from 0 up in any order, runs of them as `first-last`; nothing is the empty text."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] + 1 == number:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def from_ranges(text: str) -> list[int]:
    """The numbers, ascending."""
    numbers: list[int] = []
    for run in text.split(",") if text else ():
        first, _, last = run.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
