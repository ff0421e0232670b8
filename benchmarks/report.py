"""How a benchmark says what it measured: on which machine, and in a table that can be pasted into a page."""

import os
import platform
from collections.abc import Sequence
from statistics import median

Row = Sequence[str]


def load() -> float:
    """How many processes wanted a core, on average of the last minute."""
    return os.getloadavg()[0]


def machine(load_before: float) -> str:
    """One line: cores, system, Python, and how busy the machine was. At the end this includes the benchmark itself."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    busy = f"load {load_before:.2f} before and {load():.2f} at the end"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}, {busy}"


def table(header: Row, rows: Sequence[Row]) -> str:
    """Markdown; all columns but the first hold numbers."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def middle(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """The median, and from where to where the values go."""
    return f"{median(values):.{digits}f} {unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratio(values: Sequence[float], plain: Sequence[float]) -> str:
    """How many times the plain alternative's median."""
    return f"{median(values) / median(plain):.1f} ×"
