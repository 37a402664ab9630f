"""From what a surface hands in to what it shows: the one way in for commands, buttons, forms and plain words.

Each request is one unit of work. What is refused is rolled back whole, and then written to the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog

from agents.errors import Broken, Conflict, Forbidden, Halted, Raced, Repeated, TroupeError
from agents.events import SYSTEM, Actor, Event, Subject
from agents.people import Person
from agents.talk.message import Message
from bot import forms
from bot.calls import Call, Click, Place
from bot.cards import Card, parse_action
from bot.forms import FormErrors, FormView
from bot.hearing import Words, hear
from bot.parse import parse
from bot.ports import Ports
from bot.present import answers
from bot.registry import REGISTRY, ButtonAction, Registry
from bot.slips import refuse_secrets

log = structlog.get_logger()
Outcome = Card | FormView | FormErrors
T = TypeVar("T")

RACES = 25
"""Times that a request is run when others change the same rows at the same moment. Each time it lost to somebody else, and
of those who may decide about one post at most 20 can win before it is decided (`Policy.quorum`)."""
OpenPorts = Callable[[str], AbstractContextManager[Ports]]
"""Opens a unit of work (correlation id) and hands out the ports on it; commits when the block ends well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """outcome: what to show.  error: what went wrong, for programs; the outcome then says it in words."""

    outcome: Outcome
    error: TroupeError | None = None
    correlation: str = ""


