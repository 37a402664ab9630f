"""How the rehearsal model chooses its words: by a hash, so the same request always gets the same, and within the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import regex

from agents.personas.persona import Habit, Profile
from agents.writing.wording import HASHTAG, count_emoji, says
from integrations.llm.rehearsal.brief import Brief
from integrations.llm.rehearsal.kinds import KINDS, OTHER, Kind, Lines
from integrations.llm.rehearsal.phrases import ByTone
from integrations.llm.rehearsal.wishes import TONES, Tone, Wishes

MAX_TAG = 30
MAX_TOPIC_WORDS = 3
"""Longer topics describe; they make no hashtag and stand in no sentence of ours."""
SMALL_WORDS = frozenset(
    [
        "about",
        "after",
        "again",
        "being",
        "could",
        "every",
        "their",
        "there",
        "these",
        "thing",
        "those",
        "where",
        "which",
        "while",
        "whose",
        "would",
    ]
)


@dataclass(frozen=True, slots=True)
class Words:
    """A persona's choice of words for one try at one request.  seed: everything that should change the choice."""

    profile: Profile
    wishes: Wishes
    kind: Kind
    tone: Tone
    seed: str

    def pick(self, lines: Lines | ByTone, **fills: str) -> str:
        """One of the lines that the guardrails allow, filled in; "" if they allow none."""
        if not isinstance(lines, tuple):
            lines = lines[self.tone]
        allowed = [line for line in lines if not self.forbids(line)]
        return allowed[self._number(lines[0]) % len(allowed)].format(**fills) if allowed else ""

    def chance(self, what: str) -> bool:
        return self._number(what) % 2 == 0

    def forbids(self, text: str) -> bool:
        """True if the persona may not say this, or was asked not to."""
        phrases = (
            *self.profile.voice.never_say,
            *self.profile.guardrails.topics_to_avoid,
            *self.wishes.leave_out,
        )
        return any(says(text, phrase) for phrase in phrases)

    def allowed(self, text: str) -> str:
        """What is left of somebody's words without those that the persona never says or was asked to leave out."""
        if self.emoji is Habit.NEVER:
            text = " ".join("".join(c for c in regex.findall(r"\X", text) if not count_emoji(c)).split())
        if self.hashtags is Habit.NEVER:
            text = HASHTAG.sub(r"\1", text)
        for phrase in (*self.profile.voice.never_say, *self.wishes.leave_out):
            if says(text, phrase):
                text = _without(text, phrase)
        return text

    def swapped(self, text: str) -> str:
        """With every word that people want replaced replaced."""
        for old, new in self.wishes.instead:
            at_words = regex.split(rf"(?i)(?<!\w){regex.escape(old)}(?!\w)", text)
            text = new.join(at_words)
        return text

    @property
    def emoji(self) -> Habit:
        return self.wishes.emoji or self.profile.voice.emoji

    @property
    def hashtags(self) -> Habit:
        return self.wishes.hashtags or self.profile.voice.hashtags

    def with_emoji(self, text: str, emoji: str, *, often: bool = False) -> str:
        """The text with an emoji at its end, if the habits allow one here.  often: only for those who use many."""
        wanted = self.emoji is Habit.OFTEN or (self.emoji is Habit.SPARING and not often)
        return f"{text} {emoji}" if text and wanted and not self.forbids(emoji) else text

    def tags(self, about: str) -> str:
        """Hashtags: for a few, what the request touches of the persona's topics, or its kind; for many, the others too."""
        topics = [topic for topic in self.profile.voice.topics if not self.forbids(topic)]
        touched = [_tag(topic) for topic in topics if _touches(topic, about)]
        rest = [_tag(topic) for topic in topics] if self.hashtags is Habit.OFTEN else []
        found = dict.fromkeys(tag for tag in (*touched, self.kind.tag, *rest) if not self.forbids(tag))
        count = {Habit.NEVER: 0, Habit.SPARING: 1, Habit.OFTEN: 3}[self.hashtags]
        return " ".join([tag for tag in found if 1 < len(tag) <= MAX_TAG][:count])

    def own_topic(self, about: str | None = None) -> str:
        """A topic of the persona's own, "" if it has none.  about: one that this touches without naming it."""
        allowed = (topic for topic in self.profile.voice.topics if not self.forbids(topic))
        if about is not None:
            short = (topic for topic in allowed if len(topic.split()) <= MAX_TOPIC_WORDS)
            allowed = (topic for topic in short if _touches(topic, about) and not says(about, topic))
        return next(allowed, "")

    def _number(self, purpose: str) -> int:
        return int.from_bytes(sha256(f"{self.seed}\n{purpose}".encode("utf-8", "replace")).digest()[:8])


def choose(profile: Profile, brief: Brief, wishes: Wishes, seed: str) -> Words:
    words = Words(profile, wishes, _kind(brief.said), wishes.tone or _tone(profile.voice.tone), seed)
    return replace(words, seed=f"{seed}\n{profile.handle}")


def _kind(said: str) -> Kind:
    return next((kind for kind in KINDS if kind.words.search(said)), OTHER)


def _tone(described: str) -> Tone:
    """The tone whose words come first in how the persona's own is described."""
    found = [
        (match.start(), tone)
        for words, tone in TONES.items()
        if (match := regex.search(rf"(?i)\b(?:{words})\b", described))
    ]
    return min(found)[1] if found else "plain"


def _touches(topic: str, about: str) -> bool:
    return any(
        len(word) > 4 and word.lower() not in SMALL_WORDS and says(about, word) for word in topic.split()
    )


def _tag(topic: str) -> str:
    parts = regex.findall(r"[\p{L}\p{N}]+", topic)
    fits = len(parts) <= MAX_TOPIC_WORDS and any(map(str.isalpha, topic))
    return "#" + "".join(part[0].upper() + part[1:] for part in parts) if fits else ""


def _without(text: str, phrase: str) -> str:
    """The text without the phrase and the small word that led up to it; without the sentence where that is not enough."""
    words = r"[\s_-]+".join(map(regex.escape, phrase.split()))
    led = r"(?:,? ?\b(?:with|and|including|plus|about|on|for|of|a|an|the|our|its)\b)*"
    cut = regex.sub(rf"(?i){led} *(?<!\w)#?{words}(?!\w)", "", text)
    if says(cut, phrase):  # it is spelled in some other way
        kept = (part for part in regex.split(r"(?<=[.!?])\s+", text) if not says(part, phrase))
        cut = " ".join(kept)
    return regex.sub(r"\s+([.,;:!?])", r"\1", " ".join(cut.split())).strip(" ,;:")
