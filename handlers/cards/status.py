"""The Card of /status: one's own Transfers at a glance, and those of others for who oversees them."""

from collections.abc import Sequence

from handlers.buttons import ShowTransfer, TurnStatus
from handlers.cards.look import Look, in_rows, key, neighbour_keys, shortened
from models.transfers import Transfer, TransferState
from services.telegram.port import Button
from services.transfers.oversight import Others
from services.words import Words

_KEYS_IN_ROW = 5


def status_card(transfers: Sequence[Transfer], t: Words, others: Others | None = None) -> Look:
    """A list with a key for each; the Transfer's own Card tells more. One's own stand on the first page of `others`."""
    others = others or Others()
    own = list(transfers) if others.page == 0 else []
    if not own and not others.orders:
        return Look(t("status-empty"), final=True)
    lines = [t("status-headline")] if own else []
    lines += [_line(number, transfer, t) for number, transfer in enumerate(own, 1)]
    lines += _lines_of_others(len(own) + 1, others, t)
    shown = [*own, *(other.transfer for other in others.orders)]
    return Look(
        "\n".join(lines),
        [*_number_keys(shown, t), *neighbour_keys(t, others.page, others.pages, TurnStatus)],
        final=True,
    )


def _lines_of_others(first: int, others: Others, t: Words) -> list[str]:
    if not others.orders:
        return []
    lines = [
        f"{_line(number, other.transfer, t)} · {t('status-orderer', member=shortened(other.member, 40))}"
        for number, other in enumerate(others.orders, first)
    ]
    return [t("status-others"), *lines]


def _line(number: int, transfer: Transfer, t: Words) -> str:
    state = t(f"state-{transfer.state.value}")
    if transfer.state is TransferState.FETCHING and transfer.progress.total:
        state = f"{state} {int(100 * transfer.progress.done / transfer.progress.total)} %"
    return t("status-line", number=number, title=shortened(transfer.title, 60), state=state)


def _number_keys(shown: Sequence[Transfer], t: Words) -> list[list[Button]]:
    keys = [
        key(t, "button-number", ShowTransfer(transfer.id), number=number)
        for number, transfer in enumerate(shown, 1)
    ]
    return in_rows(keys, _KEYS_IN_ROW)
