"""A small HTTP relay of ours that stands before a real server and misbehaves on demand.

relay.answer(500)                                           every request, until `calm`
relay.drop(delivered=True, path="createRecord", times=1)    the server did it, the caller never hears of it
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from tests.servers.processes import LOOPBACK, free_port

UPSTREAM_S = 60.0  # longer than any client of ours waits
Kind = Literal["answer", "hang", "drop", "slow", "down"]  # down: not asked for, the server was not there
SILENT: set[Kind | None] = {"hang", "drop", "down"}
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that came. status: what the caller was told, None when nothing. fault: what we did to it."""

    method: str
    path: str
    body: bytes
    status: int | None
    fault: Kind | None


@dataclass(slots=True)
class Fault:
    kind: Kind | None
    path: str  # hits only requests whose path and query contain this; "" hits all
    times: int | None  # how many more requests it hits; None: until `calm`
    delivered: bool = False  # whether the real server gets the request all the same
    seconds: float = 0.0
    answer: Answer | None = None


HONEST = Fault(None, "", None, delivered=True)


class Relay:
    """Listens on 127.0.0.1:`port`, passes on to 127.0.0.1:`target`, except for the faults asked for.

    Answers are passed on whole, not streamed. While the target is down, callers see their connection dropped.
    Faults are tried in the order in which they were asked for.
    """

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self.seen: list[Exchange] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._calmed = (
            threading.Event()
        )  # a new one after every `calm`, which lets go what hangs on the old one
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"relay {self.port}"
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def answer(self, answer: Answer, *, path: str = "", times: int | None = None) -> None:
        """Answers this instead of the server, which never sees the request."""
        self._add(Fault("answer", path, times, answer=answer))

    def hang(self, *, delivered: bool = False, path: str = "", times: int | None = None) -> None:
        """Says nothing until `calm`, then drops the connection. delivered: the server did it before the silence."""
        self._add(Fault("hang", path, times, delivered))

    def drop(self, *, delivered: bool = False, path: str = "", times: int | None = None) -> None:
        """Closes the connection instead of answering. delivered: after the server did what it was asked."""
        self._add(Fault("drop", path, times, delivered))

    def slow(self, seconds: float, *, path: str = "", times: int | None = None) -> None:
        """Passes the request on, but so much later."""
        self._add(Fault("slow", path, times, delivered=True, seconds=seconds))

    def calm(self) -> None:
        """No more faults; what hangs is dropped."""
        with self._lock:
            self._faults.clear()
            self._calmed.set()
            self._calmed = threading.Event()

    def take(self, path: str) -> tuple[Fault, threading.Event]:
        """What happens to this request, which counts as one of the fault's times, and the event that ends waiting."""
        with self._lock:
            for fault in self._faults:
                if fault.path in path and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault, self._calmed
            return HONEST, self._calmed

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.calm()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()  # joins the threads of its connections


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end: no thread and no socket outlives the relay
    request_queue_size = 128

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, relay.port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in self._connections.copy():
            with contextlib.suppress(OSError):  # closed by the caller in the meantime
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(
            sys.exception(), ConnectionError
        ):  # a caller that left early is an ordinary thing here
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # connections are kept alive, as by the server itself
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def log_message(self, format: str, *args: object) -> None:
        """`Relay.seen` is the log."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault, calmed = self.server.relay.take(self.path)
        kind, answer = fault.kind, fault.answer
        calmed.wait(fault.seconds)
        if fault.delivered:
            try:
                answer = self._ask(body)
            except (OSError, http.client.HTTPException):
                kind = "down"
        if kind in SILENT:
            answer = None
        status = answer.status if answer else None
        self.server.relay.seen.append(Exchange(self.command, self.path, body, status, kind))
        if kind == "hang":
            calmed.wait()
        if answer:
            self._tell(answer)
        else:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - the names http.server calls

    def _ask(self, body: bytes) -> Answer:
        """What the real server says. Raises OSError or HTTPException when it is down or breaks off."""
        upstream = http.client.HTTPConnection(LOOPBACK, self.server.relay.target, timeout=UPSTREAM_S)
        with contextlib.closing(upstream):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            upstream.request(self.command, self.path, body or None, headers)
            response = upstream.getresponse()
            return Answer(response.status, response.getheaders(), response.read())

    def _tell(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
