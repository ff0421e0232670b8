"""The Card of a Transfer that is being chosen: its files in folders, with toggles."""

from handlers.buttons import (
    AskPattern,
    Back,
    Cancel,
    OpenFolder,
    Start,
    TurnFiles,
    Unpack,
    Want,
    WantFolder,
    WantOnly,
)
from handlers.cards.look import Look, key, middle_cut, page_keys, shortened
from handlers.cards.waiting import waiting_line
from models.transfers import Transfer
from services.downloads.names import one_line
from services.telegram.port import Button
from services.transfers.choosing import FileRow, FolderRow, Picker
from services.words import Words

PATTERN = "pattern"
"""The side of the Card that asks for a pattern."""
_NAME = 40
_FOLDER = 28
_STEP = 60
_STEPS = 4
_LONGEST = 300


def files_card(transfer: Transfer, picker: Picker | None, t: Words, view: str = "") -> Look:
    """The file list, or that it is still being read."""
    title = shortened(one_line(transfer.title, _LONGEST), 200)
    if picker is None:
        waiting = [] if transfer.waiting is None else [waiting_line(transfer, t)]
        text = "\n".join([t("files-reading", title=title), *waiting])
        return Look(text, [[key(t, "button-cancel", Cancel(transfer.id))]])
    lines = [_headline(transfer, picker, title, t)]
    if view == PATTERN and picker.total > 1:
        back = key(t, "button-back", Back(transfer.id))
        return Look("\n".join([*lines, t("files-ask-pattern")]), [[back]])
    if picker.oversized:
        lines.append(t("files-oversized", count=picker.oversized, limit=t.size(picker.limit)))
    if picker.way:
        lines.append(t("files-way", way=_way(picker.way)))
    return Look("\n".join(lines), _keyboard(transfer, picker, t))


def _headline(transfer: Transfer, picker: Picker, title: str, t: Words) -> str:
    headline = t(
        "files-headline",
        title=title,
        chosen=transfer.chosen.count,
        total=picker.total,
        size=t.size(transfer.chosen_size),
    )
    room = {"missing": t.size(picker.missing), "free": t.size(picker.free)}
    disk = t("disk-missing", **room) if picker.missing else t("disk-ok", free=room["free"])
    return " · ".join([headline, disk, *([t("files-parts", count=picker.parts)] if picker.parts else [])])


def _way(names: tuple[str, ...]) -> str:
    """The last few folders on the way to the open one."""
    steps = [shortened(one_line(name, _LONGEST), _STEP) for name in names[-_STEPS:]]
    return " › ".join((["…"] if len(names) > _STEPS else []) + steps)


def _keyboard(transfer: Transfer, picker: Picker, t: Words) -> list[list[Button]]:
    rows: list[list[Button]] = []
    if picker.parent >= 0:
        up = key(t, "button-up", OpenFolder(transfer.id, picker.parent))
        rows.append([up, _folder_toggle(transfer, picker.here, t)])
    rows += [_row(transfer, row, t) for row in picker.rows]
    if picker.pages > 1:
        rows.append(_pages(transfer, picker, t))
    if picker.total > 1:
        rows.append(
            [key(t, f"button-{which}", WantOnly(transfer.id, which)) for which in ("all", "none", "video")]
        )
        rows[-1].append(key(t, "button-pattern", AskPattern(transfer.id)))
    if picker.archives:
        label = "button-unpack-wanted" if transfer.unpack else "button-unpack-left"
        rows.append([key(t, label, Unpack(transfer.id, int(not transfer.unpack)), count=picker.archives)])
    rows.append([key(t, "button-start", Start(transfer.id)), key(t, "button-cancel", Cancel(transfer.id))])
    return rows


def _pages(transfer: Transfer, picker: Picker, t: Words) -> list[Button]:
    return page_keys(t, picker.page, picker.pages, lambda page: TurnFiles(transfer.id, page))


def _row(transfer: Transfer, row: FolderRow | FileRow, t: Words) -> list[Button]:
    if isinstance(row, FolderRow):
        name = middle_cut(one_line(row.name, _LONGEST), _FOLDER)
        opened = key(t, "button-folder", OpenFolder(transfer.id, row.number), name=name)
        return [opened, _folder_toggle(transfer, row, t)]
    name = middle_cut(one_line(row.name, _LONGEST), _NAME)
    label = "button-file-wanted" if row.wanted else "button-file-left"
    return [
        key(t, label, Want(transfer.id, row.index, int(not row.wanted)), name=name, size=t.size(row.size))
    ]


def _folder_toggle(transfer: Transfer, row: FolderRow, t: Words) -> Button:
    """Takes everything in the folder, or leaves it all out when it was taken."""
    if row.chosen == row.total:
        label = "button-folder-all"
    else:
        label = "button-folder-some" if row.chosen else "button-folder-none"
    press = WantFolder(transfer.id, row.number, int(row.chosen < row.total))
    return key(t, label, press, chosen=row.chosen, total=row.total, size=t.size(row.size))
