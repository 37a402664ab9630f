"""The looks that are taken at a version, one function each: what it finds, each with its weight and its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from agents.personas.persona import Habit
from agents.writing.content import Content, Segment
from agents.writing.disclosure import is_labelled, wants_label
from agents.writing.facts import CheckState, Facts, Moderation
from agents.writing.fit import counted, excess
from agents.writing.length import clip, graphemes
from agents.writing.repeats import ALIKE, alike
from agents.writing.wording import count_emoji, find_urls, hashtags, same_page, says
from agents.writing.writer import ContentType

SPARING = 2
"""Emoji, or hashtags, in one segment that still count as sparing; prompts name the same number."""

CONTROL = regex.compile(r"[^\P{Cc}\n\t]|\p{Cs}")
UNSEEN = regex.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
"""Marks that hide text or turn its direction: what people see is then not what is there."""


class Found(NamedTuple):
    state: CheckState
    reason: str


def _failed(reason: str) -> Found:
    return Found(CheckState.FAILED, reason)


def _warned(reason: str) -> Found:
    return Found(CheckState.WARNED, reason)


def _skipped(reason: str) -> Found:
    return Found(CheckState.SKIPPED, reason)


def _named(content: Content) -> Iterator[tuple[str, Segment]]:
    many = len(content.segments) > 1
    for n, segment in enumerate(content.segments, 1):
        yield f"Segment {n}" if many else "The text", segment


def length(content: Content, facts: Facts) -> Iterator[Found]:
    rules, count = facts.rules, len(content.segments)
    if count > rules.max_segments:
        yield _failed(f"{rules.name} takes {rules.max_segments} segments; these are {count}.")
    if not count:
        yield _failed("There is no text.")
    for name, segment in _named(content):
        if problem := excess(segment.text, rules):
            yield _failed(f"{name} is {problem}.")
        elif not segment.text.strip() and not segment.pictures:
            yield _failed(f"{name} is empty.")
    if count == 1 and facts.type is ContentType.THREAD:
        yield _warned("A thread was asked for; this is a single post.")
    if count > 1 and facts.type is not ContentType.THREAD:
        yield _warned(f"A single post was asked for; this is a thread of {count}.")


def characters(content: Content, facts: Facts) -> Iterator[Found]:
    for name, segment in _named(content):
        if bad := CONTROL.search(segment.text):
            yield _failed(f"{name} holds a control character (U+{ord(bad[0]):04X}): delete it.")
        elif hidden := UNSEEN.search(segment.text):
            yield _warned(f"{name} holds a character that nobody sees (U+{ord(hidden[0]):04X}).")


def pictures(content: Content, facts: Facts) -> Iterator[Found]:
    rules = facts.rules
    for name, segment in _named(content):
        if len(segment.pictures) > rules.max_images:
            yield _failed(
                f"{name} has {len(segment.pictures)} pictures; {rules.name} takes {rules.max_images}."
            )
        if segment.pictures and segment.card and not rules.card_with_images:
            yield _failed(f"{name} has pictures and a link card; {rules.name} shows one or the other.")
        for n, picture in enumerate(segment.pictures, 1):
            if (length := graphemes(picture.alt)) > rules.max_alt:
                over = length - rules.max_alt
                yield _failed(
                    f"The alt text of picture {n} is {counted(over, 'graphemes')} too long ({length:,} of {rules.max_alt:,})."
                )
            elif not picture.alt.strip():
                yield _warned(f"Picture {n} has no alt text: people who cannot see it are told nothing.")


def guardrails(content: Content, facts: Facts) -> Iterator[Found]:
    profile, said = facts.profile, _said(content)
    name = profile.name
    yield from (_failed(f"{name} never says “{p}”.") for p in profile.voice.never_say if says(said, p))
    if facts.type is ContentType.ARTICLE and not _links_to(content, facts.source_url):
        missing = (
            f"The link to the source is missing: {facts.source_url}"
            if facts.source_url
            else "It links to no source."
        )
        yield _failed(missing) if profile.guardrails.must_link_source else _warned(missing)
    topics = profile.guardrails.topics_to_avoid
    yield from (_warned(f"{name} stays away from “{topic}”.") for topic in topics if says(said, topic))


def _said(content: Content) -> str:
    """All that readers get to read or hear: text, alternative texts, link cards."""
    parts = []
    for segment in content.segments:
        parts += [segment.text, *(picture.alt for picture in segment.pictures)]
        parts += [segment.card.title, segment.card.description] if segment.card else []
    return "\n".join(parts)


def _links_to(content: Content, url: str) -> bool:
    """url: "" is any link."""
    return any(not url or same_page(found, url) for found in urls(content))


def urls(content: Content) -> tuple[str, ...]:
    """Every address a reader could follow, each once, in order."""
    found = [url for segment in content.segments for url in (*find_urls(segment.text), *_card_url(segment))]
    return tuple(dict.fromkeys(found))


def _card_url(segment: Segment) -> tuple[str, ...]:
    return (segment.card.url,) if segment.card else ()


def repeats(content: Content, facts: Facts) -> Iterator[Found]:
    likeness, n = max(
        ((alike(content.text, post), -n) for n, post in enumerate(facts.recent)), default=(0.0, 0)
    )
    if likeness < ALIKE:
        return
    which = f"the post {_ago(-n)}: “{clip(' '.join(facts.recent[-n].split()), 60)}”"
    if likeness >= 100:
        yield _failed(f"It says the same as {which}.")
    else:
        yield _warned(f"It is {likeness:.0f} % like {which}.")


def _ago(n: int) -> str:
    return "before this one" if n == 0 else f"{n + 1} before this one"


def habits(content: Content, facts: Facts) -> Iterator[Found]:
    voice = facts.profile.voice
    for noun, habit, count in (
        ("emoji", voice.emoji, count_emoji),
        ("hashtags", voice.hashtags, _count_hashtags),
    ):
        most = max((count(segment.text) for segment in content.segments), default=0)
        if habit is Habit.NEVER and most:
            yield _warned(f"{facts.profile.name} uses no {noun}.")
        elif habit is Habit.SPARING and most > SPARING:
            yield _warned(f"{facts.profile.name} uses few {noun}; here are {most} in one message.")


def _count_hashtags(text: str) -> int:
    return len(hashtags(text))


def disclosure(content: Content, facts: Facts) -> Iterator[Found]:
    """Passes where no label is wanted: then the person who approves answers for the text."""
    if wants_label(facts.profile) and not is_labelled(
        [segment.text for segment in content.segments], facts.profile
    ):
        yield _failed(f"The label “{facts.profile.disclosure_label}” is missing.")


def links(content: Content, facts: Facts) -> Iterator[Found]:
    for url in urls(content):
        state = facts.links.get(url)
        if state is None:
            yield _skipped(f"{url} was not looked at.")
        elif state.alive is False:
            yield _failed(f"{url} is dead. {state.reason}".strip())
        elif state.alive is None:
            yield _warned(f"{url} could not be checked. {state.reason}".strip())


def moderation(content: Content, facts: Facts) -> Iterator[Found]:
    said = facts.moderation or Moderation(skipped="No moderation service is connected (OPENAI_API_KEY).")
    if said.skipped:
        yield _skipped(said.skipped)
    elif said.flagged:
        yield _failed(f"Moderation objects: {', '.join(said.categories) or 'no reason given'}.")
