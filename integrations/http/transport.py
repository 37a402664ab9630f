"""The door as httpx sees it: transports that any httpx client, ours or an SDK's, can be given."""

from __future__ import annotations

import ssl

import httpcore
import httpx

from integrations.http.body import FOREIGN, Body, encoding_of, in_our_words, too_large
from integrations.http.connect import GuardedBackend
from integrations.http.errors import Refused
from integrations.http.patience import timeouts
from integrations.http.resolve import Resolver

DEFAULT_PORTS = {"http": 80, "https": 443}
WEB_PORTS = frozenset(DEFAULT_PORTS.values())


class GuardedTransport(httpx.BaseTransport):
    """Sends one request to a public address and hands back a bounded answer. Follows no redirects, knows no proxy.

    ports: where it may connect; None for any.
    max_bytes: longest body, unpacked.  total_s: > 0, the whole request, from look-up to last byte.
    Raises FetchError, also while the body is read.
    """

    def __init__(
        self,
        resolver: Resolver,
        tls: ssl.SSLContext,
        ports: frozenset[int] | None,
        max_bytes: int,
        total_s: float,
    ) -> None:
        self._ports = ports
        self._max_bytes = max_bytes
        self._total_s = total_s
        # Its own pool, not httpx.HTTPTransport's: only here may the network backend be chosen.
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=GuardedBackend(resolver))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        check_url(request.url, self._ports)
        try:
            answer = self._pool.handle_request(self._outgoing(request))
        except FOREIGN as error:
            raise in_our_words(request.url.host, error) from error
        try:
            return self._incoming(request, answer)
        except BaseException:
            answer.close()
            raise

    def _outgoing(self, request: httpx.Request) -> httpcore.Request:
        headers = request.headers.copy()
        headers["Accept-Encoding"] = "gzip"
        asked = request.extensions.get("timeout", {})
        return httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=headers.raw,
            content=request.stream,
            extensions={**request.extensions, "timeout": timeouts(asked, self._total_s)},
        )

    def _incoming(self, request: httpx.Request, answer: httpcore.Response) -> httpx.Response:
        headers = httpx.Headers(answer.headers)
        host = request.url.host
        if request.method != "HEAD" and int(headers.get("content-length", 0)) > self._max_bytes:
            raise too_large(host, self._max_bytes)
        encoding = encoding_of(headers, host)
        if encoding:  # the body below is unpacked; httpx must not try again
            del headers["content-encoding"]
            headers.pop("content-length", None)
        body = Body(answer, host, self._max_bytes, encoding)
        return httpx.Response(answer.status, headers=headers, stream=body, extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class SameOrigin(httpx.BaseTransport):
    """Refuses an answer that sends the client to another origin: for clients that carry credentials.

    httpx drops the Authorization header there, but a 307 takes the body along, and the body of a sign-in is
    the password.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if response.has_redirect_location:
            target = _target(request.url, response.headers["location"])
            if target is None or _origin(target) != _origin(request.url):
                response.close()
                elsewhere = f"to {target.copy_with(query=None)}" if target else "to no web address"
                raise Refused(
                    f"{request.url.host} sends us on {elsewhere}; nothing was sent there.",
                    remedy="If that is the right server, give its address instead.",
                    sent=True,
                )
        return response

    def close(self) -> None:
        self._inner.close()


def check_url(url: httpx.URL, ports: frozenset[int] | None) -> None:
    """Raises Refused unless `url` is a plain web address on an allowed port. Looks nothing up."""
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise Refused(
            f"“{clipped(str(url))}” is no http or https address.",
            remedy="Give one, e.g. https://example.com.",
        )
    if url.userinfo:
        raise Refused(f"The address of {url.host} has a user name or password in it.", remedy="Leave it out.")
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    if ports is not None and port not in ports:
        allowed = " and ".join(map(str, sorted(ports)))
        raise Refused(f"Port {port} of {url.host} is not fetched from.", remedy=f"Only ports {allowed} are.")


def clipped(text: str) -> str:
    """Enough of what somebody gave to recognise it in a message."""
    return text if len(text) <= 80 else text[:79] + "…"


def _target(base: httpx.URL, location: str) -> httpx.URL | None:
    try:
        return base.join(location)
    except httpx.InvalidURL:
        return None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
