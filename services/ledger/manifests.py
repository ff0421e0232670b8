"""Manifests: what is written down of an Item or a Member, signed, each bound to the one before it. Nothing here does I/O.

A manifest is one line of canonical JSON: keys sorted, no spaces, UTF-8, no floating point. `docs/decisions/ledger.md` says
what stands in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from blake3 import blake3
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.access import Member, Role
from models.clock import Millis
from models.intake import Intake
from models.library import Collection, CollectionKind, Item
from models.media import Facts
from models.storage import Copy, Link, Whole
from models.transfers import Post
from services.ledger.keys import InstanceKey, signed_by

SCHEMA, VERSION = "magpie-manifest", 1
MOST_BYTES = 12 * 1024 * 1024
"""Of a manifest: an Item of some ten thousand files."""
_LARGEST_NUMBER = 10**15


class CopyRecord(BaseModel):
    """A Copy, less what belongs to one token or one moment. Fields are those of `models.storage.Copy`."""

    model_config = ConfigDict(frozen=True)

    part: str = Field(pattern=r"^\d+(\.\w+|\+\d+)?$")
    store: str
    blake3: str
    size: int = Field(ge=0)
    whole: Whole | None = None
    channel_id: int | None = None
    message_id: int | None = None
    bot_id: int = 0
    path: str | None = None
    beyond: int = 0
    links: list[Link] = []
    shared: bool = False
    lost_at: Millis = 0

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        if path is not None and (path.startswith("/") or ".." in path.split("/")):
            raise ValueError("it is not in the data folder")
        return path


class FileRecord(Facts):
    """A file of an Item. Where it lay on a disk, and since when, is not said, and how long it lasts in whole milliseconds."""

    path: str = Field("", exclude=True)
    modified: int | None = Field(None, exclude=True)
    duration: float | None = Field(None, exclude=True)
    duration_ms: int | None = None

    @classmethod
    def of(cls, facts: Facts) -> "FileRecord":
        millis = None if facts.duration is None else round(facts.duration * 1000)
        return cls(**{**facts.model_dump(exclude={"path", "modified", "duration"}), "duration_ms": millis})

    @property
    def facts(self) -> Facts:
        seconds = None if self.duration_ms is None else self.duration_ms / 1000
        return Facts(**{**self.model_dump(exclude={"duration_ms"}), "path": "", "duration": seconds})


class ItemRecord(BaseModel):
    """An Item with its Copies. Fields are those of `models.library.Item`; how often it was handed out is not said."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    title: str
    files: list[FileRecord]
    tags: list[str] = []
    caption: str = ""
    member_id: str
    source: str = ""
    wanted: str = ""
    unpacked: bool = False
    posts: list[Post] = []
    channel_id: int | None = None
    group: int | None = None
    removed_at: Millis = 0
    merged_into: str = ""
    archived_at: Millis
    copies: list[CopyRecord]

    @field_validator("copies")
    @classmethod
    def _each_once(cls, copies: list[CopyRecord]) -> list[CopyRecord]:
        if len({(copy.part, copy.store) for copy in copies}) < len(copies):
            raise ValueError("a Copy is there twice")
        return copies


class MemberRecord(BaseModel):
    """Who somebody is, and what they may."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    name: str
    role: Role
    language: str = "en"


class CollectionRecord(BaseModel):
    """Works that somebody put together, in their order. Fields are those of `models.library.Collection`."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    member_id: str
    collects: CollectionKind
    title: str
    items: list[str] = []
    opened: bool = False
    created_at: Millis


class ChannelRecord(BaseModel):
    """A channel that was taken in and opened to all members. `id` is the Bot API's number of it; see `models.intake.Intake`."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern="^-[0-9]{1,16}$")
    name: str = ""
    title: str = ""
    has_history: bool = False
    delivers: bool = False
    is_protected: bool = False


class GoneRecord(BaseModel):
    """What is not there any more, or not open any more. `id`: as the subject was called, `member:…`."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern="^(member|collection|channel):.")


