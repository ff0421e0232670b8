"""Faults on demand, so that a test can make Telegram fail. Kept in memory only."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Action = Literal["400", "429", "500", "error", "delay", "drop", "down", "corrupt"]
REFUSAL = "Bad Request: message can't be edited"


@dataclass(slots=True)
class Fault:
    """One order to fail.

    `method` is a name or `*`; `count` is how often, None until it is deleted. It meets each `every`th call of those
    that it could meet. `seconds` is the delay, or how long
    `down` lasts. `drop` obeys the call and loses the answer; with `before` it loses the call. `error` (and
    `400`) refuses it with `error_code` and `description`: whatever Telegram may say. `corrupt` changes a byte of the range
    of a file that a call over MTProto gives.
    """

    method: str
    action: Action
    retry_after: int = 5
    seconds: float = 1.0
    count: int | None = 1
    every: int = 1
    before: bool = False
    error_code: int = 400
    description: str = REFUSAL
    met: int = 0


class Faults:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: list[Fault] = []
        self._down_until = 0.0

    def add(self, fault: Fault) -> None:
        if fault.action == "down":
            self._down_until = self._clock() + fault.seconds
        else:
            self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()
        self._down_until = 0.0

    def listed(self) -> list[dict[str, Any]]:
        faults = [asdict(fault) for fault in self._faults]
        if self.is_down():
            faults.append({"method": "*", "action": "down", "seconds": self._down_until - self._clock()})
        return faults

    def is_down(self) -> bool:
        return self._clock() < self._down_until

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets; it is counted."""
        for fault in self._faults:
            if fault.method in ("*", method) and self._is_due(fault):
                return fault
        return None

    def _is_due(self, fault: Fault) -> bool:
        fault.met += 1
        if fault.met % fault.every:
            return False
        self._count(fault)
        return True

    def _count(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self._faults.remove(fault)
