"""The console's outer door: which hosts and origins are answered, how much is read, which headers every answer has.

Host: a page of somebody else that lets its name resolve to this machine (DNS rebinding) still sends its own name, so
names that are not ours are refused; an address in digits cannot be rebound. Origin: a browser names the page that
asks, also for web sockets, which no same-origin policy stops; another page than ours is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings
from bot.web.refusals import refusal

BODY_LIMIT = 9 * 1024 * 1024
"""Bytes of a request: a picture of 8 MiB and what multipart adds to it."""
ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines, which call us by any name; they tell nothing that needs a reader."""
STRICT_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; script-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "content-security-policy": STRICT_CSP,
}
"""On every answer that does not say otherwise itself."""


class Guard:
    """ASGI middleware around everything, NiceGUI's socket included."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._loopback = _is_loopback(settings.host)
        public = urlsplit(settings.public_url or "")
        self._names = {"localhost", settings.host.lower(), (public.hostname or "localhost").lower()}
        self._public_place = public.netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope["path"], headers)
        if refused is None and scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif refused is None and scope["path"].startswith("/api/"):
            await self._app(scope, receive, _with_headers(send))  # it has limits of its own, and says which
        elif refused is None:
            await self._app(scope, *_limited(scope, receive, _with_headers(send)))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refused[0]})
        else:
            answer = refusal(HTTPConnection(scope), 403, "forbidden", *refused)
            await answer(scope, receive, _with_headers(send))

    def _refused(self, path: str, headers: Headers) -> tuple[str, str] | None:
        """What is wrong and the remedy, or None."""
        host = headers.get("host", "")
        if path not in ANY_HOST and not self._is_ours(host):
            return (
                f"Troupe is not called {_name(host)[:80] or 'nothing'}.",
                "Open it by the address that ./troupe up printed, or set PUBLIC_URL to the address people use.",
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() not in {
            host.lower(),
            self._public_place,
        } - {""}:
            return ("This request comes from another site's page.", "Open Troupe itself, and do it there.")
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        if name in self._names:
            return True
        return _is_loopback(name) if self._loopback else _is_address(name)


def _name(host: str) -> str:
    """Of a Host header, without the port and an address's brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def _limited(scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Ends a request that brings more than BODY_LIMIT, whether it says so or not, with a 413."""
    read = _declared(Headers(scope=scope).getlist("content-length"))
    answered = False

    async def counted() -> Message:
        nonlocal read
        if read > BODY_LIMIT:
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await receive()
        read += len(message.get("body", b""))
        return message if read <= BODY_LIMIT else {"type": "http.request", "body": b"", "more_body": False}

    async def checked(message: Message) -> None:
        nonlocal answered
        if read <= BODY_LIMIT:
            await send(message)
        elif not answered:
            answered = True
            what = f"That is too large: at most {BODY_LIMIT // 1024 // 1024} MB at once."
            answer = refusal(
                HTTPConnection(scope), 413, "too_large", what, "Send less, or a smaller picture."
            )
            await answer(scope, receive, send)

    return counted, checked


def _declared(lengths: Iterable[str]) -> int:
    """What the request says it brings; counted again while it is read only where that is more."""
    return max((BODY_LIMIT + 1 for n in lengths if n.isdigit() and int(n) > BODY_LIMIT), default=0)
