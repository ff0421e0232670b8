"""The Card of /duplicates: works of which there are several encodings, and one of them closely."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.buttons import (
    AskMergeEncodings,
    AskSeparateEncodings,
    Get,
    KeepEncoding,
    ListEncodings,
    MergeEncodings,
    PartEncodings,
    RejoinEncodings,
    SeparateEncodings,
    ShowEncodings,
)
from handlers.cards.look import Look, in_rows, isolated, key, neighbour_keys, shortened
from models.library import EncodingsState
from services.library.duplicates import PAGE, Listed, Looked
from services.library.quality import LOSSLESS, Encoding, Measure, Reason
from services.telegram.port import Button
from services.words import Words

_TITLE, _MORE = 80, 4
_KEYS_A_ROW = 4
_MOST_SHOWN = 12
_MOST_LANGUAGES = 6
_MEGABIT, _KILOBIT = 1_000_000, 1000
_LIST, _DECIDED, _LOOK, _MERGE, _SEPARATE = "l", "d", "w", "m", "s"
_BUSY = frozenset({EncodingsState.MERGING, EncodingsState.SEPARATING})


@dataclass(frozen=True)
class View:
    """Which side of the Card is shown: a page of a list, or one work, perhaps with a question."""

    page: int = 0
    decided: bool = False
    encodings: str = ""
    best: str = ""
    asks: str = ""

    @classmethod
    def read(cls, view: str) -> "View":
        """As `spelled` wrote it; the first page for anything else."""
        side, rest = view[:1], view[1:]
        if side in {_LOOK, _MERGE, _SEPARATE} and rest:
            encodings, _, best = rest.partition(".")
            return cls(encodings=encodings, best=best, asks="" if side == _LOOK else side)
        page = int(rest) if rest.isdecimal() else 0
        return cls(page=page, decided=side == _DECIDED)

    @property
    def spelled(self) -> str:
        if not self.encodings:
            return f"{_DECIDED if self.decided else _LIST}{self.page}"
        return f"{self.asks or _LOOK}{self.encodings}.{self.best}"


def looking(encodings: str, best: str = "") -> str:
    return View(encodings=encodings, best=best).spelled


def asking_to_merge(encodings: str, best: str) -> str:
    return View(encodings=encodings, best=best, asks=_MERGE).spelled


def asking_to_separate(encodings: str) -> str:
    return View(encodings=encodings, asks=_SEPARATE).spelled


def listing(page: int, *, decided: bool) -> str:
    return View(page=page, decided=decided).spelled


def duplicates_card(listed: Listed, t: Words) -> Look:
    """A list with a key for each."""
    numbered = list(enumerate(listed.groups, listed.page * PAGE + 1))
    head = "duplicates-decided" if listed.decided else "duplicates-headline"
    none = "duplicates-none-decided" if listed.decided else "duplicates-none"
    lines = [t(head, works=listed.total)] if numbered else [t(none)]
    for number, (group, title) in numbered:
        how = t.label(f"duplicates-{group.state.value}", count=len(group.items))
        lines.append(t("duplicates-line", number=number, title=_title(title), how=how))
    keys = [key(t, "button-number", ShowEncodings(group.id), number=n) for n, (group, _) in numbered]
    turns = neighbour_keys(
        t, listed.page, listed.pages, lambda page: ListEncodings(int(listed.decided), page)
    )
    rows = [*([keys] if keys else []), *turns, *_other_list(listed, t)]
    is_busy = any(group.state in _BUSY for group, _ in listed.groups)
    return Look("\n".join(lines), rows, final=not is_busy)


def _other_list(listed: Listed, t: Words) -> list[list[Button]]:
    if not listed.others:
        return []
    name = "button-duplicates-open" if listed.decided else "button-duplicates-decided"
    return [[key(t, name, ListEncodings(int(not listed.decided), 0), count=listed.others)]]


def encodings_gone_card(t: Words) -> Look:
    """What was shown together is not any more: one is left, or none."""
    back = [[key(t, "button-back", ListEncodings(0, 0))]]
    return Look(t("duplicates-gone"), back, final=True)


def encodings_card(looked: Looked, t: Words, view: View) -> Look:
    """One work closely. While it is being merged the Card stays open, and is edited when that is done."""
    if view.asks == _MERGE and looked.joining and looked.best == view.best:
        return _merge_question(looked, t)
    if view.asks == _SEPARATE and _merged(looked):
        return _separate_question(looked, t)
    shown = looked.encodings[:_MOST_SHOWN]
    lines = [t("duplicates-work", title=_title(_best(looked).title), how=_how(looked, t))]
    for number, each in enumerate(shown, 1):
        lines += _encoding_lines(number, each, looked, t)
    lines += _elsewhere(looked, t)
    if looked.group.state is EncodingsState.OPEN and not looked.joining:
        lines.append(t("duplicates-torn"))
    return Look("\n".join(lines), _keys(looked, shown, t), final=looked.group.state not in _BUSY)


def _how(looked: Looked, t: Words) -> str:
    return t.label(f"duplicates-{looked.group.state.value}", count=len(looked.encodings))


def _merge_question(looked: Looked, t: Words) -> Look:
    kept = _best(looked)
    question = t(
        "duplicates-ask-merge",
        title=_title(kept.title),
        facts=" · ".join(facts_of_encoding(kept, t)),
        count=len(looked.joining),
    )
    yes = MergeEncodings(looked.group.id, looked.best, looked.seen)
    return _question(question, key(t, "button-merge-yes", yes), looked, t)


def _separate_question(looked: Looked, t: Words) -> Look:
    question = t("duplicates-ask-separate", title=_title(_best(looked).title), count=len(_merged(looked)))
    yes = key(t, "button-separate-yes", SeparateEncodings(looked.group.id, looked.seen))
    return _question(question, yes, looked, t)


def _question(question: str, yes: Button, looked: Looked, t: Words) -> Look:
    no = key(t, "button-leave", KeepEncoding(looked.group.id, looked.best))
    return Look(question, [[yes, no]], final=True)


def _best(looked: Looked) -> Encoding:
    return next(each for each in looked.encodings if each.id == looked.best)


def _merged(looked: Looked) -> list[Encoding]:
    return [each for each in looked.encodings if each.merged_into]


def _title(text: str) -> str:
    return isolated(shortened(text, _TITLE))


def _encoding_lines(number: int, each: Encoding, looked: Looked, t: Words) -> list[str]:
    score = looked.scores[each.id]
    facts = " · ".join(facts_of_encoding(each, t))
    name = "duplicates-better" if each.id == looked.better else "duplicates-encoding"
    lines = [t(name, number=number, facts=facts, points=round(score.points))]
    reasons = [reason_words(reason, t) for reason in score.reasons]
    lines += [t("duplicates-why", reasons=" · ".join(reasons))] if reasons else []
    if each.merged_into:
        places = {one.id: place for place, one in enumerate(looked.encodings, 1)}
        lines.append(t("duplicates-stands", number=places.get(each.merged_into, 0)))
    elif each.id == looked.best and looked.best != looked.better:
        lines.append(t("duplicates-chosen"))
    return lines


def facts_of_encoding(each: Encoding, t: Words) -> list[str]:
    """What tells one encoding from another at a glance."""
    lines = [f"{each.lines}p"] if each.lines else []
    codec = [each.codec] if each.codec else []
    lasts = [t.duration(each.seconds)] if each.seconds else []
    return [*lines, *codec, *lasts, t.size(each.size)]


def reason_words(reason: Reason, t: Words) -> str:
    """One reason, as plain text."""
    if reason.measure is Measure.LENGTH:
        return t.label("reason-length", own=t.duration(reason.own), total=t.duration(reason.total))
    if reason.measure is Measure.RESOLUTION:
        return t.label("reason-resolution", own=str(round(reason.own)), other=str(round(reason.other)))
    if reason.measure is Measure.RATE:
        name = "reason-rate-lossless" if reason.codec in LOSSLESS else "reason-rate"
        return t.label(name, own=_rate(reason.own, t), other=_rate(reason.other, t))
    if reason.measure is Measure.SUBTITLES:
        return _subtitles(reason, t)
    return t.label(f"reason-{reason.measure.value}", own=round(reason.own), total=round(reason.total))


def _subtitles(reason: Reason, t: Words) -> str:
    if not reason.languages:
        return t.label("reason-no-subtitles")
    names = [t.language_name(code) for code in reason.languages[:_MOST_LANGUAGES]]
    more = ["…"] if len(reason.languages) > _MOST_LANGUAGES else []
    return t.label("reason-subtitles", languages=", ".join([*names, *more]))


def _rate(bits: float, t: Words) -> str:
    if bits < _MEGABIT:
        return t.label("rate-kilobits", rate=t.number(round(bits / _KILOBIT)))
    return t.label("rate-megabits", rate=t.number(bits / _MEGABIT))


def _elsewhere(looked: Looked, t: Words) -> list[str]:
    if not looked.elsewhere:
        return []
    some = [" · ".join(facts_of_encoding(each, t)) for each in looked.elsewhere[:_MORE]]
    more = ["…"] if len(looked.elsewhere) > _MORE else []
    return [t("duplicates-elsewhere", encodings="; ".join([*some, *more]))]


def _keys(looked: Looked, shown: Sequence[Encoding], t: Words) -> list[list[Button]]:
    group = looked.group
    numbered = list(enumerate(shown, 1))
    gets = [key(t, "button-get-number", Get(each.id), number=n) for n, each in numbered]
    chooses = [
        key(t, "button-keep-number", KeepEncoding(group.id, each.id), number=n)
        for n, each in numbered
        if each.id != looked.best
    ]
    rows = in_rows(gets, _KEYS_A_ROW)
    if group.state in {EncodingsState.OPEN, EncodingsState.MERGED}:
        rows += [
            *in_rows(chooses, _KEYS_A_ROW),
            *_decisions(looked, {each.id: n for n, each in numbered}, t),
        ]
    if group.state is EncodingsState.APART:
        rows.append([key(t, "button-rejoin", RejoinEncodings(group.id))])
    list_ = ListEncodings(int(group.state in {EncodingsState.MERGED, EncodingsState.APART}), 0)
    return [*rows, [key(t, "button-back", list_)]]


def _decisions(looked: Looked, numbers: dict[str, int], t: Words) -> list[list[Button]]:
    group, rows = looked.group, list[list[Button]]()
    is_kept = group.state is EncodingsState.MERGED and not _is_merged(looked.best, looked)
    if looked.joining and not is_kept:
        merge = AskMergeEncodings(group.id, looked.best)
        rows.append([key(t, "button-merge", merge, number=numbers.get(looked.best, 1))])
    if group.state is EncodingsState.OPEN:
        rows.append([key(t, "button-part", PartEncodings(group.id, looked.seen))])
    if _merged(looked):
        rows.append([key(t, "button-separate", AskSeparateEncodings(group.id))])
    return rows


def _is_merged(item_id: str, looked: Looked) -> bool:
    return item_id in {each.id for each in _merged(looked)}
