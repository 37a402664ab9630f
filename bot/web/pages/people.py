"""Who works here, what each may do, and how each is known elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from agents.people import Person
from bot.present.person import CAN
from bot.web.site import Page, View, page


@dataclass(frozen=True, slots=True)
class Row:
    person: Person
    known: str


@page("/people")
def people(view: View) -> Page:
    everyone = sorted(view.work.people.everyone(removed=True), key=lambda p: p.removed_at is not None)
    rows = [
        Row(
            p,
            ", ".join(f"{i.surface}: {i.user_id}" for i in view.work.people.identities(p.id))
            or "the console",
        )
        for p in everyone
    ]
    return Page("People", view.render("people.html", rows=rows, roles=list(CAN.items())))
