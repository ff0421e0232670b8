"""Keeps foreign web pages out: a page on the internet can make a browser talk to a server on loopback."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost"})
OWN_SITES = frozenset({"same-origin", "none"})


class Guard:
    """Refuses requests to another host name (DNS rebinding) and those that another site's page makes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not allowed(scope):
            await _refuse(scope, receive, send)
            return
        await self._app(scope, receive, send)


def allowed(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in HOSTS:
        return False
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return False
    site = headers.get("sec-fetch-site")
    followed_link = headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
    return site is None or site in OWN_SITES or followed_link


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "foreign page"})
        return
    await PlainTextResponse("This simulator talks to its own page only.", 403)(scope, receive, send)
