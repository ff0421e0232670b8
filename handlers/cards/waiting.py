"""Why an order waits, in words."""

from models.transfers import Transfer
from services.words import Words

_BYTES = ("needed", "free")


def waiting_line(transfer: Transfer, t: Words) -> str:
    """The reason with its values; those that count bytes are said in the unit that reads best."""
    values: dict[str, str | int] = dict(transfer.waiting_values)
    values |= {name: t.size(transfer.waiting_values[name]) for name in _BYTES if name in values}
    return t(transfer.waiting or "transfer-queued", **values)
