"""The Card of a Transfer: one message from Start to the link."""

from handlers.buttons import AskCancel, Back, Cancel, Details, Get, Pause, Resume, Retry
from handlers.cards.files import files_card
from handlers.cards.look import Look, key, shortened
from models.transfers import Transfer, TransferState
from services.telegram.door import Button
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
ASKING = "asking"
DETAILS = "details"


def transfer_card(transfer: Transfer, t: Words, view: str = "") -> Look:
    """What goes on with it, and what its orderer can do now."""
    if transfer.state is TransferState.CHOOSING:
        return files_card(transfer, t)
    if view == ASKING and transfer.state not in {TransferState.DONE, TransferState.CANCELLED}:
        return _question(transfer, t)
    if transfer.state is TransferState.DONE:
        return _done(transfer, t)
    if transfer.state is TransferState.FAILED:
        return _failed(transfer, t, view)
    if transfer.state is TransferState.CANCELLED:
        return Look(t("transfer-cancelled", title=_title(transfer)), final=True)
    return _under_way(transfer, t, view)


def _under_way(transfer: Transfer, t: Words, view: str) -> Look:
    lines = [t("transfer-title", title=_title(transfer)), *_state_lines(transfer, t), _steps(transfer, t)]
    if view == DETAILS:
        lines += _details(transfer, t)
    paused = transfer.state is TransferState.PAUSED
    first = (
        key(t, "button-resume", Resume(transfer.id)) if paused else key(t, "button-pause", Pause(transfer.id))
    )
    return Look(
        "\n".join(lines), [[first, key(t, "button-cancel", AskCancel(transfer.id)), _turn(transfer, t, view)]]
    )


def _state_lines(transfer: Transfer, t: Words) -> list[str]:
    if transfer.state is TransferState.PAUSED:
        return [t("transfer-paused")]
    if transfer.waiting is not None:
        return [t(transfer.waiting)]
    if transfer.state is TransferState.QUEUED:
        return [t("transfer-queued")]
    if transfer.state is TransferState.FETCHING:
        return [_progress(transfer, t)]
    return [t(f"transfer-{transfer.state.value}")]


def _progress(transfer: Transfer, t: Words) -> str:
    progress = transfer.progress
    if not progress.total:
        return t("progress-unknown", done=t.size(progress.done), rate=t.size(progress.rate))
    share = min(1.0, progress.done / progress.total)
    full = int(share * _BAR)
    bar = "■" * full + "□" * (_BAR - full)
    if progress.stalled:
        return t("progress-stalled", bar=bar, percent=int(share * 100), peers=progress.peers)
    if progress.rate <= 0:
        return t("progress-slow", bar=bar, percent=int(share * 100))
    left = t.duration((progress.total - progress.done) / progress.rate)
    return t("progress", bar=bar, percent=int(share * 100), rate=t.size(progress.rate), left=left)


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
    return [
        t(
            "transfer-details",
            files=len(transfer.wanted),
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
        lines.append(t(failure.key, **failure.values))
    lines.append(t("kept-files") if transfer.facts or transfer.progress.done else t("kept-nothing"))
    if view == DETAILS:
        lines += _details(transfer, t)
    keys = [
        key(t, "button-retry", Retry(transfer.id)),
        key(t, "button-discard", AskCancel(transfer.id)),
        _turn(transfer, t, view),
    ]
    return Look("\n".join(lines), [keys])


def _done(transfer: Transfer, t: Words) -> Look:
    lines = [t("transfer-done", title=_title(transfer))]
    links = [post.link for post in transfer.posts if post.link is not None]
    lines += [t("kept-on-disk", name=shortened(name, 80)) for name in transfer.kept_on_disk[:_NAMES]]
    if len(transfer.kept_on_disk) > _NAMES:
        lines.append(t("kept-on-disk-more", count=len(transfer.kept_on_disk) - _NAMES))
    if transfer.missed_previews:
        lines.append(t("previews-missed", count=len(transfer.missed_previews)))
    keys: list[Button] = []
    if links:
        keys.append(Button(t.label("button-open-post"), url=links[0]))
    if transfer.posts:
        keys.append(key(t, "button-get-here", Get(transfer.id)))
    return Look("\n".join(lines), [keys], final=True)


def _turn(transfer: Transfer, t: Words, view: str) -> Button:
    if view == DETAILS:
        return key(t, "button-less", Back(transfer.id))
    return key(t, "button-details", Details(transfer.id))


def _title(transfer: Transfer) -> str:
    return shortened(transfer.title, 200)
