"""/oncall …: who is on call and who comes next, taking a shift, paging somebody."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Annotated

from agents.errors import Conflict, Invalid, NotFound
from agents.events import Event, Subject
from agents.oncall import shifts
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.rota import Rota, shift_at
from agents.people import Person, Role
from bot import lookups
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.kinds import Reads
from bot.parameters import PERSON, TEXT, WHEN, parse_moment
from bot.ports import Ports
from bot.present import oncall as present
from bot.present.draw import draw
from bot.present.words import listed
from bot.registry import button, command
from bot.times import zone_named

WHAT_LIMIT = 500
"""Characters of what somebody is paged with: a mail's subject and a telephone's screen hold no more."""


def _rotas(ports: Ports) -> list[Option]:
    return [Option(rota.name, f"{rota.name}, layer {rota.layer}") for rota in ports.work.rotas.all()]


def _anybody(text: str, ports: Ports) -> Person | Rota:
    """Somebody, or whoever has that rota."""
    try:
        return ports.work.people.by_name(text)
    except NotFound as nobody:
        try:
            return ports.work.rotas.by_name(text)
        except NotFound:
            raise nobody from None


ROTA: Reads[Rota] = Reads("rota", lambda text, ports: ports.work.rotas.by_name(text), _rotas)
ANYBODY: Reads[Person | Rota] = Reads(
    "@person or rota",
    _anybody,
    lambda ports: [*_rotas(ports), *lookups.people(ports)],
)


class TakeOverForm(Form):
    title = "Take a shift"
    submit = "Take it"
    person: str = asked("Who takes it?", "choice", max_length=40)
    until: str = asked("Until when?", "datetime")
    begins: str = asked("From when (optional)", "datetime", hint="From now on, if left out.", default="")


@command("oncall who", "Who is on call, in every layer")
def oncall_who(call: Call, ports: Ports) -> Card:
    views = [present.view(rota, ports.work) for rota in ports.work.rotas.all()]
    return present.who(views, zone_named(call.person.zone))


@command("oncall next", "Who is on call next, in one rota or in all")
def oncall_next(call: Call, ports: Ports, rota: Annotated[Rota | None, ROTA] = None) -> Card:
    every = [rota] if rota else ports.work.rotas.all()
    return present.following(
        [present.view(one, ports.work, present.NEXT) for one in every], zone_named(call.person.zone)
    )


@command("oncall override", "Take a shift, or have somebody else take it")
def oncall_override(
    call: Call,
    ports: Ports,
    person: Annotated[Person | None, PERSON] = None,
    *,
    until: Annotated[datetime, WHEN],
    from_: Annotated[datetime | None, WHEN] = None,
    on: Annotated[Rota | None, ROTA] = None,
) -> Card:
    rota = on or _meant(call.person, ports)
    shifts.take_over(
        rota.id, person or call.person, until, call.person, ports.work, starts_at=from_, via=call.via
    )
    return draw(rota.subject, ports.work, call.person)


@command("oncall give-back", "Let the rotation say again who is on call")
def oncall_give_back(call: Call, ports: Ports, rota: Annotated[Rota | None, ROTA] = None) -> Card:
    rota = rota or _meant(call.person, ports)
    running = shift_at(rota, ports.work.rotas.overrides(ports.now, rota.id), ports.now).override
    if running is None:
        raise Conflict(
            f"Nobody has taken over {rota.name} just now.", remedy="/oncall rota show says who will."
        )
    shifts.give_back(running.id, call.person, ports.work, via=call.via)
    return draw(rota.subject, ports.work, call.person)


@command("oncall page", "Page somebody, or whoever has a rota, by hand", role=Role.EDITOR)
def oncall_page(
    call: Call, ports: Ports, whom: Annotated[Person | Rota, ANYBODY], what: Annotated[str, TEXT]
) -> Card:
    """The same words to the same one again count up the alert that there is."""
    work = ports.work
    if len(what) > WHAT_LIMIT:
        raise Invalid(
            f"A page has at most {WHAT_LIMIT} characters.", remedy="Say the rest afterwards.", field="what"
        )
    person = whom
    if isinstance(whom, Rota):
        person = work.people.get(shift_at(whom, work.rotas.overrides(work.now, whom.id), work.now).person_id)
    mark = sha256(f"{whom.subject} {what}".encode()).hexdigest()[:20]
    alert = work.raise_alert(
        AlertKind.EXTERNAL,
        whom.subject,
        f"{call.person.name} pages {person.name}: {what}",
        kept="Nothing in Troupe has failed: a person asks for you.",
        remedy=f"Acknowledge it, and answer {call.person.name}.",
        group=Subject("page", mark),
        severity=Severity.HIGH,
        why=f"{call.person.name} pressed for somebody.",
    )
    work.alerts.change(alert, assigned_to=person.id)
    after = {"person": person.id, "what": what, "alert": alert.id}
    work.record(Event("person.paged", person.subject, call.person.acting(call.via), after=after))
    return draw(alert.about, work, call.person)


def _to_take(click: Click, ports: Ports) -> Prefill:
    """Whoever is on call asks the next one; anybody else takes it themselves."""
    work, rota = ports.work, ports.work.rotas.get(click.id)
    turn = [shift.person_id for shift in present.view(rota, work).spells]
    who = turn[1] if turn[0] == click.person.id and len(turn) > 1 else click.person.id
    everyone = work.people.everyone()
    if not click.person.role.covers(Role.MANAGER):
        everyone = [person for person in everyone if person.id in rota.people]
    options = tuple(Option(person.id, person.name) for person in everyone)
    return Prefill({"person": who}, {"person": options})


@button("rota.take_over", form=TakeOverForm, prefill=_to_take)
def take_over(click: Click, ports: Ports, form: TakeOverForm) -> Card:
    until = parse_moment(form.until, ports, field="until")
    begins = parse_moment(form.begins, ports, field="begins") if form.begins else None
    person = ports.work.people.get(form.person)
    shifts.take_over(click.id, person, until, click.person, ports.work, starts_at=begins, via=click.via)
    return draw(Subject("rota", click.id), ports.work, click.person)


@button("rota.give_back")
def give_back(click: Click, ports: Ports) -> Card:
    """The id is that of the override: what was shown is given back, and no later one."""
    rota = shifts.give_back(click.id, click.person, ports.work, via=click.via)
    return draw(rota.subject, ports.work, click.person)


def _meant(person: Person, ports: Ports) -> Rota:
    """The only rota that somebody is in, or the only one that there is."""
    every = ports.work.rotas.all()
    own = [rota for rota in every if person.id in rota.people]
    for some in (own, every):
        if len(some) == 1:
            return some[0]
    if not every:
        raise NotFound("There is no rota yet.", remedy="/oncall rota new makes one.")
    names = listed([rota.name for rota in own or every], "or")
    raise Invalid("Which rota is meant?", remedy=f"Say on {names}.", field="on")
