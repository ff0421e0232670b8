"""A person's account: its authorisation is the session string that the owner gave, and is kept nowhere else."""

import asyncio
import struct
from collections.abc import Callable, Iterator
from typing import Any

from pyrogram import Client
from pyrogram.raw import functions, types

from services.telegram.large import Access, Server, UserSession
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.places import Place, client_for, closed
from services.telegram.port import FIRST_CHANNEL, AccountLost, ChatClosed

_PAGE = 100
_MOST_PAGES = 100
"""Of chats: whoever is in more of them finds the oldest by their names only."""


class UserAccount(Account):
    """What Telegram does not know any more stays lost: only the owner can sign in again.

    `heed` is called before anything goes out, and raises when the session is not ours to use at this moment.
    """

    _begins_anew = False
    reads_history = True

    def __init__(
        self, access: Access[UserSession], server: Server | None, heed: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(access, server)
        self._access = access
        self._heed = heed
        self._looking = asyncio.Lock()
        self._looks = 0

    async def _signed_in(self) -> Place:
        self._heed()
        return await super()._signed_in()

    async def _sign_in(self) -> Place:
        client = client_for(
            self._access, self._server, "user", session_string=self._access.identity.text, in_memory=True
        )
        try:
            await _load(client)
            return await Place.of(client)
        except BaseException:
            await closed(client)
            raise

    def _forget(self) -> None:
        """The string is the owner's."""

    async def _asked_for(self, chat_id: int) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """A person needs a key for each chat, which Telegram gives out with the list of them."""
        looks = self._looks
        async with self._looking:
            if looks == self._looks:
                await self._look_through_chats()
        if chat_id not in self._peers:
            raise ChatClosed("PEER_ID_INVALID")
        return self._peers[chat_id]

    async def _look_through_chats(self) -> None:
        query = _chats_after(0, 0, types.InputPeerEmpty(), is_first=True)
        for _ in range(_MOST_PAGES):
            page = await self.ask(query)
            peers = dict(_peers_in(page))
            self._peers |= peers
            following = _following(page, peers)
            if following is None:
                break
            query = following
        self._looks += 1


async def _load(client: Client) -> None:
    """Raises AccountLost for what is no session string of a person's."""
    try:
        await client.load_session()
        is_person = not await client.storage.is_bot()
    except (ValueError, KeyError, struct.error) as error:
        raise AccountLost("SESSION_STRING_MALFORMED") from error
    if not is_person:
        raise AccountLost("SESSION_STRING_OF_A_BOT")


def _chats_after(date: int, number: int, peer: Any, *, is_first: bool = False) -> Any:  # noqa: ANN401
    return functions.messages.GetDialogs(
        offset_date=date,
        offset_id=number,
        offset_peer=peer,
        limit=_PAGE,
        hash=0,
        exclude_pinned=not is_first,
    )


def _following(page: Any, peers: dict[int, Any]) -> Any:  # noqa: ANN401
    """What asks for the next page; None after the last: the one behind the last chat that a message tells the date of."""
    if not isinstance(page, types.messages.DialogsSlice):
        return None
    dates = {(_chat_id(said.peer_id), said.id): said.date for said in page.messages if hasattr(said, "date")}
    for dialog in reversed(page.dialogs):
        chat_id, number = _chat_id(dialog.peer), dialog.top_message
        if (chat_id, number) in dates and chat_id in peers:
            return _chats_after(dates[chat_id, number], number, peers[chat_id])
    return None


def _peers_in(page: Any) -> Iterator[tuple[int, Any]]:  # noqa: ANN401
    """By the Bot API's numbers. What is forbidden to us has no key."""
    for user in page.users:
        if isinstance(user, types.User) and user.access_hash is not None and not user.min:
            yield user.id, types.InputPeerUser(user_id=user.id, access_hash=user.access_hash)
    for chat in page.chats:
        if isinstance(chat, types.Chat):
            yield -chat.id, types.InputPeerChat(chat_id=chat.id)
        elif isinstance(chat, types.Channel) and chat.access_hash is not None and not chat.min:
            peer = types.InputPeerChannel(channel_id=chat.id, access_hash=chat.access_hash)
            yield FIRST_CHANNEL - chat.id, peer


def _chat_id(peer: Any) -> int:  # noqa: ANN401
    """As the Bot API numbers it."""
    if isinstance(peer, types.PeerUser):
        return int(peer.user_id)
    if isinstance(peer, types.PeerChat):
        return -int(peer.chat_id)
    return FIRST_CHANNEL - int(peer.channel_id)
