"""Cards about rotas: the living one of each, who is on call in every layer, who comes next, calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.oncall.rota import BEGINNING, Override, Rota, Shift, spells
from agents.oncall.shifts import BY_HAND
from agents.people import Person
from bot.cards import Button, Card, Confirm, Field, Fields, Menu, Text, Tone, action
from bot.present.words import count, listed
from bot.rhythms import every_in_words, every_of, times_in_words
from bot.times import in_words
from storage.unit_of_work import UnitOfWork

NEXT = 8
"""Shifts that /oncall next tells of each rota."""
TO_COME = 5
"""Overrides to come that a rota's card tells."""


@dataclass(frozen=True, slots=True)
class RotaView:
    """spells: who is on call now and who comes next, at least one.  overrides: that have not ended.  names: by person id."""

    rota: Rota
    spells: Sequence[Shift]
    overrides: Sequence[Override]
    names: Mapping[str, str]
    now: datetime

    def name(self, person_id: str) -> str:
        return self.names.get(person_id, "somebody who left")


def view(rota: Rota, work: UnitOfWork, many: int = 3) -> RotaView:
    overrides = work.rotas.overrides(work.now, rota.id)
    names = {person.id: person.name for person in work.people.everyone(removed=True)}
    to_come = [one for one in overrides if one.ends_at > work.now]
    return RotaView(rota, spells(rota, overrides, work.now, many), to_come, names, work.now)


def draw(id: str, work: UnitOfWork, reader: Person) -> Card:
    return card(view(work.rotas.get(id), work))


def card(shown: RotaView) -> Card:
    """The rota as it is now. The same for every reader."""
    rota, (running, *following) = shown.rota, shown.spells
    facts = [Field("On call", shown.name(running.person_id))]
    if following:
        facts += [Field("Until", running.ends_at), Field("Then", _list(shown, following))]
    facts += [
        Field("Rotation", rotation(rota)),
        Field("In turn", listed([shown.name(id) for id in rota.people])),
        *_overrides(shown),
    ]
    return Card(
        title=f"{shown.name(running.person_id)} is on call: {rota.name}",
        blocks=(Fields(tuple(facts)),),
        buttons=_buttons(shown, running),
        menu=Menu("More", (_change(rota), _remove(rota))),
        badge=f"layer {rota.layer}",
        tone=Tone.GOOD,
        subject=rota.subject,
    )


def rotation(rota: Rota) -> str:
    """ "every week on Monday at 09:00, Europe/Berlin"."""
    every = every_in_words(every_of(rota.rule), rota.starts)
    return f"{every} at {times_in_words(rota.rule, rota.starts)}, {rota.zone}"


def _list(shown: RotaView, following: Sequence[Shift]) -> str:
    return ", then ".join(shown.name(shift.person_id) for shift in following)


def _overrides(shown: RotaView) -> list[Field]:
    """Now, and to come."""
    fields = []
    for one in shown.overrides[:TO_COME]:
        name = shown.name(one.person_id)
        from_calendar = "" if one.source == BY_HAND else f", by the calendar {one.source}"
        if one.starts_at <= shown.now:
            fields.append(Field(f"{name} has it until{from_calendar}", one.ends_at))
        else:
            fields.append(Field(f"{name} takes it{from_calendar}", one.starts_at))
    if more := len(shown.overrides) - TO_COME:
        fields += [Field("And", f"{count(more, 'override')} more")] if more > 0 else []
    return fields


def _buttons(shown: RotaView, running: Shift) -> tuple[Button, ...]:
    take = Button("Take my shift until…", action("rota.take_over", shown.rota.id), "primary")
    if running.override is None:
        return (take,)
    return take, Button("Give it back", action("rota.give_back", running.override.id))


def _change(rota: Rota) -> Button:
    return Button("Change…", action("rota.change", rota.id, str(rota.revision)))


def _remove(rota: Rota) -> Button:
    sure = Confirm(
        f"Remove the rota {rota.name}? Nobody is on call in layer {rota.layer} then, and its overrides end.",
        "Remove",
    )
    return Button("Remove", action("rota.remove", rota.id), "danger", sure)


def leaving(shown: RotaView) -> Card:
    """Asks before a rota is removed."""
    what = f"Nobody is on call in layer {shown.rota.layer} then: its alerts go to the managers. Its overrides end."
    return Card(
        f"Remove the rota {shown.rota.name}?", (Text(what),), (_remove(shown.rota),), tone=Tone.WAITING
    )


def who(every: Sequence[RotaView], zone: ZoneInfo) -> Card:
    """Of each layer, until when and who comes then, in the reader's zone."""
    if not every:
        return nobody()
    fields = tuple(Field(f"{one.rota.layer}. {one.rota.name}", _now(one, zone)) for one in every)
    first = every[0].name(every[0].spells[0].person_id)
    return Card(f"{first} is on call", (Fields(fields),), tone=Tone.GOOD)


def _now(shown: RotaView, zone: ZoneInfo) -> str:
    running, *following = shown.spells
    name = shown.name(running.person_id)
    if not following:
        return name
    until = in_words(running.ends_at, zone, shown.now)
    return f"{name} until {until}, then {shown.name(following[0].person_id)}"


def nobody() -> Card:
    how = "/oncall rota new primary every week at 09:00 with @alice and @bob"
    return Card(
        "Nobody is on call",
        (Text("There is no rota yet, so alerts go to the managers. A manager makes one:"), Text(how, "code")),
        tone=Tone.WAITING,
    )


def following(every: Sequence[RotaView], zone: ZoneInfo) -> Card:
    """The next shifts of each rota, in the reader's zone."""
    if not every:
        return nobody()
    blocks: list[Text | Fields] = []
    for one in every:
        blocks += [
            Text(one.rota.name, "heading"),
            Fields(tuple(_spell(shift, one, zone) for shift in one.spells)),
        ]
    names = listed([one.rota.name for one in every])
    return Card(f"Who is on call next: {names}", tuple(blocks))


def _spell(shift: Shift, shown: RotaView, zone: ZoneInfo) -> Field:
    begins = shift.starts_at > BEGINNING and in_words(shift.starts_at, zone, shown.now)
    ends = in_words(shift.ends_at, zone, shown.now)
    mark = " (instead of the rotation's)" if shift.override else ""
    return Field(f"{shown.name(shift.person_id)}{mark}", f"{begins} – {ends}" if begins else f"until {ends}")


def exported(rota: Rota, address: str) -> Card:
    """address: of the calendar, without a key."""
    lines = (
        Text(
            "Calendar programs subscribe to this address; it has the next 90 days, and follows every change:"
        ),
        Text(f"{address}?key=KEY", "code", whole=True),
        Text(
            "Instead of KEY goes an API key with the role viewer: whoever keeps the address can look, and do nothing else. "
            "./troupe api-key create calendar --role viewer makes one.",
            "muted",
        ),
    )
    return Card(f"The calendar of {rota.name}", lines, (Button("Download it", url=address),))


def importing(rota: Rota, public_url: str) -> Card:
    lines = (
        Text(
            "The shifts of a calendar go before the rotation's for a year; the same calendar again replaces them."
        ),
        Text("A small one is pasted here. A file is sent by whoever has a manager's API key:", "muted"),
        Text(
            f'curl -X PUT -H "Authorization: Bearer KEY" -H "Content-Type: text/calendar" --data-binary @calendar.ics '
            f"{public_url}/api/rotas/{rota.name}/calendars/NAME",
            "code",
        ),
    )
    return Card(
        f"Import a calendar into {rota.name}",
        lines,
        (Button("Paste it…", action("rota.import", rota.id), "primary"),),
    )
