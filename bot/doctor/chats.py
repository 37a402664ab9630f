"""Slack and Discord: what is set, and what this version makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.finding import Finding, ok, warn
from bot.doctor.patient import Patient

LATER = "Not available yet: it comes with the next release. Meanwhile the console has everything."


def slack(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    yield _told("slack", bool(settings.slack_bot_token or settings.slack_app_token))


def discord(patient: Patient) -> Iterator[Finding]:
    yield _told("discord", bool(patient.settings.discord_token))


def _told(name: str, is_set: bool) -> Finding:
    if is_set:
        return warn(
            name, f"A token is set, and nothing uses it. {LATER}", "Keep it for then, or take it out."
        )
    return ok(name, LATER)


CHECKS = (slack, discord)
