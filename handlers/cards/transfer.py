"""The Card of a Transfer: one message from Start to the link."""

from handlers.buttons import (
    AskCancel,
    Back,
    Cancel,
    Details,
    Get,
    OtherSource,
    Pause,
    Resume,
    Retry,
    ToFront,
)
from handlers.cards.code import code_line
from handlers.cards.files import files_card
from handlers.cards.look import Look, key, shortened
from handlers.cards.waiting import waiting_line
from models.downloads import Snapshot, SourceKind
from models.transfers import Sending, Transfer, TransferState
from services.downloads.port import FilesGone
from services.telegram.port import Button
from services.transfers.choosing import Picker
from services.words import Words

_BAR = 10
_NAMES = 5
_STEPS = (
    ("step-fetch", TransferState.FETCHING),
    ("step-check", TransferState.INSPECTING),
    ("step-preview", TransferState.PREVIEWING),
    ("step-archive", TransferState.STORING),
)
_ORDER = [
    TransferState.QUEUED,
    TransferState.FETCHING,
    TransferState.INSPECTING,
    TransferState.PREVIEWING,
    TransferState.STORING,
    TransferState.DONE,
]
_DEAD_LINK = {
    "dead-no-metadata": "dead-link-silent",
    "dead-no-peers": "dead-link-silent",
    "dead-stalled": "dead-link-stalled",
}
"""What is said of a dead link instead of what is said of a dead torrent."""
ASKING = "asking"
DETAILS = "details"


def transfer_card(
    transfer: Transfer, t: Words, view: str = "", picker: Picker | None = None, *, overseen: bool = False
) -> Look:
    """What goes on with it, and what its orderer can do now.

    `picker`: what can be chosen, once that is known. `overseen`: the Card is one of somebody who may steer all orders.
    """
    if transfer.state is TransferState.CHOOSING:
        return files_card(transfer, picker, t, view)
    if view == ASKING and transfer.state not in {TransferState.DONE, TransferState.CANCELLED}:
        return _question(transfer, t)
    if transfer.state is TransferState.DONE:
        return _done(transfer, t)
    if transfer.state is TransferState.FAILED:
        return _failed(transfer, t, view)
    if transfer.state is TransferState.CANCELLED:
        return Look(t(transfer.expired or "transfer-cancelled", title=_title(transfer)), final=True)
    return _under_way(transfer, t, view, overseen=overseen)


def _under_way(transfer: Transfer, t: Words, view: str, *, overseen: bool) -> Look:
    lines = [t("transfer-title", title=_title(transfer)), *_state_lines(transfer, t), _steps(transfer, t)]
    if view == DETAILS:
        lines += _details(transfer, t)
    paused = transfer.state is TransferState.PAUSED
    first = (
        key(t, "button-resume", Resume(transfer.id)) if paused else key(t, "button-pause", Pause(transfer.id))
    )
    keys = [[first, key(t, "button-cancel", AskCancel(transfer.id)), _turn(transfer, t, view)]]
    if overseen and transfer.state is TransferState.QUEUED and not transfer.admitted:
        keys.append([key(t, "button-to-front", ToFront(transfer.id))])
    return Look("\n".join(lines), keys)


def _state_lines(transfer: Transfer, t: Words) -> list[str]:
    if transfer.state is TransferState.PAUSED:
        return [t("transfer-paused")]
    if transfer.waiting is not None:
        return [waiting_line(transfer, t)]
    if transfer.state is TransferState.QUEUED:
        return [t("transfer-queued")]
    if transfer.state is TransferState.FETCHING:
        return [_progress(transfer, t)]
    if transfer.state is TransferState.STORING and transfer.sending is not None:
        return [_sent(transfer.sending, t)]
    return [t(f"transfer-{transfer.state.value}")]


def _sent(sending: Sending, t: Words) -> str:
    share = min(1.0, sending.done / sending.total)
    pace = _pace(Snapshot(done=sending.done, total=sending.total, rate=sending.rate), share, t)
    return t("transfer-sending", name=shortened(sending.name, 60)) + "\n" + pace


def _progress(transfer: Transfer, t: Words) -> str:
    progress = transfer.progress
    if _is_link(transfer):
        return _progress_of_link(progress, t)
    if progress.no_metadata:
        return t("progress-no-metadata")
    if not progress.total:
        return t("progress-unknown", done=t.size(progress.done), rate=t.size(progress.rate))
    return _measured(progress, min(1.0, progress.done / progress.total), t)


def _measured(progress: Snapshot, share: float, t: Words) -> str:
    bar = _bar(share)
    if progress.stalled and not progress.peers:
        return t("progress-no-peers", bar=bar, percent=int(share * 100))
    if progress.stalled:
        return t("progress-stalled", bar=bar, percent=int(share * 100), peers=progress.peers)
    line = _pace(progress, share, t)
    if progress.rate <= 0 or not progress.peers:
        return line
    return f"{line} · {t('progress-swarm', seeds=progress.seeds, peers=progress.peers)}"


def _pace(progress: Snapshot, share: float, t: Words) -> str:
    bar, percent = _bar(share), int(share * 100)
    if progress.rate <= 0:
        return t("progress-slow", bar=bar, percent=percent)
    left = t.duration(((progress.total or 0) - progress.done) / progress.rate)
    return t("progress", bar=bar, percent=percent, rate=t.size(progress.rate), left=left)


