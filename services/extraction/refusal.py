class Refusal(Exception):
    """Why a child does not go on; `key` is what it says to the bot, which makes an error of it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
