"""Whom every client of ours believes: the authorities that come with httpx."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Read from disk once: reading them takes longer than anything else in making a client."""
    return httpx.create_ssl_context()
