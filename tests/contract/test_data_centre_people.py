"""People who sign in over MTProto, by kurigram: codes and passwords, what they see, what they send."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pyrogram import Client, enums, errors
from pyrogram.raw import functions, types

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    CLEO,
    FILMS,
    GROUP,
    JsonObject,
    jpeg,
    mp4,
    wav,
)
from tests.data_centre import (
    PART,
    Centre,
    client_of,
    code_sent_to,
    downloaded,
    news,
    person_signed_in,
    phone_of,
    sign_in,
    uploaded,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
PUBLIC = "films_for_all"


@once
async def ada(there: Centre, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with person_signed_in(there.program.url, tmp_path_factory.mktemp("ada"), ADA) as client:
        await met(client)
        yield client


@once
async def public(there: Centre) -> JsonObject:
    """A public channel of Cleo's, with a film, a song, a picture and a document in it, and texts between them."""
    room: JsonObject = await there.http.post("/channels", title="Films", username=PUBLIC, owner=CLEO)
    for kind, data in (("video", mp4()), ("audio", wav()), ("photo", jpeg()), ("document", b"data")):
        await there.http.say(f"next: {kind}", CLEO, room["id"])
        files = {
            "file": (f"{kind}.{'mp4' if kind == 'video' else 'wav' if kind == 'audio' else 'bin'}", data)
        }
        path = f"/api/people/{CLEO}/chats/{room['id']}/file"
        reply = await there.http.http.post(path, data={"kind": kind, "caption": f"A {kind}"}, files=files)
        assert reply.status_code == 200, reply.text
    return room


async def met(client: Client) -> None:
    """After this the client knows its chats."""
    assert [dialog async for dialog in client.get_dialogs()]


@asynccontextmanager
async def connected(there: Centre, folder: Path) -> AsyncIterator[Client]:
    client = await client_of(there.program.url, folder)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


# --- signing in


async def test_a_person_signs_in_with_a_code(ada: Client) -> None:
    assert (ada.me.id, ada.me.first_name, ada.me.is_bot, ada.me.is_self) == (ADA, "Ada", False, True)
    assert ada.me.phone_number == f"999662{ADA}"


async def test_the_code_comes_in_the_app(there: Centre, tmp_path: Path) -> None:
    async with connected(there, tmp_path) as client:
        sent = await client.send_code(await phone_of(there.program.url, BLAS))
        assert sent.type == enums.SentCodeType.APP
        assert len(await code_sent_to(there.program.url, await phone_of(there.program.url, BLAS))) == 5


async def test_the_code_comes_by_email(there: Centre, tmp_path: Path) -> None:
    url = there.program.url
    phone = await phone_of(url, BLAS)
    async with connected(there, tmp_path) as client:
        await there.http.post(f"/people/{BLAS}/login", needs_email=True)
        try:
            wanted = await sent_to(client, phone)
            assert isinstance(wanted.type, types.auth.SentCodeTypeSetUpEmailRequired)
            await there.http.post(f"/people/{BLAS}/login", email="blas@example.org")
            sent = await sent_to(client, phone)
            assert isinstance(sent.type, types.auth.SentCodeTypeEmailCode)
            assert sent.type.email_pattern == "b***@example.org"
            right = await code_sent_to(url, phone)
            with pytest.raises(errors.PhoneCodeEmpty):
                await client.sign_in(phone, sent.phone_code_hash, right)
            with pytest.raises(errors.CodeInvalid):
                await client.invoke(by_email(phone, sent.phone_code_hash, "0"))
            with pytest.raises(errors.EmailVerifyExpired):
                await client.invoke(by_email(phone, "another", right))
            answer = await client.invoke(by_email(phone, sent.phone_code_hash, right))
            assert answer.user.id == BLAS
        finally:
            await there.http.post(f"/people/{BLAS}/login", email="", needs_email=False)


async def sent_to(client: Any, phone: str) -> Any:
    about = {"api_id": 1, "api_hash": "0" * 32, "settings": types.CodeSettings()}
    return await client.invoke(functions.auth.SendCode(phone_number=phone, **about))


def by_email(phone: str, sent: str, code: str) -> Any:
    proof = types.EmailVerificationCode(code=code)
    return functions.auth.SignIn(phone_number=phone, phone_code_hash=sent, email_verification=proof)


