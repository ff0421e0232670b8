"""The errors that the Bot API answers with."""

from typing import Any


class ApiError(Exception):
    """An answer `{"ok": false, …}`; `code` is also the HTTP status."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def lower_first(text: str) -> str:
    """As telegram-bot-api does: server constants such as BUTTON_DATA_INVALID keep their first letter."""
    if len(text) > 1 and (text[1] == "_" or text[1].isupper()):
        return text
    return text[:1].lower() + text[1:]


def bad_request(text: str) -> ApiError:
    return ApiError(400, f"Bad Request: {lower_first(text)}")


def forbidden(text: str) -> ApiError:
    return ApiError(403, f"Forbidden: {text}")


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def conflict() -> ApiError:
    return ApiError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def too_large() -> ApiError:
    return ApiError(413, "Request Entity Too Large")


def too_many_requests(seconds: int) -> ApiError:
    """`seconds` is what the caller must wait before it asks again."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def internal(text: str) -> ApiError:
    return ApiError(500, f"Internal Server Error: {text}")


def not_implemented(what: str) -> ApiError:
    return ApiError(501, f"Not Implemented: the simulator does not have {what}")
