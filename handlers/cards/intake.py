"""The Card of an Intake: what taking a channel in means, and how it goes."""

from collections.abc import Sequence

from handlers.buttons import CloseIntake, PauseIntake, ResumeIntake, RetryIntake, StartIntake, StopIntake
from handlers.cards.look import Look, isolated, key, shortened
from models.intake import Intake, IntakeState
from services.telegram.port import Button
from services.words import Words

_MOST_TITLE = 80


def intake_card(intake: Intake, t: Words) -> Look:
    """Closed once it was stopped, and nobody sees anything of it."""
    body = {IntakeState.LOOKING: _looking, IntakeState.READY: _ready}.get(intake.state, _progress)
    title = isolated(shortened(intake.title or intake.channel, _MOST_TITLE))
    lines = [t("intake-headline", title=title), *body(intake, t)]
    if intake.waiting is not None:
        lines.append(t("intake-waits", why=t.label(intake.waiting)))
    final = intake.state is IntakeState.STOPPED and not intake.opened
    return Look("\n".join(lines), _keys(intake, t), final=final)


def _looking(_intake: Intake, t: Words) -> list[str]:
    return [t("intake-looking")]


def _ready(intake: Intake, t: Words) -> list[str]:
    """What everybody will see is said before anybody does."""
    lines = [t("intake-opens"), t("intake-history" if intake.has_history else "intake-no-history")]
    lines += [] if intake.delivers else [t("intake-no-admin")]
    return [*lines, t("intake-protected")] if intake.is_protected else lines


def _progress(intake: Intake, t: Words) -> list[str]:
    lines = [t("intake-closed" if intake.closed else f"intake-{intake.state.value}")]
    if intake.error is not None:
        lines.append(t(intake.error, **intake.error_values))
    if intake.has_history:
        lines.append(t("intake-looked", looked=intake.looked, taken=intake.taken))
    lines += [t("intake-known", known=intake.known)] if intake.known else []
    lines += [t("intake-skipped", skipped=intake.skipped)] if intake.skipped else []
    lines += [t("intake-untagged", untagged=intake.untagged)] if intake.untagged else []
    if intake.opened and intake.state is not IntakeState.STOPPED:
        lines.append(t("intake-new-posts" if intake.delivers else "intake-no-admin"))
    return lines


def _keys(intake: Intake, t: Words) -> Sequence[Sequence[Button]]:
    stop = key(t, "button-stop", StopIntake(intake.id))
    again = key(t, "button-look-again", RetryIntake(intake.id))
    keys = {
        IntakeState.LOOKING: [stop],
        IntakeState.READY: [
            key(t, "button-start", StartIntake(intake.id)),
            *([] if intake.delivers and intake.has_history else [again]),
            stop,
        ],
        IntakeState.RUNNING: [key(t, "button-pause", PauseIntake(intake.id)), stop],
        IntakeState.PAUSED: [key(t, "button-resume", ResumeIntake(intake.id)), stop],
        IntakeState.DONE: [stop],
        IntakeState.STOPPED: [key(t, "button-close", CloseIntake(intake.id))] if intake.opened else [],
        IntakeState.FAILED: [key(t, "button-retry", RetryIntake(intake.id)), stop],
    }
    return [keys[intake.state]] if keys[intake.state] else []
