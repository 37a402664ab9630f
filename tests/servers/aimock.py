"""A real OpenAI-compatible server that nobody here wrote (npm `@copilotkit/aimock`), scripted by the test."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from tests.servers.node import node, packages
from tests.servers.processes import LOOPBACK, Process, free_port, scratch

SEED = {
    "fixtures": [{"match": {"userMessage": "seed"}, "response": {"content": "seed"}}]
}  # none, and it won't start
HANG_MS = 30_000  # the longest delay aimock knows; clients of ours give up long before


class Aimock:
    """url: what a client takes as `base_url` (any API key will do). What no answer matches gets 503.

    server: the process, to be killed and started; it comes back empty.
    """

    def __init__(self, server: Process, http: httpx.Client) -> None:
        self.server, self._http = server, http
        self.url = str(http.base_url.join("/v1"))

    def answer(self, saying: str, content: str | Mapping[str, Any], **match: Any) -> None:
        """Answers `content` when the last user message contains `saying`; the first that matches wins.

        content: text, or a mapping, which is sent as JSON text: the form of a structured output.
        match: aimock's further conditions, such as systemMessage="…", sequenceIndex=0, responseFormat="json_schema".
        """
        text = content if isinstance(content, str) else json.dumps(content)
        self.load({"match": {"userMessage": saying, **match}, "response": {"content": text}})

    def call_tool(self, saying: str, name: str, arguments: Mapping[str, Any], **match: Any) -> None:
        """Answers with one tool call, as long as the tool's result is not among the messages of this turn."""
        call = {"name": name, "arguments": json.dumps(arguments)}
        condition = {"userMessage": saying, "hasToolResult": False, **match}
        self.load({"match": condition, "response": {"toolCalls": [call]}})

    def load(self, *fixtures: Mapping[str, Any]) -> None:
        """Fixtures in aimock's own form, behind those that are there."""
        self._control("POST", "fixtures", {"fixtures": fixtures})

    def rate_limit(self, rate: float = 1.0) -> None:
        """429 with Retry-After for this share of the requests, 0 to 1, until `calm`. Replaces other chaos."""
        self._control("POST", "chaos", {"rateLimitRate": rate})

    def fail(self, rate: float = 1.0) -> None:
        """500 for this share of the requests, until `calm`. Replaces other chaos."""
        self._control("POST", "chaos", {"dropRate": rate})

    def disconnect(self, rate: float = 1.0) -> None:
        """Breaks the connection of this share of the requests, until `calm`. Replaces other chaos."""
        self._control("POST", "chaos", {"disconnectRate": rate})

    def hang(self) -> None:
        """Every request is answered only after 30 s, until `calm`. Replaces other chaos."""
        self._control("POST", "chaos", {"latencyMs": HANG_MS})

    def fail_once(self, status: int, message: str = "made to fail") -> None:
        """The next request alone is answered with this status, 400 to 599."""
        self._control("POST", "error", {"status": status, "body": {"message": message}})

    def calm(self) -> None:
        """No more chaos; the answers stay."""
        self._control("DELETE", "chaos")

    def journal(self) -> list[dict[str, Any]]:
        """Every request so far, oldest first: `method`, `path`, `headers`, `body`, `response` with its `status`."""
        return list(self._control("GET", "journal"))

    def reset(self) -> None:
        """As new: running, no answers, no chaos, empty journal."""
        self.server.start()
        self._control("POST", "reset")
        self.calm()

    def _control(self, method: str, what: str, body: object = None) -> Any:
        response = self._http.request(method, f"/__aimock/{what}", json=body)
        if response.is_error:
            raise ValueError(f"aimock refuses {what}: {response.text}")
        return response.json()


@contextlib.contextmanager
def running() -> Iterator[Aimock]:
    """Raises ServerError when Node or its packages cannot be had."""
    port, program = free_port(), packages() / "@copilotkit" / "aimock" / "dist" / "cli.js"
    with (
        scratch("aimock") as folder,
        httpx.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False, timeout=10) as http,
    ):
        (folder / "seed.json").write_text(json.dumps(SEED))
        argv = [
            node().binary,
            program,
            f"--port={port}",
            f"--host={LOOPBACK}",
            f"--fixtures={folder}",
            "--strict",
        ]
        with Process(argv, log=folder / "log", ready=lambda: http.get("/health").is_success) as server:
            mock = Aimock(server, http)
            mock.reset()
            yield mock
