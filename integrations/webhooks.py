"""Outgoing webhooks, signed as Standard Webhooks has it, to an address that a person named.

They pass the door: no private address whatever the name leads to, no redirect to another origin, one limit of time over all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from agents.oncall.reach import Sending, Sent
from integrations.http.door import Door
from integrations.http.errors import FetchError

TOTAL_S = 15.0
"""The longest that the specification advises a sender to wait is 30 s; a job's lease is 25 s."""
AGENT = "Troupe (standardwebhooks.com)"
BUSY = frozenset({408, 425, 429})
GONE = 410


class Webhooks:
    """door: to any port, since whoever receives may listen anywhere."""

    def __init__(self, door: Door, *, total_s: float = TOTAL_S) -> None:
        self._door, self._total_s = door, total_s

    def post(self, url: str, secret: str, id: str, what: Mapping[str, Any], now: datetime) -> Sent:
        """Blocks for at most `total_s`. Never raises for what the other side or the network does.

        id: the same whenever it is sent again, by which receivers know that they have it.  now: aware UTC.
        """
        body = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": "application/json", "User-Agent": AGENT, **signed(id, secret, body, now)}
        transport = self._door.transport(max_bytes=sys.maxsize, timeout_s=self._total_s)
        with httpx.Client(transport=transport, trust_env=False, timeout=self._total_s) as client:
            try:
                # its body is nobody's business, and is not read
                with client.stream("POST", url, content=body.encode(), headers=headers) as answer:
                    return outcome(answer.status_code, answer.headers.get("retry-after", ""), now)
            except FetchError as error:
                return Sent(Sending.REFUSED if error.permanent else Sending.LATER, error.what)
            except (httpx.InvalidURL, httpx.HTTPError) as error:
                return Sent(Sending.REFUSED, f"Nothing can be posted there: {type(error).__name__}.")


def signed(id: str, secret: str, body: str, now: datetime) -> dict[str, str]:
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, now, body),
    }


def outcome(status: int, retry_after: str, now: datetime) -> Sent:
    """What an answer means, as the specification has it."""
    if 200 <= status < 300:
        return Sent(Sending.SENT)
    if status == GONE:
        return Sent(Sending.GONE, "It answers that it is gone for good (410).")
    if status in BUSY or status >= 500:
        return Sent(Sending.LATER, f"It answers {status}.", _asked_for(retry_after, now))
    if 300 <= status < 400:
        return Sent(Sending.REFUSED, f"It sends us on ({status}); give the address where that ends.")
    return Sent(Sending.REFUSED, f"It answers {status}.")


def _asked_for(retry_after: str, now: datetime) -> timedelta | None:
    """Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
    text = retry_after.strip()
    if text.isdecimal() and len(text) < 9:
        return timedelta(seconds=int(text))
    try:
        return max(parsedate_to_datetime(text) - now, timedelta())
    except (ValueError, TypeError):
        return None
