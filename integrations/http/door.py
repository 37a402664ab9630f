"""The one door to the outside, with two ways through: `get` for what anybody may read, `client` for an account's server."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx

from integrations.http.errors import FetchError, NotAllowedType, Refused, Unreachable
from integrations.http.patience import timeouts
from integrations.http.resolve import Resolver, SystemResolver
from integrations.http.transport import WEB_PORTS, GuardedTransport, SameOrigin, check_url, clipped

MAX_REDIRECTS = 5
AGENT = "Mozilla/5.0 (compatible; Troupe; link preview)"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a page answered in the end.

    url: where the redirects led.  status: any HTTP status.  headers: names in lower case.
    body: unpacked; empty unless the status is a success.
    content_type: "text/html", in lower case, "" when not said.  charset: as the header names it, or None.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    content_type: str
    charset: str | None


class Door:
    """Everything that people, pages and models name is fetched through a door.

    resolver: the system's unless given. It alone can vouch for an address that is not public.
    ports: where the door may connect; None for any.
    tls: whom to trust; otherwise the usual authorities, or those in SSL_CERT_FILE.
    """

    def __init__(
        self,
        resolver: Resolver | None = None,
        *,
        ports: frozenset[int] | None = WEB_PORTS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._resolver = resolver or SystemResolver()
        self._ports = ports
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context()  # 20 ms, so once and not on import

    def get(self, url: str, *, max_bytes: int, timeout_s: float, accept: Collection[str] = ()) -> Fetched:
        """Reads what stands at `url`, as a stranger: no cookies kept, no credentials, at most 5 redirects.

        max_bytes: longest body, unpacked.  timeout_s: the whole trip.
        accept: content types, "image/*" for a family; empty for any.
        Raises FetchError (see errors.py for its kinds).
        """
        with self._opened("GET", url, max_bytes, timeout_s, accept) as response:
            content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.is_success and accept and not _accepted(content_type, accept):
                raise NotAllowedType(
                    f"{response.url.host} answers with {content_type or 'an unnamed type'}, not {' or '.join(accept)}."
                )
            return Fetched(
                url=str(response.url),
                status=response.status_code,
                headers=dict(response.headers),
                body=response.read() if response.is_success else b"",
                content_type=content_type,
                charset=response.charset_encoding,
            )

    def status(self, url: str, *, timeout_s: float, method: str = "HEAD") -> int:
        """The HTTP status that `url` answers with after its redirects; no body is read.  Raises FetchError."""
        with self._opened(method, url, sys.maxsize, timeout_s, ()) as response:
            return response.status_code

    def transport(self, *, max_bytes: int = 10_000_000, timeout_s: float = 60.0) -> httpx.BaseTransport:
        """For a client that carries credentials: httpx's own, or that of an SDK.

        Redirects stay on their origin.  timeout_s: each request as a whole, on top of the client's own limits.
        """
        return SameOrigin(self._guarded(max_bytes, timeout_s))

    def client(self, base_url: str, *, max_bytes: int = 10_000_000, timeout_s: float = 60.0) -> httpx.Client:
        """A client for the server at `base_url`, typed by a person. Close it after use.

        Raises Refused at once when that is no web address; where its name leads is checked with every connection.
        """
        check_url(_parsed(base_url), self._ports)
        transport = self.transport(max_bytes=max_bytes, timeout_s=timeout_s)
        return httpx.Client(base_url=base_url, transport=transport, trust_env=False, timeout=timeout_s)

    def _guarded(self, max_bytes: int, timeout_s: float) -> GuardedTransport:
        return GuardedTransport(self._resolver, self._tls, self._ports, max_bytes, timeout_s)

    @contextmanager
    def _opened(
        self, method: str, url: str, max_bytes: int, timeout_s: float, accept: Collection[str]
    ) -> Iterator[httpx.Response]:
        """The answer at the end of the redirects, its body not yet read."""
        headers = {"User-Agent": AGENT, "Accept": ", ".join(accept) or "*/*"}
        one_limit = {"timeout": timeouts({}, timeout_s)}
        with httpx.Client(
            transport=self._guarded(max_bytes, timeout_s), trust_env=False, headers=headers
        ) as client:
            request = client.build_request(method, _parsed(url), extensions=one_limit)
            for _ in range(1 + MAX_REDIRECTS):
                response = _sent(client, request)
                if response.next_request is None:
                    with closing(response):
                        yield response
                    return
                response.close()
                request = response.next_request
        raise Unreachable(f"{_parsed(url).host} redirects more than {MAX_REDIRECTS} times.")


def _sent(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    try:
        return client.send(request, stream=True)
    except FetchError:
        raise
    except (httpx.InvalidURL, httpx.RemoteProtocolError) as error:  # a Location that is no address
        raise Refused(
            f"{request.url.host} redirects to something that is no web address.", sent=True
        ) from error


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused(
            f"“{clipped(url)}” is no web address: {error}.", remedy="Check the spelling."
        ) from error


def _accepted(content_type: str, accept: Collection[str]) -> bool:
    family = content_type.partition("/")[0] + "/*"
    return content_type in accept or family in accept
