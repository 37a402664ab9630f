"""Signed requests from Slack over HTTP: who sends them is settled before anything in them is read."""

from __future__ import annotations

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.slack.manifest import PATH
from bot.slack.sound import is_sound

log = structlog.get_logger()

BODY_LIMIT = 2_000_000
"""Bytes. Slack's own largest payloads, submitted views, are at most 250 kB."""
MOMENT_DIGITS = 12
"""Of a timestamp in seconds: until the year 33658."""


def server(app: AsyncApp, signing_secret: str) -> web.Application:
    """401 for what is unsigned, signed with another secret, or older than five minutes (docs.slack.dev/authentication/
    verifying-requests-from-slack)."""
    verifier = SignatureVerifier(signing_secret)

    async def receive(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        timestamp, signature = (
            request.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature")
        )
        if not _is_signed(verifier, body, timestamp, signature):
            log.warning("slack.not_signed", remote=request.remote, signed=bool(signature))
            return web.json_response({"error": "This request is not signed by Slack."}, status=401)
        if not is_sound(body):
            log.warning("slack.not_understood", remote=request.remote, size=len(body))
            return web.json_response({"error": "This is nothing that Slack sends."}, status=400)
        response: web.StreamResponse = await to_aiohttp_response(
            await app.async_dispatch(await to_bolt_request(request))
        )
        return response

    async def healthy(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True})

    made = web.Application(client_max_size=BODY_LIMIT)
    made.router.add_post(PATH, receive)
    made.router.add_get("/health", healthy)
    return made


def _is_signed(verifier: SignatureVerifier, body: bytes, timestamp: str, signature: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= MOMENT_DIGITS):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (UnicodeError, TypeError):  # a body that is no text, a signature with letters that none has
        return False
