"""What can be pressed when somebody on another surface asks to be let in."""

from __future__ import annotations

from collections.abc import Callable

from agents import guests
from agents.events import Subject
from agents.people import Role
from bot.calls import Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.ports import Ports
from bot.present.draw import draw
from bot.present.guest import OFFERED
from bot.registry import button


class SamePersonForm(Form):
    title = "Who is it?"
    submit = "That is them"
    person: str = asked("Person", "choice", hint="Whose rights that account gets.", max_length=40)


def _let_in(role: Role) -> Callable[[Click, Ports], Card]:
    def let_in(click: Click, ports: Ports) -> Card:
        guests.let_in(click.id, role, click.person, ports.work, via=click.via)
        return _now(click, ports)

    return let_in


for _role in OFFERED:
    button(f"guest.as_{_role.value}", role=Role.MANAGER)(_let_in(_role))


def _people(click: Click, ports: Ports) -> Prefill:
    people = tuple(Option(p.id, f"{p.name} ({p.role.value})") for p in ports.work.people.everyone())
    return Prefill(options={"person": people})


@button("guest.same_person", role=Role.MANAGER, form=SamePersonForm, prefill=_people)
def same_person(click: Click, ports: Ports, form: SamePersonForm) -> Card:
    guests.same_person(click.id, form.person, click.person, ports.work, via=click.via)
    return _now(click, ports)


@button("guest.turn_away", role=Role.MANAGER)
def turn_away(click: Click, ports: Ports) -> Card:
    guests.turn_away(click.id, click.person, ports.work, via=click.via)
    return _now(click, ports)


def _now(click: Click, ports: Ports) -> Card:
    return draw(Subject("guest", click.id), ports.work, click.person)
