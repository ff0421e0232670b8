"""The one place below the handlers where rights are checked."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Protocol, TypeVar, cast

from models.access import Member, Right
from services.errors import MagpieError


class NotAllowed(MagpieError):
    """This member may not do this."""

    def __init__(self) -> None:
        super().__init__("not-allowed")


class NotAdmitted(MagpieError):
    """This person is not a member."""

    def __init__(self) -> None:
        super().__init__("not-admitted")


class UseCase(Protocol):
    """What `require` leaves on a use case, for the test that looks for use cases without it."""

    required_right: Right


Method = TypeVar("Method", bound=Callable[..., Awaitable[object]])


def require(right: Right) -> Callable[[Method], Method]:
    """Marks a use case: its keyword `by`, a Member, must have the right. Raises NotAllowed before anything is done."""

    def mark(use_case: Method) -> Method:
        @wraps(use_case)
        async def checked(*arguments: object, by: Member, **named: object) -> object:
            if not by.may(right):
                raise NotAllowed
            return await use_case(*arguments, by=by, **named)

        checked.required_right = right  # type: ignore[attr-defined]
        return cast("Method", checked)

    return mark
