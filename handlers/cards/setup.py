"""The Card of /health: what is set up, what is missing and how to set it, and a key to test each."""

from collections.abc import Sequence

from handlers.buttons import CheckAll, CheckPart, TurnSetup
from handlers.cards.look import Look, in_rows, key, neighbour_keys, shortened
from services.checks.findings import Finding, Verdict
from services.checks.service import Checked
from services.telegram.port import Button
from services.words import Words
from services.words.catalogue import MissingWords

_PER_PAGE = 14
"""All there is where little is set."""
_LONGEST_VALUE = 80
_MARKS = {
    Verdict.SOUND: "✅",
    Verdict.WRONG: "❌",
    Verdict.UNSET: "➖",
    Verdict.HINT: "💡",
    Verdict.UNTESTED: "❔",
    Verdict.RUNNING: "⏳",
}


def setup_card(checked: Sequence[Checked], t: Words, page: int = 0) -> Look:
    """Pages count from 0; one that is not there is the last."""
    pages = max(1, -(-len(checked) // _PER_PAGE))
    page = min(max(page, 0), pages - 1)
    shown = checked[page * _PER_PAGE : (page + 1) * _PER_PAGE]
    lines = [t("setup-headline"), *(_line(part, t) for part in shown)]
    if any(part.finding.verdict in {Verdict.UNSET, Verdict.WRONG} for part in checked):
        lines.append(t("setup-how"))
    keys = [_test_key(part, page, t) for part in shown if part.testable]
    keys.append(key(t, "button-test-all", CheckAll(page)))
    rows = in_rows(keys, 2)
    running = any(part.finding.verdict is Verdict.RUNNING for part in checked)
    return Look("\n".join(lines), [*rows, *neighbour_keys(t, page, pages, TurnSetup)], final=not running)


def finding_words(finding: Finding, t: Words) -> str:
    """A finding in words, as plain text. An engine may report what nobody has words for."""
    values = {
        name: shortened(value, _LONGEST_VALUE) if isinstance(value, str) else value
        for name, value in finding.values.items()
    }
    sizes = {name: t.size(count) for name, count in finding.sizes.items()}
    try:
        return t.label(finding.key, **values, **sizes).removeprefix("⚠ ")
    except MissingWords:
        return t.label("found-engine-trouble")


def _line(part: Checked, t: Words) -> str:
    return t(
        "setup-line",
        mark=_MARKS[part.finding.verdict],
        part=shortened(part_words(part.kind, part.name, t), _LONGEST_VALUE),
        words=finding_words(part.finding, t),
    )


def part_words(kind: str, name: str, t: Words) -> str:
    """What a Part is called, as plain text."""
    return t.label(f"check-{kind}", name=name)


def _test_key(part: Checked, page: int, t: Words) -> Button:
    called = shortened(part_words(part.kind, part.name, t), 40)
    return key(t, "button-test", CheckPart(part.id, page), part=called)
