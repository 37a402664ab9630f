"""Where a socket is opened, and therefore where the guard stands.

The name is resolved here, once; every address it has is checked; the connection goes to an address that was
checked. There is no second look-up that could answer differently. The Host header and the name in the TLS
handshake (SNI, certificate) stay the URL's, because httpcore takes them from the URL.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

import httpcore

from integrations.http.errors import NobodyThere, NotPublic, TookTooLong, Unreachable
from integrations.http.guard import refusal
from integrations.http.patience import Patience
from integrations.http.resolve import Resolved, Resolver

T = TypeVar("T")

NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
MAX_TRIES = 4  # addresses of one name; the time left is shared between them
WRITE_AT_ONCE = 65_536  # bytes between two looks at the clock


class GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked(host, port, timeout)[:MAX_TRIES]
        for tries_left in range(len(addresses), 0, -1):
            address = addresses[-tries_left]
            share = None if (left := _left(timeout, host)) is None else left / tries_left
            try:
                stream = self._sockets.connect_tcp(
                    address.ip, address.port or port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GuardedStream(stream, host)
        raise _not_connected(host, failure) from failure

    def _checked(self, host: str, port: int, timeout: float | None) -> Sequence[Resolved]:
        """Every address of `host`, after the guard has agreed to all of them. Never empty."""
        try:
            found = _within(_left(timeout, host), lambda: self._resolver.resolve(host, port))
        except TimeoutError as error:
            raise TookTooLong(f"The name service took too long to find {host}.", sent=False) from error
        except OSError as error:
            if isinstance(error, socket.gaierror) and error.errno in NO_SUCH_NAME:
                raise NobodyThere(f"There is no host called {host}.", remedy="Check the spelling.") from error
            raise Unreachable(f"The name service could not find {host} just now.", sent=False) from error
        if not found:
            raise NobodyThere(f"There is no host called {host}.", remedy="Check the spelling.")
        for address in found:
            if not address.trusted and (reason := refusal(address.ip)):
                leads = "" if host == address.ip else f"{host} leads to {address.ip}: "
                raise NotPublic(f"{leads}{reason}.", remedy="Troupe only fetches public addresses.")
        return found


class GuardedStream(httpcore.NetworkStream):
    """A socket whose steps all draw on one patience."""

    def __init__(self, stream: httpcore.NetworkStream, host: str) -> None:
        self._stream = stream
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._host, sent=True))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_AT_ONCE):
            left = _left(timeout, self._host, sent=True)
            self._stream.write(buffer[start : start + WRITE_AT_ONCE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._stream.start_tls(ssl_context, server_hostname, _left(timeout, self._host))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise _not_connected(self._host, error) from error
        return GuardedStream(inner, self._host)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, host: str, *, sent: bool = False) -> float | None:
    if not isinstance(timeout, Patience):
        return timeout
    if (left := timeout.left()) <= 0:
        raise TookTooLong(f"{host} took too long to answer.", remedy="Try again later.", sent=sent)
    return left


def _within(seconds: float | None, call: Callable[[], T]) -> T:
    """What `call` returns, or TimeoutError: the C library's look-up takes no time limit of its own.

    The thread is a daemon, so a name server that never answers does not keep the process from ending.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # handed to the caller, which raises it
            answer.set_exception(error)

    Thread(target=run, name="resolve", daemon=True).start()
    return answer.result(seconds)


def _not_connected(host: str, failure: Exception) -> TookTooLong | Unreachable:
    if isinstance(failure, httpcore.ConnectTimeout):
        return TookTooLong(f"{host} took too long to answer.", remedy="Try again later.", sent=False)
    if isinstance(failure.__cause__, ConnectionRefusedError):
        return NobodyThere(f"Nothing answers at {host}.", remedy="Check the address and its port.")
    if isinstance(failure.__cause__, ssl.SSLCertVerificationError):
        why = failure.__cause__.verify_message
        return Unreachable(f"{host} shows a certificate that cannot be trusted: {why}.", sent=False)
    return Unreachable(f"{host} cannot be reached: {failure}.", remedy="Try again later.", sent=False)
