"""The HTTP client under the model clients: proxies and certificates as the machine has them, and one deadline per call.

An httpx time-out is for each read alone. A server that sends a space every few seconds to keep the line open (OpenRouter
does) would hold a call for ever, so the body is read against the clock as well.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache

import httpx2


class _Timed(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, ends_at: float) -> None:
        self._stream, self._ends_at = stream, ends_at

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._ends_at:
                raise httpx2.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()


@cache
def deadline_client() -> httpx2.Client:
    """The process's client, whose calls end at most one read after the `timeout` that each is made with.

    One for all links, so that connections stay open between calls. To be asked for after a fork, never before.
    """
    return httpx2.Client(event_hooks={"request": [_start], "response": [_bound]})


def _start(request: httpx2.Request) -> None:
    allowed = request.extensions.get("timeout", {}).get("read")
    if allowed is not None:
        request.extensions["ends_at"] = time.monotonic() + allowed


def _bound(response: httpx2.Response) -> None:
    ends_at = response.request.extensions.get("ends_at")
    if ends_at is not None and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _Timed(response.stream, ends_at)
