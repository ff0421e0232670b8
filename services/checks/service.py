"""What is set up, what is missing, and a test of each: for the owner and admins."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from models.access import Member, Right
from models.ids import derived_id
from services.access.rights import require
from services.checks.findings import NO_ANSWER, RUNNING, UNTESTED, Finding
from services.errors import MagpieError
from services.redaction import Redaction

_SECONDS = 40.0
"""For one test, the waiting for a turn at Telegram included."""
Ask = Callable[[], Awaitable[Finding]]


class UnknownPart(MagpieError):
    """There is no such part (any more): the settings changed."""

    def __init__(self) -> None:
        super().__init__("button-stale")


@dataclass(frozen=True)
class Part:
    """Something Magpie stands on. `kind` is the end of its locale key `check-…`, `name` tells those of a kind apart.

    What is known `at_once` costs nothing to ask and needs no test. Of others `before` is known until they are tested.
    """

    kind: str
    ask: Ask
    name: str = ""
    at_once: bool = False
    before: Finding = UNTESTED

    @property
    def id(self) -> str:
        return derived_id("part", self.kind, self.name)


@dataclass(frozen=True)
class Checked:
    """A Part and what is known of it."""

    id: str
    kind: str
    name: str
    finding: Finding
    testable: bool


class Checkup:
    """Remembers what tests found until Magpie ends. No secret of this instance is in what it says."""

    def __init__(self, parts: Sequence[Part], redaction: Redaction) -> None:
        self._parts = {part.id: part for part in parts}
        self._redaction = redaction
        self._found: dict[str, Finding] = {}

    @require(Right.MANAGE)
    async def look(self, *, by: Member) -> Sequence[Checked]:
        """Every Part as it is known now, without testing anything."""
        return [await self._known(part) for part in self._parts.values()]

    @require(Right.MANAGE)
    async def begin(self, part_id: str | None, *, by: Member) -> None:
        """Says that a Part (None: all that can be tested) is being tested. Raises UnknownPart."""
        self._found |= dict.fromkeys(self._testable(part_id), RUNNING)

    @require(Right.MANAGE)
    async def test(self, part_id: str | None, *, by: Member) -> None:
        """Tests a Part (None: all, side by side). Raises UnknownPart."""
        parts = self._testable(part_id)
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(self._test(self._parts[part]))

    def _testable(self, part_id: str | None) -> list[str]:
        found = [part.id for part in self._parts.values() if not part.at_once and part_id in {None, part.id}]
        if part_id is not None and not found:
            raise UnknownPart
        return found

    async def _test(self, part: Part) -> None:
        # whatever comes, it is not left as running
        finding = part.before
        try:
            async with asyncio.timeout(_SECONDS):
                finding = self._clean(await part.ask())
        except TimeoutError:
            finding = NO_ANSWER
        finally:
            self._found[part.id] = finding

    async def _known(self, part: Part) -> Checked:
        finding = self._clean(await part.ask()) if part.at_once else self._found.get(part.id, part.before)
        return Checked(part.id, part.kind, self._redaction.text(part.name), finding, not part.at_once)

    def _clean(self, finding: Finding) -> Finding:
        return replace(finding, values=self._redaction.clean(finding.values))
