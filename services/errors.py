"""The root of every error that people are told about."""


class MagpieError(Exception):
    """An error with a locale key and values, never prose: whoever speaks to people translates it."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class Fault(MagpieError):
    """Something failed that should work, and that is nobody's mistake: its trace is worth reading.

    What a person did wrong, may not do, or has to wait for is none.
    """
