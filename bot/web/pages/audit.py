"""The audit trail: who did or tried what to what, with before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from agents.events import Event
from bot.web.site import Page, View, page

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    at: datetime
    event: Event
    changes: list[tuple[str, str, str]]


@page("/audit")
def audit(view: View) -> Page:
    who, what, before = view.asked("who"), view.asked("what"), view.asked("before")
    found = view.work.events.latest(
        limit=SHOWN,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        actor=who,
        matching=what,
    )
    older = urlencode({"who": who, "what": what, "before": found[-1].id}) if len(found) == SHOWN else ""
    names = [p.name for p in view.work.people.everyone(removed=True)] + [
        p.name for p in view.work.personas.all()
    ]
    body = view.render(
        "audit.html",
        rows=[Row(r.at, r.event, changes(r.event.before, r.event.after)) for r in found],
        who=who,
        what=what,
        names=names,
        next=f"/audit?{older}" if older else "",
    )
    return Page("Audit trail", body)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field by field, in words; "" where there was or is nothing."""
    names = dict.fromkeys([*before, *after])
    return [(name.replace("_", " "), _words(before.get(name)), _words(after.get(name))) for name in names]


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case list() if all(isinstance(item, str | int) for item in value):
            return ", ".join(map(str, value))
        case _:
            return json.dumps(value, ensure_ascii=False, indent=1)
