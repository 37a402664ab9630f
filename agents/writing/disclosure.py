"""The label that says that an AI helped to write: present where the persona's setting wants it, and never in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.personas.persona import Disclosure, Profile
from agents.publishing.platform import Rules
from agents.writing.fit import fits, shorten
from agents.writing.length import utf8_bytes
from agents.writing.wording import says

GAP = "\n\n"


def wants_label(profile: Profile) -> bool:
    return profile.disclosure is Disclosure.LABEL


def is_labelled(segments: Sequence[str], profile: Profile) -> bool:
    return any(says(segment, profile.disclosure_label) for segment in segments)


def room(profile: Profile, rules: Rules) -> Rules:
    """What is left for the writer's own words, once the label is on."""
    if not wants_label(profile):
        return rules
    tail = GAP + profile.disclosure_label
    max_bytes = None if rules.max_bytes is None else max(rules.max_bytes - utf8_bytes(tail), 1)
    return replace(rules, limit=max(rules.limit - rules.length(tail), 1), max_bytes=max_bytes)


def labelled(segments: Sequence[str], profile: Profile, rules: Rules) -> tuple[str, ...]:
    """The segments, the last one ending in the label where the setting wants it; again is the same as once.

    A last segment that fits without the label still fits with it: words make room. One that is too long by itself
    keeps every word, so that the check can say by how much.
    """
    kept = tuple(segments)
    if not wants_label(profile) or is_labelled(kept, profile):
        return kept
    last, tail = (kept[-1] if kept else "").rstrip(), GAP + profile.disclosure_label
    made = shorten(last, rules, tail) if fits(last, rules) else last + tail
    return (*kept[:-1], (made or last + tail).strip())
