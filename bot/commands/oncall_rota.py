"""/oncall rota …: make, show, change and remove a rota. /oncall export and import: its calendar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from agents.oncall import rhythm, shifts
from agents.oncall.rota import Rota
from agents.oncall.shifts import LAYERS, Draft, Entry
from agents.people import Person, Role
from bot.calls import Call, Click
from bot.cards import Card
from bot.commands.oncall import ROTA
from bot.forms import Form, Prefill, asked
from bot.kinds import INT
from bot.parameters import PEOPLE, WORD, ZONE
from bot.ports import Ports
from bot.present import oncall as present
from bot.present.answers import done
from bot.present.draw import draw
from bot.present.words import count, listed
from bot.registry import button, command
from bot.rhythms import (
    DAY,
    EVERY,
    TIMES,
    Every,
    every_in_words,
    every_of,
    read_day,
    read_every,
    read_times,
    times_in_words,
)

PASTE_LIMIT = 60_000
"""Characters; a chat's own limit of a text field may be lower."""
IMPORTED = timedelta(days=366)
"""How far ahead a calendar's shifts are taken."""
NINE = (time(9),)


class RotaForm(Form):
    title = "Change a rota"
    people: str = asked("Who, in turn", "multiline", hint="Names with commas between them.", max_length=2000)
    every: str = asked("Every", hint="day, week, 2 weeks, weekday, or monday and friday.", max_length=80)
    at: str = asked("At", hint="Such as 09:00, or 09:00 and 21:00.", max_length=80)
    zone: str = asked("Time zone", hint="Such as Europe/Berlin.", max_length=60)
    begins: str = asked(
        "First day (optional)", hint="As 2026-11-30; as it is, if left out.", default="", max_length=10
    )


class CalendarForm(Form):
    title = "Import a calendar"
    submit = "Import"
    name: str = asked(
        "Name of the calendar", hint="The same name again replaces it.", min_length=1, max_length=60
    )
    text: str = asked(
        "iCalendar", "multiline", hint="It begins with BEGIN:VCALENDAR.", min_length=1, max_length=PASTE_LIMIT
    )


@command("oncall rota-new", "Make a rota: who is on call in turn", role=Role.MANAGER)
def rota_new(
    call: Call,
    ports: Ports,
    name: Annotated[str, WORD],
    *,
    every: Annotated[Every, EVERY],
    at: Annotated[tuple[time, ...], TIMES] = NINE,
    with_: Annotated[tuple[Person, ...], PEOPLE],
    layer: Annotated[int, INT(1, LAYERS, "layer")] = 1,
    zone: Annotated[str, ZONE] = "",
    from_: Annotated[date | None, DAY] = None,
) -> Card:
    """In the zone of whoever makes it unless one is given; begun already unless a first day is given."""
    home = zone or call.person.zone
    draft = Draft(
        name,
        tuple(person.id for person in with_),
        every.rule(at),
        _starts(every, at, from_, home, ports.now),
        home,
        layer,
    )
    rota = shifts.make(draft, call.person, ports.work, via=call.via)
    return draw(rota.subject, ports.work, call.person)


@command("oncall rota-show", "A rota's card: who now, who next, its buttons")
def rota_show(call: Call, ports: Ports, rota: Annotated[Rota, ROTA]) -> Card:
    return draw(rota.subject, ports.work, call.person)


@command("oncall rota-change", "Change who is in a rota, or when it is handed over", role=Role.MANAGER)
def rota_change(
    call: Call,
    ports: Ports,
    rota: Annotated[Rota, ROTA],
    *,
    every: Annotated[Every | None, EVERY] = None,
    at: Annotated[tuple[time, ...] | None, TIMES] = None,
    with_: Annotated[tuple[Person, ...] | None, PEOPLE] = None,
    zone: Annotated[str, ZONE] = "",
    from_: Annotated[date | None, DAY] = None,
) -> Card:
    changes = _changes(rota, ports, every, at, with_, zone, from_)
    shifts.change(rota.id, call.person, ports.work, via=call.via, **changes)
    return draw(rota.subject, ports.work, call.person)


@command("oncall rota-remove", "Remove a rota; asks before it does", role=Role.MANAGER)
def rota_remove(call: Call, ports: Ports, rota: Annotated[Rota, ROTA]) -> Card:
    return present.leaving(present.view(rota, ports.work))


