"""Discord: each thing that it takes, really asked of Discord's API. It takes nothing from the process that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.doctor.processes import FRESH

PATIENCE_S = 10
GUIDE = "docs/discord.md says how, step by step."
NAMED = 8
"""Servers that are told by name; the rest are counted."""
CONTENT, CONTENT_LIMITED = 1 << 18, 1 << 19
"""Flags of an application: it may read what is said; the second one while it is in fewer than 100 servers."""
ADMINISTRATOR = 1 << 3
NEEDED: Mapping[str, int] = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Manage Webhooks": 1 << 29,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""docs.discord.com/developers/topics/permissions."""
PERMISSIONS = sum(NEEDED.values())
"""As an invitation asks for them."""


class Refused(Exception):
    """Discord said no, or nothing. Its text is a sentence; `status` is 0 when nobody answered."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


def discord(patient: Patient) -> Iterator[Finding]:
    if patient.settings.discord_joins:
        yield ok("settings", "Discord joins")
    else:
        yield ok("settings", "Discord is not connected; the console has everything", GUIDE)


def bot(patient: Patient) -> Iterator[Finding]:
    """Who we are, what we may read, and where we are."""
    if not patient.settings.discord_joins:
        return
    try:
        me = _ask(patient, "/users/@me")
        application = _ask(patient, "/applications/@me")
        guilds = _ask(patient, "/users/@me/guilds")
        told = _ask(patient, f"/applications/{application['id']}/commands")
    except Refused as refused:
        remedy = "Copy the token from “Bot” of the application into DISCORD_TOKEN."
        if refused.status != 401:
            remedy = "Look at the network of this machine, and at DISCORD_API_URL."
        yield fail("bot token", str(refused), remedy)
        return
    yield ok("bot token", f"Discord knows us as {me['username']}")
    yield _content(int(application.get("flags") or 0))
    yield from _servers(guilds, str(application["id"]))
    if told:
        yield ok("commands", f"Discord was told of {len(told)}")
    else:
        yield warn(
            "commands", "Discord was told of none.", "The process `discord` tells them when it starts."
        )


def channels(patient: Patient) -> Iterator[Finding]:
    """Those in which nothing can be said; the process found out when it tried."""
    if not patient.settings.discord_joins:
        return
    with patient.reading() as work:
        closed = [c for c in work.channels.on("discord") if c.closed and not c.direct_to]
    for channel in closed:
        remedy = "Give Troupe's role access again, or take it out of the routes: /persona route."
        yield warn(f"#{channel.name}", f"Nothing can be said there: {channel.closed}", remedy)


def process(patient: Patient) -> Iterator[Finding]:
    if not patient.settings.discord_joins:
        return
    with patient.reading() as work:
        beats = [beat for beat in work.switches.beats(work.now - FRESH) if beat.kind == "discord"]
    if beats:
        yield ok("process", f"{len(beats)} alive")
    else:
        words = "The process `discord` gives no sign of life."
        yield fail("process", words, "./troupe up starts everything; ./troupe run discord this alone.")


def _content(flags: int) -> Finding:
    if flags & (CONTENT | CONTENT_LIMITED):
        return ok("message content", "The bot may read what is said")
    words = "Message Content Intent is off: Discord does not let the bot connect."
    return fail("message content", words, "Switch it on under “Bot” of the application, then start again.")


def _servers(guilds: list[dict[str, Any]], application: str) -> Iterator[Finding]:
    """Permissions are those of the whole server; a channel may take more away, which is told when something is said there."""
    if not guilds:
        url = f"https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands"
        words = "Troupe is in no server."
        yield warn("servers", words, f"Open {url}&permissions={PERMISSIONS} and choose one.")
        return
    names = sorted(str(guild["name"]) for guild in guilds)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    yield ok("servers", f"Troupe is in {', '.join(islice(names, NAMED))}{more}")
    for guild in guilds:
        has = int(guild.get("permissions") or 0)
        missing = [name for name, bit in NEEDED.items() if not has & (bit | ADMINISTRATOR)]
        if missing:
            words = f"The bot lacks {', '.join(missing)}."
            yield warn(str(guild["name"]), words, "Server Settings, Roles, Troupe: switch them on.")


def _ask(patient: Patient, path: str) -> Any:
    """Discord's answer. Raises Refused."""
    import httpx

    settings = patient.settings
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    try:
        answer = httpx.get(
            f"{settings.discord_api_url}{path}", headers={"Authorization": f"Bot {token}"}, timeout=PATIENCE_S
        )
        if answer.status_code == 401:
            raise Refused("Discord does not accept the bot token.", 401)
        if answer.status_code != 200:
            raise Refused(f"Discord refuses {path}: {answer.status_code}.", answer.status_code)
        return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        words = f"Discord does not answer at {settings.discord_api_url}: {type(error).__name__}."
        raise Refused(words) from error


CHECKS = (discord, bot, channels, process)
