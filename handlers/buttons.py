"""Buttons as typed values. Callback data holds a version, a tag and ids: never more than 64 bytes, never trusted."""

from dataclasses import astuple, dataclass, fields
from typing import TypeVar

from services.errors import MagpieError

VERSION = "1"
MOST_BYTES = 64
_LARGEST = 2**31 - 1


class StaleButton(MagpieError):
    """The data is of another version, or none of ours."""

    def __init__(self) -> None:
        super().__init__("button-stale")


@dataclass(frozen=True)
class Press:
    """The root of all buttons. Fields are text or whole numbers, in the order in which they are packed."""


@dataclass(frozen=True)
class TurnSearch(Press):
    search: str
    page: int


@dataclass(frozen=True)
class Pick(Press):
    search: str
    release: str


@dataclass(frozen=True)
class SearchAgain(Press):
    search: str


@dataclass(frozen=True)
class SortHits(Press):
    search: str
    order: str


@dataclass(frozen=True)
class ShowHits(Press):
    search: str


@dataclass(frozen=True)
class ShowFilters(Press):
    search: str


@dataclass(frozen=True)
class ShowRelease(Press):
    search: str
    release: str


@dataclass(frozen=True)
class ChooseHits(Press):
    search: str
    facet: str
    number: int
    chosen: int


@dataclass(frozen=True)
class TurnChoices(Press):
    search: str
    page: int


@dataclass(frozen=True)
class ClearHits(Press):
    search: str


@dataclass(frozen=True)
class Want(Press):
    transfer: str
    index: int
    wanted: int


@dataclass(frozen=True)
class WantOnly(Press):
    transfer: str
    which: str


@dataclass(frozen=True)
class TurnFiles(Press):
    transfer: str
    page: int


@dataclass(frozen=True)
class OpenFolder(Press):
    transfer: str
    folder: int


@dataclass(frozen=True)
class WantFolder(Press):
    transfer: str
    folder: int
    wanted: int


@dataclass(frozen=True)
class Unpack(Press):
    transfer: str
    wanted: int


@dataclass(frozen=True)
class AskPattern(Press):
    transfer: str


@dataclass(frozen=True)
class Start(Press):
    transfer: str


@dataclass(frozen=True)
class Pause(Press):
    transfer: str


@dataclass(frozen=True)
class Resume(Press):
    transfer: str


@dataclass(frozen=True)
class Retry(Press):
    transfer: str


@dataclass(frozen=True)
class OtherSource(Press):
    transfer: str


@dataclass(frozen=True)
class ToFront(Press):
    transfer: str


@dataclass(frozen=True)
class AskCancel(Press):
    transfer: str


@dataclass(frozen=True)
class Cancel(Press):
    transfer: str


@dataclass(frozen=True)
class Details(Press):
    transfer: str


@dataclass(frozen=True)
class Back(Press):
    transfer: str


@dataclass(frozen=True)
class ShowTransfer(Press):
    transfer: str


@dataclass(frozen=True)
class Get(Press):
    item: str


@dataclass(frozen=True)
class GetListed(Press):
    """Hands out every work on the page of a collection that is shown."""

    search: str


@dataclass(frozen=True)
class TurnSettings(Press):
    member: str
    side: str


@dataclass(frozen=True)
class ChooseLanguage(Press):
    member: str
    language: str


@dataclass(frozen=True)
class SendResults(Press):
    member: str
    to: str


@dataclass(frozen=True)
class BringPreviews(Press):
    member: str
    wanted: int


@dataclass(frozen=True)
class BeSilent(Press):
    member: str
    start: int
    end: int


@dataclass(frozen=True)
class BeHeard(Press):
    member: str


@dataclass(frozen=True)
class ChooseZone(Press):
    member: str
    east: int


@dataclass(frozen=True)
class TurnData(Press):
    member: str
    side: str


@dataclass(frozen=True)
class TakeData(Press):
    member: str


@dataclass(frozen=True)
class DeleteData(Press):
    member: str


@dataclass(frozen=True)
class StartGrab(Press):
    grab: str


@dataclass(frozen=True)
class PauseGrab(Press):
    grab: str


@dataclass(frozen=True)
class ResumeGrab(Press):
    grab: str


@dataclass(frozen=True)
class StopGrab(Press):
    grab: str


@dataclass(frozen=True)
class RetryGrab(Press):
    grab: str


@dataclass(frozen=True)
class StartIntake(Press):
    intake: str


@dataclass(frozen=True)
class PauseIntake(Press):
    intake: str


