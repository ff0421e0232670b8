"""What an exported archive looks like: one JSON object a line, each of a kind that is described here and in docs/export.md.

Of no line it is believed that we wrote it: every value has bounds, and what is not known here is refused.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from models.access import LanguageBy, ResultsTo, Role
from models.ids import derived_id
from models.library import CollectionKind, alert_id
from models.media import Kind

SCHEMA = "magpie-export"
VERSION = 1
"""Of the lines. One with other fields, or with another meaning of these, is another."""
MOST_BYTES = 16 * 1024 * 1024
"""Of one line: no document of a database is larger."""
_LAST_INDEX = 999_999
_RUN = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


def _ascending(text: str) -> str:
    """Ranges of indexes as we write them; others may stand for more numbers than any memory holds."""
    last = -1
    for run in text.split(",") if text else ():
        found = _RUN.fullmatch(run)
        if found is None or not last < int(found[1]) <= int(found[2] or found[1]):
            raise ValueError("is no ascending list of ranges such as 0-4,7")
        last = int(found[2] or found[1])
    return text


def _inside(path: str) -> str:
    """What is kept on the disk lies in one folder, which no path leads out of."""
    top, *names = path.split("/")
    if top != "store" or not names or any(name in {"", ".", ".."} for name in names):
        raise ValueError("is no path below store/")
    return path


Id = Annotated[str, StringConstraints(pattern="^[0-9A-Za-z]{1,32}$")]
PersonId = Annotated[str, StringConstraints(pattern="^[1-9][0-9]{0,15}$")]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Language = Annotated[str, StringConstraints(pattern="^[a-z]{0,8}$")]
Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
HashOrNone = Annotated[str, StringConstraints(pattern="^([0-9a-f]{64})?$")]
"""Empty: nobody had all bytes of it."""
Key = Annotated[str, StringConstraints(pattern="^[0-9a-f]{0,64}$")]
Post = Annotated[str, StringConstraints(pattern=r"^https://t\.me/[^\s\x00]{1,500}$")]
Ranges = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_ascending)]
DiskPath = Annotated[
    str, StringConstraints(max_length=1000, pattern=r"^[^\x00\\]*$"), AfterValidator(_inside)
]
Bytes = Annotated[int, Field(ge=0, le=2**48)]
Time = Annotated[int, Field(ge=0, le=2**48)]
ChatId = Annotated[int, Field(ge=-(2**52), le=2**52)]
MessageId = Annotated[int, Field(ge=1, le=2**31 - 1)]
Number = Annotated[int, Field(ge=0, le=_LAST_INDEX)]
Pixels = Annotated[int, Field(ge=0, le=_LAST_INDEX)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Hour = Annotated[int, Field(ge=0, le=23)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HeaderLine(_Part):
    """The first line."""

    kind: Literal["header"]
    format: Literal["magpie-export"]
    version: Literal[1]
    made_at: Time


class MemberLine(_Part):
    """A person who uses the bot; `id` is the Telegram user id."""

    kind: Literal["member"]
    id: PersonId
    name: Word
    role: Role
    language: Language = "en"
    language_by: LanguageBy = LanguageBy.TELEGRAM
    results_to: ResultsTo = ResultsTo.ARCHIVE
    results_since: Time = 0
    with_previews: bool = False
    silent_from: Hour | None = None
    silent_to: Hour | None = None
    utc_offset: Annotated[int, Field(ge=-720, le=840)] = 0
    joined_at: Time


class FileLine(_Part):
    """One file of an Item. Times in seconds, sizes in bytes and pixels, the hash in hexadecimal."""

    name: Word
    size: Bytes
    blake3: HashOrNone
    kind: Kind
    title: Text
    duration: Seconds | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    video_codec: Word | None = None
    audio_codec: Word | None = None
    performer: Text | None = None
    album: Text | None = None
    year: Number | None = None
    series: Text | None = None
    season: Number | None = None
    episode: Number | None = None
    disc: Number | None = None
    track: Number | None = None
    genres: Annotated[tuple[Word, ...], Field(max_length=1000)] = ()
    subtitles: Annotated[tuple[Word, ...], Field(max_length=1000)] = ()
    container: Word | None = None
    misnamed: bool = False


class PostLine(_Part):
    """Where a part of an Item stands: the id of a Copy, and its address where it has one."""

    copy_id: Word
    link: Post | None = None


class ItemLine(_Part):
    """One archived work. Times in milliseconds since 1970."""

    kind: Literal["item"]
    id: Id
    title: Text
    files: Annotated[tuple[FileLine, ...], Field(max_length=100_000)]
    caption: Text = ""
    tags: Annotated[tuple[Word, ...], Field(max_length=1000)] = ()
    member_id: PersonId | Literal[""]
    source: Key = ""
    wanted: Ranges = ""
    unpacked: bool = False
    posts: Annotated[tuple[PostLine, ...], Field(max_length=100_000)] = ()
    channel_id: ChatId | None = None
    group: ChatId | None = None
    handed_out: Bytes = 0
    removed_at: Time = 0
    merged_into: Id | Literal[""] = ""
    archived_at: Time


class WholeLine(_Part):
    """The file that pieces are of."""

    name: Word
    blake3: Hash
    size: Bytes
    each: Annotated[int, Field(ge=1, le=2**48)]
    parts: Number = 0


class ButtonLine(_Part):
    """A button under a post."""

    text: Word
    url: Post


class CopyLine(_Part):
    """Where the bytes of one file (or a preview or a piece of one) are kept; `id` is item:part:store."""

    kind: Literal["copy"]
    id: Word
    item: Id
    part: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[a-z]{1,20})?(\+[0-9]{1,6})?$")]
    store: Annotated[str, StringConstraints(pattern="^(disk|telegram-?[0-9]{1,16})$")]
    blake3: HashOrNone
    size: Bytes
    whole: WholeLine | None = None
    channel_id: ChatId | None = None
    message_id: MessageId | None = None
    bot_id: Annotated[int, Field(ge=0, le=2**52)] = 0
    path: DiskPath | None = None
    beyond: Bytes = 0
    links: Annotated[tuple[ButtonLine, ...], Field(max_length=20)] = ()
    shared: bool = False
    verified_at: Time | None = None
    created_at: Time

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.id != f"{self.item}:{self.part}:{self.store}":
            raise ValueError("its id is not item:part:store")
        return self


class FavouriteLine(_Part):
    """An Item that a member wants to find again."""

    kind: Literal["favourite"]
    id: Id
    member_id: PersonId
    item: Id
    created_at: Time

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.id != derived_id("favourite", self.member_id, self.item):
            raise ValueError("its id is not made of its member and its item")
        return self


class CollectionLine(_Part):
    """Works that somebody put together, in their order."""

    kind: Literal["collection"]
    id: Id
    member_id: PersonId | Literal[""]
    collects: CollectionKind
    title: Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]+$")]
    items: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    opened: bool = False
    created_at: Time


class AlertLine(_Part):
    """What a member wants to be told of when it arrives, as they typed it for the library."""

    kind: Literal["alert"]
    id: Id
    member_id: PersonId
    text: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
    created_at: Time

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.id != alert_id(self.member_id, self.text):
            raise ValueError("its id is not made of its member and its text")
        return self


class ChannelLine(_Part):
    """A channel that was taken in: what stands there is for all members. `channel_id` is the Bot API's number."""

    kind: Literal["channel"]
    id: Id
    channel_id: ChatId
    name: Word = ""
    title: Word = ""
    has_history: bool = False
    delivers: bool = False
    is_protected: bool = False
    created_at: Time


class FooterLine(_Part):
    """The last line: how many stand between the first and this one, and the SHA-256 of all bytes before it."""

    kind: Literal["footer"]
    count: Annotated[int, Field(ge=0, le=2**52)]
    sha256: Hash


Content = MemberLine | ItemLine | CopyLine | FavouriteLine | CollectionLine | AlertLine | ChannelLine
Line = Annotated[HeaderLine | Content | FooterLine, Field(discriminator="kind")]
LINE: TypeAdapter[HeaderLine | Content | FooterLine] = TypeAdapter(Line)


def as_bytes(line: BaseModel) -> bytes:
    """As it stands in the file, with the end of the line. What is as usual is left out."""
    text = line.model_dump_json(exclude_defaults=True)
    return text.encode() + b"\n"


def schema() -> dict[str, object]:
    """The lines as a JSON Schema: docs/export.schema.json."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of {SCHEMA} {VERSION}",
    }
    return {**about, **LINE.json_schema()}