async def test_a_code_must_be_right_and_the_last(there: Centre, tmp_path: Path) -> None:
    url, phone = there.program.url, await phone_of(there.program.url, BLAS)
    async with connected(there, tmp_path) as client:
        old = await client.send_code(phone)
        old_code = await code_sent_to(url, phone)
        sent = await client.send_code(f"+{phone}")
        with pytest.raises(errors.PhoneCodeExpired):
            await client.sign_in(phone, old.phone_code_hash, old_code)
        right = await code_sent_to(url, phone)
        with pytest.raises(errors.PhoneCodeInvalid):
            await client.sign_in(phone, sent.phone_code_hash, f"{(int(right) + 1) % 100_000:05}")
        with pytest.raises(errors.PhoneCodeEmpty):
            await client.sign_in(phone, sent.phone_code_hash, "")
        assert (await client.sign_in(phone, sent.phone_code_hash, right)).id == BLAS
        with pytest.raises(errors.PhoneCodeExpired):
            await client.sign_in(phone, sent.phone_code_hash, right)


async def test_a_number_must_be_one_and_somebodys(there: Centre, tmp_path: Path) -> None:
    async with connected(there, tmp_path) as client:
        with pytest.raises(errors.PhoneNumberInvalid):
            await client.send_code("12")
        sent = await client.send_code("4915100000000")
        assert sent.type == enums.SentCodeType.SMS
        code = await code_sent_to(there.program.url, "4915100000000")
        with pytest.raises(errors.PhoneNumberUnoccupied):
            await client.sign_in("4915100000000", sent.phone_code_hash, code)


async def test_who_has_a_password_is_asked_for_it(there: Centre, tmp_path: Path) -> None:
    """It does not go over the line: what is sent shows that it is known."""
    url = there.program.url
    await there.http.post(f"/people/{CLEO}/login", password="swordfish", hint="a fish")
    phone = await phone_of(url, CLEO)
    async with connected(there, tmp_path) as client:
        sent = await client.send_code(phone)
        with pytest.raises(errors.SessionPasswordNeeded):
            await client.sign_in(phone, sent.phone_code_hash, await code_sent_to(url, phone))
        with pytest.raises(errors.AuthKeyUnregistered):
            await client.invoke(functions.updates.GetState())
        assert await client.get_password_hint() == "a fish"
        with pytest.raises(errors.PasswordHashInvalid):
            await client.check_password("sturgeon")
        assert (await client.check_password("swordfish")).id == CLEO
        assert await client.invoke(functions.updates.GetState())
    await there.http.post(f"/people/{CLEO}/login", password="")


async def test_an_answer_to_another_question_is_refused(there: Centre, tmp_path: Path) -> None:
    await there.http.post(f"/people/{CLEO}/login", password="swordfish")
    phone = await phone_of(there.program.url, CLEO)
    async with connected(there, tmp_path) as client:
        sent = await client.send_code(phone)
        with pytest.raises(errors.SessionPasswordNeeded):
            await client.sign_in(phone, sent.phone_code_hash, await code_sent_to(there.program.url, phone))
        wrong = types.InputCheckPasswordSRP(srp_id=5, A=b"\1" * 256, M1=b"\1" * 32)
        with pytest.raises(errors.SrpIdInvalid):
            await client.invoke(functions.auth.CheckPassword(password=wrong))
    await there.http.post(f"/people/{CLEO}/login", password="")


async def test_without_a_password_there_is_no_question(ada: Client) -> None:
    assert (await ada.invoke(functions.account.GetPassword())).has_password is False


async def test_who_signs_out_is_not_known_any_more(there: Centre, tmp_path: Path) -> None:
    async with connected(there, tmp_path) as client:
        await sign_in(client, there.program.url, BLAS)
        assert await client.invoke(functions.updates.GetState())
        assert isinstance(await client.invoke(functions.auth.LogOut()), types.auth.LoggedOut)
        with pytest.raises(errors.AuthKeyUnregistered):
            await client.invoke(functions.updates.GetState())


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SESSION_REVOKED", errors.SessionRevoked),
        ("AUTH_KEY_UNREGISTERED", errors.AuthKeyUnregistered),
    ],
)
async def test_sessions_are_ended(there: Centre, tmp_path: Path, name: str, error: type[Exception]) -> None:
    async with connected(there, tmp_path) as client:
        await sign_in(client, there.program.url, BLAS)
        assert (await there.http.get(f"/people/{BLAS}/login"))["sessions"] >= 1
        reply = await there.http.http.delete(f"/api/people/{BLAS}/sessions", params={"error": name})
        assert reply.json()["sessions"] == 0
        with pytest.raises(error):
            await client.invoke(functions.updates.GetState())
        await sign_in(client, there.program.url, BLAS)
        assert await client.invoke(functions.updates.GetState())


