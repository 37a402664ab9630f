"""From what a surface hands in to what it shows: the one way in for commands, buttons, forms and plain words.

Each request is one unit of work. What is refused is rolled back whole, and then written to the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from agents.errors import Broken, Conflict, Forbidden, Halted, Invalid, Raced, TroupeError
from agents.events import SYSTEM, Actor, Event, Subject
from agents.people import Person
from agents.talk.converse import owe_answers
from agents.talk.message import Message
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

RACES = 3
"""Times that a request is run when others change the same rows at the same moment."""
MESSAGE_LIMIT = 8000
"""Longest message, in characters: two pages."""

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
                ports.work.place(place.channel, card.subject)
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

    def say(self, text: str, person: Person, place: Place) -> Message:
        """Plain words in a channel or thread: kept, and answered by the persona they are for.

        Raises Invalid for nothing, for too much, and for what looks like a secret.
        """

        def run(ports: Ports) -> Message:
            words = text.strip()
            if not words:
                raise Invalid("There is nothing to say in that.")
            if len(words) > MESSAGE_LIMIT:
                raise Invalid(
                    f"That is {len(words) - MESSAGE_LIMIT} characters too long; a message may have {MESSAGE_LIMIT}.",
                    remedy="Shorten it, or say it in two messages.",
                )
            work = ports.work
            message = work.messages.say(place.channel, place.thread, person.actor, words, work.now)
            work.touch(Subject("channel", place.channel))
            if place.thread:
                work.touch(Subject.parse(place.thread))
            owe_answers(message, person, work.personas.all(), work)
            return message

        return self.act(run, person, "message.refused")

    def act(self, verb: Callable[[Ports], T], person: Person, name: str) -> T:
        """Runs something else under the same roof (a page's own change). Raises the TroupeError after auditing it."""
        correlation = self._new_id()
        try:
            return self._unit(verb, correlation)
        except TroupeError as error:
            self._audit(Event(name, SYSTEM, person.actor), error, correlation)
            raise

    def _attempt(self, run: Callable[[Ports], Outcome], person: Person, via: str, refused: Event) -> Answer:
        correlation = self._new_id()
        with structlog.contextvars.bound_contextvars(correlation=correlation, person=person.id):
            try:
                outcome = self._unit(lambda ports: run(replace(ports, zone=person.zone)), correlation)
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


def _actor(person: Person, via: str) -> Actor:
    return replace(person.actor, via=via)


def _subject_of(action: str) -> Subject:
    verb, _, rest = action.partition(":")
    kind, id = verb.split(".")[0], rest.partition(":")[0]
    return Subject(kind[:40], id[:40]) if kind and id else SYSTEM
