"""Other encodings of a work, in the details of the one that stands for them."""

from collections.abc import Sequence

from handlers.buttons import Get
from handlers.cards.look import in_rows, key
from models.library import Item
from models.media import Kind
from services.library.entries import lines_of
from services.telegram.port import Button
from services.words import Words

_KEYS_A_ROW = 2


def also_here(items: Sequence[Item], t: Words) -> list[str]:
    return [t("library-also", encodings="; ".join(_facts(item, t) for item in items))] if items else []


def also_keys(items: Sequence[Item], t: Words) -> list[list[Button]]:
    """One that delivers each."""
    keys = [key(t, "button-get-encoding", Get(item.id), facts=_facts(item, t)) for item in items]
    return in_rows(keys, _KEYS_A_ROW)


def _facts(item: Item, t: Words) -> str:
    main = item.main
    is_film = main is not None and main.kind is Kind.VIDEO and main.height
    lines = [f"{lines_of(main.model_dump())}p"] if main is not None and is_film else []
    return " · ".join([*lines, t.size(sum(file.size for file in item.files))])
