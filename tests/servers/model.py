"""An OpenAI-compatible server that answers by a script: tool calls, streams, usage, and on demand what goes wrong.

aimock chooses its answers by the last user message; an agent's run has one such message and many steps. Here the answer is
chosen by how far the conversation is, so that a run that was killed and goes on is answered as if nothing had been.

with running() as model:
    model.script = [call("write_plan", approach="…"), say("Done.")]
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.processes import LOOPBACK

Body = dict[str, Any]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@dataclass(frozen=True)
class Reply:
    """calls: (name, arguments as JSON text).  usage: None for a server that counts nothing."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    usage: Mapping[str, int] | None = field(default_factory=lambda: USAGE)


def say(text: str, **more: Any) -> Reply:
    return Reply(text, **more)


def call(name: str, **arguments: Any) -> Reply:
    return Reply(calls=((name, json.dumps(arguments)),))


def calls(*wanted: tuple[str, Mapping[str, Any]]) -> Reply:
    """Several in one message."""
    return Reply(calls=tuple((name, json.dumps(arguments)) for name, arguments in wanted))


def broken_call(name: str, arguments: str) -> Reply:
    """arguments: as they are, JSON or not."""
    return Reply(calls=((name, arguments),))


@dataclass(frozen=True)
class Fault:
    """status: answered instead.  hangs_s: before anything is sent.  body: sent as it is, with 200."""

    status: int = 200
    hangs_s: float = 0.0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class ModelServer:
    """url: a `base_url`.  requests: every body that came, oldest first.  script: a list, of which the answer stands at the number
    of assistant messages that the conversation has, or a function of the body.  faults: for the next requests, one each.

    came: called with the number of each request, from 1, before it is answered.
    """

    def __init__(self) -> None:
        self.script: Sequence[Reply] | Callable[[Body], Reply] = []
        self.requests: list[Body] = []
        self.faults: list[Fault] = []
        self.came: Callable[[int], None] = lambda number: None
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer((LOOPBACK, 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._http.server_port}/v1"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def take(self, body: Body) -> tuple[int, Fault | None]:
        with self._lock:
            self.requests.append(body)
            number = len(self.requests)
            fault = self.faults.pop(0) if self.faults else None
        self.came(number)
        return number, fault

    def reply(self, body: Body) -> Reply:
        if callable(self.script):
            return self.script(body)
        said = sum(message["role"] == "assistant" for message in body["messages"])
        return self.script[said] if said < len(self.script) else say("I have nothing more to say.")


@contextlib.contextmanager
def running() -> Iterator[ModelServer]:
    server = ModelServer()
    server.start()
    try:
        yield server
    finally:
        server.close()


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # each answer ends its connection: none is left open when a test ends

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            number, fault = server.take(body)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if fault is not None:
                    self._fail(fault)
                else:
                    self._answer(number, body, server.reply(body))

        def _fail(self, fault: Fault) -> None:
            if fault.hangs_s:
                server.released.wait(fault.hangs_s)
            error = {"error": {"message": "made to fail", "type": "server_error"}}
            self._send(fault.status, fault.body or json.dumps(error), "application/json", fault.headers)

        def _answer(self, number: int, body: Body, reply: Reply) -> None:
            if body.get("stream"):
                events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in _chunks(number, body, reply))
                self._send(200, f"{events}data: [DONE]\n\n", "text/event-stream", {})
            else:
                self._send(200, json.dumps(_completion(number, body, reply)), "application/json", {})

        def _send(self, status: int, text: str, kind: str, headers: Mapping[str, str]) -> None:
            data = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _message(number: int, reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = [
            {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(reply.calls)
        ]  # the ids come again in every message, as those of small servers do
    return message


def _completion(number: int, body: Body, reply: Reply) -> dict[str, Any]:
    finish = "tool_calls" if reply.calls else "stop"
    choice = {"index": 0, "message": _message(number, reply), "finish_reason": finish}
    made = _envelope(number, body, "chat.completion") | {"choices": [choice]}
    return made | ({"usage": dict(reply.usage)} if reply.usage is not None else {})


def _chunks(number: int, body: Body, reply: Reply) -> Iterator[dict[str, Any]]:
    envelope = _envelope(number, body, "chat.completion.chunk")
    message = _message(number, reply)
    if "tool_calls" in message:
        message["tool_calls"] = [{"index": at, **one} for at, one in enumerate(message["tool_calls"])]
    yield envelope | {"choices": [{"index": 0, "delta": message, "finish_reason": None}]}
    finish = "tool_calls" if reply.calls else "stop"
    yield envelope | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    if reply.usage is not None:
        yield envelope | {"choices": [], "usage": dict(reply.usage)}


def _envelope(number: int, body: Body, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{number}", "object": kind, "created": int(time.time()), "model": body["model"]}
