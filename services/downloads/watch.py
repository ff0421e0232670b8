"""Since when engines have been watched: what nobody looked at may have moved, or could not."""

from models.clock import Millis

_BREAK_MILLIS = 60_000


class Watch:
    """Notes when an engine answered. Moments are in milliseconds.

    A longer pause between two answers begins it anew: we, the engine or the whole machine may have been off.
    """

    def __init__(self) -> None:
        self._answered: dict[str, tuple[Millis, Millis]] = {}

    def since(self, engine: str, moment: Millis) -> Millis:
        """The engine answers at this moment; since when it has done so without a break."""
        begun, last = self._answered.get(engine, (moment, moment))
        if not 0 <= moment - last <= _BREAK_MILLIS:
            begun = moment
        self._answered[engine] = begun, moment
        return begun
