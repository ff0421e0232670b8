"""Old archives: /intake, the keys of its Card, and the posts that come in later."""

from collections.abc import Awaitable, Callable

from telegram import Animation, Audio, Document, Message, Update, Video, VideoNote, Voice
from telegram.ext import ApplicationHandlerStop

from handlers.buttons import CloseIntake, PauseIntake, ResumeIntake, RetryIntake, StartIntake, StopIntake
from handlers.context import BotContext, Presses
from models.cards import CardKind
from models.ids import derived_id
from models.intake import Intake
from services.grabbing.port import Post, PostKind

_IntakePress = StartIntake | PauseIntake | ResumeIntake | StopIntake | RetryIntake | CloseIntake
_Attached = Animation | Audio | Document | Video | VideoNote | Voice


async def on_intake(update: Update, context: BotContext) -> None:
    """`/intake @channel`: what channel it is, and what taking it in means."""
    chat = update.effective_chat
    if not context.args or chat is None:
        await context.say(update, "intake-usage")
        return
    intake = await context.services.intakes.begin(
        context.args[0],
        intake_id=derived_id("wish", context.bot.id, update.update_id),
        chat_id=chat.id,
        by=context.member,
    )
    await context.show(update, CardKind.INTAKE, intake.id)


async def on_steer(press: _IntakePress, _update: Update, context: BotContext) -> None:
    intakes = context.services.intakes
    steer: dict[type[_IntakePress], Callable[..., Awaitable[Intake]]] = {
        StartIntake: intakes.start,
        PauseIntake: intakes.pause,
        ResumeIntake: intakes.resume,
        StopIntake: intakes.stop,
        RetryIntake: intakes.retry,
        CloseIntake: intakes.close,
    }
    intake = await steer[type(press)](press.intake, by=context.member)
    context.services.pacing.changed(intake.id)


async def on_post(update: Update, context: BotContext) -> None:
    """A post in a channel, new or edited. Comes before admission: a channel is nobody."""
    message = update.channel_post or update.edited_channel_post
    post = None if message is None else post_of(message)
    if message is not None and post is not None:
        edited = update.edited_channel_post is not None
        await context.services.intakes.take(message.chat.id, post, edited=edited)
    raise ApplicationHandlerStop


def post_of(message: Message) -> Post | None:
    """The message as a post; None where it has no file, or one that is none to people."""
    if message.photo:
        photo = message.photo[-1]
        size = photo.file_size
        return _post(message, PostKind.PHOTO, photo.file_unique_id, size, mime="image/jpeg", shape=photo)
    # an animation says that it is a document, too
    kinds: list[tuple[PostKind, _Attached | None]] = [
        (PostKind.ANIMATION, message.animation),
        (PostKind.VIDEO, message.video or message.video_note),
        (PostKind.AUDIO, message.audio),
        (PostKind.VOICE, message.voice),
        (PostKind.DOCUMENT, message.document),
    ]
    kind, file = next(((kind, file) for kind, file in kinds if file is not None), (None, None))
    if kind is None or file is None:
        return None
    mime = getattr(file, "mime_type", None) or ""
    return _post(message, kind, file.file_unique_id, file.file_size, mime=mime, shape=file)


def _post(
    message: Message, kind: PostKind, unique_id: str, size: int | None, *, mime: str, shape: object
) -> Post:
    seconds = getattr(shape, "duration", None)
    return Post(
        message_id=message.message_id,
        date=message.date,
        kind=kind,
        name=getattr(shape, "file_name", None) or "",
        mime=mime,
        size=size,
        duration=None if seconds is None else int(seconds.total_seconds()),
        title=getattr(shape, "title", None) or "",
        performer=getattr(shape, "performer", None) or "",
        caption=message.caption or "",
        unique_id=unique_id,
        width=getattr(shape, "width", None),
        height=getattr(shape, "height", None),
    )


PRESSES: Presses = {
    StartIntake: on_steer,
    PauseIntake: on_steer,
    ResumeIntake: on_steer,
    StopIntake: on_steer,
    RetryIntake: on_steer,
    CloseIntake: on_steer,
}
