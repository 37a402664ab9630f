"""Channels with their messages and living cards, and the page of one card alone."""

from __future__ import annotations

from typing import Annotated

from markupsafe import Markup
from pydantic import StringConstraints

from agents.errors import Invalid, NotFound
from agents.events import Event, Subject
from agents.people import Role
from agents.personas.persona import Persona, PersonaState
from agents.talk.message import Channel
from bot.calls import Click
from bot.cards import Button, Card, Tone
from bot.forms import Form, asked
from bot.ports import Ports
from bot.registry import button
from bot.web.browse import AT_ONCE
from bot.web.drawing import items
from bot.web.site import Page, View, page
from storage.unit_of_work import UnitOfWork


@page("/")
def home(view: View) -> Page:
    """The channel called general, else the first one, else how to make one."""
    channels = [c for c in view.work.channels.on("console") if not c.direct_to]
    channels.sort(key=lambda c: c.name != "general")
    return _channel(view, channels[0]) if channels else Page("Channels", view.render("no_channel.html"))


@page("/c/{name}")
def channel(view: View, name: str) -> Page:
    return _channel(view, view.work.channels.by_name("console", name))


@page("/direct")
def direct(view: View) -> Page:
    """What Troupe says to this person alone."""
    mine = [c for c in view.work.channels.on("console") if c.direct_to == view.person.id]
    if not mine:
        raise NotFound("Nothing was said to you alone so far.", remedy="What needs your decision comes here.")
    return _channel(view, mine[0])


def _channel(view: View, found: Channel) -> Page:
    messages = view.work.messages.in_channel(found.id, view.person.id, limit=AT_ONCE)
    body = view.render(
        "channel.html",
        title="For you" if found.direct_to else found.name,
        channel=found,
        items=view.items(messages),
        more=len(messages) == AT_ONCE,
        persona=somebody(view.work),
    )
    newest = messages[-1].id if messages else 0
    title = "For you" if found.direct_to else f"#{found.name}"
    return Page(title, body, {"page": "channel", "channel": found.id, "last": newest})


@page("/card/{kind}/{id}")
def card(view: View, kind: str, id: str) -> Page:
    """One card with everything that was said about it; calendars, lists and chats link here."""
    subject = Subject(kind[:40], id[:40])
    places = view.work.messages.cards_of(subject)
    allowed = [m for m in places if view.work.channels.get(m.channel_id).direct_to in ("", view.person.id)]
    channel_id = allowed[0].channel_id if allowed else ""
    said = view.work.messages.in_thread(str(subject), view.person.id)
    body = view.render(
        "card.html",
        card=view.card(subject),
        answers=items(said, view.work, view.person, threads=False) if said else Markup(),
        data_channel=channel_id,
    )
    newest = said[-1].id if said else 0
    return Page(
        f"{kind} {id}",
        body,
        {"page": "card", "channel": channel_id, "about": str(subject), "last": newest},
    )


def somebody(work: UnitOfWork) -> Persona | None:
    """Whom an example is addressed to."""
    active = [p for p in work.personas.all() if p.state is PersonaState.ACTIVE]
    return next((p for p in active if p.handle == "ada"), active[0] if active else None)


def example(work: UnitOfWork) -> str:
    """A command that works as it stands."""
    persona = somebody(work)
    return f'/post draft @{persona.handle} "our new release" on stage' if persona else "/persona templates"


class NewChannel(Form):
    title = "New channel"
    submit = "Make it"
    name: Annotated[str, StringConstraints(to_lower=True)] = asked(
        "Name", hint="Small letters, digits and dashes, such as launch-week.", max_length=40, min_length=1
    )


@button("channel.create", role=Role.EDITOR, form=NewChannel)
def create(click: Click, ports: Ports, form: NewChannel) -> Card:
    """Raises Conflict for a name that is taken."""
    name = form.name.removeprefix("#")
    if not all(c.isascii() and (c.isalnum() or c in "-_") for c in name) or not name:
        raise Invalid(
            f"A channel cannot be called {name or 'nothing'}.",
            remedy="Use small letters, digits, - and _ only.",
            field="name",
        )
    made = ports.work.channels.add("console", name, ports.now)
    ports.work.record(
        Event("channel.created", Subject("channel", made.id), click.person.actor, after={"name": name})
    )
    return Card(f"#{name} is there.", buttons=(Button("Open it", url=f"/c/{name}"),), tone=Tone.GOOD)
