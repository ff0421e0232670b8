"""The Card of /status: one's own Transfers at a glance."""

from collections.abc import Sequence

from handlers.buttons import ShowTransfer
from handlers.cards.look import Look, key, shortened
from models.transfers import Transfer, TransferState
from services.words import Words


def status_card(transfers: Sequence[Transfer], t: Words) -> Look:
    """A list with a key for each; the Transfer's own Card tells more."""
    if not transfers:
        return Look(t("status-empty"), final=True)
    lines = [t("status-headline")]
    lines += [_line(number, transfer, t) for number, transfer in enumerate(transfers, 1)]
    keys = [
        key(t, "button-number", ShowTransfer(transfer.id), number=number)
        for number, transfer in enumerate(transfers, 1)
    ]
    return Look("\n".join(lines), [keys[:5], keys[5:]], final=True)


def _line(number: int, transfer: Transfer, t: Words) -> str:
    state = t(f"state-{transfer.state.value}")
    if transfer.state is TransferState.FETCHING and transfer.progress.total:
        state = f"{state} {int(100 * transfer.progress.done / transfer.progress.total)} %"
    return t("status-line", number=number, title=shortened(transfer.title, 60), state=state)
