"""The one shape of every error, and HTTP's status for each of our codes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse

from agents.errors import Invalid, NotFound, TroupeError
from storage.columns import new_id

CORRELATION = "X-Correlation-Id"
STATUS = {
    "invalid": 422,
    "not_found": 404,
    "forbidden": 403,
    "not_signed_in": 401,
    "conflict": 409,
    "raced": 409,
    "stale": 409,
    "repeated": 409,
    "halted": 423,
    "budget_exhausted": 402,
    "broken": 500,
    "sealed": 500,
    "unreadable": 400,
    "method_not_allowed": 405,
    "too_large": 413,
    "wrong_type": 415,
    "rate_limited": 429,
    **dict.fromkeys(
        ("connect_failed", "publish_failed", "rejected", "sign_in_needed", "outcome_unknown"), 502
    ),
    **dict.fromkeys(
        (
            *("fetch_failed", "unreachable", "took_too_long", "answer_too_large", "writing_failed"),
            *("model_failed", "tool_failed", "unsure"),
        ),
        502,
    ),
    **dict.fromkeys(("stopped", "stuck"), 409),
    "sandbox_unfit": 503,
}
"""By `TroupeError.code`; whatever is not named here is 422: something that was given cannot be used."""


class Unreadable(TroupeError):
    """The body is no JSON, or no text that can be kept."""

    code = "unreadable"


class MethodNotAllowed(TroupeError):
    """There is something at that address, but it cannot be asked that way."""

    code = "method_not_allowed"


class TooLarge(TroupeError):
    """The body is longer than it may be; the rest of it was not read."""

    code = "too_large"


class WrongType(TroupeError):
    """The body is of a kind that is not taken there."""

    code = "wrong_type"


class TooMany(TroupeError):
    """Not now.  retry_after_s: > 0."""

    code = "rate_limited"

    def __init__(self, what: str, *, retry_after_s: float, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.retry_after_s = retry_after_s


class FieldErrors(Invalid):
    """Several fields of a form are wrong.  fields: what is wrong with each, by name ("" for the form as a whole)."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        first, words = next(iter(fields.items()))
        super().__init__(
            words,
            remedy="Mend what is said about each field, and send all values again.",
            field=first or None,
        )
        self.fields = dict(fields)


def correlation_of(connection: HTTPConnection) -> str:
    """Under which the log and the audit trail have this request; made when it is first asked for."""
    found: str = connection.scope.setdefault("state", {}).setdefault("correlation", new_id())
    return found


def told(
    connection: HTTPConnection,
    status: int,
    code: str,
    what: str,
    remedy: str = "",
    field: str | None = None,
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The shape: `code` is stable, `message` and `remedy` are for people, `field` names what was wrong."""
    correlation = correlation_of(connection)
    error: dict[str, Any] = {
        "code": code,
        "message": what,
        "remedy": remedy,
        "field": field,
        "correlation_id": correlation,
    }
    if fields:
        error["fields"] = dict(fields)
    return JSONResponse({"error": error}, status, headers={**(headers or {}), CORRELATION: correlation})


def refuse(
    connection: HTTPConnection, error: TroupeError, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """What a program is told of an error of ours."""
    more = dict(headers or {})
    if (wait := getattr(error, "retry_after_s", None)) is not None:
        more["Retry-After"] = str(max(1, math.ceil(wait)))
    if error.code == "not_signed_in":
        more["WWW-Authenticate"] = 'Bearer realm="troupe"'
    fields = error.fields if isinstance(error, FieldErrors) else None
    status = STATUS.get(error.code, 422)
    return told(
        connection, status, error.code, error.what, error.remedy, error.field, fields=fields, headers=more
    )


async def on_troupe_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TroupeError):
        raise error
    return refuse(request, error)


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses by itself. A body that cannot be read has its real reason as the cause."""
    if not isinstance(error, HTTPException):
        raise error
    cause = error.__cause__
    return refuse(
        request, cause if isinstance(cause, TroupeError) else _from_http(request, error), error.headers
    )


async def on_wrong_values(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    name = ".".join(where)
    told = Invalid(
        f"{name or 'The body'}: {first['msg']}.".replace("..", "."),
        remedy="/api/docs shows what belongs there.",
        field=name or None,
    )
    return refuse(request, told)


def _from_http(request: Request, error: HTTPException) -> TroupeError:
    if error.status_code == 404:
        return NotFound(
            f"There is nothing at {request.url.path[:200]}.", remedy="/api/docs shows what there is."
        )
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        return MethodNotAllowed(
            f"{request.method} is not possible at {request.url.path[:200]}.", remedy=f"It takes {allowed}."
        )
    return Unreadable("The body of the request cannot be read.", remedy="/api/docs shows what it should be.")
