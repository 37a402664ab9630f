"""The HTTP client under the model clients: proxies and certificates as the machine has them, and one deadline per call.

An httpx time-out is for each read alone. A server that sends a space every few seconds to keep the line open (OpenRouter
does) would hold a call for ever, so the body is read against the clock as well.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

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


class _InOnePiece(httpx2.SyncByteStream):
    """A server that was asked for a stream and answers with the whole is heard as a stream of one piece."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._stream)
        first = next((chunk for chunk in chunks if chunk.strip()), b"")
        if first.lstrip().startswith(b"{"):  # an event begins with the name of a field, or with a colon
            yield _as_event(b"".join(chain([first], chunks)))
        else:
            yield first
            yield from chunks

    def close(self) -> None:
        self._stream.close()


def _as_event(body: bytes) -> bytes:
    """What is neither a completion nor an error stays as it is: then there is no event in it, and the caller says so."""
    try:
        said: Any = json.loads(body)
    except ValueError:
        return body
    choices = said.get("choices")
    if isinstance(choices, list):
        said["choices"] = [{**one, "delta": one.get("message")} for one in choices if isinstance(one, dict)]
    elif not said.get("error"):
        return body
    return b"data: " + json.dumps(said).encode() + b"\n\n"


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
    if not isinstance(response.stream, httpx2.SyncByteStream):
        return
    if ends_at is not None:
        response.stream = _Timed(response.stream, ends_at)
    if response.is_success and _wants_stream(response.request):
        response.stream = _InOnePiece(response.stream)


def _wants_stream(request: httpx2.Request) -> bool:
    try:
        return json.loads(request.content).get("stream") is True
    except (ValueError, AttributeError, httpx2.RequestNotRead):
        return False
