"""Rooms: channels, supergroups and basic groups, who is in them, who may do what there, and their topics."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from simulator.chats import Chat, RoomKind, room_chat
from simulator.storage import Database, encode

FIRST_CHANNEL = -1001000000001
FIRST_GROUP = -1001000000002
NEXT_ROOM = 1001000000003
FIRST_BASIC_GROUP = 4000000001
GENERAL_TOPIC = 1
_INVITE_BYTES = 12
TOPIC_COLOURS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
MORE_RIGHTS = {
    "channel": ("can_post_messages", "can_edit_messages"),
    "supergroup": ("can_pin_messages", "can_manage_topics"),
    "group": ("can_pin_messages",),
}
POSTING_RIGHTS = ("can_manage_chat", "can_post_messages", "can_edit_messages", "can_delete_messages")
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
PRESENT = ("creator", "administrator", "member", "restricted")
IN_CHARGE = ("creator", "administrator")


@dataclass(frozen=True, slots=True)
class Room:
    """`permissions`: what members who are no administrators may do, by the Bot API's names.

    A basic group that became a supergroup has the supergroup's id in `migrated_to`, and that the group's in
    `migrated_from`.
    """

    id: int
    kind: RoomKind
    title: str
    username: str | None
    is_forum: bool
    permissions: frozenset[str]
    migrated_to: int | None = None
    migrated_from: int | None = None

    @property
    def chat(self) -> Chat:
        return room_chat(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Member:
    """A user's place in a room; `rights` are the rights of an administrator, or what a restricted member may do."""

    user: int
    status: str
    rights: frozenset[str] = frozenset()

    @property
    def present(self) -> bool:
        return self.status in PRESENT

    @property
    def in_charge(self) -> bool:
        return self.status in IN_CHARGE

    def may(self, right: str) -> bool:
        """Whether they have this right of administrators."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def may_as_member(self, permission: str, room: Room) -> bool:
        """Whether they have this permission, which members have unless it was taken from them."""
        if self.in_charge:
            return True
        own = self.rights if self.status == "restricted" else room.permissions
        return permission in own & room.permissions


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a forum. `thread` is its `message_thread_id`, the number of the message that began it."""

    thread: int
    name: str
    icon_color: int
    closed: bool


class Rooms:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, room: Room, owner: int) -> Room:
        """Keeps a room whose number is `next_id`; the owner is its creator."""
        self._db.run(
            "INSERT INTO rooms VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            room.id,
            room.kind,
            room.title,
            room.username,
            int(room.is_forum),
            encode(sorted(room.permissions)),
            room.migrated_to,
            room.migrated_from,
        )
        self.set_member(room.id, Member(owner, "creator"))
        return room

    def next_id(self, kind: RoomKind) -> int:
        if kind == "group":
            return -self._db.next("group", FIRST_BASIC_GROUP)
        return -self._db.next("channel", NEXT_ROOM)

    def all(self) -> list[Room]:
        return [_room(row) for row in self._db.rows("SELECT * FROM rooms ORDER BY id DESC")]

    def get(self, room: int) -> Room | None:
        row = self._db.row("SELECT * FROM rooms WHERE id = ?", room)
        return _room(row) if row else None

    def of(self, chat: Chat) -> Room:
        """The room that the chat is. Raises LookupError for a private chat."""
        room = self.get(chat.room)
        if room is None:
            raise LookupError(chat.box)
        return room

    def named(self, username: str) -> Room | None:
        row = self._db.row("SELECT * FROM rooms WHERE lower(username) = ?", username.lower())
        return _room(row) if row else None

    def set_permissions(self, room: int, permissions: frozenset[str]) -> None:
        self._db.run("UPDATE rooms SET permissions = ? WHERE id = ?", encode(sorted(permissions)), room)

    def set_migrated(self, group: int, supergroup: int) -> None:
        self._db.run("UPDATE rooms SET migrated_to = ? WHERE id = ?", supergroup, group)

    # --- members

    def member(self, room: int, user: int) -> Member:
        row = self._db.row("SELECT * FROM members WHERE room = ? AND user = ?", room, user)
        return _member(row) if row else Member(user, "left")

    def members(self, room: int) -> list[Member]:
        rows = self._db.rows("SELECT * FROM members WHERE room = ? ORDER BY user", room)
        return [member for member in map(_member, rows) if member.present]

    def set_member(self, room: int, member: Member) -> None:
        self._db.run(
            "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)",
            room,
            member.user,
            member.status,
            encode(sorted(member.rights)),
        )

    def of_user(self, user: int) -> list[Room]:
        """The rooms that the user is in, those left out that have become another one."""
        rows = self._db.rows("SELECT room FROM members WHERE user = ? ORDER BY room DESC", user)
        present = [row["room"] for row in rows if self.member(row["room"], user).present]
        rooms = [room for room in map(self.get, present) if room]
        return [room for room in rooms if room.migrated_to is None]

    def invite(self, room: int) -> str:
        """The hash of a new link by which people come in."""
        made = secrets.token_urlsafe(_INVITE_BYTES)
        self._db.run("INSERT INTO invites VALUES (?, ?)", made, room)
        return made

    def invited(self, invite: str) -> Room | None:
        """The room that a link leads to."""
        room = self._db.value("SELECT room FROM invites WHERE hash = ?", invite)
        return None if room is None else self.get(room)

    # --- topics

    def add_topic(self, room: int, topic: Topic) -> None:
        self._db.run(
            "INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?)",
            room,
            topic.thread,
            topic.name,
            topic.icon_color,
            int(topic.closed),
        )

    def topic(self, room: int, thread: int) -> Topic | None:
        row = self._db.row("SELECT * FROM topics WHERE room = ? AND thread = ?", room, thread)
        return _topic(row) if row else None

    def topics(self, room: int) -> list[Topic]:
        return [_topic(row) for row in self._db.rows("SELECT * FROM topics WHERE room = ?", room)]

    def remove_topic(self, room: int, thread: int) -> None:
        self._db.run("DELETE FROM topics WHERE room = ? AND thread = ?", room, thread)


def _room(row: sqlite3.Row) -> Room:
    return Room(
        row["id"],
        row["kind"],
        row["title"],
        row["username"],
        bool(row["is_forum"]),
        frozenset(json.loads(row["permissions"])),
        row["migrated_to"],
        row["migrated_from"],
    )


def _member(row: sqlite3.Row) -> Member:
    return Member(row["user"], row["status"], frozenset(json.loads(row["rights"])))


def _topic(row: sqlite3.Row) -> Topic:
    return Topic(row["thread"], row["name"], row["icon_color"], bool(row["closed"]))


def member_object(member: Member, kind: str, user: dict[str, Any]) -> dict[str, Any]:
    """The Bot API's `ChatMember` in a chat of this kind."""
    # a basic group forgets whom it threw out
    status = "left" if kind == "group" and member.status == "kicked" else member.status
    shown: dict[str, Any] = {"status": status, "user": user}
    if status == "creator":
        shown["is_anonymous"] = False
    elif status == "administrator":
        shown |= {"can_be_edited": False, "is_anonymous": False}
        names = ADMIN_RIGHTS + MORE_RIGHTS.get(kind, ())
        shown |= {right: right in member.rights for right in names}
    elif status == "restricted":
        shown |= {"is_member": True, "until_date": 0}
        shown |= {name: name in member.rights for name in PERMISSIONS}
    elif status == "kicked":
        shown["until_date"] = 0
    return shown
