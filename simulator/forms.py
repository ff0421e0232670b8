"""What the JSON interface is asked, checked."""

from typing import Literal

from pydantic import BaseModel, Field

from simulator.entities import TEXT_LIMIT
from simulator.faults import REFUSAL, Action
from simulator.world import Repeats

LONGEST_WAIT = 300.0
LONGEST_LATENCY = 10.0
USERNAME = r"^[A-Za-z0-9_]{3,32}$"
BOT_KEY = r"^\d{1,16}:[A-Za-z0-9_-]{20,64}$"


class NewPerson(BaseModel):
    first_name: str = Field(min_length=1, max_length=64)
    username: str | None = Field(default=None, pattern=USERNAME)
    language_code: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")


class NewBot(BaseModel):
    token: str = Field(pattern=BOT_KEY)
    first_name: str = Field(min_length=1, max_length=64)
    username: str = Field(pattern=USERNAME)


class NewChannel(BaseModel):
    """A channel that the person `owner` makes."""

    title: str = Field(min_length=1, max_length=128)
    username: str | None = Field(default=None, pattern=USERNAME)
    owner: int


class NewGroup(BaseModel):
    """A group that the person `owner` makes, who then adds the `members`; a forum has topics."""

    title: str = Field(min_length=1, max_length=128)
    kind: Literal["supergroup", "group"] = "supergroup"
    username: str | None = Field(default=None, pattern=USERNAME)
    owner: int
    members: list[int] = []
    is_forum: bool = False


class NewMember(BaseModel):
    """A user's place in a room.

    `rights` are names of the Bot API's: the rights of an administrator, what a restricted member may do.
    """

    user: int
    status: Literal["administrator", "member", "restricted", "left", "kicked"]
    rights: list[str] = []
    by: int | None = None


class Permissions(BaseModel):
    """What members of a group may do who are no administrators, by the Bot API's names."""

    permissions: list[str]


class By(BaseModel):
    by: int


class NewTopic(BaseModel):
    name: str = Field(min_length=1, max_length=128)
    by: int


class TopicChange(BaseModel):
    closed: bool
    by: int


class BotChange(BaseModel):
    """What the bot's maker changes; what is not named stays. The id before the colon of a token stays."""

    token: str | None = Field(default=None, pattern=BOT_KEY)
    privacy: bool | None = None
    inline: bool | None = None
    feedback: bool | None = None


class Place(BaseModel):
    """Where in a chat something is said: in answer to a message, in a topic."""

    reply_to: int | None = None
    thread: int | None = None


class Text(Place):
    """`parse_mode` for those who want more than plain text, as an app's own formatting would make it."""

    text: str = Field(min_length=1, max_length=TEXT_LIMIT)
    parse_mode: Literal["HTML", "MarkdownV2"] | None = None


class Start(BaseModel):
    """A deep link's payload."""

    payload: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")


class Edit(BaseModel):
    message_id: int
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)


class Forward(Place):
    """`hidden`: the settings of who wrote it hide them."""

    from_chat: int
    message_ids: list[int] = Field(min_length=1, max_length=100)
    hidden: bool = False


class Query(BaseModel):
    bot: int
    query: str = Field(default="", max_length=256)
    offset: str = ""
    timeout: float = Field(default=10.0, ge=0, le=LONGEST_WAIT)


class Choice(Place):
    query_id: str = Field(pattern=r"^\d{1,18}$")
    result_id: str


class Press(BaseModel):
    """A button by its label, or a press that carries `data`, whether a button has it or not."""

    message_id: int
    label: str | None = None
    data: str | None = Field(default=None, max_length=256)
    timeout: float = Field(default=10.0, ge=0, le=LONGEST_WAIT)


class Wait(BaseModel):
    """What a person waits for: all that is given must fit. `after`, `edited_since`: newer than this."""

    chat: int
    thread: int | None = None
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
    every: int = Field(default=1, ge=1)
    before: bool = False
    error_code: int = Field(default=400, ge=303, le=599)
    description: str = REFUSAL


class LoginChange(BaseModel):
    """How a person signs in over MTProto; what is not named stays."""

    phone: str | None = Field(default=None, pattern=r"^\d{7,15}$")
    password: str | None = None
    hint: str | None = None
    email: str | None = Field(default=None, pattern=r"^$|^[^@\s]+@[^@\s]+$")
    needs_email: bool | None = None
    premium: bool | None = None
    banned: bool | None = None


class NewLine(BaseModel):
    """What is not given is as on a short and wide line."""

    latency: float = Field(default=0.0, ge=0, le=LONGEST_LATENCY)
    rate: int | None = Field(default=None, ge=1024)


class Keeping(BaseModel):
    """The data centre where files are kept; `move`: those that there are, too. `cdn`: the CDN gives them.

    `most_parts`: of how many parts a file may consist; with Premium of twice as many. `repeats`: whether a random id that
    comes to a channel again is refused, or answered with the message that is there.
    """

    files: Literal[2, 4] | None = None
    move: bool = False
    cdn: bool | None = None
    most_parts: int | None = Field(default=None, ge=1, le=4000)
    repeats: Repeats | None = None
