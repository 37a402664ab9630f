"""Clocks: scheduled posts, sessions and one-time links all trust this machine's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import text

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import NotThere, Patient

LITTLE_S, MUCH_S = 2.0, 30.0
PATIENCE_S = 5.0
REMEDY = "Let the machine keep its time: timedatectl set-ntp true, or chrony."


def clocks(patient: Patient) -> Iterator[Finding]:
    """Against the clocks of every other machine that we speak with."""
    apart = dict(_others(patient))
    if not apart:
        yield ok("clock", "Nobody else is there to compare it with")
        return
    place, most = max(apart.items(), key=lambda item: abs(item[1]))
    words = f"{abs(most):.1f} s {'ahead of' if most > 0 else 'behind'} {place}"
    if abs(most) > MUCH_S:
        yield fail("clock", f"This machine is {words}.", REMEDY)
    elif abs(most) > LITTLE_S:
        yield warn("clock", f"This machine is {words}.", REMEDY)
    else:
        yield ok("clock", f"Within {LITTLE_S:.0f} s of {', '.join(apart)}")


def _others(patient: Patient) -> Iterator[tuple[str, float]]:
    """Name, and by how many seconds we are ahead of it. Whoever does not answer is left out: other checks say so."""
    try:
        with patient.reading() as work:
            owners = [account for p in work.personas.all() for account in work.accounts.of(p.id)]
            if work.connection.dialect.name == "postgresql":
                theirs = work.connection.execute(text("SELECT clock_timestamp()")).scalar_one()
                yield "the database", (datetime.now(UTC) - theirs).total_seconds()
    except NotThere:
        owners = []
    servers = {account.base_url for account in owners if account.base_url}
    if patient.settings.openai_api_key:
        servers.add(patient.settings.openai_base_url)
    for server in sorted(servers):
        ahead = _ahead_of(server, patient)
        if ahead is not None:
            yield server, ahead


def _ahead_of(server: str, patient: Patient) -> float | None:
    """By the Date of any answer, which is cut to the second."""
    import httpx

    transport = patient.troupe.any_port_door.transport(max_bytes=100_000, timeout_s=PATIENCE_S)
    begun = time.time()
    try:
        with httpx.Client(transport=transport, trust_env=False) as client:
            said = client.head(server).headers.get("date", "")
            theirs = parsedate_to_datetime(said).timestamp() + 0.5
    except (httpx.HTTPError, ValueError, TypeError):
        return None
    return (begun + time.time()) / 2 - theirs


CHECKS = (clocks,)
