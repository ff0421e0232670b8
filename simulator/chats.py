"""Where messages are, and how each side names it."""

from dataclasses import dataclass
from typing import Literal

RoomKind = Literal["channel", "supergroup", "group"]
# the ids of channels and supergroups are below this, those of basic groups above it
LOWEST_BASIC_GROUP = -999_999_999_999
CHANNEL_BASE = -1_000_000_000_000
"""A channel's or supergroup's id is this less the number by which MTProto names it."""
GROUP_BOX = "group"


@dataclass(frozen=True, slots=True)
class Chat:
    """A bot's private chat with a person, or a room (then both are 0): a channel, a supergroup, a basic group.

    `box` names it in the tables. A private chat has no id of its own: each side names it by the other's id.
    """

    box: str
    bot: int
    person: int
    room: int

    @property
    def is_private(self) -> bool:
        return self.room == 0

    @property
    def is_channel(self) -> bool:
        return self.kind == "channel"

    @property
    def is_group(self) -> bool:
        return self.box.startswith(GROUP_BOX)

    @property
    def kind(self) -> str:
        """The Bot API's type of a chat."""
        if self.is_private:
            return "private"
        if not self.is_group:
            return "channel"
        return "group" if self.room >= LOWEST_BASIC_GROUP else "supergroup"

    @property
    def id_for_bot(self) -> int:
        return self.room or self.person

    @property
    def id_for_person(self) -> int:
        return self.room or self.bot


def private_chat(bot: int, person: int) -> Chat:
    return Chat(f"{bot}:{person}", bot, person, 0)


def room_chat(kind: RoomKind, room: int) -> Chat:
    return Chat(str(room) if kind == "channel" else f"{GROUP_BOX}{room}", 0, 0, room)


def chat_of(box: str) -> Chat:
    bot, colon, person = box.partition(":")
    if colon:
        return private_chat(int(bot), int(person))
    return Chat(box, 0, 0, int(box.removeprefix(GROUP_BOX)))
