r"""parse_mode MarkdownV2, after tdlib's parse_markdown_v2."""

import re
from dataclasses import dataclass

from simulator.entities.common import Entity, byte_offset, in_order, link_entity, utf16_length

RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
LAST_ESCAPABLE = 126
# marker → kind, longest first; the names in refusals are tdlib's names of the kinds
MARKERS = (
    ("```", "pre", "Pre"),
    ("__", "underline", "Underline"),
    ("||", "spoiler", "Spoiler"),
    ("![", "custom_emoji", "CustomEmoji"),
    ("`", "code", "Code"),
    ("_", "italic", "Italic"),
    ("*", "bold", "Bold"),
    ("~", "strikethrough", "Strikethrough"),
    ("[", "text_link", "TextUrl"),
)
NAMES = {kind: name for _, kind, name in MARKERS} | {"blockquote": "BlockQuote"}
ENDS = {kind: "]" if marker.endswith("[") else marker for marker, kind, _ in MARKERS}


@dataclass(slots=True)
class Open:
    """An entity that has begun. `text_at` is the length of the plain text before it."""

    kind: str
    begin: int
    offset: int
    text_at: int
    language: str = ""


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Raises ValueError with tdlib's words."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[Open] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            self._step()
        if self.open and self.open[-1].kind == "blockquote":
            self._close_quote()
        if self.open:
            raise self._no_end()
        return "".join(self.text), in_order(self.entities)

    def _step(self) -> None:
        char = self.source[self.at]
        if self._escaped():
            self.at += 1
            self._append()
        elif not self._reserved(char):
            self._append()
        elif self._quote_ends():
            self._end_quote()
        elif self.open and self._ends_here(self.open[-1].kind):
            self._end()
        else:
            self._begin()

    def _escaped(self) -> bool:
        after = self.source[self.at + 1 : self.at + 2]
        return self.source[self.at] == "\\" and bool(after) and 0 < ord(after) <= LAST_ESCAPABLE

    def _reserved(self, char: str) -> bool:
        if self.open and self.open[-1].kind in ("code", "pre"):
            return char == "`"
        return char in RESERVED

    def _append(self) -> None:
        char = self.source[self.at]
        self.text.append(char)
        self.offset += utf16_length(char)
        self.at += 1

    def _has(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def _place(self, index: int) -> str:
        return f"at byte offset {byte_offset(self.source, index)}"

    def _no_end(self) -> ValueError:
        last = self.open[-1]
        name = "PreCode" if last.language else NAMES[last.kind]
        return ValueError(f"Can't find end of {name} entity {self._place(last.begin)}")

    def _reserved_here(self) -> ValueError:
        char = self.source[self.at]
        return ValueError(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")

    def _in_quote(self) -> bool:
        return any(item.kind == "blockquote" for item in self.open)

    def _quote_ends(self) -> bool:
        return self._in_quote() and self.source[self.at] == "\n" and not self._has("\n>")

    def _end_quote(self) -> None:
        """A quotation ends with its line; `||` before the end makes it an expandable one."""
        if self.open[-1].kind != "blockquote":
            self._end_expandable()
        self._close_quote()
        self._append()

    def _end_expandable(self) -> None:
        last = self.open[-1]
        if last.kind != "spoiler" or last.offset != self.offset or self.open[-2].kind != "blockquote":
            raise self._no_end()
        self.open.pop()
        self.open[-1].language = "expandable"

    def _close_quote(self) -> None:
        quote = self.open.pop()
        kind = "expandable_blockquote" if quote.language else "blockquote"
        if self.offset > quote.offset:
            self.entities.append({"type": kind, "offset": quote.offset, "length": self.offset - quote.offset})

    def _ends_here(self, kind: str) -> bool:
        if kind == "italic":
            return self._has("_") and not self._has("__")
        return kind != "blockquote" and self._has(ENDS[kind])

    def _begin(self) -> None:
        if self._has("\n"):
            self._new_line()
        elif self._has(">") and self.at == 0:
            self.at += 1
            self.open.append(Open("blockquote", 0, 0, 0))
        else:
            self._begin_marker()

    def _new_line(self) -> None:
        self._append()
        if not self._has(">"):
            return
        if not self._in_quote():
            self.open.append(Open("blockquote", self.at - 1, self.offset, len(self.text)))
        self.at += 1

    def _begin_marker(self) -> None:
        found = next(((marker, kind) for marker, kind, _ in MARKERS if self._has(marker)), None)
        if found is None:
            raise self._reserved_here()
        marker, kind = found
        begin = self.at
        self.at += len(marker)
        language = self._language() if kind == "pre" else ""
        self.open.append(Open(kind, begin, self.offset, len(self.text), language))

    def _language(self) -> str:
        """The word after the marker up to white space; also skips one line break."""
        match = re.compile(r"[^\s`]+(?=\s)").match(self.source, self.at)
        language = match[0] if match else ""
        self.at += len(language)
        line_break = re.compile(r"\r\n|\n\r|\n|\r").match(self.source, self.at)
        self.at += len(line_break[0]) if line_break else 0
        return language

    def _end(self) -> None:
        last = self.open.pop()
        self.at += len(ENDS[last.kind])
        place = {"offset": last.offset, "length": self.offset - last.offset}
        entity = self._entity(last)
        if entity and place["length"]:
            self.entities.append(entity | place)

    def _entity(self, last: Open) -> Entity | None:
        if last.kind == "text_link":
            return link_entity(self._url("a URL") or "".join(self.text[last.text_at :]))
        if last.kind == "custom_emoji":
            return self._custom_emoji()
        if last.kind == "pre" and last.language:
            return {"type": "pre", "language": last.language}
        return {"type": last.kind}

    def _custom_emoji(self) -> Entity:
        if not self._has("("):
            raise ValueError("Custom emoji entity must contain a tg://emoji URL")
        match = re.fullmatch(r"tg://emoji\?id=(\d+)", self._url("a custom emoji URL"))
        if match is None:
            raise ValueError("Custom emoji URL must have an emoji identifier")
        return {"type": "custom_emoji", "custom_emoji_id": match[1]}

    def _url(self, name: str) -> str:
        """The address in parentheses here, "" when none follows."""
        if not self._has("("):
            return ""
        self.at += 1
        begin = self.at
        url = ""
        while self.at < len(self.source) and self.source[self.at] != ")":
            self.at += self._escaped()
            url += self.source[self.at]
            self.at += 1
        if not self._has(")"):
            raise ValueError(f"Can't find end of {name} {self._place(begin)}")
        self.at += 1
        return url
