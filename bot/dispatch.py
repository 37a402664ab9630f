"""From what a surface hands in to what it shows: the one way in for commands, buttons, forms and plain words.

Each request is one unit of work. What is refused is rolled back whole, and then written to the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from agents.errors import Conflict, Forbidden, Halted, TroupeError
from agents.events import SYSTEM, Actor, Event, Subject
from agents.people import Person
from bot import forms
from bot.calls import Call, Click, Place
from bot.cards import Card, parse_action
from bot.forms import FormErrors, FormView
from bot.parse import parse
from bot.ports import Ports
from bot.present import answers
from bot.registry import REGISTRY, Registry

log = structlog.get_logger()
Outcome = Card | FormView | FormErrors
T = TypeVar("T")

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

    def command(self, text: str, person: Person, place: Place, *, via: str = "") -> Answer:
        """Runs "/group verb …". A card with a subject is put into the channel and lives there."""

        def run(ports: Ports) -> Card:
            parsed = parse(text, ports, self._registry)
            person.must_be(parsed.command.role, f"use /{parsed.command.path}")
            call = Call(person, place, text, via)
            card: Card = parsed.command.handler(call, ports, **parsed.values)
            if card.subject is not None:
                _place(card.subject, place, ports)
            elif not parsed.command.public:
                card = replace(card, audience=person.id)
            return card

        return self._attempt(
            run, person, via, Event("command.refused", SYSTEM, _actor(person, via), after={"text": text})
        )

    def press(
        self,
        action: str,
        person: Person,
        place: Place,
        values: Mapping[str, Any] | None = None,
        *,
        via: str = "",
    ) -> Answer:
        """Presses a button. One with a form answers the form first, and acts when `values` come with it."""

        def run(ports: Ports) -> Outcome:
            verb, id, fingerprint = parse_action(action)
            button = self._registry.find_button(verb)
            person.must_be(button.role, "press that button")
            click = Click(person, place, verb, id, fingerprint, values, via)
            if button.form is None:
                return button.handler(click, ports)  # type: ignore[no-any-return]
            if values is None:
                return forms.view(
                    button.form, action, button.prefill(click, ports) if button.prefill else None
                )
            try:
                form = button.form.model_validate(dict(values))
            except ValidationError as error:
                return FormErrors(action, forms.problems(error))
            return button.handler(click, ports, form)  # type: ignore[no-any-return]

        about = _subject_of(action)
        refused = Event("button.refused", about, _actor(person, via), after={"action": action[:100]})
        answer = self._attempt(run, person, via, refused)
        if values is not None and answer.error is not None and answer.error.field:
            return replace(answer, outcome=FormErrors(action, {answer.error.field: str(answer.error)}))
        return answer

    def act(self, verb: Callable[[Ports], T], person: Person, name: str) -> T:
        """Runs something else under the same roof (a page's own change). Raises the TroupeError after auditing it."""
        correlation = self._new_id()
        try:
            with self._open(correlation) as ports:
                return verb(ports)
        except TroupeError as error:
            self._audit(Event(name, SYSTEM, person.actor), error, correlation)
            raise

    def _attempt(self, run: Callable[[Ports], Outcome], person: Person, via: str, refused: Event) -> Answer:
        correlation = self._new_id()
        with structlog.contextvars.bound_contextvars(correlation=correlation, person=person.id):
            try:
                with self._open(correlation) as ports:
                    return Answer(run(ports), correlation=correlation)
            except TroupeError as error:
                log.info("request.refused", code=error.code, event_name=refused.name)
                self._audit(refused, error, correlation)
                return Answer(answers.problem(error, person), error, correlation)

    def _audit(self, refused: Event, error: TroupeError, correlation: str) -> None:
        """An attempt to change something that was not allowed is a fact as well; a mistyped word is none."""
        if isinstance(error, Forbidden | Conflict | Halted):
            with self._open(correlation) as ports:
                ports.work.record(replace(refused, refused=error.what))


def _place(subject: Subject, place: Place, ports: Ports) -> None:
    """A living card stands in the channel it was asked for in, once, and its newest mention is there to find."""
    if not place.channel or any(m.channel_id == place.channel for m in ports.work.messages.cards_of(subject)):
        return
    ports.work.messages.say(place.channel, "", answers.TROUPE_SPEAKS, "", ports.now, card=subject)
    ports.work.touch(Subject("channel", place.channel))


def _actor(person: Person, via: str) -> Actor:
    return replace(person.actor, via=via)


def _subject_of(action: str) -> Subject:
    verb, _, rest = action.partition(":")
    kind, id = verb.split(".")[0], rest.partition(":")[0]
    return Subject(kind[:40], id[:40]) if kind and id else SYSTEM