@dataclass(frozen=True)
class ResumeIntake(Press):
    intake: str


@dataclass(frozen=True)
class StopIntake(Press):
    intake: str


@dataclass(frozen=True)
class RetryIntake(Press):
    intake: str


@dataclass(frozen=True)
class CloseIntake(Press):
    intake: str


@dataclass(frozen=True)
class TurnLibrary(Press):
    search: str
    page: int


@dataclass(frozen=True)
class SortFinds(Press):
    search: str
    order: str


@dataclass(frozen=True)
class ChooseFinds(Press):
    """`facet` is the number of one."""

    search: str
    facet: int
    value: str
    chosen: int


@dataclass(frozen=True)
class ClearFinds(Press):
    search: str


@dataclass(frozen=True)
class ShowFinds(Press):
    search: str


@dataclass(frozen=True)
class ShowFindsFilter(Press):
    search: str


@dataclass(frozen=True)
class ShowItem(Press):
    search: str
    item: str


@dataclass(frozen=True)
class Resemble(Press):
    """Lists what is similar to an Item; with the search's own id, what was asked for again."""

    search: str
    item: str


@dataclass(frozen=True)
class Favour(Press):
    search: str
    item: str
    wanted: int


@dataclass(frozen=True)
class Watch(Press):
    search: str
    wanted: int


@dataclass(frozen=True)
class ShowCollections(Press):
    search: str


@dataclass(frozen=True)
class Enter(Press):
    """Lists the parts of a collection; with the id of the search itself, what was asked for."""

    search: str
    collection: str


@dataclass(frozen=True)
class AskCollect(Press):
    """Asks into which collections a work is to be put."""

    search: str
    item: str


@dataclass(frozen=True)
class Collect(Press):
    """Puts the work that is looked at into a collection, or takes it out."""

    search: str
    collection: str
    wanted: int


@dataclass(frozen=True)
class MoveWork(Press):
    """Puts the work that is looked at to a place in its collection."""

    search: str
    place: int


@dataclass(frozen=True)
class OpenCollection(Press):
    """Shows the collection to all, or to who made it alone."""

    search: str
    opened: int


@dataclass(frozen=True)
class AskDeleteCollection(Press):
    search: str


@dataclass(frozen=True)
class DeleteCollection(Press):
    search: str


@dataclass(frozen=True)
class OpenFeed(Press):
    feed: str


@dataclass(frozen=True)
class PauseFeed(Press):
    feed: str


@dataclass(frozen=True)
class ResumeFeed(Press):
    feed: str


@dataclass(frozen=True)
class AskFirst(Press):
    feed: str
    wanted: int


@dataclass(frozen=True)
class PaceFeed(Press):
    feed: str
    minutes: int


@dataclass(frozen=True)
class LookFeed(Press):
    feed: str


@dataclass(frozen=True)
class FetchSeen(Press):
    feed: str


@dataclass(frozen=True)
class AskFeedFilter(Press):
    feed: str


@dataclass(frozen=True)
class ClearFeedFilter(Press):
    feed: str


@dataclass(frozen=True)
class AskDeleteFeed(Press):
    feed: str


@dataclass(frozen=True)
class DeleteFeed(Press):
    feed: str


@dataclass(frozen=True)
class BackToFeed(Press):
    feed: str


@dataclass(frozen=True)
class FetchEntry(Press):
    order: str


@dataclass(frozen=True)
class SkipEntry(Press):
    order: str


@dataclass(frozen=True)
class TurnStatus(Press):
    page: int


@dataclass(frozen=True)
class TurnSetup(Press):
    page: int


@dataclass(frozen=True)
class CheckPart(Press):
    part: str
    page: int


@dataclass(frozen=True)
class CheckAll(Press):
    page: int


@dataclass(frozen=True)
class ListEncodings(Press):
    """`decided`: what was decided already, else what is still to be."""

    decided: int
    page: int


@dataclass(frozen=True)
class ShowEncodings(Press):
    encodings: str


@dataclass(frozen=True)
class KeepEncoding(Press):
    """Shows what it would be to keep this one."""

    encodings: str
    item: str


@dataclass(frozen=True)
class AskMergeEncodings(Press):
    encodings: str
    item: str


@dataclass(frozen=True)
class MergeEncodings(Press):
    """`seen` says what was shown when it was asked."""

    encodings: str
    item: str
    seen: int


@dataclass(frozen=True)
class PartEncodings(Press):
    encodings: str
    seen: int


@dataclass(frozen=True)
class RejoinEncodings(Press):
    encodings: str