async def test_who_is_banned_gets_nothing(there: Centre, tmp_path: Path) -> None:
    async with connected(there, tmp_path) as client:
        await sign_in(client, there.program.url, BLAS)
        await there.http.post(f"/people/{BLAS}/login", banned=True)
        with pytest.raises(errors.UserDeactivatedBan):
            await client.invoke(functions.updates.GetState())
        with pytest.raises(errors.PhoneNumberBanned):
            await client.send_code(await phone_of(there.program.url, BLAS))
        await there.http.post(f"/people/{BLAS}/login", banned=False)
        assert await client.invoke(functions.updates.GetState())


async def test_a_phone_number_is_one_persons(there: Centre) -> None:
    phone = await phone_of(there.program.url, ADA)
    reply = await there.http.http.post(f"/api/people/{BLAS}/login", json={"phone": phone})
    assert reply.status_code == 409


# --- what they see


async def test_a_person_sees_their_chats(there: Centre, ada: Client) -> None:
    await there.http.result("sendMessage", chat_id=ADA, text="hello")
    dialogs = {dialog.chat.id: dialog async for dialog in ada.get_dialogs()}
    assert {BOT, GROUP} <= set(dialogs)
    assert dialogs[BOT].top_message.text == "hello"
    pages = [dialog.chat.id async for dialog in ada.get_dialogs(limit=1)]
    assert pages == [BOT], "the last is the first"


async def test_users_are_known_by_what_was_given_out(ada: Client) -> None:
    answer = await ada.invoke(functions.contacts.ResolveUsername(username="blas"))
    (blas,) = answer.users
    named = types.InputUser(user_id=BLAS, access_hash=blas.access_hash)
    wrong = types.InputUser(user_id=BLAS, access_hash=1)
    known, empty = await ada.invoke(functions.users.GetUsers(id=[named, wrong]))
    assert (known.first_name, known.phone) == ("Blas", None)
    assert isinstance(empty, types.UserEmpty)
    (me,) = await ada.invoke(functions.users.GetUsers(id=[types.InputUserSelf()]))
    assert (me.id, me.is_self) == (ADA, True)
    full = await ada.invoke(functions.users.GetFullUser(id=named))
    assert full.full_user.id == BLAS
    with pytest.raises(errors.UserIdInvalid):
        await ada.invoke(functions.users.GetFullUser(id=wrong))


async def test_names_are_resolved(ada: Client, public: JsonObject) -> None:
    assert (await ada.get_chat("magpie_sim_bot")).id == BOT
    assert (await ada.resolve_peer(PUBLIC)).channel_id == -1000000000000 - public["id"]
    for name, error in (
        ("nobody_is_called_so", errors.UsernameNotOccupied),
        ("no name", errors.UsernameInvalid),
    ):
        with pytest.raises(error):
            await ada.invoke(functions.contacts.ResolveUsername(username=name))


async def test_a_public_channel_is_read_and_not_written_to(ada: Client, public: JsonObject) -> None:
    peer = await ada.resolve_peer(public["username"])
    (channel,) = (await ada.invoke(functions.channels.GetChannels(id=[peer]))).chats
    assert (channel.title, channel.left, channel.username) == ("Films", True, PUBLIC)
    full = await ada.invoke(functions.channels.GetFullChannel(channel=peer))
    assert (full.full_chat.participants_count, full.full_chat.id) == (1, peer.channel_id)
    said = [message.text or message.caption async for message in ada.get_chat_history(PUBLIC)]
    assert said[0] == "A document"
    assert len(said) == 8
    with pytest.raises(errors.ChatWriteForbidden):
        await ada.invoke(await sending(ada, peer, b"data"))


