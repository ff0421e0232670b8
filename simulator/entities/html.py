"""parse_mode HTML, after tdlib's parse_html."""

import html
import re
from dataclasses import dataclass

from simulator.entities.common import Entity, byte_offset, in_order, link_entity, utf16_length

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "a",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,7})|#([0-9]{1,8})|(lt|gt|amp|quot)(?![A-Za-z]));?")
MOST_CODE_POINT = 0x10FFFF


@dataclass(slots=True)
class Open:
    """A start tag that waits for its end. `text_at` is the length of the plain text before it."""

    name: str
    argument: str
    offset: int
    text_at: int


def parse_html(source: str) -> tuple[str, list[Entity]]:
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
            char = self.source[self.at]
            if char == "&":
                self._append(self._reference() or self._next())
            elif char != "<":
                self._append(self._next())
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise ValueError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return "".join(self.text), in_order(self.entities)

    def _append(self, char: str) -> None:
        self.text.append(char)
        self.offset += utf16_length(char)

    def _next(self) -> str:
        self.at += 1
        return self.source[self.at - 1]

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _place(self, index: int) -> str:
        return f"at byte offset {byte_offset(self.source, index)}"

    def _reference(self) -> str | None:
        """The character of a character reference here, and past it; None when there is none."""
        match = REFERENCE.match(self.source, self.at)
        if match is None:
            return None
        code = int(match[1], 16) if match[1] else int(match[2] or 0)
        if not match[3] and not 0 < code < MOST_CODE_POINT:
            return None
        self.at = match.end()
        return NAMED[match[3]] if match[3] else html.unescape(f"&#{code};")

    def _skip_spaces(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _take(self, pattern: str) -> str:
        match = re.compile(pattern).match(self.source, self.at)
        taken = match[0] if match else ""
        self.at += len(taken)
        return taken

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._take(r"[^\s>]*").lower()
        if not self._peek():
            raise ValueError(f"Unclosed start tag {self._place(begin)}")
        if name not in KINDS:
            raise ValueError(f'Unsupported start tag "{name}" {self._place(begin)}')
        argument = ""
        while self._peek() != ">":
            self._skip_spaces()
            if self._peek() == ">":
                break
            argument = self._argument(name, *self._attribute(name, begin)) or argument
        self.at += 1
        if name == "span" and not argument:
            raise ValueError(f'Tag "span" must have class "tg-spoiler" {self._place(begin)}')
        self.open.append(Open(name, argument, self.offset, len(self.text)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._take(r"[^\s=>/\"']*")
        if not name:
            raise ValueError(f'Empty attribute name in the tag "{tag}" {self._place(begin)}')
        self._skip_spaces()
        if self._peek() != "=":
            return name.lower(), ""
        self.at += 1
        self._skip_spaces()
        value = self._quoted() if self._peek() in ('"', "'") else self._token()
        if not self._peek():
            raise ValueError(f'Unclosed start tag "{tag}" {self._place(begin)}')
        return name.lower(), value

    def _token(self) -> str:
        start = self.at
        token = self._take(r"[A-Za-z0-9.\-]*").lower()
        if self._peek() and not self._peek().isspace() and self._peek() != ">":
            raise ValueError(f"Unexpected end of name token {self._place(start)}")
        return token

    def _quoted(self) -> str:
        quote = self._next()
        value = ""
        while self._peek() and self._peek() != quote:
            value += (self._reference() if self._peek() == "&" else None) or self._next()
        self.at += 1
        return value

    def _argument(self, tag: str, name: str, value: str) -> str:
        if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
            return value
        if (tag, name) == ("code", "class") and value.startswith("language-"):
            return value.removeprefix("language-")
        if (tag, name, value) == ("span", "class", "tg-spoiler") or (tag, name) == (
            "blockquote",
            "expandable",
        ):
            return "1"
        return ""

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise ValueError(f"Unexpected end tag {self._place(begin)}")
        self.at += 2
        name = self._take(r"[^\s>]*").lower()
        self._skip_spaces()
        if self._peek() != ">":
            raise ValueError(f"Unclosed end tag {self._place(begin)}")
        self.at += 1
        tag = self.open.pop()
        if name and name != tag.name:
            raise ValueError(
                f'Unmatched end tag {self._place(begin)}, expected "</{tag.name}>", found "</{name}>"'
            )
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: Open) -> None:
        place = {"offset": tag.offset, "length": self.offset - tag.offset}
        kind = KINDS[tag.name]
        if tag.name == "a":
            link = link_entity(tag.argument or "".join(self.text[tag.text_at :]))
            if link:
                self.entities.append(link | place)
        elif tag.name == "tg-emoji":
            if not tag.argument.isdigit():
                raise ValueError("Invalid custom emoji identifier specified")
            self.entities.append({"type": kind, "custom_emoji_id": tag.argument} | place)
        elif tag.name in ("pre", "code"):
            self._close_code(tag, place)
        elif tag.name == "blockquote" and tag.argument:
            self.entities.append({"type": "expandable_blockquote"} | place)
        else:
            self.entities.append({"type": kind} | place)

    def _close_code(self, tag: Open, place: Entity) -> None:
        """`pre` around exactly a `code` with a language is one entity, in either nesting."""
        last = self.entities[-1] if self.entities else {}
        together = last.get("offset") == place["offset"] and last.get("length") == place["length"]
        if together and tag.name == "pre" and last["type"] == "code" and last.get("language"):
            last["type"] = "pre"
        elif together and tag.name == "code" and last["type"] == "pre" and tag.argument:
            last["language"] = tag.argument
        else:
            language = {"language": tag.argument} if tag.argument else {}
            self.entities.append({"type": tag.name} | language | place)
