"""Formatting as the simulator understands it: offsets in UTF-16, and the refusals in tdlib's words."""

from typing import Any

import pytest

from simulator.entities import formatted, message_caption, message_text
from simulator.errors import ApiError


def entity(kind: str, offset: int, length: int, **more: object) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length} | more


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>bold</b> <strong>x</strong>", "bold x", [entity("bold", 0, 4), entity("bold", 5, 1)]),
        ("<i>a</i><em>b</em>", "ab", [entity("italic", 0, 1), entity("italic", 1, 1)]),
        ("<u>a</u> <ins>b</ins>", "a b", [entity("underline", 0, 1), entity("underline", 2, 1)]),
        ("<s>a</s> <del>b</del>", "a b", [entity("strikethrough", 0, 1), entity("strikethrough", 2, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [entity("spoiler", 0, 1)]),
        ("<code>1 &lt; 2</code>", "1 < 2", [entity("code", 0, 5)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [entity("pre", 0, 1, language="python")]),
        ("<pre>x</pre> <code>y</code>", "x y", [entity("pre", 0, 1), entity("code", 2, 1)]),
        ("<blockquote>q</blockquote>", "q", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [entity("expandable_blockquote", 0, 1)]),
        (
            '<a href="https://example.com/?a=1&amp;b=2">l</a>',
            "l",
            [entity("text_link", 0, 1, url="https://example.com/?a=1&b=2")],
        ),
        ("<a href='example.com'>l</a>", "l", [entity("text_link", 0, 1, url="http://example.com/")]),
        ("<b>🦅</b><i>x</i>", "🦅x", [entity("bold", 0, 2), entity("italic", 2, 1)]),
        ("<b>a <i>b</i></b>", "a b", [entity("bold", 0, 3), entity("italic", 2, 1)]),
        ("&lt;&gt;&amp;&quot;&#128512;&#x41;&nbsp;", '<>&"😀A&nbsp;', []),
        ("<b></b>x", "x", []),
        ("  <b> x</b> ", "x", [entity("bold", 0, 1)]),
        ("<B>x</B>", "x", [entity("bold", 0, 1)]),
    ],
)
def test_html_becomes_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert formatted(source, "HTML", None) == (text, entities)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("x <x>y</x>", 'Unsupported start tag "x" at byte offset 2'),
        ("é <1", "Unclosed start tag at byte offset 3"),
        ("🦅<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x$>y</a>", "Unexpected end of name token at byte offset 8"),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<a /", 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_html_is_refused_in_tdlibs_words(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as caught:
        formatted(source, "HTML", None)
    assert caught.value.description == f"Bad Request: can't parse entities: {refusal}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*bold _both_*", "bold both", [entity("bold", 0, 9), entity("italic", 5, 4)]),
        (
            "__under__ ~gone~ ||spoil||",
            "under gone spoil",
            [entity("underline", 0, 5), entity("strikethrough", 6, 4), entity("spoiler", 11, 5)],
        ),
        ("`a.b` ```py\nx=1```", "a.b x=1", [entity("code", 0, 3), entity("pre", 4, 3, language="py")]),
        ("```\nx\n```", "x", [entity("pre", 0, 1)]),
        (r"[l](https://example.com/\))", "l", [entity("text_link", 0, 1, url="https://example.com/)")]),
        (r"1\.5 \- \! \\", "1.5 - ! \\", []),
        ("🦅 *x*", "🦅 x", [entity("bold", 3, 1)]),
        (">a\n>b\nc", "a\nb\nc", [entity("blockquote", 0, 3)]),
        ("x\n>a||\nb", "x\na\nb", [entity("expandable_blockquote", 2, 1)]),
        (
            "![👍](tg://emoji?id=5368324170671202286)",
            "👍",
            [entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
        ),
    ],
)
def test_markdown_becomes_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert formatted(source, "MarkdownV2", None) == (text, entities)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("1.5", r"Character '.' is reserved and must be escaped with the preceding '\'"),
        ("a > b", r"Character '>' is reserved and must be escaped with the preceding '\'"),
        ("a | b", r"Character '|' is reserved and must be escaped with the preceding '\'"),
        ("é _x", "Can't find end of Italic entity at byte offset 3"),
        ("*x", "Can't find end of Bold entity at byte offset 0"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        ("||x", "Can't find end of Spoiler entity at byte offset 0"),
        ("[x](https://example.com", "Can't find end of a URL at byte offset 4"),
        ("![x]", "Custom emoji entity must contain a tg://emoji URL"),
    ],
)
def test_markdown_is_refused_in_tdlibs_words(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as caught:
        formatted(source, "MarkdownV2", None)
    assert caught.value.description == f"Bad Request: can't parse entities: {refusal}"


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start now", [entity("bot_command", 0, 6)]),
        ("see https://example.com/a?b=1.", [entity("url", 4, 25)]),
        ("see example.com", [entity("url", 4, 11)]),
        ("🦅 @magpie_bot #shiny", [entity("mention", 3, 11), entity("hashtag", 15, 6)]),
        ("a@example.com", [entity("email", 0, 13)]),
        ("1/2 #1 a/b", []),
    ],
)
def test_some_entities_are_found_without_marks(text: str, entities: list[dict[str, Any]]) -> None:
    assert formatted(text, None, None) == (text, entities)


def test_nothing_is_found_inside_code_and_links() -> None:
    assert formatted("<code>https://example.com</code>", "HTML", None)[1] == [entity("code", 0, 19)]


def test_given_entities_are_kept_where_there_is_no_parse_mode() -> None:
    given = [entity("bold", 0, 2), entity("url", 0, 2)]
    assert formatted("hi you", None, given) == ("hi you", [entity("bold", 0, 2)])


def test_a_given_entity_beyond_the_text_is_refused() -> None:
    with pytest.raises(ApiError, match="ends after the end of the text"):
        formatted("hi", None, [entity("bold", 1, 2)])


def test_an_unknown_parse_mode_is_refused() -> None:
    with pytest.raises(ApiError, match="Bad Request: unsupported parse_mode"):
        formatted("hi", "BBCode", None)


def test_the_old_markdown_says_that_it_is_not_imitated() -> None:
    with pytest.raises(ApiError, match="does not have the old parse_mode Markdown") as caught:
        formatted("*hi*", "Markdown", None)
    assert caught.value.code == 501


def test_a_text_has_4096_characters_after_parsing() -> None:
    assert len(message_text({"text": f"<b>{'x' * 4096}</b>", "parse_mode": "HTML"})["text"]) == 4096
    with pytest.raises(ApiError, match="Bad Request: message is too long"):
        message_text({"text": "x" * 4097})


def test_a_caption_has_1024_characters_after_parsing() -> None:
    assert len(message_caption({"caption": f"<b>{'x' * 1024}</b>", "parse_mode": "HTML"})["caption"]) == 1024
    with pytest.raises(ApiError, match="Bad Request: message caption is too long"):
        message_caption({"caption": "x" * 1025})


def test_a_text_of_more_than_32_kilobytes_is_not_even_parsed() -> None:
    with pytest.raises(ApiError, match="Bad Request: text is too long"):
        message_text({"text": "<b>" + "x" * 32768})


@pytest.mark.parametrize("text", ["", "   \n", "<b></b>"])
def test_a_text_without_anything_to_see_is_empty(text: str) -> None:
    with pytest.raises(ApiError, match="Bad Request: message text is empty"):
        message_text({"text": text, "parse_mode": "HTML"})
