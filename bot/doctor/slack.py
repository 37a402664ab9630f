"""Slack: each thing that it takes, really asked of Slack's API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.doctor.processes import FRESH

PATIENCE_S = 10
OLDEST_REQUEST = timedelta(minutes=5)
"""Signed requests whose time is further off are refused (docs.slack.dev/authentication/verifying-requests-from-slack)."""
UNUSUAL = timedelta(seconds=30)
GUIDE = "docs/slack.md says how, step by step."
INSTALL = "Paste ./troupe slack-manifest into the app's manifest at api.slack.com/apps, and install it again."
PAGES, PAGE = 10, 200
NAMED = 8
"""Channels that are told by name; the rest are counted."""


class Refused(Exception):
    """Slack said no, or nothing. Its text is a sentence; `error` is Slack's own word, "" when nobody answered."""

    def __init__(self, words: str, error: str = "") -> None:
        super().__init__(words)
        self.error = error


def slack(patient: Patient) -> Iterator[Finding]:
    """What kind of token each is was looked at when the settings were read."""
    settings = patient.settings
    given = (settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret)
    how = "signed HTTP" if settings.slack_mode == "http" else "Socket Mode"
    if settings.slack_joins:
        yield ok("settings", f"Slack joins, over {how}")
    elif any(given):
        words = f"{settings.slack_misses} is not set, so Slack does not join (over {how})."
        yield fail("settings", words, f"Set it in .env, then start again. {GUIDE}")
    else:
        yield ok("settings", "Slack is not connected; the console has everything", GUIDE)


def workspace(patient: Patient) -> Iterator[Finding]:
    """auth.test tells who we are, what we may, and Slack's time."""
    if not patient.settings.slack_joins:
        return
    begun = time.time()
    try:
        answer = _ask(patient, "auth.test")
    except Refused as refused:
        remedy = "Copy the Bot User OAuth Token from “OAuth & Permissions” of the app into SLACK_BOT_TOKEN."
        if not refused.error:
            remedy = "Look at the network of this machine, and at SLACK_API_URL."
        yield fail("bot token", str(refused), remedy)
        return
    between = (begun + time.time()) / 2
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield ok("bot token", f"Slack knows us as {answer['user']} in {answer['team']}")
    yield _scopes(headers.get("x-oauth-scopes", ""))
    if "date" in headers:
        theirs = parsedate_to_datetime(headers["date"]).timestamp() + 0.5  # it is cut to the second
        yield _clock(timedelta(seconds=between - theirs))


def connection(patient: Patient) -> Iterator[Finding]:
    """Asking for a socket's address opens none: it takes nothing from the process that runs."""
    settings = patient.settings
    if not settings.slack_joins:
        return
    if settings.slack_mode == "http":
        from bot.slack.manifest import PATH

        words = f"Requests are taken at http://{settings.host}:{settings.slack_http_port}{PATH}"
        yield ok("requests", words, "Slack needs an https address that leads there.")
        return
    try:
        _ask(patient, "apps.connections.open", app=True)
    except Refused as refused:
        if refused.error in ("ratelimited", "rate_limited"):
            yield warn(
                "app token", "Slack was asked for a socket too often just now.", "Look again in a minute."
            )
        else:
            words, remedy = _SOCKET.get(refused.error, (str(refused), "Turn Socket Mode on in the app."))
            yield fail("app token", words, remedy)
    else:
        yield ok("app token", "Socket Mode is on")


def channels(patient: Patient) -> Iterator[Finding]:
    if not patient.settings.slack_joins:
        return
    try:
        joined = sorted(_joined(patient))
    except Refused as refused:
        yield fail("channels", str(refused), INSTALL)
    else:
        if joined:
            yield ok("channels", f"Troupe is in {_counted(joined)}")
        else:
            yield warn("channels", "Troupe is in no channel.", "Type /invite @Troupe in one.")
    with patient.reading() as work:
        closed = [c for c in work.channels.on("slack") if c.closed and not c.direct_to]
    for channel in closed:
        remedy = "Invite Troupe again, or take it out of the routes: /persona route."
        yield warn(f"#{channel.name}", f"Nothing can be said there: {channel.closed}", remedy)


