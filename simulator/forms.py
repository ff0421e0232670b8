"""What the JSON interface is asked, checked."""

from typing import Literal

from pydantic import BaseModel, Field

from simulator.entities import TEXT_LIMIT
from simulator.faults import Action

LONGEST_WAIT = 300.0


class NewPerson(BaseModel):
    first_name: str = Field(min_length=1, max_length=64)
    username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]{3,32}$")
    language_code: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")


class NewBot(BaseModel):
    token: str = Field(pattern=r"^\d{1,16}:[A-Za-z0-9_-]{20,64}$")
    first_name: str = Field(min_length=1, max_length=64)
    username: str = Field(pattern=r"^[A-Za-z0-9_]{3,32}$")


class NewChannel(BaseModel):
    """A channel that the person `owner` makes."""

    title: str = Field(min_length=1, max_length=128)
    username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]{3,32}$")
    owner: int


class NewMember(BaseModel):
    """A user's place in a channel; `rights` (of administrators) are names of the Bot API's rights."""

    user: int
    status: Literal["administrator", "member", "left", "kicked"]
    rights: list[str] = []
    by: int | None = None


class Text(BaseModel):
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    reply_to: int | None = None


class Press(BaseModel):
    """A button by its label, or a press that carries `data`, whether a button has it or not."""

    message_id: int
    label: str | None = None
    data: str | None = Field(default=None, max_length=256)
    timeout: float = Field(default=10.0, ge=0, le=LONGEST_WAIT)


class Wait(BaseModel):
    """What a person waits for: all that is given must fit. `after`, `edited_since`: newer than this."""

    chat: int
    contains: str | None = None
    pattern: str | None = None
    button: str | None = None
    after: int | None = None
    edited_since: int | None = None
    timeout: float = Field(default=10.0, ge=0, le=LONGEST_WAIT)


class Block(BaseModel):
    bot: int
    blocked: bool


class Deletion(BaseModel):
    message_id: int
    for_everyone: bool = False


class NewFault(BaseModel):
    method: str = "*"
    action: Action
    retry_after: int = Field(default=5, ge=1)
    seconds: float = Field(default=1.0, ge=0)
    count: int | None = Field(default=1, ge=1)
    before: bool = False
