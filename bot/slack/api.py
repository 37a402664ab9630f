"""Slack's Web API as we call it: every refusal becomes one of the outbox's errors, at this edge and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.outbox.wire import Closed, Gone, Later, Lost, Refused, SignedOut

SURFACE = "slack"
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "message_not_owned_by_app"}
NOT_IN = "Troupe is not in that channel."
_CLOSED = {
    "channel_not_found": "Slack knows no such channel, or Troupe was taken out of it.",
    "not_in_channel": NOT_IN,
    "no_permission": "Slack does not let Troupe speak there.",
    "is_archived": "The channel is archived.",
    "is_inactive": "The channel is archived.",
    "restricted_action": "The workspace does not let apps post there.",
    "restricted_action_read_only_channel": "Only some people may post there.",
    "cannot_dm_bot": "That is a bot, which takes no direct messages.",
    "user_disabled": "That person's Slack account is deactivated.",
    "user_not_found": "Slack does not know that person any more.",
}
"""chat.postMessage, chat.update, chat.postEphemeral, conversations.open: errors by which nothing will ever arrive there."""
_SIGNED_OUT = {
    "invalid_auth": "Slack does not accept the bot token.",
    "not_authed": "No bot token was sent.",
    "token_revoked": "The bot token was revoked.",
    "token_expired": "The bot token has expired.",
    "account_inactive": "The app was removed from the workspace, or the workspace is gone.",
    "team_access_not_granted": "The app has no access to the workspace.",
}
RATE_LIMITED = {"ratelimited", "rate_limited"}
DEFAULT_WAIT_S = 30.0
"""Where Slack says no Retry-After: its documentation promises one, and 30 s is what its examples show."""


async def call(asked: Awaitable[Any]) -> Mapping[str, Any]:
    """What Slack answered. Raises one of `bot.outbox.wire`'s errors."""
    try:
        answer = await asked
    except SlackApiError as error:
        raise refusal(error) from error
    except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
        raise Lost(f"Slack did not answer properly ({type(error).__name__}).") from error
    data: Mapping[str, Any] = answer.data
    return data


def refusal(error: SlackApiError) -> Exception:
    name, status = error_name(error), error.response.status_code
    if status == 429 or name in RATE_LIMITED:
        return Later(float(error.response.headers.get("Retry-After", DEFAULT_WAIT_S)))
    if status >= 500 or name in ("internal_error", "fatal_error", "service_unavailable", "request_timeout"):
        return Lost(f"Slack had trouble of its own ({name or status}).")
    if name in _SIGNED_OUT:
        return SignedOut(_SIGNED_OUT[name])
    if name in _GONE:
        return Gone("The message is not there any more.")
    if name in _CLOSED:
        return Closed(_CLOSED[name])
    return Refused(f"Slack refused it: {_in_words(error, name)}.")


def error_name(error: SlackApiError) -> str:
    data = error.response.data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _in_words(error: SlackApiError, name: str) -> str:
    data = error.response.data if isinstance(error.response.data, dict) else {}
    details = (data.get("response_metadata") or {}).get("messages") or data.get("errors") or []
    needed = f" (needs the scope {data['needed']})" if data.get("needed") else ""
    return f"{name}{needed}" + (f": {'; '.join(map(str, details[:3]))}" if details else "")
