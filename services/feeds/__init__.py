"""Feeds: addresses and searches that are looked at again and again, and order what is new."""
