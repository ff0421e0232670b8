"""The short code that finds a trace in the log: the last line of a Card, where the words above do not bring it."""

from collections.abc import Mapping

from services.words import Words


def code_line(values: Mapping[str, str | int], t: Words, words: str = "") -> list[str]:
    """One line at most. `values` are an error's: without a code nothing was logged under one."""
    code = values.get("code")
    return [] if code is None or str(code) in words else [t("error-code", code=code)]
