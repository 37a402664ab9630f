"""The chain: links are asked in order until one answers; the last is the rehearsal model, which always does."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from agents.errors import BudgetExhausted
from agents.personas.persona import Profile
from agents.writing.checks import Facts, faults
from agents.writing.content import Content, Segment
from agents.writing.disclosure import labelled, room
from agents.writing.prompts import DraftOut, Message, conversation_prompt, draft_messages, sent_back
from agents.writing.writer import Answer, Assignment, Budget, Draft, Lack, Line, Tell, Usage, untold
from integrations.llm.link import Link, Malformed, Reply
from integrations.llm.rehearsal import Rehearsal
from integrations.llm.trip import Pace, Trip

T = TypeVar("T")
Segments = tuple[str, ...]

DEADLINE_S = 60.0
"""How long a person waits for a whole request at most, all links and tries together."""


class Chain:
    """A Writer.

    Every try of every link has its own reservation. A link that fails, or does not fit into the budget, is passed over
    for the next one; if the budget stood in the way and no model answered, that is told, and nothing is rehearsed.
    """

    def __init__(
        self,
        links: Sequence[Link],
        rehearsal: Rehearsal,
        *,
        passed_over: Sequence[str] = (),
        deadline_s: float = DEADLINE_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """passed_over: why links that were wished for are not among `links`, as notes.  clock: seconds, monotonic."""
        self.links, self._rehearsal, self._passed_over = tuple(links), rehearsal, tuple(passed_over)
        self._deadline_s, self._pace = deadline_s, Pace(clock, sleep, jitter)

    def write(self, assignment: Assignment, budget: Budget) -> Draft:
        """The segments keep to the platform's limits as far as the writer could; they end in the disclosure label."""
        trip, profile, rules = self._trip(budget), assignment.profile, assignment.rules
        messages, task = draft_messages(assignment), replace(assignment, rules=room(profile, rules))
        if found := self._first(trip, lambda link, after: _draft(trip, link, after, messages, task)):
            link, segments = found
            return Draft(labelled(segments, profile, rules), trip.usage(link))
        draft = self._rehearsal.write(task)
        return Draft(labelled(draft.segments, profile, rules), self._rehearsed(trip, draft.usage))

    def answer(
        self,
        profile: Profile,
        conversation: Sequence[Line],
        now: datetime,
        budget: Budget,
        tell: Tell = untold,
    ) -> Answer:
        trip, messages = self._trip(budget), conversation_prompt(profile, conversation, now)

        def ask(link: Link, messages: Sequence[Message], timeout_s: float) -> Reply[str]:
            return link.answer(messages, timeout_s=timeout_s, tell=tell)

        if found := self._first(trip, lambda link, after: trip.ask(link, messages, ask, links_after=after)):
            link, reply = found
            return Answer(reply.value, trip.usage(link))
        answer = self._rehearsal.answer(profile, conversation, tell, self._pace.sleep)
        return Answer(answer.text, self._rehearsed(trip, answer.usage))

    def _trip(self, budget: Budget) -> Trip:
        return Trip(budget, self._pace, self._pace.clock() + self._deadline_s, list(self._passed_over))

    def _first(self, trip: Trip, attempt: Callable[[Link, int], T | None]) -> tuple[Link, T] | None:
        """The first link that makes something, and what it made; None when there is none.

        attempt: with a link and how many come after it.  Raises BudgetExhausted when the budget stood in somebody's way
        and nobody else made anything.
        """
        refused: BudgetExhausted | None = None
        for after, link in zip(reversed(range(len(self.links))), self.links, strict=True):
            try:
                if (made := attempt(link, after)) is not None:
                    return link, made
            except BudgetExhausted as error:
                refused = refused or error
                trip.note(f"{link.model}: a call does not fit into what is left of the budget")
            except Malformed as failed:
                trip.note(f"{link.model}: {failed.reason}")
        if refused is not None:
            raise refused
        return None

    def _rehearsed(self, trip: Trip, usage: Usage) -> Usage:
        """What failed calls took is paid all the same."""
        lack = None
        if self.links:
            lack = Lack.NONSENSE if trip.answered else Lack.SILENCE
            trip.note("no model answered, so the rehearsal model wrote this")
        tokens = trip.tokens
        notes = (*trip.notes, *usage.notes)
        return replace(
            usage,
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cost=trip.cost,
            notes=notes,
            lack=lack,
        )


def _ask_draft(link: Link, messages: Sequence[Message], timeout_s: float) -> Reply[DraftOut]:
    return link.draft(messages, timeout_s=timeout_s)


def _draft(
    trip: Trip, link: Link, after: int, messages: Sequence[Message], task: Assignment
) -> Segments | None:
    """What this link makes of the task; None when it does not answer, Malformed when it twice answers unreadably."""
    try:
        reply = trip.ask(link, messages, _ask_draft, links_after=after)
    except Malformed as failed:
        trip.note(f"{link.model}: {failed.reason}; asked once more")
        messages = sent_back(messages, failed.answered, [failed.reason])
        reply = trip.ask(link, messages, _ask_draft, links_after=after)
    if reply is None:
        return None
    return _mended(trip, link, after, messages, task, tuple(reply.value.segments))


def _mended(
    trip: Trip, link: Link, after: int, messages: Sequence[Message], task: Assignment, first: Segments
) -> Segments:
    """Sends a draft back once with what is wrong with it, and takes the better of the two."""
    wrong = _faults(first, task)
    if not wrong:
        return first
    trip.note(f"{link.model}: its first draft went back to it: {' '.join(wrong)}")
    try:
        asked = sent_back(messages, json.dumps({"segments": first}, ensure_ascii=False), wrong)
        reply = trip.ask(link, asked, _ask_draft, links_after=after)
    except (BudgetExhausted, Malformed):
        return first
    second = tuple(reply.value.segments) if reply else first
    return min(second, first, key=lambda segments: len(_faults(segments, task)))


def _faults(segments: Segments, task: Assignment) -> tuple[str, ...]:
    facts = Facts(
        profile=task.profile,
        rules=task.rules,
        type=task.type,
        source_url=task.source.url if task.source else "",
        recent=task.recent,
    )
    return faults(Content(tuple(map(Segment, segments))), facts)