async def test_a_bot_reads_a_public_channel_too(there: Centre, public: JsonObject) -> None:
    peer = await there.bot.resolve_peer(public["username"])
    (said,) = (
        await there.bot.invoke(functions.channels.GetMessages(channel=peer, id=[types.InputMessageID(id=1)]))
    ).messages
    assert isinstance(said, types.Message)
    with pytest.raises(errors.ChatWriteForbidden):
        await there.bot.invoke(await sending(there.bot, peer, b"data"))
    unnamed = types.InputChannel(channel_id=peer.channel_id, access_hash=0)
    with pytest.raises(errors.ChannelPrivate):
        await there.bot.invoke(
            functions.channels.GetMessages(channel=unnamed, id=[types.InputMessageID(id=1)])
        )


async def test_a_private_channel_is_closed(there: Centre, ada: Client) -> None:
    room = await there.http.post("/channels", title="Closed", owner=CLEO)
    number = -1000000000000 - room["id"]
    with pytest.raises(errors.ChannelInvalid):
        await ada.invoke(
            functions.channels.GetChannels(id=[types.InputChannel(channel_id=number, access_hash=1)])
        )
    await there.http.post(f"/chats/{room['id']}/members", user=ADA, status="member", by=CLEO)
    await there.http.say("hello", CLEO, room["id"])
    await met(ada)
    peer = await ada.resolve_peer(room["id"])
    assert [message.text async for message in ada.get_chat_history(room["id"])] == ["hello"]
    await there.http.post(f"/chats/{room['id']}/members", user=ADA, status="left", by=CLEO)
    wishes = [
        functions.channels.GetChannels(id=[peer]),
        functions.channels.GetFullChannel(channel=peer),
        functions.channels.GetMessages(channel=peer, id=[types.InputMessageID(id=1)]),
        history(peer),
        searching(peer, types.InputMessagesFilterMusic()),
        await sending(ada, peer, b"data"),
    ]
    for wish in wishes:
        with pytest.raises(errors.ChannelPrivate):
            await ada.invoke(wish)


async def test_a_link_leads_into_a_private_channel(there: Centre, ada: Client) -> None:
    room = await there.http.post("/channels", title="By invitation", owner=CLEO)
    link = (await there.http.post(f"/chats/{room['id']}/invite"))["link"]
    invite = link.removeprefix("https://t.me/+")
    shown = await ada.invoke(functions.messages.CheckChatInvite(hash=invite))
    assert (shown.title, shown.participants_count, shown.broadcast) == ("By invitation", 1, True)
    answer = await ada.invoke(functions.messages.ImportChatInvite(hash=invite))
    assert [chat.title for chat in answer.chats] == ["By invitation"]
    assert [each async for each in ada.get_chat_history(room["id"])] == []
    again = await ada.invoke(functions.messages.CheckChatInvite(hash=invite))
    assert isinstance(again, types.ChatInviteAlready)
    with pytest.raises(errors.UserAlreadyParticipant):
        await ada.invoke(functions.messages.ImportChatInvite(hash=invite))
    await there.http.post(f"/chats/{room['id']}/members", user=ADA, status="kicked", by=CLEO)
    for wrong, error in (
        (invite, errors.InviteHashExpired),
        ("AAAAAAAAAAAAAAAA", errors.InviteHashExpired),
        ("wrong", errors.InviteHashInvalid),
        ("", errors.InviteHashEmpty),
    ):
        with pytest.raises(error):
            await ada.invoke(functions.messages.CheckChatInvite(hash=wrong))


def history(peer: Any, **wanted: int) -> functions.messages.GetHistory:
    none = dict.fromkeys(("offset_id", "offset_date", "add_offset", "max_id", "min_id", "hash"), 0)
    return functions.messages.GetHistory(peer=peer, **{**none, "limit": 100, **wanted})


def searching(peer: Any, filter_: Any, q: str = "", **wanted: int) -> functions.messages.Search:
    names = ("min_date", "max_date", "offset_id", "add_offset", "max_id", "min_id", "hash")
    none = dict.fromkeys(names, 0)
    return functions.messages.Search(peer=peer, q=q, filter=filter_, **{**none, "limit": 100, **wanted})


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"limit": 3}, [10, 9, 8]),
        ({"limit": 3, "offset_id": 8}, [7, 6, 5]),
        ({"limit": 3, "offset_id": 8, "add_offset": 2}, [5, 4, 3]),
        ({"limit": 3, "offset_id": 5, "add_offset": -3}, [7, 6, 5]),
        ({"limit": 4, "offset_id": 5, "add_offset": -2}, [6, 5, 4, 3]),
        ({"limit": 4, "offset_id": 100}, [10, 9, 8, 7]),
        ({"min_id": 7}, [10, 9, 8]),
        ({"max_id": 4}, [3, 2, 1]),
        ({"min_id": 2, "max_id": 6, "limit": 2}, [5, 4]),
        ({"limit": 0}, []),
        ({"offset_id": 1}, []),
    ],
)
async def test_history_is_read_in_pages(
    ada: Client, numbered: Any, wanted: dict[str, int], numbers: list[int]
) -> None:
    answer = await ada.invoke(history(numbered, **wanted))
    assert [message.id for message in answer.messages] == numbers
    assert (len(numbers) != 10) or answer.count == 10


