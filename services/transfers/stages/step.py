"""What a stage says when it is through, or cannot go on."""

from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from models.transfers import Transfer
from services.errors import MagpieError

Changes = Mapping[str, object]
"""Fields of the Transfer that the stage brought, the next state among them."""


class Postponed(MagpieError):
    """The stage cannot go on for a reason outside; it is tried again after `seconds`."""

    def __init__(self, key: str, seconds: float) -> None:
        super().__init__(key)
        self.seconds = seconds


class Stage(Protocol):
    def __call__(self, transfer: Transfer) -> Coroutine[Any, Any, Changes]:
        """Does the work of one state. Raises a MagpieError that says why it cannot."""
