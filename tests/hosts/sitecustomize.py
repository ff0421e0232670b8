"""Names for a bot that a test starts, as its /etc/hosts would have them: `TEST_HOSTS=name=address,…`.

Python imports this module at its start when the folder is in PYTHONPATH.
"""

import os
import socket
from collections.abc import Callable
from typing import Any


def knowing(hosts: dict[str, str], ask: Callable[..., Any]) -> Callable[..., Any]:
    """`getaddrinfo` that knows some names more."""

    def getaddrinfo(host: str, *arguments: Any, **named: Any) -> Any:
        return ask(hosts.get(host, host), *arguments, **named)

    return getaddrinfo


_hosts = dict(entry.split("=") for entry in os.environ.get("TEST_HOSTS", "").split(",") if entry)
socket.getaddrinfo = knowing(_hosts, socket.getaddrinfo)