@once
async def numbered(there: Centre, ada: Client) -> Any:
    """A channel of Ada's with the messages 1 to 10."""
    room = await there.http.post("/channels", title="Numbered", owner=ADA)
    for number in range(1, 11):
        await there.http.say(f"number {number}", ADA, room["id"])
    await met(ada)
    return await ada.resolve_peer(room["id"])


async def test_a_bots_chat_has_a_history_too(there: Centre, ada: Client) -> None:
    await there.http.say("what I said")
    (first,) = [message async for message in ada.get_chat_history(BOT, limit=1)]
    assert (first.text, first.outgoing, first.from_user.id) == ("what I said", True, ADA)


async def test_a_forum_has_topics(there: Centre, ada: Client, public: JsonObject) -> None:
    """Also kurigram's own way asks for them."""
    await there.http.say("in general", ADA, GROUP)
    await there.http.say("a film", ADA, GROUP, thread=FILMS)
    film, general = [message async for message in ada.get_chat_history(GROUP, limit=2)]
    assert (film.topic.title, general.topic.title) == ("Films", "General")
    peer = await ada.resolve_peer(GROUP)
    wish = functions.messages.GetForumTopicsByID(peer=peer, topics=[FILMS, 99])
    films, none = (await ada.invoke(wish)).topics
    assert (films.title, films.top_message, films.from_id.user_id) == ("Films", film.id, ADA)
    assert isinstance(none, types.ForumTopicDeleted)
    peer = await ada.resolve_peer(public["username"])
    with pytest.raises(errors.ChannelForumMissing):
        await ada.invoke(functions.messages.GetForumTopicsByID(peer=peer, topics=[1]))


async def test_a_forward_says_where_it_is_from(there: Centre, ada: Client, public: JsonObject) -> None:
    post = (await there.http.history(CLEO, public["id"]))[-1]
    said = await there.http.say("in the group", BLAS, GROUP)
    path = f"/people/{ADA}/chats/{BOT}/forward"
    for hidden in (False, True):
        await there.http.post(path, from_chat=GROUP, message_ids=[said["message_id"]], hidden=hidden)
    await there.http.post(
        f"/people/{CLEO}/chats/{GROUP}/forward", from_chat=public["id"], message_ids=[post["message_id"]]
    )
    hidden, shown = [message async for message in ada.get_chat_history(BOT, limit=2)]
    assert (shown.forward_origin.sender_user.first_name, hidden.forward_origin.sender_user_name) == (
        "Blas",
        "Blas",
    )
    (first,) = [message async for message in ada.get_chat_history(GROUP, limit=1)]
    origin = first.forward_origin
    assert (origin.chat.title, origin.message_id) == ("Films", post["message_id"])


@pytest.mark.parametrize(
    ("filter_", "captions"),
    [
        (types.InputMessagesFilterMusic(), ["A audio"]),
        (types.InputMessagesFilterVideo(), ["A video"]),
        (types.InputMessagesFilterDocument(), ["A document"]),
        (types.InputMessagesFilterPhotos(), ["A photo"]),
        (types.InputMessagesFilterPhotoVideo(), ["A photo", "A video"]),
        (types.InputMessagesFilterGif(), []),
    ],
)
async def test_a_search_has_filters(
    ada: Client, public: JsonObject, filter_: Any, captions: list[str]
) -> None:
    answer = await ada.invoke(searching(await ada.resolve_peer(public["username"]), filter_))
    assert ([message.message for message in answer.messages], answer.count) == (captions, len(captions))


