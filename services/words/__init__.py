"""Every word a person reads: Fluent messages, and numbers as their language writes them."""

from services.words.catalogue import Catalogue, Words

__all__ = ["Catalogue", "Words"]
