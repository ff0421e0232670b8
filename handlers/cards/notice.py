"""A notice: the words of one key, and the code of what went wrong."""

from collections.abc import Mapping

from handlers.cards.code import code_line
from handlers.cards.look import Look
from services.words import Words


def notice_card(name: str, values: Mapping[str, str | int], t: Words) -> Look:
    words = t(name, **values)
    return Look("\n".join([words, *code_line(values, t, words)]), final=True)
