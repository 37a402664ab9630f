"""What is said at a hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.oncall.alert import Alert
from agents.oncall.rota import Rota
from agents.people import Person
from bot.present.words import count

SHOWN = 10
"""Open alerts that are named; more are counted."""
LONGEST = 120
"""Characters of what is said about each."""


def words(rota: Rota, goes: Person, comes: Person, until: datetime, unresolved: Sequence[Alert]) -> str:
    """unresolved: all of them, or the newest."""
    local = until.astimezone(ZoneInfo(rota.zone))
    lines = [
        f"{comes.name} is on call now ({rota.name}), until {local:%A %d %B, %H:%M} {rota.zone}. Thank you, {goes.name}."
    ]
    if not unresolved:
        return "\n".join([*lines, "Nothing is open."])
    lines.append(f"{count(len(unresolved), 'alert')} not resolved:")
    lines += [f"• {_line(alert)}" for alert in unresolved[:SHOWN]]
    if len(unresolved) > SHOWN:
        lines.append(f"… and {len(unresolved) - SHOWN} more.")
    return "\n".join(lines)


def _line(alert: Alert) -> str:
    has = f"{alert.handled_by} has it" if alert.handled_by else "nobody has it"
    what = alert.what if len(alert.what) <= LONGEST else f"{alert.what[:LONGEST]}…"
    return f"{alert.severity.value}, {has} (alert {alert.id}): {what}"
