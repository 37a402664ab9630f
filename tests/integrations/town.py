"""A small internet on loopback: names, and what answers behind them. The resolver vouches, nothing is patched."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread

from integrations.http.resolve import Resolved


@dataclass
class Heard:
    """One request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Heard], bytes]
Script = Callable[[socket.socket, Heard], None]


def reply(
    body: bytes = b"", *, status: str = "200 OK", content_type: str = "text/html", **headers: str
) -> bytes:
    """A whole HTTP answer.  headers: `content_encoding="gzip"`; an underscore stands for a dash."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body)}",
        f"Content-Type: {content_type}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return reply(status=status, location=location)


@dataclass
class Server:
    """Answers every connection once. Keeps what it heard, and the names it was greeted with over TLS."""

    answer: Answer | None = None
    script: Script | None = None
    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    greeted: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        if self.tls:
            self.tls.sni_callback = lambda _sock, name, _context: self.greeted.append(name)
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(10)
            stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with stream:
                heard = _read(stream)
                self.heard.append(heard)
                if self.script:
                    self.script(stream, heard)
                elif self.answer:
                    stream.sendall(self.answer(heard))


def _read(stream: socket.socket) -> Heard:
    with stream.makefile("rb") as lines:
        method, path, _ = lines.readline().decode().split(" ")
        headers: dict[str, str] = {}
        while line := lines.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return Heard(method, path, headers, lines.read(int(headers.get("content-length", "0"))))


class Town:
    """Also the resolver of its own names; `others` gives a name any addresses, which nobody vouches for."""

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}
        self.others: dict[str, Sequence[str]] = {}
        self.asked: list[str] = []

    def serve(
        self,
        name: str,
        answer: Answer | bytes | None = None,
        *,
        script: Script | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> Server:
        fixed = (lambda _: answer) if isinstance(answer, bytes) else answer
        self._servers[name] = server = Server(fixed, script, tls)
        return server

    def pages(self, name: str, **pages: bytes) -> Server:
        """A server of fixed answers by path: `index` for "/", `page` for "/page"; 404 for the rest."""
        missing = reply(b"no such page", status="404 Not Found")
        return self.serve(name, lambda heard: pages.get(heard.path.strip("/") or "index", missing))

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        self.asked.append(host)
        if host in self._servers:
            return [Resolved("127.0.0.1", self._servers[host].port, trusted=True)]
        if host in self.others:
            return [Resolved(ip) for ip in self.others[host]]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def close(self) -> None:
        for server in self._servers.values():
            server.close()