class Dispatcher:
    """Stateless; one for a process. Blocks on the database: surfaces call it in a thread."""

    def __init__(
        self, open_ports: OpenPorts, new_id: Callable[[], str], registry: Registry = REGISTRY
    ) -> None:
        self._open, self._new_id, self._registry = open_ports, new_id, registry

    def command(
        self,
        text: str,
        person: Person,
        place: Place,
        *,
        via: str = "",
        correlation: str = "",
        once: str = "",
    ) -> Answer:
        """Runs "/group verb …". A card with a subject is put into the channel and lives there.

        correlation: the id that the surface gave the request, "" for a new one.
        once: the surface's own id of this delivery of it, "" where none comes twice; a second one is `Repeated`.
        """
        person = replace(person, via=via)

        def run(ports: Ports) -> Card:
            must_be_new(once, place, ports)
            refuse_secrets(text)
            parsed = parse(text, ports, self._registry)
            person.must_be(parsed.command.role, f"use /{parsed.command.path}")
            call = Call(person, place, text, via)
            card: Card = parsed.command.handler(call, ports, **parsed.values)
            if card.subject is not None:
                ports.work.place(place.channel, card.subject)
            elif not parsed.command.public:
                card = replace(card, audience=person.id)
            return card

        refused = Event("command.refused", SYSTEM, _actor(person, via), after={"text": text})
        return self._attempt(run, person, refused, correlation)

    def press(
        self,
        action: str,
        person: Person,
        place: Place,
        values: Mapping[str, Any] | None = None,
        *,
        via: str = "",
        correlation: str = "",
        once: str = "",
    ) -> Answer:
        """Presses a button. One with a form answers the form first, and acts when `values` come with it.

        once: as for a command; asking for a form takes nothing, so it may be asked for again.
        """
        person = replace(person, via=via)

        def run(ports: Ports, *found: Any) -> Outcome:
            button, click = self._pressed(action, person, place, values, via)
            if button.form is None:
                must_be_new(once, place, ports)
                return button.handler(click, ports)  # type: ignore[no-any-return]
            if values is None:
                return forms.view(
                    button.form, action, button.prefill(click, ports) if button.prefill else None
                )
            form = forms.filled(button.form, action, values)
            if isinstance(form, FormErrors):
                return form
            must_be_new(once, place, ports)
            return button.handler(click, ports, form, *found)  # type: ignore[no-any-return]

        def ahead(ports: Ports) -> Callable[[], Any] | None:
            button, click = self._pressed(action, person, place, values, via)
            if button.outside is None or button.form is None or values is None:
                return None
            form = forms.filled(button.form, action, values)
            return None if isinstance(form, FormErrors) else button.outside(click, ports, form)

        about = subject_of(action)
        refused = Event("button.refused", about, _actor(person, via), after={"action": action[:100]})
        waits = self._registry.waits_outside(action) and values is not None
        answer = self._attempt(run, person, refused, correlation, ahead if waits else None)
        if values is not None and answer.error is not None and answer.error.field:
            field = self._registry.field_of(action, answer.error.field)
            return replace(answer, outcome=FormErrors(action, {field: str(answer.error)}))
        return answer

    def _pressed(
        self, action: str, person: Person, place: Place, values: Mapping[str, Any] | None, via: str
    ) -> tuple[ButtonAction, Click]:
        verb, id, fingerprint = parse_action(action)
        button = self._registry.find_button(verb)
        person.must_be(button.role, "press that button")
        return button, Click(person, place, verb, id, fingerprint, values, via)

    def say(self, text: str, person: Person, place: Place, *, correlation: str = "") -> Message:
        """Plain words in a channel or thread: kept, and answered by the persona they are for.

        Raises Invalid for nothing, for too much, and for what looks like a secret.
        """

        def run(ports: Ports) -> Message:
            return hear(Words(text, person, place, ports.now), ports).message

        return self.act(run, person, "message.refused", correlation=correlation)

    def act(
        self, verb: Callable[[Ports], T], person: Person, name: str, *, via: str = "", correlation: str = ""
    ) -> T:
        """Runs something else under the same roof (a page's own change). Raises the TroupeError after auditing it."""
        correlation = correlation or self._new_id()
        try:
            return self._unit(verb, correlation)
        except TroupeError as error:
            self._audit(Event(name, SYSTEM, _actor(person, via)), error, correlation)
            raise

    def _attempt(
        self,
        run: Callable[..., Outcome],
        person: Person,
        refused: Event,
        correlation: str,
        ahead: Callable[[Ports], Callable[[], Any] | None] | None = None,
    ) -> Answer:
        correlation = correlation or self._new_id()
        with structlog.contextvars.bound_contextvars(correlation=correlation, person=person.id):
            try:
                call = self._unit(ahead, correlation) if ahead else None
                found = (call(),) if call else ()  # with no transaction open: it waits for the network
                outcome = self._unit(lambda ports: run(replace(ports, zone=person.zone), *found), correlation)
                return Answer(outcome, correlation=correlation)
            except TroupeError as error:
                log.info("request.refused", code=error.code, event_name=refused.name)
                self._audit(refused, error, correlation)
                return Answer(answers.problem(error, person), error, correlation)
            except Exception as error:
                log.exception("request.stumbled")
                broken = Broken.from_(error, correlation)
                return Answer(answers.problem(broken, person), broken, correlation)

    def _unit(self, run: Callable[[Ports], T], correlation: str) -> T:
        """One unit of work. One that lost a compare-and-set looks again, so that the loser is told what is true now."""
        for _ in range(RACES - 1):
            with suppress(Raced), self._open(correlation) as ports:
                return run(ports)
        with self._open(correlation) as ports:
            return run(ports)

    def _audit(self, refused: Event, error: TroupeError, correlation: str) -> None:
        """An attempt to change something that was not allowed is a fact as well; a mistyped word is none."""
        if isinstance(error, Forbidden | Conflict | Halted):
            with self._open(correlation) as ports:
                ports.work.record(replace(refused, refused=error.what))


def must_be_new(once: str, place: Place, ports: Ports) -> None:
    """Raises Repeated for a delivery that did what it does before."""
    if once and not ports.work.deliveries.received(place.surface, once, ports.now):
        raise Repeated("That came before, and was done then.")


def _actor(person: Person, via: str) -> Actor:
    return replace(person.actor, via=via)


def subject_of(action: str) -> Subject:
    """What a button is about, by what it carries; the whole of Troupe where it says nothing."""
    verb, _, rest = action.partition(":")
    kind, id = verb.split(".")[0], rest.partition(":")[0]
    return Subject(kind[:40], id[:40]) if kind and id else SYSTEM
