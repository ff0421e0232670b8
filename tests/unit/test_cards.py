"""Every Card in every language, with titles from the wrong side of town: valid for Telegram, and nothing is markup."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.assembly import LOCALES
from handlers.buttons import Press, unpack
from handlers.cards.look import Look, shortened
from handlers.cards.notice import notice_card
from handlers.cards.status import status_card
from handlers.cards.transfer import ASKING, DETAILS, transfer_card
from handlers.pacing import Pacing  # noqa: F401 - the writer of these looks
from models.downloads import Snapshot, SourceKind, SourceRecord
from models.files import Chosen
from models.ids import new_id
from models.media import Facts, Kind
from models.transfers import Failure, LeftPacked, Post, Transfer, TransferState
from services.transfers.oversight import Others, Overseen
from services.words import Catalogue, Words
from simulator.entities import message_text
from tests.unit.test_words import messages, raised, variables

TITLES = {
    "plain": "Big Buck Bunny 1080p",
    "html": '<b>bold</b> <a href="https://evil.test">x</a> <script>alert(1)</script>',
    "half a tag": "a < b & c > d </b></i> <b",
    "entities": "&lt;b&gt; &amp; &#x3C; &nbsp;",
    "quotes": "\"'`´«»",
    "fluent": '{ $title } { -term } { "x" } *[other]',
    "markdown": "*a* _b_ [c](https://evil.test) `d` ||e||",
    "right to left": "\u202egnp.exe\u202c שלום مرحبا \u2067x",
    "long": "x" * 5000,
    "long markup": '<&>"' * 1250,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 400,
    "combining": "Z̸̧͍͔͋a̵l̷g̶o" * 300,
    "control": "a\x00b\x07c\x1b[31md\u2028e",
    "many lines": "a\nb\r\nc\n" * 300,
    "blank": " \u200b\u00a0 ",
    "nothing": "",
}
LANGUAGES = ("en", "es")
MOST_BUTTONS = 100


@pytest.fixture(scope="module", params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def sound(look: Look) -> str:
    """Checks what Telegram would refuse; the text as people read it."""
    shown = message_text({"text": look.text, "parse_mode": "HTML"})
    kinds = {
        entity["type"]
        for entity in shown.get("entities", ())
        if entity["type"] in {"text_link", "pre", "spoiler"}
    }
    assert not kinds, "a value became markup"
    keys = [key for row in look.keyboard for key in row]
    assert len(keys) <= MOST_BUTTONS
    assert all(len(row) <= 8 for row in look.keyboard)
    for key in keys:
        assert (key.data is None) != (key.url is None)
        assert key.text.strip()
        assert len(key.text) <= 64
        if key.data is not None:
            assert len(key.data.encode()) <= 64
            assert isinstance(unpack(key.data), Press)
    return str(shown["text"])


def presses(look: Look) -> list[str]:
    return [type(unpack(key.data)).__name__ for row in look.keyboard for key in row if key.data]


def links(look: Look) -> list[str]:
    return [key.url for row in look.keyboard for key in row if key.url]


def transfer(title: str = "Bunny", **changes: Any) -> Transfer:
    values: dict[str, object] = {
        "id": new_id(),
        "member_id": "1",
        "chat_id": 1,
        "title": title,
        "source": SourceRecord(kind=SourceKind.LINK, value="https://x.test/a", name=title),
        "contents": "c",
        "listed": True,
        "chosen": Chosen(full="0", count=1, size=10),
        "trace": "1",
    }
    made: Transfer = Transfer.model_construct(**{**values, **changes})
    return made


def facts(name: str, kind: Kind = Kind.DOCUMENT, *, misnamed: bool = False) -> Facts:
    return Facts(path=name, name=name, size=1, blake3="", kind=kind, title=name, misnamed=misnamed)


def waitings() -> Iterator[str | None]:
    yield None
    yield from (key for key in messages("en") if key.startswith("waiting-"))


PROGRESS = {
    "nothing": Snapshot(),
    "unknown size": Snapshot(done=5_000_000, rate=1000),
    "moving": Snapshot(done=700, total=1000, rate=10, peers=1, seeds=1),
    "standing": Snapshot(done=700, total=1000, peers=3),
    "stalled": Snapshot(done=700, total=1000, stalled=True),
    "more than all": Snapshot(done=1200, total=1000, rate=10),
    "for ever": Snapshot(done=1, total=10**15, rate=1),
    "paused": Snapshot(done=1, total=10, paused=True),
}
UNDER_WAY = [
    TransferState.QUEUED,
    TransferState.FETCHING,
    TransferState.INSPECTING,
    TransferState.PREVIEWING,
    TransferState.STORING,
]


def state_changes(state: TransferState) -> dict[str, Any]:
    if state is TransferState.PAUSED:
        return {"state": state, "resume_to": TransferState.FETCHING}
    if state is TransferState.FAILED:
        failure = Failure(key="engine-error", resume_to=TransferState.QUEUED)
        return {"state": state, "failure": failure}
    return {"state": state}


@pytest.mark.parametrize("view", ["", ASKING, DETAILS, "of a later version"])
@pytest.mark.parametrize("state", TransferState)
def test_a_transfer_in_every_state_and_view(state: TransferState, view: str, t: Words) -> None:
    for title in TITLES.values():
        look = transfer_card(transfer(title, **state_changes(state)), t, view)
        text = sound(look)
        if title == TITLES["plain"]:
            assert title in text
        assert look.final == (state in {TransferState.DONE, TransferState.CANCELLED})


@pytest.mark.parametrize("waiting", list(waitings()))
@pytest.mark.parametrize("state", [TransferState.CHOOSING, *UNDER_WAY])
def test_a_transfer_that_waits_says_why(state: TransferState, waiting: str | None, t: Words) -> None:
    values = {
        "waiting-turn": {"position": 3, "minutes": 12},
        "waiting-disk": {"needed": 2048, "free": 1024},
        "waiting-behind": {"position": 4},
    }
    told = values.get(waiting or "", {})
    listed = state is not TransferState.CHOOSING
    look = transfer_card(transfer(state=state, waiting=waiting, waiting_values=told, listed=listed), t)
    text = sound(look)
    shown: dict[str, str | int] = dict(told)
    if waiting == "waiting-disk":
        shown = {"needed": "2 KB", "free": "1 KB"}
    assert waiting is None or t(waiting, **shown) in text


@pytest.mark.parametrize("progress", PROGRESS)
@pytest.mark.parametrize("view", ["", DETAILS])
def test_every_sort_of_progress(progress: str, view: str, t: Words) -> None:
    for kind in SourceKind:
        order = transfer(
            state=TransferState.FETCHING,
            progress=PROGRESS[progress],
            source=SourceRecord(kind=kind, value="x", name="x"),
        )
        sound(transfer_card(order, t, view))


@pytest.mark.parametrize("total", [1000, None])
@pytest.mark.parametrize("peers", [0, 1])
def test_a_link_has_a_server_and_no_swarm(peers: int, total: int | None, t: Words) -> None:
    """Neither peers nor somebody who has a torrent: it stalls, dies and unfolds in words of its own."""
    stalled = Snapshot(done=700, total=total, stalled=True, peers=peers)
    link = transfer(state=TransferState.FETCHING, progress=stalled)
    told = sound(transfer_card(link, t, DETAILS))
    assert ("70 %" if total else "700 B") in told
    assert t(f"progress-link-{'stalled' if peers else 'silent'}", so_far="") in told
    assert "peer" not in told
    assert " par" not in told
    moving = link.model_copy(update={"progress": Snapshot(done=700, total=total, rate=10, peers=peers)})
    assert "▲" not in sound(transfer_card(moving, t))
    for key, words in (("dead-no-peers", "dead-link-silent"), ("dead-stalled", "dead-link-stalled")):
        failure = Failure(key=key, resume_to=TransferState.QUEUED)
        dead = link.model_copy(update={"state": TransferState.FAILED, "failure": failure})
        assert t(words) in transfer_card(dead, t).text
        torrent = SourceRecord(kind=SourceKind.TORRENT, value="t", name="x")
        assert t(key) in transfer_card(dead.model_copy(update={"source": torrent}), t).text


def test_progress_in_numbers() -> None:
    t = Catalogue(LOCALES).words("en")
    moving = transfer(state=TransferState.FETCHING, progress=Snapshot(done=520, total=1000, rate=10))
    assert "■■■■■□□□□□ 52 % · 10 B/s · 48 s left" in transfer_card(moving, t).text
    assert (
        "✓ Fetch  ● Check  ○ Preview  ○ Archive"
        in transfer_card(transfer(state=TransferState.INSPECTING), t).text
    )
    paused = transfer(state=TransferState.PAUSED, resume_to=TransferState.PREVIEWING)
    assert "✓ Fetch  ✓ Check  ● Preview  ○ Archive" in transfer_card(paused, t).text


def failures() -> Iterator[Failure]:
    """Every error a stage may raise, with the values it brings."""
    for _, key, given in sorted(
        {(None, key, frozenset(given)) for _, key, given in raised() if key in messages("en")}, key=repr
    ):
        hostile = dict.fromkeys(given, TITLES["html"])
        yield Failure(key=key, values=hostile, resume_to=TransferState.QUEUED)
    yield Failure(key="channel-closed", resume_to=TransferState.STORING)
    for state in ("choosing", "queued", "inspecting", "previewing", "storing"):
        yield Failure(key=f"overdue-{state}", resume_to=TransferState.QUEUED)


@pytest.mark.parametrize("view", ["", DETAILS, ASKING])
def test_every_failure_says_what_happened_and_what_was_kept(view: str, t: Words) -> None:
    found = list(failures())
    assert len({failure.key for failure in found}) > 45
    for failure in found:
        look = transfer_card(transfer(state=TransferState.FAILED, failure=failure), t, view)
        text = sound(look)
        if view != ASKING:
            assert (t("kept-nothing") in text) is (failure.key != "files-gone"), "it says so itself"
            assert presses(look)[0] == "Retry"
        if view != ASKING and "code" not in failure.values:
            coded = failure.model_copy(update={"values": {**failure.values, "code": "ab12cd"}})
            told = sound(transfer_card(transfer(state=TransferState.FAILED, failure=coded), t, view))
            assert told == f"{text}\n{t('error-code', code='ab12cd')}"
    kept = transfer(state=TransferState.FAILED, failure=found[0], progress=Snapshot(done=1))
    assert t("kept-files") in transfer_card(kept, t).text


def test_what_telegram_says_stays_off_the_card_and_the_code_of_the_trace_is_its_last_line(t: Words) -> None:
    """Also of an order that failed in an older version, which kept the reason and no code."""
    for values, code in (({"code": "ab12cd"}, "ab12cd"), ({"reason": "Photo_invalid_dimensions"}, None)):
        failure = Failure(key="telegram-refused", values=values, resume_to=TransferState.STORING)
        order = transfer(TITLES["long markup"], state=TransferState.FAILED, failure=failure)
        told, unfolded = sound(transfer_card(order, t)), sound(transfer_card(order, t, DETAILS))
        assert "Photo_invalid" not in unfolded
        assert t("telegram-refused") in told
        for text in (told, unfolded):
            assert text.count("ab12cd") == ("ab12cd" in text.splitlines()[-1]) == (code is not None)


def test_a_notice_has_the_code_once_and_a_mistake_has_none(t: Words) -> None:
    last = t("error-code", code="ab12cd")
    away = notice_card("engine-unreachable", {"engine": "aria2", "code": "ab12cd"}, t)
    assert sound(away).splitlines()[1:] == [last]
    for key in ("unexpected-here", "refused-by-telegram"):
        text = sound(notice_card(key, {"code": "ab12cd"}, t))
        assert (text.count("ab12cd"), last in text) == (1, False), "its own words bring it"
    assert sound(notice_card("link-malformed", {}, t)) == t("link-malformed")


def test_giving_up_asks_once(t: Words) -> None:
    for state in (*UNDER_WAY, TransferState.PAUSED, TransferState.FAILED):
        order = transfer(**state_changes(state))
        assert "AskCancel" in presses(transfer_card(order, t))
        assert "Cancel" not in presses(transfer_card(order, t))
        assert presses(transfer_card(order, t, ASKING)) == ["Cancel", "Back"]
    for state in (TransferState.DONE, TransferState.CANCELLED):
        assert "Cancel" not in presses(transfer_card(transfer(**state_changes(state)), t, ASKING))


@pytest.mark.parametrize("why", ["expired-choosing", "expired-failed"])
def test_what_nobody_cared_for_is_not_told_as_cancelled(why: str, t: Words) -> None:
    for title in TITLES.values():
        look = transfer_card(transfer(title, state=TransferState.CANCELLED, expired=why), t)
        assert (presses(look), look.final) == ([], True)
        sound(look)
    plain = transfer(state=TransferState.CANCELLED)
    assert transfer_card(plain, t).text == t("transfer-cancelled", title="Bunny")
    assert transfer_card(plain.model_copy(update={"expired": why}), t).text == t(why, title="Bunny")
    assert t(why, title="Bunny") != t("transfer-cancelled", title="Bunny")


def test_a_finished_transfer_leads_to_its_post(t: Words) -> None:
    for title in TITLES.values():
        posts = [Post(copy_id="a", link="https://t.me/c/1/2"), Post(copy_id="b", link="https://t.me/c/1/3")]
        look = transfer_card(transfer(title, state=TransferState.DONE, posts=posts, missed_previews=["x"]), t)
        sound(look)
        assert links(look) == ["https://t.me/c/1/2"]
        assert presses(look) == ["Get"]


def test_many_files_kept_on_disk_are_counted(t: Words) -> None:
    """A season of large files: their names alone would be longer than a message may be."""
    for title in TITLES.values():
        names = [f"{number} {title}" for number in range(300)]
        text = sound(transfer_card(transfer(title, state=TransferState.DONE, kept_on_disk=names), t))
        assert "295" in text
        one_more = transfer_card(transfer(state=TransferState.DONE, kept_on_disk=names[:6]), t)
        assert t("kept-on-disk-more", count=1) in one_more.text
        assert "kept-on-disk-more" not in one_more.text


def test_archives_that_were_left_are_named_and_many_are_counted(t: Words) -> None:
    for title in TITLES.values():
        left = [LeftPacked(name=f"{number} {title}", reason="archive-bomb") for number in range(300)]
        text = sound(transfer_card(transfer(title, state=TransferState.DONE, left_packed=left), t))
        assert t("left-packed-more", count=295) in text
        assert text.count(t.label("archive-bomb")) == 5
        few = transfer_card(transfer(state=TransferState.DONE, left_packed=left[:5]), t).text
        assert few.count("📦") == 5


def test_empty_files_are_named_and_many_are_counted(t: Words) -> None:
    for title in TITLES.values():
        empty = Chosen(
            empty="0-299", empty_names=[f"{title}{n}" for n in range(5)], empty_count=300, count=300
        )
        done = transfer(title, state=TransferState.DONE, chosen=empty)
        assert "295" in sound(transfer_card(done, t))
    one = transfer(
        state=TransferState.DONE,
        chosen=Chosen(empty="7", empty_names=["x"], empty_count=1, count=1),
        facts=[],
    )
    assert sound(transfer_card(one, t)).count("∅") == 1
    assert "∅" not in transfer_card(transfer(state=TransferState.DONE), t).text


def test_files_that_are_not_what_their_names_say_are_named_and_many_are_counted(t: Words) -> None:
    for title in TITLES.values():
        several = [facts(f"{number} {title}", misnamed=True) for number in range(300)]
        text = sound(transfer_card(transfer(title, state=TransferState.DONE, facts=several), t))
        assert text.count("⚠") == 6
        assert "295" in text
    told = {
        kind: sound(
            transfer_card(
                transfer(
                    state=TransferState.DONE, facts=[facts("a.mp4"), facts("b.mp4", kind, misnamed=True)]
                ),
                t,
            )
        )
        for kind in Kind
    }
    assert all("⚠ b.mp4" in text and "a.mp4" not in text for text in told.values())
    assert len(set(told.values())) == len(Kind)
    assert "⚠" not in transfer_card(transfer(state=TransferState.DONE, facts=[facts("a.mp4")]), t).text


def test_status(t: Words) -> None:
    for title in TITLES.values():
        sound(status_card([], t))
        every = [
            transfer(title, **state_changes(state), progress=Snapshot(done=1, total=3))
            for state in TransferState
        ]
        look = status_card(every, t)
        assert sound(look).count(". ") >= len(every)
        assert presses(look) == ["ShowTransfer"] * 10


def test_status_of_who_oversees_all(t: Words) -> None:
    """One's own come first, and stand on the first page only."""
    own = [transfer("Mine")]
    for name in TITLES.values():
        theirs = [Overseen(transfer(name), name)] * 10
        first = status_card(own, t, Others(theirs, page=0, pages=3))
        text = sound(first)
        assert text.index("1. Mine") < text.index("\n2. ")
        assert t("status-others") in first.text
        assert presses(first) == ["ShowTransfer"] * 11 + ["TurnStatus"]
        later = status_card(own, t, Others(theirs, page=1, pages=3))
        assert "Mine" not in sound(later)
        assert presses(later) == ["ShowTransfer"] * 10 + ["TurnStatus"] * 2
    assert status_card([], t, Others()).text == t("status-empty")
    assert sound(status_card(own, t, Others())) == sound(status_card(own, t))


NOTICES = (
    "welcome", "unknown-command", "unexpected-here", "refused-by-telegram", "not-allowed-here", "claimed", "claim-refused", "not-admitted", "not-allowed", "search-usage", "add-usage",
    "not-understood", "delivered", "unexpected", "search-no-indexers", "preview-none",
    "add-rejected", "add-too-many", "lost-in-channel", "regained-in-channel", "lost-group",
)  # fmt: skip


@pytest.mark.parametrize("name", NOTICES)
def test_every_notice(name: str, t: Words) -> None:
    """Values come from people's names, cut by the admission to 200 characters."""
    for title in TITLES.values():
        values = {value.replace("-", "_"): title[:200] for value in variables("en", name)}
        sound(Look(t(name, **values), final=True))


def test_equal_looks_have_equal_fingerprints(t: Words) -> None:
    order = transfer()
    one, two = transfer_card(order, t), transfer_card(order, t)
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != transfer_card(order.model_copy(update={"title": "Other"}), t).fingerprint
    assert Look("a").fingerprint != Look("b").fingerprint


@pytest.mark.parametrize(
    ("text", "length", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("", 1, "")]
)
def test_shortened(text: str, length: int, cut: str) -> None:
    assert shortened(text, length) == cut
