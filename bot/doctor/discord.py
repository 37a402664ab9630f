"""Discord: what is set, and what this version makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.finding import Finding, ok, warn
from bot.doctor.patient import Patient

LATER = "Not available yet: it comes with the next release. Meanwhile Slack and the console have everything."


def discord(patient: Patient) -> Iterator[Finding]:
    if patient.settings.discord_token:
        words = f"A token is set, and nothing uses it. {LATER}"
        yield warn("discord", words, "Keep it for then, or take it out.")
    else:
        yield ok("discord", LATER)


CHECKS = (discord,)
