"""Who may send what where, with the data centre's refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

from simulator.accounts import Bot
from simulator.chats import Chat
from simulator.errors import ApiError
from simulator.members import Members
from simulator.messages import Content, Message
from simulator.mtproto.call import Call
from simulator.mtproto.refusals import FORBIDDEN, RpcRefused
from simulator.people import may_post

# what a message carries → Telegram's word for it in the refusal of who may not send it to a group
_SENDING = {"animation": "GIFS", "photo": "PHOTOS", "video": "VIDEOS", "audio": "AUDIOS", "document": "DOCS"}


@contextmanager
def refusing(code: int, words: str) -> Iterator[None]:
    """What the world refuses in the Bot API's words is refused in MTProto's."""
    try:
        yield
    except ApiError as error:
        raise RpcRefused(code, words) from error


def check_writing(call: Call, chat: Chat) -> None:
    """Raises RpcRefused."""
    account = call.who.account
    if isinstance(account, Bot):
        with refusing(FORBIDDEN, "USER_IS_BLOCKED" if chat.is_private else "CHAT_WRITE_FORBIDDEN"):
            call.world.access.to_write(account, chat.id_for_bot)
    elif not chat.is_private:
        member = call.world.rooms.member(chat.room, account.id)
        if not member.present or not may_post(call.world.rooms.of(chat), member):
            raise RpcRefused(FORBIDDEN, "CHAT_WRITE_FORBIDDEN")


def may_delete(call: Call, said: Message) -> bool:
    """Posts of one's own, too, only while one may post."""
    member = call.world.rooms.member(said.chat.room, call.who.id)
    own = said.sender == call.who.id and may_post(call.world.rooms.of(said.chat), member)
    return member.may("can_delete_messages") or own


def check_content(call: Call, chat: Chat, content: Content) -> None:
    """Whether such media may be sent to the group. Raises RpcRefused."""
    kind = next(kind for kind in _SENDING if kind in content)
    with refusing(FORBIDDEN, f"CHAT_SEND_{_SENDING[kind]}_FORBIDDEN"):
        call.world.access.check_content(call.who.account, chat, content)


def begin_chat(call: Call, chat: Chat) -> None:
    """A person who writes to a bot has begun the chat with it, and takes back that they blocked it."""
    account = call.who.account
    bot = call.world.accounts.bot(chat.bot) if chat.is_private else None
    if bot and not isinstance(account, Bot):
        Members(call.world).set_blocked(bot, account.id, blocked=False)
