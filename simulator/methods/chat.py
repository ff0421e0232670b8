"""Chats and who is in them."""

from typing import Any

from simulator.accounts import Member
from simulator.errors import bad_request
from simulator.methods.call import Call

MOST_REACTIONS = 11


def get_chat(call: Call) -> dict[str, Any]:
    chat = call.chat_to_read()
    return call.world.view.chat_for_bot(chat) | {
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


def get_chat_member(call: Call) -> dict[str, Any]:
    chat = call.chat_to_read()
    user = call["user_id"]
    if not call.world.accounts.person(user) and not call.world.accounts.bot(user):
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.is_channel:
        own = call.world.accounts.member(chat.channel, call.bot.id)
        if user != call.bot.id and own.status != "administrator":
            raise bad_request("member list is inaccessible")
        return call.world.view.member(call.world.accounts.member(chat.channel, user))
    present = user in (chat.person, call.bot.id)
    return call.world.view.member(Member(user, "member" if present else "left", frozenset()))


def get_chat_administrators(call: Call) -> list[dict[str, Any]]:
    chat = call.chat_to_read()
    if not chat.is_channel:
        raise bad_request("there are no administrators in the private chat")
    members = call.world.accounts.members(chat.channel)
    return [call.world.view.member(member) for member in members if member.status != "member"]


def get_chat_member_count(call: Call) -> int:
    chat = call.chat_to_read()
    return len(call.world.accounts.members(chat.channel)) if chat.is_channel else 2


def leave_chat(call: Call) -> bool:
    chat = call.chat_to_read()
    if not chat.is_channel:
        raise bad_request("chat member status can't be changed in private chats")
    call.world.set_member(chat.channel, Member(call.bot.id, "left", frozenset()), call.bot.id)
    return True
