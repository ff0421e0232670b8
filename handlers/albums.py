"""An album is one thing, though each of its messages is an update of its own."""

import json
from collections.abc import Sequence

from telegram import Message, Update

from models.inbox import InboxPoll

_NEAR = 1000
"""The updates of one album are not further apart than so many, of all chats together."""


async def album_of(update: Update) -> Sequence[Message]:
    """The messages of the album that an update belongs to, itself among them, as far as they came; without one: none.

    The inbox knows them, handled or not: what one of them says is heard by the later ones, and again after a kill.
    """
    message = update.message
    if message is None or message.media_group_id is None:
        return ()
    bot, album, lane = message.get_bot(), message.media_group_id, str(message.chat.id)
    near = {"last": {"$gte": update.update_id - _NEAR}, "first": {"$lte": update.update_id + _NEAR}}
    of_album = {"updates": {"$elemMatch": {"album": album, "lane": lane}}}
    polls = await InboxPoll.find({"bot_id": bot.id, **near, **of_album}).to_list()
    kept = [each for poll in polls for each in poll.updates if (each.album, each.lane) == (album, lane)]
    found = [Update.de_json(json.loads(each.payload), bot).message for each in kept]
    by_id = {each.message_id: each for each in (*found, message) if each is not None}
    return [by_id[number] for number in sorted(by_id)]
