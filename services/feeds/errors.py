from services.errors import Fault, MagpieError


class FeedTrouble(Fault):
    """A look at a feed brought nothing: look again later, not before `seconds` where its server says so."""

    def __init__(self, key: str, *, seconds: float = 0, **values: str | int) -> None:
        super().__init__(key, **values)
        self.seconds = seconds


class FilterWrong(MagpieError):
    """What a feed is to be filtered by cannot be read, or nothing can ever be like that."""
