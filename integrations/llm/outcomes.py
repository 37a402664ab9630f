"""Turns what a call of OpenAI's client can end with into our four kinds of failure, here and nowhere else.

Whether a failed call is paid for: not if it was refused or never arrived; nobody can tell when it broke off or timed out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import mktime_tz, parsedate_tz
from typing import Any

import httpx2
import openai
from langchain_core.exceptions import ContextOverflowError

from integrations.llm.link import Again, CallFailed, Malformed, Never, Refused, TimedOut, Tokens

ReadUsage = Callable[[Any], Tokens | None]

OVERLOADED = frozenset({408, 409, 425, 429})
NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


@contextmanager
def read_outcome(usage: ReadUsage) -> Iterator[None]:
    """Raises CallFailed in the place of every foreign error.  usage: reads what the server said it counted."""
    try:
        yield
    except openai.APITimeoutError:
        raise TimedOut("no answer in time", spent=None) from None
    except openai.APIConnectionError as error:
        raise _unreachable(error) from error
    except ContextOverflowError:
        raise Refused("the text is too long for this model") from None
    except openai.APIStatusError as error:
        raise _refused(error) from error
    except openai.LengthFinishReasonError as error:
        spent = usage(error.completion.usage.model_dump() if error.completion.usage else None)
        raise Malformed("the answer broke off at its greatest length", spent=spent) from None
    except openai.ContentFilterFinishReasonError:
        raise Refused("its content filter stepped in", spent=None) from None
    except (openai.OpenAIError, ValueError, TypeError, KeyError) as error:
        raise _unreadable(error) from error


def _unreachable(error: openai.APIConnectionError) -> CallFailed:
    """A connection that was never made costs nothing; one that broke may have carried the whole request."""
    if any(isinstance(cause, httpx2.ConnectError | httpx2.ProxyError) for cause in _causes(error)):
        return Again(f"nothing answers at {error.request.url.host}")
    return Again("the connection broke off", spent=None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """LangChain wraps the error of the client, which wraps the network's."""
    while error is not None:
        yield error
        error = error.__cause__


def _refused(error: openai.APIStatusError) -> CallFailed:
    status = error.status_code
    if status == 402 or error.code in NO_CREDIT or error.type in NO_CREDIT:
        return Never("the account has no credit left")
    if status in OVERLOADED or status >= 500:
        why = "too many requests" if status == 429 else "the server failed"
        return Again(f"{why} ({status})", retry_after_s=_retry_after(error.response.headers))
    if status in (401, 403):
        return Never(f"the key was refused ({status})")  # the server's own words hold a part of the key
    if status == 404:
        return Never("there is no such model, or not for this key (404)")
    return Never(f"the request was refused ({status}): {_words(error)}"[:240])


def _words(error: openai.APIStatusError) -> str:
    said = error.body.get("message") if isinstance(error.body, dict) else None
    return " ".join(str(said or error.message).split())


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds from now, ≥ 0.  `retry-after-ms` is OpenAI's own; `Retry-After` is a number or a date (RFC 9110, 10.2.3)."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"])) if "retry-after" in headers else None
    except ValueError:
        date = parsedate_tz(headers.get("retry-after", ""))
        return max(0.0, mktime_tz(date) - time.time()) if date else None


def _unreadable(error: Exception) -> CallFailed:
    """200, but no completion: an error inside (OpenRouter), a page of HTML, broken JSON."""
    inside = _error_inside(error)
    if not inside:
        what = "broken JSON" if isinstance(error, json.JSONDecodeError) else "no chat completion"
        return Malformed(f"the server sent {what}", spent=None)
    code = inside.get("code")
    why = f"{inside.get('message', 'it failed')} ({code})"[:240]
    passes = isinstance(code, int) and (code in OVERLOADED or code >= 500)
    return Again(why) if passes else Never(why)


def _error_inside(error: Exception) -> dict[str, Any]:
    """LangChain either hands over the error it found, or lays the response beside its own; in a stream it is a body."""
    if error.args and isinstance(error.args[0], dict):
        return error.args[0]
    if isinstance(error, openai.APIError) and isinstance(error.body, dict):
        return error.body
    try:
        body = error.response.json()  # type: ignore[attr-defined]  # not there, or no JSON: both are told below
    except (AttributeError, ValueError):
        return {}
    inside = body.get("error") if isinstance(body, dict) else None
    return inside if isinstance(inside, dict) else {}