def _bar(share: float) -> str:
    full = int(share * _BAR)
    return "■" * full + "□" * (_BAR - full)


def _is_link(transfer: Transfer) -> bool:
    return transfer.source.kind in {SourceKind.LINK, SourceKind.MESSAGE}


def _progress_of_link(progress: Snapshot, t: Words) -> str:
    """One server is no swarm: it answers or it does not, and nobody else has it."""
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    if not progress.stalled and progress.total:
        return _pace(progress, share, t)
    if not progress.stalled:
        return t("progress-unknown", done=t.size(progress.done), rate=t.size(progress.rate))
    percent = int(share * 100)
    so_far = t("progress-slow", bar=_bar(share), percent=percent) if progress.total else t.size(progress.done)
    return t("progress-link-stalled" if progress.peers else "progress-link-silent", so_far=so_far)


def _steps(transfer: Transfer, t: Words) -> str:
    state = transfer.resume_to if transfer.state is TransferState.PAUSED else transfer.state
    here = _ORDER.index(state or TransferState.QUEUED)
    marks = []
    for name, step in _STEPS:
        at = _ORDER.index(step)
        mark = "✓" if at < here else "●" if at == here else "○"
        marks.append(f"{mark} {t(name)}")
    return "  ".join(marks)


def _details(transfer: Transfer, t: Words) -> list[str]:
    progress = transfer.progress
    if _is_link(transfer):
        return [
            t("transfer-details-link", files=transfer.chosen.count, size=t.size(transfer.chosen_size)),
        ]
    return [
        t(
            "transfer-details",
            files=transfer.chosen.count,
            size=t.size(transfer.chosen_size),
            peers=progress.peers,
            seeds=progress.seeds,
        )
    ]


def _question(transfer: Transfer, t: Words) -> Look:
    yes, no = key(t, "button-cancel-yes", Cancel(transfer.id)), key(t, "button-cancel-no", Back(transfer.id))
    return Look(t("transfer-ask-cancel", title=_title(transfer)), [[yes, no]])


def _failed(transfer: Transfer, t: Words, view: str) -> Look:
    failure = transfer.failure
    lines = [t("transfer-failed", title=_title(transfer))]
    if failure is not None:
        key_of_link = _DEAD_LINK.get(failure.key) if _is_link(transfer) else None
        lines.append(t(key_of_link or failure.key, **failure.values))
    # of files that are gone the failure itself says what becomes of them
    if failure is None or failure.key != FilesGone().key:
        lines.append(t("kept-files") if transfer.facts or transfer.progress.done else t("kept-nothing"))
    if view == DETAILS:
        lines += _details(transfer, t)
    # of an older version's failure there is no code
    lines += code_line({} if failure is None else failure.values, t)
    again = [key(t, "button-retry", Retry(transfer.id))]
    if transfer.search is not None:
        again.append(key(t, "button-other-source", OtherSource(transfer.id)))
    rest = [key(t, "button-discard", AskCancel(transfer.id)), _turn(transfer, t, view)]
    return Look("\n".join(lines), [again, rest])


def _done(transfer: Transfer, t: Words) -> Look:
    lines = [t("transfer-done", title=_title(transfer))]
    links = [post.link for post in transfer.posts if post.link is not None]
    lines += [t("kept-on-disk", name=shortened(name, 80)) for name in transfer.kept_on_disk[:_NAMES]]
    if len(transfer.kept_on_disk) > _NAMES:
        lines.append(t("kept-on-disk-more", count=len(transfer.kept_on_disk) - _NAMES))
    lines += _left_out(transfer, t)
    lines += _misnamed(transfer, t)
    lines += _left_packed(transfer, t)
    if transfer.missed_previews:
        lines.append(t("previews-missed", count=len(transfer.missed_previews)))
    keys: list[Button] = []
    if links:
        keys.append(Button(t.label("button-open-post"), url=links[0]))
    if transfer.posts:
        keys.append(key(t, "button-get-here", Get(transfer.id)))
    return Look("\n".join(lines), [keys], final=True)


def _left_out(transfer: Transfer, t: Words) -> list[str]:
    names, count = transfer.left_out[:_NAMES], transfer.left_out_count
    lines = [t("left-out", name=shortened(name, 80)) for name in names]
    return lines if count <= len(names) else [*lines, t("left-out-more", count=count - len(names))]


def _left_packed(transfer: Transfer, t: Words) -> list[str]:
    lines = [
        t("left-packed", name=shortened(left.name, 80), why=t.label(left.reason))
        for left in transfer.left_packed[:_NAMES]
    ]
    more = len(transfer.left_packed) - len(lines)
    return [*lines, t("left-packed-more", count=more)] if more else lines


def _misnamed(transfer: Transfer, t: Words) -> list[str]:
    found = [facts for facts in transfer.facts if facts.misnamed]
    lines = [t("misnamed", name=shortened(facts.name, 80), kind=facts.kind.value) for facts in found[:_NAMES]]
    return lines if len(found) <= _NAMES else [*lines, t("misnamed-more", count=len(found) - _NAMES)]


def _turn(transfer: Transfer, t: Words, view: str) -> Button:
    if view == DETAILS:
        return key(t, "button-less", Back(transfer.id))
    return key(t, "button-details", Details(transfer.id))


def _title(transfer: Transfer) -> str:
    return shortened(transfer.title, 200)
