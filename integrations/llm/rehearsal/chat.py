"""What the rehearsal model says in a conversation: who it is, that it cannot really talk, and how to give it a voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from agents.personas.persona import Profile
from agents.writing.writer import Line
from integrations.llm.rehearsal.brief import LEAD_IN, VERB_IN, read_brief
from integrations.llm.rehearsal.wishes import NO_WISHES
from integrations.llm.rehearsal.words import Words, choose

HELLO = {
    "warm": (
        "Hi {person}, lovely to hear from you! {name} here, {role}.",
        "Hello {person}! This is {name}, {role}.",
    ),
    "formal": ("Hello {person}. This is {name}, {role}.",),
    "bold": ("Hey {person}! {name} here, {role}.",),
    "plain": ("Hi {person}, {name} here, {role}.",),
}
AGAIN = {
    "warm": ("Still with you, {person}!", "I'm here, {person}."),
    "formal": ("Certainly, {person}.",),
    "bold": ("Right here, {person}.",),
    "plain": ("I'm here, {person}.",),
}
HONEST = (
    "To be honest with you: I am only rehearsing. The built-in rehearsal model works offline, from ready-made sentences: "
    "enough to draft and rework a post, not enough to think about what you said."
)
HONEST_AGAIN = (
    "I am still only rehearsing, though, so I can't give that the answer it deserves.",
    "I would love to go into that, but the rehearsal model has no thoughts of its own.",
)
CONNECT = (
    "To give me a real voice, set OPENAI_API_KEY (any server that speaks OpenAI's protocol will do: OPENAI_BASE_URL) and "
    "start Troupe again. ./troupe doctor shows what is connected and what is missing."
)
CONNECT_AGAIN = "A real model takes OPENAI_API_KEY; ./troupe doctor tells you the rest."


def answer(profile: Profile, conversation: Sequence[Line]) -> str:
    """To the last line; the same conversation always gets the same answer."""
    last = conversation[-1] if conversation else Line("", "")
    words = choose(profile, read_brief(""), NO_WISHES, f"{len(conversation)}\n{last.author}\n{last.text}")
    is_first = not any(line.own for line in conversation)
    sentences = [
        _greeting(words, last.author, is_first=is_first),
        *_said(words, last.text, is_first=is_first),
    ]
    return (
        " ".join(sentence for sentence in sentences if sentence and not words.forbids(sentence))
        or CONNECT_AGAIN
    )


def _greeting(words: Words, author: str, *, is_first: bool) -> str:
    person = (author.split() or ["there"])[0]
    said = words.pick(
        HELLO if is_first else AGAIN,
        person=person,
        name=words.profile.name,
        role=_in_sentence(words.profile.role),
    )
    return words.with_emoji(said, "👋") if is_first else said


def _said(words: Words, text: str, *, is_first: bool) -> Iterator[str]:
    yield HONEST if is_first else words.pick(HONEST_AGAIN)
    yield CONNECT if is_first else CONNECT_AGAIN
    handle, about = words.profile.handle, _wanted(text)
    if about:
        yield f"For a post, type: /post draft @{handle} “{about}”."
    elif is_first:
        topic = words.own_topic() or "our new release"
        yield f"Meanwhile you can see how all of it works: /post draft @{handle} “{topic}”."


def _wanted(text: str) -> str:
    """What somebody asks to be written, "" if nobody does."""
    asks = regex.search(r"(?i)\b(?:write|draft|post|tweet|announce|publish)\b", text)
    if not asks:
        return ""
    request = text[asks.start() :].split("\n")[0]
    brief = read_brief(request) if LEAD_IN.match(request) or VERB_IN.match(request) else None
    return (brief.topic or " ".join(brief.statements)).rstrip(".")[:200] if brief else ""


def _in_sentence(role: str) -> str:
    """ "Developer Advocate" → "developer advocate"; an abbreviation stays as it is."""
    words = [
        word if word.isupper() or any(map(str.isupper, word[1:])) else word.lower() for word in role.split()
    ]
    return " ".join(words)
