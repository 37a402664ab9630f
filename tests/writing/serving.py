"""A server on loopback that answers as it is told, for what no model server of the tests would ever say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

POST = {"segments": ["Our new release is out."]}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}

Handle = Callable[[BaseHTTPRequestHandler], Any]


@contextmanager
def serving(handle: Handle) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.received = self.rfile.read(int(self.headers.get("content-length", 0)))
            handle(self)

        def log_message(self, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *args: object) -> None: ...  # clients hang up on purpose here

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def says(status: int, body: object, **headers: str) -> Handle:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(sent)),
            **headers,
        }.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(sent)

    return handle


def completion(
    content: str | None, finish: str = "stop", usage: object = USAGE, **message: object
) -> dict[str, object]:
    said = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": said, "finish_reason": finish}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
