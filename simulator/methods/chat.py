"""Chats and who is in them."""

from typing import Any

from simulator.errors import bad_request
from simulator.members import Members
from simulator.methods.call import Call
from simulator.rooms import PERMISSIONS, Member

MOST_REACTIONS = 11


def get_chat(call: Call) -> dict[str, Any]:
    chat = call.chat_to_read()
    full = call.world.view.chat_for_bot(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": MOST_REACTIONS,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.is_group:
        allowed = call.world.rooms.of(chat).permissions
        full["permissions"] = {name: name in allowed for name in PERMISSIONS}
    return full


def get_chat_member(call: Call) -> dict[str, Any]:
    chat = call.world.access.to_read_members(call.bot, call["chat_id"])
    user = call["user_id"]
    if not call.world.accounts.person(user) and not call.world.accounts.bot(user):
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.is_private:
        present = user in (chat.person, call.bot.id)
        return call.world.view.member(Member(user, "member" if present else "left"), chat)
    if chat.is_channel and user != call.bot.id and not call.world.access.member(call.bot, chat).in_charge:
        raise bad_request("member list is inaccessible")
    return call.world.view.member(call.world.rooms.member(chat.room, user), chat)


def get_chat_administrators(call: Call) -> list[dict[str, Any]]:
    """Other bots are left out unless they are asked for, as the method's description says."""
    chat = call.world.access.to_read_members(call.bot, call["chat_id"])
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    members = [member for member in call.world.rooms.members(chat.room) if member.in_charge]
    return [
        call.world.view.member(member, chat)
        for member in members
        if call.get("return_bots") or member.user == call.bot.id or not call.world.accounts.bot(member.user)
    ]


def get_chat_member_count(call: Call) -> int:
    chat = call.world.access.to_read_members(call.bot, call["chat_id"])
    return 2 if chat.is_private else len(call.world.rooms.members(chat.room))


def leave_chat(call: Call) -> bool:
    chat = call.chat_to_edit()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    Members(call.world).set(call.world.rooms.of(chat), Member(call.bot.id, "left"), call.bot.id)
    return True
