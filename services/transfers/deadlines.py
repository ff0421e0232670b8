"""How long stages may take. A large order takes longer in all of them; a stage that hangs ends nevertheless."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.transfers import Transfer, TransferState

_MIB = 1024 * 1024
_MINUTES, _HOURS = 60, 3600
_HANDED_OUT_SECONDS = 3.0
"""A file that is archived already is copied, and a group takes 20 messages a minute."""
_INSPECTED_SECONDS = 10.0
"""Twenty times what the probe of a small file takes: four orders may share two children, on a slow machine."""
_SLOWEST_HASHED = 8 * _MIB
"""Bytes a second that are hashed, of a disk that others use, too."""
_PREVIEWED_SECONDS = 15.0
"""Ten times what a track takes (1 to 1.6 s), for the same reasons."""
_STORED_SECONDS = 90.0
"""A post is two writings, a channel takes 20 a minute, so a track with cover and clip takes 18 s: and four orders share it."""
_SLOWEST_UP = 64 * 1024
"""Bytes a second: what goes up slower than that, in all, is given up."""


@dataclass(frozen=True)
class Deadline:
    """Seconds for the stage itself, for each file of the order, and for its bytes where so many a second are enough."""

    seconds: float
    a_file: float = 0.0
    slowest: int | None = None

    def seconds_for(self, transfer: Transfer) -> float:
        """With files and bytes counted as far as they are known: of what is in archives, once they are unpacked."""
        files = max(len(transfer.facts), transfer.chosen.count)
        size = sum(facts.size for facts in transfer.facts) or transfer.chosen.size or 0
        return self.seconds + files * self.a_file + (0 if self.slowest is None else size / self.slowest)


DEADLINES: Mapping[TransferState, Deadline] = {
    TransferState.CHOOSING: Deadline(2 * _MINUTES),
    TransferState.QUEUED: Deadline(2 * _MINUTES, _HANDED_OUT_SECONDS),
    # hours, as what is in archives is not counted yet
    TransferState.INSPECTING: Deadline(6 * _HOURS, _INSPECTED_SECONDS, _SLOWEST_HASHED),
    TransferState.PREVIEWING: Deadline(1 * _HOURS, _PREVIEWED_SECONDS),
    TransferState.STORING: Deadline(12 * _HOURS, _STORED_SECONDS, _SLOWEST_UP),
}
