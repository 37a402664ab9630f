"""What people do with rotas: make, change and remove one, take a shift and give it back, import a calendar, leave the team."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from agents.clock import zones
from agents.errors import Conflict, Forbidden, Invalid, NotFound
from agents.events import Event, Subject
from agents.jobs import JobName
from agents.oncall.rhythm import checked
from agents.oncall.rota import Override, Rota, going_on, shift_at
from agents.people import Person, Role

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PEOPLE_LIMIT = 50
LAYERS = 9
LONGEST = timedelta(days=366)
"""Of an override."""
SOURCE_LIMIT = 60
"""Characters of a calendar's name."""
BY_HAND = "person"
"""The source of an override that somebody made, and not a calendar."""


class Rotas(Protocol):
    """Where rotas are kept. What changes one raises Raced when somebody was faster."""

    def add(self, rota: Rota) -> None: ...
    def get(self, id: str) -> Rota: ...
    def all(self) -> list[Rota]: ...
    def change(self, before: Rota, after: Rota) -> Rota: ...
    def remove(self, rota: Rota) -> None: ...
    def overrides(self, at: datetime, rota_id: str = "") -> list[Override]: ...
    def override(self, id: str) -> Override: ...
    def take_over(self, rota: Rota, overrides: Iterable[Override]) -> Rota: ...
    def put_calendar(self, rota: Rota, source: str, overrides: Iterable[Override]) -> tuple[Rota, int]: ...
    def give_back(self, override: Override, now: datetime) -> None: ...
    def forget_person(self, person_id: str, now: datetime) -> None: ...


class People(Protocol):
    def hold(self, ids: Iterable[str]) -> list[Person]:
        """Those of them who are in the team; nobody of them is removed until this transaction ends."""


class JobTable(Protocol):
    def forget(self, subject: Subject, *names: JobName) -> None: ...


