"""The other way to the app: signed HTTP requests to its URL.

docs.slack.dev/authentication/verifying-requests-from-slack: `v0=` and the HMAC-SHA256 of "v0:timestamp:body".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.slack.emulator.delivery import Delivery, Reply
from tests.slack.emulator.errors import Json

Signing = Literal["good", "bad", "unsigned", "old", "future"]


@dataclass(eq=False)
class Signed:
    """signing: how requests are signed from now on; "old" and "future" are ten minutes off."""

    url: str
    secret: str
    signing: Signing = "good"
    session: ClientSession | None = field(default=None, repr=False)

    async def send(self, delivery: Delivery, retry: int, reason: str, within_s: float) -> Reply:
        content_type, body = encode(delivery)
        headers = {"Content-Type": content_type, **self._signature(body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": http_reason(reason)}
        delivery.raw, delivery.headers = body, headers
        return await self.post(body, headers, within_s)

    def _signature(self, body: bytes) -> dict[str, str]:
        if self.signing == "unsigned":
            return {}
        moment = int(time.time()) + {"old": -600, "future": 600}.get(self.signing, 0)
        secret = "not the secret" if self.signing == "bad" else self.secret
        digest = hmac.new(secret.encode(), b"v0:%d:" % moment + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": str(moment), "X-Slack-Signature": f"v0={digest}"}

    async def post(self, body: bytes, headers: dict[str, str], within_s: float) -> Reply:
        if self.session is None:
            self.session = ClientSession()
        try:
            async with self.session.post(
                self.url,
                data=body,
                headers=headers,
                timeout=ClientTimeout(total=within_s),
                allow_redirects=False,
            ) as response:
                text = await response.text()
                ok = 200 <= response.status < 300
                final = response.headers.get("x-slack-no-retry") == "1"
                answer = _answer(response.content_type, text) if ok else None
                return Reply(ok, answer, "" if ok else "http_error", response.status, final)
        except TimeoutError:
            return Reply(ok=False, reason="http_timeout")
        except (ClientError, OSError):
            return Reply(ok=False, reason="connection_failed")

    async def close(self) -> None:
        if self.session is not None:
            await self.session.close()
            self.session = None


def encode(delivery: Delivery) -> tuple[str, bytes]:
    """Events are JSON; commands are forms; interactions are a form with the JSON as `payload`."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload).encode()
    fields: Json = delivery.payload
    if delivery.kind == "interactive":
        fields = {"payload": json.dumps(delivery.payload)}
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def http_reason(reason: str) -> str:
    return {"timeout": "http_timeout"}.get(reason, reason)


def _answer(content_type: str, text: str) -> Json | None:
    if content_type == "application/json":
        body = json.loads(text) if text else None
        return body if isinstance(body, dict) else None
    return {"text": text} if text else None
