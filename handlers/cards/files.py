"""The Card of a Transfer that is being chosen: its files with toggles."""

from collections.abc import Sequence

from handlers.buttons import Cancel, Start, TurnFiles, Want, WantOnly
from handlers.cards.look import Look, key, middle_cut, shortened
from models.downloads import FileEntry
from models.transfers import Transfer
from services.telegram.door import Button
from services.words import Words

PAGE = 8
_NAME = 40


def files_card(transfer: Transfer, t: Words) -> Look:
    """The file list, or that it is still being read."""
    if not transfer.listed:
        text = t("files-reading", title=shortened(transfer.title, 200))
        waiting = [] if transfer.waiting is None else [t(transfer.waiting)]
        return Look("\n".join([text, *waiting]), [[key(t, "button-cancel", Cancel(transfer.id))]])
    text = t(
        "files-headline",
        title=shortened(transfer.title, 200),
        chosen=len(transfer.wanted),
        total=len(transfer.files),
        size=t.size(transfer.chosen_size),
    )
    return Look(text, _keyboard(transfer, transfer.files, t))


def _keyboard(transfer: Transfer, files: Sequence[FileEntry], t: Words) -> list[list[Button]]:
    last = max(0, -(-len(files) // PAGE) - 1)
    page = min(transfer.page, last)
    wanted = set(transfer.wanted)
    rows = [
        [_toggle(transfer, file, file.index in wanted, t)] for file in files[page * PAGE : (page + 1) * PAGE]
    ]
    if last > 0:
        rows.append(
            [
                key(t, "button-previous", TurnFiles(transfer.id, max(0, page - 1))),
                key(t, "button-page", TurnFiles(transfer.id, page), page=page + 1, pages=last + 1),
                key(t, "button-next", TurnFiles(transfer.id, min(last, page + 1))),
            ]
        )
    if len(files) > 1:
        rows.append(
            [key(t, f"button-{which}", WantOnly(transfer.id, which)) for which in ("all", "none", "video")]
        )
    rows.append([key(t, "button-start", Start(transfer.id)), key(t, "button-cancel", Cancel(transfer.id))])
    return rows


def _toggle(transfer: Transfer, file: FileEntry, wanted: bool, t: Words) -> Button:
    name = middle_cut(file.path.rpartition("/")[2], _NAME)
    label = "button-file-wanted" if wanted else "button-file-left"
    return key(t, label, Want(transfer.id, file.index, int(not wanted)), name=name, size=t.size(file.size))
