"""The Card of a Grab: what would come, and how it goes."""

from collections.abc import Sequence

from handlers.buttons import PauseGrab, ResumeGrab, RetryGrab, StartGrab, StopGrab
from handlers.cards.look import Look, isolated, key, middle_cut, shortened
from models.grabs import Grab, GrabState
from services.telegram.port import Button
from services.words import Words

_MOST_NAME = 60
_MOST_TITLE = 80
_ENDED = frozenset({GrabState.DONE, GrabState.STOPPED, GrabState.FAILED})


def grab_card(grab: Grab, t: Words) -> Look:
    """Closed once it has ended and none of its orders can change it any more."""
    body = {GrabState.LOOKING: _looking, GrabState.READY: _ready}.get(grab.state, _progress)
    lines = [t("grab-headline", title=_title(grab))]
    if grab.wish:
        lines.append(t("grab-wish", wish=isolated(grab.wish)))
    lines += body(grab, t)
    if grab.waiting is not None:
        lines.append(t("grab-waits", why=t.label(grab.waiting)))
    return Look("\n".join(lines), _keys(grab, t), final=grab.state in _ENDED and not _may_retry(grab))


def _title(grab: Grab) -> str:
    return isolated(shortened(grab.title or grab.channel, _MOST_TITLE))


def _looking(_grab: Grab, t: Words) -> list[str]:
    return [t("grab-looking")]


def _ready(grab: Grab, t: Words) -> list[str]:
    lines, left_out = [_found(grab, t)], grab.matching - grab.coming
    lines += [t("grab-left-out", known=left_out)] if left_out else []
    lines += [t("grab-coming", coming=grab.coming, size=t.size(grab.size))] if grab.coming else []
    lines += [t("grab-example", name=isolated(middle_cut(name, _MOST_NAME))) for name in grab.examples]
    return [*lines, t("grab-more")] if grab.has_more else lines


def _found(grab: Grab, t: Words) -> str:
    """With a limit nobody knows how many match."""
    if grab.limited:
        return t("grab-found-limit", matching=grab.matching)
    found = "grab-found-in-all" if grab.looked_at_all else "grab-found"
    return t(found, matching=grab.matching, looked=grab.looked)


def _progress(grab: Grab, t: Words) -> list[str]:
    lines = [t(f"grab-{grab.state.value}")]
    if grab.error is not None:
        lines.append(t(grab.error, **grab.error_values))
    if grab.archived or grab.under_way or grab.state is GrabState.RUNNING:
        lines.append(t("grab-archived", archived=grab.archived, under_way=grab.under_way))
    lines += [t("grab-known", known=grab.known)] if grab.known else []
    lines += [t("grab-failures", failed=grab.failed)] if grab.failed else []
    return lines


def _may_retry(grab: Grab) -> bool:
    return grab.state is GrabState.FAILED or (grab.state is GrabState.DONE and grab.failed > 0)


def _keys(grab: Grab, t: Words) -> Sequence[Sequence[Button]]:
    start = key(t, "button-start", StartGrab(grab.id))
    pause, resume = key(t, "button-pause", PauseGrab(grab.id)), key(t, "button-resume", ResumeGrab(grab.id))
    stop = key(t, "button-stop", StopGrab(grab.id))
    keys = {
        GrabState.LOOKING: [stop],
        GrabState.READY: [start, stop] if grab.coming or grab.has_more else [stop],
        GrabState.RUNNING: [pause, stop],
        GrabState.PAUSED: [resume, stop],
    }
    if _may_retry(grab):
        return [[key(t, "button-retry", RetryGrab(grab.id))]]
    return [keys[grab.state]] if grab.state in keys else []