Record = ItemRecord | MemberRecord | CollectionRecord | ChannelRecord | GoneRecord
_KINDS: Mapping[str, type[Record]] = {
    "item": ItemRecord,
    "member": MemberRecord,
    "collection": CollectionRecord,
    "channel": ChannelRecord,
    "gone": GoneRecord,
}


@dataclass(frozen=True)
class Subject:
    """What a manifest is about. `id`: `item:`, `member:`, `collection:` or `channel:` and its own; `said`: what is to be written down of it."""

    id: str
    said: Mapping[str, Any]
    is_gone: bool = False

    @property
    def kind(self) -> str:
        return "gone" if self.is_gone else self.id.partition(":")[0]

    @property
    def digest(self) -> str:
        """The same for what says the same."""
        return hash_of(canonical(self.said))

    @property
    def is_short_enough(self) -> bool:
        """Whether a manifest can hold it, with a signature and the rest."""
        return len(canonical(self.said)) < MOST_BYTES - 4096


@dataclass(frozen=True)
class Manifest:
    """One that was read, and is as it was signed. `hash` is what the next one names as its `previous`."""

    number: int
    hash: str
    made_at: Millis
    subject: Subject
    record: Record


class Fault(StrEnum):
    """Why a manifest does not count: the rest of a sentence that begins with its number."""

    UNREADABLE = "cannot be read"
    FUTURE = "is of a version that this Magpie does not know yet"
    FOREIGN = "is signed with another key"
    ALTERED = "is not what was signed"
    DUPLICATE = "stands there twice"
    ORDER = "is out of order"
    FORKED = "does not continue the one before it"