@dataclass(frozen=True)
class AskSeparateEncodings(Press):
    encodings: str


@dataclass(frozen=True)
class SeparateEncodings(Press):
    encodings: str
    seen: int


_TAGS: dict[str, type[Press]] = {
    "st": TurnSearch,
    "pk": Pick,
    "sa": SearchAgain,
    "so": SortHits,
    "hi": ShowHits,
    "fi": ShowFilters,
    "lo": ShowRelease,
    "ch": ChooseHits,
    "tc": TurnChoices,
    "cl": ClearHits,
    "wa": Want,
    "wo": WantOnly,
    "tf": TurnFiles,
    "of": OpenFolder,
    "wf": WantFolder,
    "up": Unpack,
    "ap": AskPattern,
    "go": Start,
    "pa": Pause,
    "re": Resume,
    "rt": Retry,
    "os": OtherSource,
    "fr": ToFront,
    "ac": AskCancel,
    "ca": Cancel,
    "de": Details,
    "bk": Back,
    "sh": ShowTransfer,
    "sp": TurnStatus,
    "ge": Get,
    "gl": GetListed,
    "se": TurnSettings,
    "sl": ChooseLanguage,
    "sr": SendResults,
    "bp": BringPreviews,
    "sq": BeSilent,
    "sx": BeHeard,
    "sz": ChooseZone,
    "md": TurnData,
    "mt": TakeData,
    "mx": DeleteData,
    "gs": StartGrab,
    "gp": PauseGrab,
    "gr": ResumeGrab,
    "gx": StopGrab,
    "gt": RetryGrab,
    "is": StartIntake,
    "ip": PauseIntake,
    "ir": ResumeIntake,
    "ix": StopIntake,
    "it": RetryIntake,
    "ic": CloseIntake,
    "lt": TurnLibrary,
    "ls": SortFinds,
    "lc": ChooseFinds,
    "ll": ClearFinds,
    "lf": ShowFinds,
    "lw": ShowFindsFilter,
    "li": ShowItem,
    "lr": Resemble,
    "lv": Favour,
    "lx": Watch,
    "ln": ShowCollections,
    "le": Enter,
    "lg": AskCollect,
    "lp": Collect,
    "lm": MoveWork,
    "ly": OpenCollection,
    "lq": AskDeleteCollection,
    "ld": DeleteCollection,
    "fo": OpenFeed,
    "fp": PauseFeed,
    "fc": ResumeFeed,
    "fa": AskFirst,
    "fe": PaceFeed,
    "fl": LookFeed,
    "ft": FetchSeen,
    "ff": AskFeedFilter,
    "fx": ClearFeedFilter,
    "fq": AskDeleteFeed,
    "fd": DeleteFeed,
    "fb": BackToFeed,
    "fy": FetchEntry,
    "fn": SkipEntry,
    "ct": TurnSetup,
    "ck": CheckPart,
    "ta": CheckAll,
    "el": ListEncodings,
    "eo": ShowEncodings,
    "ek": KeepEncoding,
    "em": AskMergeEncodings,
    "ey": MergeEncodings,
    "ep": PartEncodings,
    "er": RejoinEncodings,
    "ea": AskSeparateEncodings,
    "es": SeparateEncodings,
}
_TAG_OF = {kind: tag for tag, kind in _TAGS.items()}
P = TypeVar("P", bound=Press)


def pack(press: Press) -> str:
    """The callback data of a button. ValueError when it is too long: a mistake of ours."""
    data = ":".join((VERSION, _TAG_OF[type(press)], *map(str, astuple(press))))
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"callback data over {MOST_BYTES} bytes: {data}")
    return data


def unpack(data: str) -> Press:
    """The button behind callback data. Raises StaleButton for anything we did not write in this version."""
    version, _, rest = data.partition(":")
    tag, *values = rest.split(":")
    kind = _TAGS.get(tag)
    if version != VERSION or kind is None or len(values) != len(fields(kind)):
        raise StaleButton
    try:
        typed = [_typed(value, field.type is int) for field, value in zip(fields(kind), values, strict=True)]
    except ValueError:
        raise StaleButton from None
    return kind(*typed)


def _typed(value: str, whole: bool) -> str | int:
    if whole:
        number = int(value)
        # numbers count pages, hits and files; the database would not even take a larger one
        if str(number) != value or not 0 <= number <= _LARGEST:
            raise ValueError(value)
        return number
    if not value.isascii() or not value.isalnum():
        raise ValueError(value)
    return value
