"""The fields of the index. Texts are folded before they come here, so that words only have to be told apart at blanks."""

from functools import cache

from tantivy import Schema, SchemaBuilder

VERSION = 4
"""Of the fields and of what is put into them: an index of another version is made anew."""
TEXT = "text"
"""All words of an entry."""
TITLE, PERFORMER, ALBUM, NAMES, REST = "title", "performer", "album", "names", "rest"
WHOLE, SPELLINGS, REACH, ID = "whole", "spellings", "reach", "id"
PHRASED = (TITLE, PERFORMER, ALBUM, NAMES)
"""Where the order of words counts."""
PART_OF = "part_of"
"""Ids of the series and albums of which an entry is a part."""
ORDINAL = "ordinal"
"""Where in those it comes."""
WORDS = ("kind", "tag", "channel", "language", "codec", "quality", PART_OF)
"""Compared as they are."""
NUMBERS = ("bytes", "seconds", "height", "year", "season", "episode", "added", "wanted", "price", ORDINAL)

LOOKED_UP = {"season"}
"""Numbers that are asked for one by one."""


@cache
def schema() -> Schema:
    """Made once: everything that is put in or asked names its fields by it."""
    builder = SchemaBuilder()
    builder.add_text_field(ID, stored=True, tokenizer_name="raw", index_option="basic")
    for name in PHRASED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in (TEXT, REST):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(SPELLINGS, tokenizer_name="whitespace", index_option="basic")
    for name in (WHOLE, REACH):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBERS:
        # what is only compared and sorted by is asked of its column; a list of every number would be a fifth of the index
        builder.add_integer_field(name, indexed=name in LOOKED_UP, fast=True)
    return builder.build()