class Refused(Exception):
    """A manifest that does not count. `number` as it says itself; None when it does not say one."""

    def __init__(self, fault: Fault, number: int | None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.number = number


def canonical(value: object) -> bytes:
    """JSON of which there is one spelling only."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def hash_of(line: bytes) -> str:
    """BLAKE3, in hexadecimal."""
    return blake3(line).hexdigest()


def subject_of_item(item: Item, copies: list[Copy]) -> Subject:
    """`copies`: those that are stored."""
    files = [FileRecord.of(facts).model_dump(mode="json", exclude_defaults=True) for facts in item.files]
    kept = sorted(copies, key=lambda copy: copy.id)
    said = item.model_dump(
        mode="json", include=set(ItemRecord.model_fields) - {"files", "copies"}, exclude_defaults=True
    )
    said |= {"id": item.id, "archived_at": item.archived_at, "files": files}
    said["copies"] = [
        copy.model_dump(mode="json", include=set(CopyRecord.model_fields), exclude_defaults=True)
        for copy in kept
    ]
    return Subject(f"item:{item.id}", said)


def subject_of_member(member: Member) -> Subject:
    said = member.model_dump(mode="json", include=set(MemberRecord.model_fields))
    return Subject(f"member:{member.id}", {**said, "id": member.id})


def subject_of_collection(collection: Collection) -> Subject:
    said = collection.model_dump(mode="json", include=set(CollectionRecord.model_fields))
    return Subject(f"collection:{collection.id}", {**said, "id": collection.id})


def subject_of_channel(intake: Intake) -> Subject:
    """`intake`: one by which the channel is open."""
    said = intake.model_dump(mode="json", include=set(ChannelRecord.model_fields) - {"id"})
    return Subject(f"channel:{intake.channel_id}", {**said, "id": str(intake.channel_id)})


def subject_of_gone(subject: str) -> Subject:
    """`subject`: the id of the Subject that it was."""
    return Subject(subject, {"id": subject}, is_gone=True)


def written(key: InstanceKey, subject: Subject, number: int, previous: str, made_at: Millis) -> bytes:
    """The manifest: a line without its end."""
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "number": number,
        "previous": previous,
        "made_at": made_at,
        "key": key.public,
        subject.kind: subject.said,
    }
    return canonical({**body, "signature": key.sign(_signed(body))})


def subject_in(line: bytes) -> tuple[int, Subject]:
    """Number and subject of a manifest that we have just written ourselves."""
    body = json.loads(line)
    return body["number"], _subject(body)


class Chain:
    """Reads manifests one after the other, as they stand in the channel, of the key with this public half.

    What is missing or refused in between is no reason to refuse what comes after it, but for a second one of a number, and
    for what stands behind one with a higher number.
    """

    def __init__(self, public: str) -> None:
        self._public = public
        self._refused: set[int] = set()
        self._gaps: set[int] = set()
        self.number = 0
        """Of the last one that counts."""
        self.hash = ""

    @property
    def missing(self) -> list[int]:
        """Numbers below the last one under which nothing stands at all."""
        return sorted(self._gaps - self._refused)

    def read(self, line: bytes) -> Manifest:
        """The next one. Raises Refused."""
        try:
            return self._read(line)
        except Refused as refused:
            if refused.number is not None:
                self._refused.add(refused.number)
            raise

    def _read(self, line: bytes) -> Manifest:
        body = _body_of(line)
        self._check(line, body)
        number = body["number"]
        self._gaps |= set(range(self.number + 1, number))
        self.number, self.hash = number, hash_of(line)
        subject = _subject(body)
        try:
            record = _KINDS[subject.kind].model_validate(subject.said)
        except ValidationError as error:
            raise Refused(Fault.UNREADABLE, number) from error
        return Manifest(number, self.hash, body["made_at"], subject, record)

    def _check(self, line: bytes, body: dict[str, Any]) -> None:
        """Raises Refused."""
        number = body["number"]
        if body["key"] != self._public:
            raise Refused(Fault.FOREIGN, number)
        if not _is_as_signed(line, body):
            raise Refused(Fault.ALTERED, number)
        if number <= self.number:
            raise Refused(Fault.ORDER if number in self._gaps else Fault.DUPLICATE, number)
        if number == self.number + 1 and body["previous"] != self.hash:
            raise Refused(Fault.FORKED, number)


def _is_as_signed(line: bytes, body: Mapping[str, Any]) -> bool:
    unsigned = {name: value for name, value in body.items() if name != "signature"}
    try:
        is_canonical, signed = canonical(body) == line, _signed(unsigned)
    except ValueError:
        # what JSON can spell and we never would: half a character, no number
        return False
    return is_canonical and signed_by(body["key"], body["signature"], signed)


def _signed(body: Mapping[str, Any]) -> bytes:
    """What the signature is of: it must not pass for one of anything else."""
    return SCHEMA.encode() + b"\0" + canonical(body)


def _subject(body: Mapping[str, Any]) -> Subject:
    kind = next(kind for kind in _KINDS if kind in body)
    said = body[kind]
    known = str(said.get("id", ""))
    return Subject(known, said, is_gone=True) if kind == "gone" else Subject(f"{kind}:{known}", said)


def _body_of(line: bytes) -> dict[str, Any]:
    """What has the shape of a manifest. Raises Refused."""
    try:
        body = json.loads(line) if len(line) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        body = None
    number = _number_in(body)
    if number is None or not isinstance(body, dict):
        raise Refused(Fault.UNREADABLE, number)
    version = body.get("version")
    if _is_number(version) and version > VERSION:
        raise Refused(Fault.FUTURE, number)
    if version != VERSION or not _has_all(body):
        raise Refused(Fault.UNREADABLE, number)
    return body


def _number_in(body: object) -> int | None:
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        return None
    number = body.get("number")
    return number if _is_number(number) and 0 < number <= _LARGEST_NUMBER else None


def _has_all(body: dict[str, Any]) -> bool:
    texts = all(isinstance(body.get(name), str) for name in ("previous", "key", "signature"))
    kinds = [kind for kind in _KINDS if isinstance(body.get(kind), dict)]
    return texts and len(kinds) == 1 and _is_number(body.get("made_at"))


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