class Work(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def jobs(self) -> JobTable: ...
    @property
    def people(self) -> People: ...
    @property
    def rotas(self) -> Rotas: ...
    def new_id(self) -> str: ...
    def record(self, event: Event) -> None: ...
    def owe(self, name: JobName, subject: Subject, due_at: datetime | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A rota to be made: its fields as in `Rota`."""

    name: str
    people: tuple[str, ...]
    rule: str
    starts: datetime
    zone: str
    layer: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody is on call from `starts_at` until before `ends_at`, as a calendar says."""

    person_id: str
    starts_at: datetime
    ends_at: datetime


def make(draft: Draft, by: Person, work: Work, *, via: str = "") -> Rota:
    """Raises Conflict where its name or its layer is taken: two rotas would put two people on call for one layer."""
    by.must_be(Role.MANAGER, "make a rota")
    name = draft.name.strip().removeprefix("@").lower()
    if not NAME.fullmatch(name):
        raise Invalid(
            f"{draft.name[:60]} cannot be the name of a rota.",
            remedy="Use up to 40 of a-z, 0-9, _ and -, a letter or digit first.",
            field="name",
        )
    if not 1 <= draft.layer <= LAYERS:
        raise Invalid(f"A layer is a number from 1 to {LAYERS}; 1 is asked first.", field="layer")
    for other in work.rotas.all():
        if other.name == name:
            raise Conflict(
                f"There is a rota called {name} already.", remedy="/oncall rota change changes it."
            )
        if other.layer == draft.layer:
            raise Conflict(
                f"{other.name} is the rota of layer {other.layer}: one layer has one person on call.",
                remedy=f"Change that one, or make this one with layer {_free(work)}.",
            )
    rota = Rota(
        work.new_id(),
        name,
        draft.layer,
        draft.zone,
        draft.people,
        draft.starts.replace(second=0, microsecond=0),
        draft.rule,
        work.now,
    )
    _must_work(rota, work)
    work.rotas.add(rota)
    work.record(Event("rota.made", rota.subject, by.acting(via), after=_facts(rota)))
    _owe_hand_over(rota, work)
    return rota


def change(
    rota_id: str, by: Person, work: Work, *, seen: int | None = None, via: str = "", **changes: Any
) -> Rota:
    """changes: people, rule, starts, zone; its name and layer stay. Whoever has the turn keeps it, as far as they are still in it.

    seen: the revision that the changes were made on, None for the present one. Raises Conflict where it is another by now.
    """
    by.must_be(Role.MANAGER, "change a rota")
    before = work.rotas.get(rota_id)
    if seen is not None and seen != before.revision:
        raise Conflict(
            f"The rota {before.name} was changed meanwhile; nothing of yours was done.",
            remedy="Look at it as it is now, and change it again.",
        )
    after = replace(before, **changes)
    _must_work(after, work)
    return _changed(before, going_on(before, after, work.now), by, work, via)


def remove(rota_id: str, by: Person, work: Work, *, via: str = "") -> Rota:
    """With its overrides. Its layer has nobody on call then."""
    by.must_be(Role.MANAGER, "remove a rota")
    rota = work.rotas.get(rota_id)
    work.rotas.remove(rota)
    work.jobs.forget(rota.subject, JobName.HAND_OVER)
    work.record(Event("rota.removed", rota.subject, by.acting(via), before=_facts(rota)))
    return rota


def take_over(
    rota_id: str,
    person: Person,
    until: datetime,
    by: Person,
    work: Work,
    *,
    starts_at: datetime | None = None,
    via: str = "",
) -> Override:
    """That person has the rota until then, whomever the rotation names.  starts_at: from now on, if None.

    Whoever is in the rota may ask anybody in it; a manager may ask anybody.
    """
    rota = work.rotas.get(rota_id)
    _must_be_in(rota, by, "take or give a shift")
    if person.id not in rota.people and by.id != person.id:
        by.must_be(Role.MANAGER, f"put somebody who is not in {rota.name} on call")
    begins, until = _whole(starts_at or work.now), _whole(until)
    override = Override(work.new_id(), rota.id, person.id, begins, until, BY_HAND, by.id, work.now)
    _must_last(override, work.now)
    _must_be_here((person.id,), work)
    taken = work.rotas.take_over(rota, (override,))
    after = {"person": person.id, "from": begins.isoformat(), "until": until.isoformat()}
    work.record(Event("rota.taken_over", rota.subject, by.acting(via), after=after))
    _owe_hand_over(taken, work)
    return override


def give_back(override_id: str, by: Person, work: Work, *, via: str = "") -> Rota:
    """The rotation says again who is on call, from now on. Whoever took it may, who made the override, and managers."""
    override = work.rotas.override(override_id)
    if by.id not in (override.person_id, override.made_by):
        by.must_be(Role.MANAGER, "give back somebody else's shift")
    if override.ends_at <= work.now:
        raise Conflict("That override is over.", remedy="/oncall who says who is on call.")
    rota = work.rotas.get(override.rota_id)
    work.rotas.give_back(override, _whole(work.now))
    before = {"person": override.person_id, "until": override.ends_at.isoformat()}
    work.record(Event("rota.given_back", rota.subject, by.acting(via), before))
    _owe_hand_over(rota, work)
    return rota


def put_calendar(
    rota_id: str, source: str, entries: Sequence[Entry], by: Person, work: Work, *, via: str = ""
) -> Rota:
    """The shifts of a calendar become overrides, instead of those that were imported under that name before."""
    by.must_be(Role.MANAGER, "import a calendar")
    rota = work.rotas.get(rota_id)
    source = source.strip()
    if source == BY_HAND or not 1 <= len(source) <= SOURCE_LIMIT or not source.isprintable():
        raise Invalid(
            f"A calendar cannot be called “{source[:SOURCE_LIMIT]}”.",
            remedy=f"Give it a name of 1 to {SOURCE_LIMIT} characters.",
            field="name",
        )
    _must_be_here({entry.person_id for entry in entries}, work)
    overrides = [
        Override(work.new_id(), rota.id, e.person_id, e.starts_at, e.ends_at, source, by.id, work.now)
        for e in entries
    ]
    for override in overrides:
        _must_last(override, work.now)
    taken, gone = work.rotas.put_calendar(rota, source, overrides)
    before, after = {"shifts": gone}, {"calendar": source, "shifts": len(overrides)}
    work.record(Event("rota.imported", rota.subject, by.acting(via), before, after))
    _owe_hand_over(taken, work)
    return taken


def leave(person: Person, by: Person, work: Work, *, via: str = "") -> None:
    """Somebody leaves the team: out of every rota and override.

    Raises Conflict for the last one of a rota: removing a person must not take away a layer that nobody looks at just then.
    """
    for rota in [rota for rota in work.rotas.all() if person.id in rota.people]:
        rest = tuple(one for one in rota.people if one != person.id)
        if not rest:
            raise Conflict(
                f"{person.name} is alone in the rota {rota.name}: without them nobody would be on call in layer {rota.layer}.",
                remedy=f"Put somebody else in it (/oncall rota change {rota.name} with …), or remove it first.",
            )
        _changed(rota, going_on(rota, replace(rota, people=rest), work.now), by, work, via)
    taken = {one.rota_id for one in work.rotas.overrides(work.now) if one.person_id == person.id}
    work.rotas.forget_person(person.id, _whole(work.now))
    for rota_id in taken:
        rota = work.rotas.get(rota_id)
        work.record(Event("rota.given_back", rota.subject, by.acting(via), {"person": person.id}))
        _owe_hand_over(rota, work)


def _changed(before: Rota, after: Rota, by: Person, work: Work, via: str) -> Rota:
    changed = work.rotas.change(before, after)
    was, now = _facts(before), _facts(changed)
    names = [name for name in now if was[name] != now[name]]
    sides = ({name: was[name] for name in names}, {name: now[name] for name in names})
    work.record(Event("rota.changed", changed.subject, by.acting(via), *sides))
    _owe_hand_over(changed, work)
    return changed


def _owe_hand_over(rota: Rota, work: Work) -> None:
    """At the end of the shift that runs, and no more at the end it had before; at once where it begins at this moment."""
    work.jobs.forget(rota.subject, JobName.HAND_OVER)
    running = shift_at(rota, work.rotas.overrides(work.now, rota.id), work.now)
    begins = running.starts_at >= _whole(work.now)
    work.owe(JobName.HAND_OVER, rota.subject, work.now if begins else running.ends_at)


def _must_work(rota: Rota, work: Work) -> None:
    """Raises Invalid or NotFound for what no rota can be."""
    checked(rota.rule)
    if rota.zone not in zones():
        raise NotFound.named("time zone", rota.zone, zones(), field="zone")
    if not 1 <= len(rota.people) <= PEOPLE_LIMIT:
        raise Invalid(
            f"A rota has 1 to {PEOPLE_LIMIT} people.", remedy="Name them: with @a and @b.", field="with"
        )
    if len(set(rota.people)) < len(rota.people):
        raise Invalid("Somebody is named twice.", remedy="Name everybody once, in turn.", field="with")
    if not 1970 <= rota.starts.year <= 2200:
        raise Invalid("A rota begins between 1970 and 2200.", field="from")
    _must_be_here(rota.people, work)


def _must_be_here(ids: Iterable[str], work: Work) -> None:
    wanted = set(ids)
    if {person.id for person in work.people.hold(wanted)} != wanted:
        raise NotFound("Somebody of them is not in this team any more.", remedy="/people list shows who is.")


def _must_last(override: Override, now: datetime) -> None:
    if not override.starts_at < override.ends_at or override.ends_at <= now:
        raise Invalid(
            "That ends before it begins, or has passed.", remedy="Give a later time.", field="until"
        )
    if override.ends_at - override.starts_at > LONGEST:
        raise Invalid("That is longer than a year.", remedy="Change the rota itself.", field="until")


def _whole(moment: datetime) -> datetime:
    """Whole seconds: a calendar knows no others, and what it says should be what holds."""
    return moment.replace(microsecond=0)


def _must_be_in(rota: Rota, by: Person, to: str) -> None:
    if by.removed_at is None and (by.id in rota.people or by.role.covers(Role.MANAGER)):
        return
    raise Forbidden(
        f"Only who is in the rota {rota.name}, or manages, may {to} in it.",
        remedy="Ask somebody of them, or a manager.",
    )


def _free(work: Work) -> int:
    """The first layer without a rota, or the last one."""
    taken = {rota.layer for rota in work.rotas.all()}
    return next((layer for layer in range(1, LAYERS + 1) if layer not in taken), LAYERS)


def _facts(rota: Rota) -> Mapping[str, Any]:
    return {
        "name": rota.name,
        "layer": rota.layer,
        "people": list(rota.people),
        "rule": rota.rule,
        "starts": rota.starts.isoformat(timespec="minutes"),
        "zone": rota.zone,
    }
