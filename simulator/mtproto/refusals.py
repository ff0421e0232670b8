"""How a call may end other than with a result."""

SEE_OTHER, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, FLOOD, INTERNAL = 303, 400, 401, 403, 420, 500


class RpcRefused(Exception):
    """A call is refused with an error of Telegram's, such as 420 FLOOD_WAIT_5."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


class Dropped(Exception):
    """The connection is cut instead of an answer."""
