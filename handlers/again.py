"""Updates that could not be handled now, because something below us is away."""


class Again:
    """The error handler asks for an update to be handled again; the inbox looks whether it was asked."""

    def __init__(self) -> None:
        self._updates: set[int] = set()

    def ask(self, update_id: int) -> None:
        self._updates.add(update_id)

    def asked(self, update_id: int) -> bool:
        """Whether the update is to be handled again; asking counts once."""
        if update_id not in self._updates:
            return False
        self._updates.remove(update_id)
        return True
