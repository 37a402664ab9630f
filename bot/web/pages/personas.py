"""The cast: everybody at a glance, and each one's profile, accounts, policy and budget."""

from __future__ import annotations

from dataclasses import dataclass

from agents.events import Subject
from agents.money import dollars
from agents.personas.persona import Persona, PersonaState
from agents.writing.post import State
from bot.web.site import Page, View, page

LATEST = 5


@dataclass(frozen=True, slots=True)
class Tile:
    persona: Persona
    accounts: str


@page("/personas")
def personas(view: View) -> Page:
    """Those who can be asked first, archived ones last."""
    order = list(PersonaState)
    tiles = [
        Tile(p, ", ".join(a.platform for a in view.work.accounts.of(p.id)) or "no account")
        for p in sorted(view.work.personas.all(), key=lambda p: (order.index(p.state), p.handle))
    ]
    return Page("Personas", view.render("personas.html", tiles=tiles))


@page("/personas/{handle}")
def persona(view: View, handle: str) -> Page:
    found = view.work.personas.by_handle(handle)
    spent = view.work.budgets.of(found, view.work.now)
    accounts = view.work.accounts.of(found.id)
    newest = view.work.posts.in_states(list(State), persona_id=found.id, limit=LATEST, oldest_first=False)
    body = view.render(
        "persona.html",
        persona=found,
        subject=Subject("persona", found.id),
        accounts=accounts,
        spent={
            "used": dollars(spent.spent),
            "limit": dollars(spent.limit),
            "reserved": dollars(spent.reserved) if spent.reserved else "",
            "share": min(100, round(100 * (spent.spent + spent.reserved) / spent.limit))
            if spent.limit
            else 100,
        },
        latest=newest,
        example=f'/post draft @{found.handle} "our new release" on stage',
    )
    return Page(found.name, body)