async def test_a_search_has_words_dates_and_pages(ada: Client, public: JsonObject) -> None:
    peer, every = await ada.resolve_peer(public["username"]), types.InputMessagesFilterEmpty()
    found = await ada.invoke(searching(peer, every, q="NEXT:", limit=2))
    assert [message.message for message in found.messages] == ["next: document", "next: photo"]
    assert found.count == 4
    rest = await ada.invoke(searching(peer, every, q="next:", offset_id=found.messages[-1].id))
    assert [message.message for message in rest.messages] == ["next: audio", "next: video"]
    dates = [message.date for message in (await ada.invoke(history(peer))).messages]
    for wanted, count in (
        ({"min_date": min(dates) - 1}, 4),
        ({"min_date": max(dates)}, 0),
        ({"max_date": max(dates) + 1}, 4),
        ({"max_date": min(dates)}, 0),
    ):
        answer = await ada.invoke(searching(peer, every, q="next:", **wanted))
        assert len(answer.messages) == count
    with pytest.raises(errors.SearchQueryEmpty):
        await ada.invoke(searching(peer, every))


async def test_kurigrams_own_way_searches_and_fetches(ada: Client, public: JsonObject) -> None:
    wanted = enums.MessagesFilter.AUDIO
    (found,) = [message async for message in ada.search_messages(public["username"], filter=wanted)]
    file = await ada.download_media(found, in_memory=True)
    assert bytes(file.getbuffer()) == wav()
    read = await ada.get_messages(PUBLIC, found.id)
    assert read.audio.file_unique_id == found.audio.file_unique_id


async def test_a_bot_looks_through_nothing(there: Centre) -> None:
    peer = types.InputPeerChannel(channel_id=-1000000000000 - CHANNEL, access_hash=0)
    for wish in (history(peer), searching(peer, types.InputMessagesFilterMusic())):
        with pytest.raises(errors.BotMethodInvalid):
            await there.bot.invoke(wish)


# --- what they send


async def sending(client: Client, peer: Any, data: bytes) -> functions.messages.SendMedia:
    media = types.InputMediaUploadedDocument(
        file=await uploaded(client, data),
        mime_type="application/octet-stream",
        attributes=[types.DocumentAttributeFilename(file_name="film.bin")],
    )
    return functions.messages.SendMedia(
        peer=peer, media=media, message="from Ada", random_id=secrets.randbits(62)
    )


async def test_a_person_sends_a_large_file_to_a_bot(there: Centre, ada: Client) -> None:
    """The bot learns of it, and fetches it over MTProto where the Bot API would not give it."""
    data = os.urandom(50 * PART)
    wish = await sending(ada, await ada.resolve_peer(BOT), data)
    said = news(await ada.invoke(wish))
    assert (said.out, said.peer_id.user_id) == (True, BOT)
    update = (await there.http.result("getUpdates", offset=-1))[-1]["message"]
    assert (update["from"]["id"], update["caption"]) == (ADA, "from Ada")
    assert "too big" in await there.http.refusal("getFile", file_id=update["document"]["file_id"])
    read = await there.bot.invoke(
        functions.messages.GetMessages(id=[types.InputMessageID(id=update["message_id"])])
    )
    assert await downloaded(there.bot, read.messages[0].media.document) == data


async def test_a_repeat_in_a_private_chat_is_answered_with_what_is_there(there: Centre, ada: Client) -> None:
    """Until that is deleted."""
    wish = await sending(ada, await ada.resolve_peer(BOT), b"once")
    said = news(await ada.invoke(wish))
    before = len(await there.http.history())
    again = await ada.session.send(wish)
    assert (again.updates[0].id, again.updates[0].random_id) == (said.id, wish.random_id)
    assert (news(again).id, again.updates[1].pts_count) == (said.id, 0)
    assert len(await there.http.history()) == before
    await there.http.post(f"/people/{ADA}/chats/{BOT}/delete", message_id=said.id, for_everyone=True)
    with pytest.raises(errors.RandomIdDuplicate):
        await ada.session.send(wish)


async def test_a_repeat_in_a_channel_is_refused_unless_it_is_ordered_otherwise(
    there: Centre, ada: Client
) -> None:
    wish = await sending(ada, await ada.resolve_peer(CHANNEL), b"once")
    said = news(await ada.invoke(wish))
    with pytest.raises(errors.RandomIdDuplicate):
        await ada.session.send(wish)
    await there.http.post("/data-centre", repeats="answered")
    assert news(await ada.session.send(wish)).id == said.id
    await there.http.post("/data-centre", repeats="refused")


