"""The last link of every chain: writes and answers without any model, the same for the same request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import regex

from agents.money import FREE
from agents.personas.persona import Profile
from agents.writing.content import SEGMENT_BREAK
from agents.writing.repeats import ALIKE, alike
from agents.writing.writer import Answer, Assignment, Draft, Line, Tell, Usage, untold
from integrations.llm.rehearsal import chat
from integrations.llm.rehearsal.brief import Brief, read_brief
from integrations.llm.rehearsal.compose import KEEPS, compose
from integrations.llm.rehearsal.wishes import Wishes, read_wishes
from integrations.llm.rehearsal.words import choose

TRIES = 8
"""Choices of words that are tried at each length before a text is taken that is not quite new."""

SPOKEN_S = 0.9
PAUSE_S = 0.05
GROUP = 4
"""Words that come at once."""

Segments = tuple[str, ...]


class Rehearsal:
    """Never fails, costs nothing, asks nobody."""

    def write(self, assignment: Assignment) -> Draft:
        """Follows the feedback as far as it understands it, and says in the notes what it did not understand."""
        brief = read_brief(assignment.brief)
        wishes = _merged(brief.wishes, read_wishes(assignment.feedback))
        segments = _best(assignment, brief, wishes)
        return Draft(segments, _usage(*_notes(assignment.profile, wishes)))

    def answer(
        self,
        profile: Profile,
        conversation: Sequence[Line],
        tell: Tell = untold,
        sleep: Callable[[float], None] = lambda seconds: None,
    ) -> Answer:
        """conversation: oldest first; the last line is answered.  tell: hears it in groups of words, at a model's pace.

        sleep: seconds; all pauses of one answer together are at most SPOKEN_S.
        """
        text = chat.answer(profile, conversation)
        ends = _ends_of_groups(text)
        for end in ends:
            tell(text[:end])
            sleep(min(PAUSE_S, SPOKEN_S / len(ends)))
        return Answer(text, _usage())


def _ends_of_groups(text: str) -> list[int]:
    """Where each group of words ends, but for the last one, whose end is the answer's own."""
    return [word.end() for word in regex.finditer(r"\S+", text)][GROUP - 1 : -1 : GROUP]


def _merged(own: Wishes, said: Wishes) -> Wishes:
    """Feedback counts more than what the request itself said."""
    return Wishes(
        length=said.length or own.length,
        emoji=said.emoji or own.emoji,
        hashtags=said.hashtags or own.hashtags,
        tone=said.tone or own.tone,
        question=own.question if said.question is None else said.question,
        mention=(*own.mention, *said.mention),
        leave_out=(*own.leave_out, *said.leave_out),
        instead=(*own.instead, *said.instead),
        unread=said.unread,
    )


def _best(task: Assignment, brief: Brief, wishes: Wishes) -> Segments:
    """The first text that is new, unlike the last posts, and shorter or longer where that was asked just now."""
    texts = list(_tries(task, brief, wishes))
    return min(texts, key=lambda text: _shortfall(text, task))  # the first of the best


def _tries(task: Assignment, brief: Brief, wishes: Wishes) -> Iterator[Segments]:
    usual = max(min(KEEPS), min(max(KEEPS), wishes.length))
    just_asked = read_wishes(task.feedback[-1:]).length
    step = (just_asked > 0) - (just_asked < 0)
    levels = [level for level in dict.fromkeys((usual, usual + step, usual + 2 * step)) if level in KEEPS]
    seed = json.dumps(
        [task.brief, task.type, task.rules.platform, task.feedback, task.previous, task.reply_to]
    )
    for level in levels:
        for n in range(TRIES):
            yield compose(task, brief, choose(task.profile, brief, wishes, f"{seed} {n}"), level)


def _shortfall(segments: Segments, task: Assignment) -> tuple[bool, bool, bool]:
    """What a text lacks, worst first: it is the one before again; not as short as asked; like one of the last posts."""
    text = SEGMENT_BREAK.join(segments)
    return (
        text.split() == task.previous.split(),
        bool(task.previous) and _misses_length(len(text) - len(task.previous), task.feedback),
        any(alike(text, post) >= ALIKE for post in task.recent),
    )


def _misses_length(growth: int, feedback: Sequence[str]) -> bool:
    """What was asked to be shorter must shrink now, and may grow later only to make room for something."""
    now, ever = read_wishes(feedback[-1:]), read_wishes(feedback)
    if now.length:
        return growth * now.length <= 0
    return ever.length < 0 and growth > 0 and not now.mention


def _notes(profile: Profile, wishes: Wishes) -> Iterator[str]:
    if wishes.unread:
        asked = "; ".join(f"“{said}”" for said in wishes.unread)
        yield f"the rehearsal model follows simple wishes only; it could not act on {asked}"
    if not profile.voice.language.lower().startswith("en"):
        yield f"the rehearsal model has English sentences only; {profile.name} writes in {profile.voice.language}"


def _usage(*notes: str) -> Usage:
    return Usage("rehearsal", "rehearsal", 0, 0, FREE, rehearsal=True, notes=notes)