def process(patient: Patient) -> Iterator[Finding]:
    if not patient.settings.slack_joins:
        return
    with patient.reading() as work:
        beats = [beat for beat in work.switches.beats(work.now - FRESH) if beat.kind == "slack"]
    if beats:
        yield ok("process", f"{len(beats)} alive")
    else:
        words = "The process `slack` gives no sign of life."
        yield fail("process", words, "./troupe up starts everything; ./troupe run slack this alone.")


def avatars(patient: Patient) -> Iterator[Finding]:
    """Slack fetches them itself; everything else it is given."""
    settings = patient.settings
    if not settings.slack_joins:
        return
    if settings.public_url is None:
        words = "PUBLIC_URL is not set: each persona speaks with an emoji instead of its picture"
        yield ok("avatars", words, "Set it to an https address that Slack reaches, if there is one.")
    elif not settings.public_url.startswith("https://"):
        words = f"PUBLIC_URL is {settings.public_url}; Slack fetches pictures over https only."
        yield warn("avatars", words, "Put the console behind https, or unset it.")
    else:
        yield ok("avatars", f"Slack fetches them from {settings.public_url}")


def _scopes(granted: str) -> Finding:
    from bot.slack.manifest import SCOPES

    has = {scope.strip() for scope in granted.split(",") if scope.strip()}
    missing = [scope for scope in SCOPES if scope not in has]
    if missing:
        return fail("scopes", f"The bot lacks {', '.join(missing)}.", INSTALL)
    more = sorted(has.difference(SCOPES))
    return ok("scopes", f"All {len(SCOPES)} are there{f'; not needed: {chr(44).join(more)}' if more else ''}")


def _clock(ahead: timedelta) -> Finding:
    apart = abs(ahead)
    words = f"This machine is {apart.total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'} Slack."
    remedy = "Let the machine keep its time: timedatectl set-ntp true, or chrony."
    if apart > OLDEST_REQUEST:
        return fail("clock", f"{words} Signed requests are refused.", remedy)
    if apart > UNUSUAL:
        return warn("clock", words, remedy)
    return ok("clock", f"Within {UNUSUAL.total_seconds():.0f} s of Slack's")


def _joined(patient: Patient) -> Iterator[str]:
    """Names of the channels that the bot is in, as far as PAGES go."""
    cursor = ""
    for _ in range(PAGES):
        asked: dict[str, Any] = {
            "types": "public_channel,private_channel",
            "exclude_archived": "true",
            "limit": PAGE,
        }
        answer = _ask(patient, "users.conversations", **asked | {"cursor": cursor})
        yield from (f"#{channel['name']}" for channel in answer["channels"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def _counted(names: list[str]) -> str:
    told = ", ".join(islice(names, NAMED))
    return f"{told} and {len(names) - NAMED} more" if len(names) > NAMED else told


def _ask(patient: Patient, method: str, *, app: bool = False, **params: Any) -> Any:
    """Slack's answer. Raises Refused.  app: with the app's token instead of the bot's."""
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError, SlackClientError

    settings = patient.settings
    token = settings.slack_app_token if app else settings.slack_bot_token
    client = WebClient(
        token.get_secret_value() if token else "", base_url=f"{settings.slack_api_url}/", timeout=PATIENCE_S
    )
    try:
        return client.api_call(method, params=params)
    except SlackApiError as error:
        data = error.response.data if isinstance(error.response.data, dict) else {}
        name = str(data.get("error") or error.response.status_code)
        needed = f", it takes the scope {data['needed']}" if data.get("needed") else ""
        words = _REFUSALS.get(name, f"Slack refuses {method}: {name}{needed}.")
        raise Refused(words, name) from error
    except (SlackClientError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise Refused(f"Slack does not answer at {settings.slack_api_url}: {reason}.") from error


_REFUSALS = {
    "invalid_auth": "Slack does not accept the token.",
    "not_authed": "Slack was sent no token.",
    "token_revoked": "The token was revoked.",
    "token_expired": "The token has expired.",
    "account_inactive": "The app was removed from the workspace.",
}
_TOKENS = (
    "Make an app-level token with connections:write under “Basic Information” of the app: SLACK_APP_TOKEN."
)
_SOCKET = {
    "invalid_auth": ("Slack does not accept the app token.", _TOKENS),
    "not_allowed_token_type": ("That is no app-level token.", _TOKENS),
    "missing_scope": ("The app token lacks the scope connections:write.", _TOKENS),
}
"""apps.connections.open: error -> what it means, and what mends it."""
CHECKS = (slack, workspace, connection, channels, process, avatars)