async def test_a_channel_says_what_one_may_do_there(there: Centre, ada: Client) -> None:
    channel, group = await ada.resolve_peer(CHANNEL), await ada.resolve_peer(GROUP)

    async def shown(peer: Any) -> Any:
        room = types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
        return (await ada.invoke(functions.channels.GetChannels(id=[room]))).chats[0]

    mine = await shown(channel)
    assert (mine.creator, mine.admin_rights.post_messages, mine.default_banned_rights) == (True, True, None)
    assert not (await shown(group)).default_banned_rights.send_docs
    theirs = await there.http.post("/channels", title="Theirs", owner=CLEO)
    await there.http.post(f"/chats/{theirs['id']}/members", user=ADA, status="member", by=CLEO)
    await met(ada)
    assert (await shown(await ada.resolve_peer(theirs["id"]))).admin_rights is None
    noisy = await there.http.post("/groups", title="Noisy", owner=CLEO, members=[ADA])
    path = f"/chats/{noisy['id']}"
    await there.http.post(f"{path}/permissions", permissions=["can_send_messages"])
    await there.http.post(
        f"{path}/members", user=ADA, status="restricted", rights=["can_send_videos"], by=CLEO
    )
    await met(ada)
    restricted = await shown(await ada.resolve_peer(noisy["id"]))
    assert (restricted.default_banned_rights.send_docs, restricted.banned_rights.send_docs) == (True, True)
    assert not restricted.banned_rights.send_videos


async def test_a_person_deletes_what_they_may(there: Centre, ada: Client) -> None:
    """Once more is no error."""
    peer = await ada.resolve_peer(CHANNEL)
    said = news(await ada.invoke(await sending(ada, peer, b"away")))
    room = types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
    for count in (1, 0):
        gone = await ada.invoke(functions.channels.DeleteMessages(channel=room, id=[said.id]))
        assert gone.pts_count == count
    assert said.id not in [each["message_id"] for each in await there.http.history(chat=CHANNEL)]
    group = await there.http.post("/groups", title="Cleo's", owner=CLEO, members=[ADA])
    await met(ada)
    peer = await ada.resolve_peer(group["id"])
    room = types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
    theirs = functions.channels.DeleteMessages(
        channel=room, id=[(await there.http.say("hers", CLEO, group["id"]))["message_id"]]
    )
    with pytest.raises(errors.MessageDeleteForbidden):
        await ada.invoke(theirs)
    right = {"status": "administrator", "rights": ["can_delete_messages"]}
    await there.http.post(f"/chats/{group['id']}/members", user=ADA, by=CLEO, **right)
    assert (await ada.invoke(theirs)).pts_count == 1


async def test_a_person_posts_to_their_channel(there: Centre, ada: Client, tmp_path: Path) -> None:
    path = tmp_path / "small.bin"
    path.write_bytes(os.urandom(300_000))
    message = await ada.send_document(CHANNEL, str(path), caption="by hand")
    assert (message.caption, message.document.file_size) == ("by hand", 300_000)
    assert (await there.http.history(chat=CHANNEL))[-1]["caption"] == "by hand"


async def test_what_was_given_to_one_account_is_no_use_to_another(there: Centre, ada: Client) -> None:
    said = news(await ada.invoke(await sending(ada, await ada.resolve_peer(BOT), b"data")))
    with pytest.raises(errors.FileIdInvalid):
        await downloaded(there.bot, said.media.document)


async def test_with_premium_files_have_four_gigabytes(there: Centre, ada: Client) -> None:
    wish = functions.upload.SaveBigFilePart(
        file_id=secrets.randbits(62), file_part=7999, file_total_parts=8000, bytes=b"x"
    )
    for client in (ada, there.bot):
        with pytest.raises(errors.FilePartInvalid):
            await client.invoke(wish)
    await there.http.post(f"/people/{ADA}/login", premium=True)
    assert await ada.invoke(wish)
    assert (await ada.get_me()).is_premium
    more = {"file_id": wish.file_id, "file_part": 1, "bytes": b"x"}
    with pytest.raises(errors.FilePartsInvalid):
        await ada.invoke(functions.upload.SaveBigFilePart(file_total_parts=8001, **more))
    await there.http.post(f"/people/{ADA}/login", premium=False)