@command("oncall export", "A rota's calendar, for programs to subscribe to")
def oncall_export(call: Call, ports: Ports, rota: Annotated[Rota, ROTA]) -> Card:
    return present.exported(rota, f"{ports.public_url}/oncall/{rota.name}.ics")


@command("oncall import", "Take a rota's shifts from a calendar", role=Role.MANAGER)
def oncall_import(call: Call, ports: Ports, rota: Annotated[Rota, ROTA]) -> Card:
    return present.importing(rota, ports.public_url)


def _as_it_is(click: Click, ports: Ports) -> Prefill:
    rota = ports.work.rotas.get(click.id)
    names = {person.id: person.name for person in ports.work.people.everyone()}
    return Prefill(
        {
            "people": ", ".join(names[id] for id in rota.people if id in names),
            "every": every_in_words(every_of(rota.rule), rota.starts).removeprefix("every "),
            "at": times_in_words(rota.rule, rota.starts),
            "zone": rota.zone,
        }
    )


@button("rota.change", role=Role.MANAGER, form=RotaForm, prefill=_as_it_is)
def change(click: Click, ports: Ports, form: RotaForm) -> Card:
    """The fingerprint is the revision that the form was opened on. What was left as it stood is not changed."""
    rota, was = ports.work.rotas.get(click.id), _as_it_is(click, ports).values
    new = {name: text for name, text in form.model_dump().items() if text and text != was.get(name)}
    changes = _changes(
        rota,
        ports,
        read_every(new["every"]) if "every" in new else None,
        read_times(new["at"]) if "at" in new else None,
        PEOPLE.parse(new["people"], ports) if "people" in new else None,
        ZONE.parse(new["zone"], ports) if "zone" in new else "",
        read_day(new["begins"]) if "begins" in new else None,
    )
    seen = int(click.fingerprint) if click.fingerprint.isdecimal() else None
    shifts.change(rota.id, click.person, ports.work, seen=seen, via=click.via, **changes)
    return draw(rota.subject, ports.work, click.person)


@button("rota.remove", role=Role.MANAGER)
def remove(click: Click, ports: Ports) -> Card:
    rota = shifts.remove(click.id, click.person, ports.work, via=click.via)
    return draw(rota.subject, ports.work, click.person)


def _reading(click: Click, ports: Ports, form: CalendarForm) -> Callable[[], Sequence[Entry]]:
    """Counting a calendar's repetitions takes seconds at worst: not while others wait for the database."""
    click.person.must_be(Role.MANAGER, "import a calendar")
    return reading(form.text.encode(), ports.work.rotas.get(click.id), ports)


def reading(data: bytes, rota: Rota, ports: Ports) -> Callable[[], Sequence[Entry]]:
    from integrations import calendars  # with its library 0.2 s: only for whoever imports one

    known, now = ports.work.people.named(), ports.now
    return lambda: calendars.read(data, known, zone=rota.zone, after=now, before=now + IMPORTED)


@button("rota.import", role=Role.MANAGER, form=CalendarForm, outside=_reading)
def import_(click: Click, ports: Ports, form: CalendarForm, entries: Sequence[Entry]) -> Card:
    rota = shifts.put_calendar(click.id, form.name, entries, click.person, ports.work, via=click.via)
    names = {person.id: person.name for person in ports.work.people.everyone()}
    who = listed(list(dict.fromkeys(names[entry.person_id] for entry in entries)))
    return done(
        f"{count(len(entries), 'shift')} of {form.name} go before the rotation of {rota.name}",
        *([who] if who else []),
    )


def _changes(
    rota: Rota,
    ports: Ports,
    every: Every | None,
    at: tuple[time, ...] | None,
    people: tuple[Person, ...] | None,
    zone: str,
    first: date | None,
) -> dict[str, Any]:
    """What of a rota's fields becomes another. Another rhythm begins like that of a new rota."""
    changes: dict[str, Any] = {}
    if people is not None:
        changes["people"] = tuple(person.id for person in people)
    if zone:
        changes["zone"] = zone
    if every or at or first:
        often, times = every or every_of(rota.rule), at or rhythm.times(rota.rule, rota.starts)
        changes["rule"] = often.rule(times)
        begins = first or (None if every else rota.starts.date())
        changes["starts"] = _starts(often, times, begins, zone or rota.zone, ports.now)
    return changes


def _starts(every: Every, times: tuple[time, ...], first: date | None, zone: str, now: datetime) -> datetime:
    """Local time of the first hand-over."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(first or every.first(today), times[0])
