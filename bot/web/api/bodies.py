"""What is read of a request, and when: after the key, of the right kind, up to a limit, and only text that can be kept."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.web.api.access import admit
from bot.web.api.errors import TooLarge, Unreadable, WrongType

JSON_LIMIT = 1_000_000
"""Bytes of a JSON body. The longest text that a form takes is 20,000 characters."""
UPLOAD_LIMIT = 8_000_000 + 65_536
"""Bytes of a multipart body: a picture of 8 MB, and what multipart puts around it."""


class KeyedRoute(APIRoute):
    """A route behind an API key. Nothing of the body is read before the key was found good."""

    kind: ClassVar[str] = "application/json"
    limit: ClassVar[int] = JSON_LIMIT
    basic: ClassVar[bool] = False
    """Whether the key may come as the password of basic authentication too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            request.state.caller = await run_in_threadpool(admit, request, basic=self.basic)
            if self.body_field is not None:
                _must_be(self.kind, request)
            return await handle(Limited(request, self.limit))

        return guarded


class UploadRoute(KeyedRoute):
    kind = "multipart/form-data"
    limit = UPLOAD_LIMIT


class Limited(Request):
    """Counts while it reads: what the request says about its length is believed only where it is too much."""

    def __init__(self, request: Request, limit: int) -> None:
        super().__init__(request.scope, request.receive)
        self._limit = limit

    async def stream(self) -> AsyncGenerator[bytes, None]:
        declared, read = self.headers.get("content-length", ""), 0
        if declared.isdigit() and int(declared) > self._limit:
            raise self._too_large()
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._limit:
                raise self._too_large()
            yield chunk

    async def json(self) -> Any:
        """Raises Unreadable for what is no JSON in UTF-8, nested too deep, or holds text that no database keeps."""
        try:
            value = json.loads((await self.body()).decode(), parse_constant=_no_number)
            _must_be_text(value)
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"The body is not UTF-8: byte {error.start} is wrong.", remedy="Encode it as UTF-8."
            ) from error
        except RecursionError as error:
            raise Unreadable("The body is nested too deep.", remedy="A few levels are enough.") from error
        except ValueError as error:
            raise Unreadable(f"The body is no JSON: {error}.", remedy="Send one JSON object.") from error
        return value

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"That is too large: at most {self._limit:,} bytes are read here.", remedy="Send less at once."
        )


def _must_be(kind: str, request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != kind:
        raise WrongType(
            f"The body is of the type {given[:80] or 'nothing in particular'}.",
            remedy=f"Send Content-Type: {kind}.",
        )


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _must_be_text(value: Any) -> None:
    """Raises ValueError for half a surrogate pair, which is no character, and for NUL, which PostgreSQL cannot keep."""
    match value:
        case str():
            if "\0" in value:
                raise ValueError("a text holds the character NUL")
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError("a text holds half of a character (a lone surrogate)") from None
        case list():
            for item in value:
                _must_be_text(item)
        case dict():
            for name, item in value.items():
                _must_be_text(name)
                _must_be_text(item)
