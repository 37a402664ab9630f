"""Discord: each thing that it takes, really asked of Discord's API. It takes nothing from the process that runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from agents.talk.message import Channel
from bot.doctor.discord_permissions import PERMISSIONS, Membership, in_words, missing
from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.doctor.processes import FRESH

PATIENCE_S = 10
GUIDE = "docs/discord.md says how, step by step."
NAMED = 8
"""Servers that are told by name; the rest are counted."""
SAID = (0, 401)
"""What the look at the token has told already: nobody answers, or it is not accepted."""
CONTENT, CONTENT_LIMITED = 1 << 18, 1 << 19
"""Flags of an application: it may read what is said; the second one while it is in fewer than 100 servers."""
HIDDEN = (403, 404)
"""How Discord answers about a channel that the bot may not see, or that is not there."""


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
    """Those in which nothing can be said, as the process found out when it tried; and those that cards are routed into, by
    what the bot may do there."""
    if not patient.settings.discord_joins:
        return
    with patient.reading() as work:
        known = [c for c in work.channels.on("discord") if not c.direct_to]
        routed = {id for persona in work.personas.all() for id in work.personas.routes(persona.id)}
    for channel in known:
        if channel.closed:
            remedy = "Give Troupe's role access again, or take it out of the routes: /persona route."
            yield warn(f"#{channel.name}", f"Nothing can be said there: {channel.closed}", remedy)
    try:
        yield from _routes(patient, [c for c in known if c.id in routed and not c.closed])
    except Refused as refused:
        if refused.status not in SAID:
            yield fail("routes", str(refused), "Look again when Discord answers.")


def _routes(patient: Patient, channels: list[Channel]) -> Iterator[Finding]:
    """Raises Refused when Discord tells nothing about any of them."""
    if not channels:
        return
    me, joined = str(_ask(patient, "/users/@me")["id"]), dict[str, Membership]()
    fine = []
    for channel in channels:
        try:
            there = _ask(patient, f"/channels/{channel.external_id}")
            server = str(there["guild_id"])
            joined[server] = joined.get(server) or _membership(patient, server, me)
            lacks = missing(joined[server].can(there.get("permission_overwrites", ())))
        except Refused as refused:
            if refused.status not in HIDDEN:
                raise
            lacks = ["View Channels"]
        if lacks:
            words = f"Cards are routed there, and the bot lacks {in_words(lacks)}."
            remedy = "Edit Channel, Permissions, Troupe: switch them on; or route elsewhere: /persona route."
            yield warn(f"#{channel.name}", words, remedy)
        else:
            fine.append(f"#{channel.name}")
    if fine:
        more = f" and {len(fine) - NAMED} more" if len(fine) > NAMED else ""
        yield ok("routes", f"The bot may do all it needs in {', '.join(sorted(fine)[:NAMED])}{more}")


def _membership(patient: Patient, server: str, me: str) -> Membership:
    member = _ask(patient, f"/guilds/{server}/members/{me}")
    return Membership.told(server, me, member, _ask(patient, f"/guilds/{server}/roles"))


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
    """Permissions are those of the whole server; a channel may take more away."""
    if not guilds:
        url = f"https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands"
        words = "Troupe is in no server."
        yield warn("servers", words, f"Open {url}&permissions={PERMISSIONS} and choose one.")
        return
    names = sorted(str(guild["name"]) for guild in guilds)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    yield ok("servers", f"Troupe is in {', '.join(islice(names, NAMED))}{more}")
    for guild in guilds:
        if lacks := missing(int(guild.get("permissions") or 0)):
            words = f"The bot lacks {in_words(lacks)}."
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
