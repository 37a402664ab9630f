"""The steps of an escalation as people write and read them: "after 5 min: layer 1, @Ada, managers, owners".

`parse(show(step, names), people)` is the step again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from agents.errors import Invalid
from agents.oncall.escalation import LATEST, LAYERS, Policy, Step
from agents.people import Person

EXAMPLE = "after 5 min: layer 1, @Ada, managers, owners"
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_WHEN = re.compile(r"(?:after\s+)?([0-9]{1,6})\s*(min|mins|minutes?|m|h|hours?)")
_AT_ONCE = ("at once", "now", "0")
_QUOTED = r'@"((?:[^"]|"")*)"'
_TARGET = re.compile(rf"\s*(?:{_QUOTED}|([^,]*))\s*(?:,|\Z)", re.DOTALL)
_LAYER = re.compile(rf"layer\s*([1-{LAYERS}])")
_NEEDS_QUOTES = re.compile(r'[",]|^\s|\s$')


def show(step: Step, names: Mapping[str, str]) -> str:
    """names: of people, by id; who left is shown by their id."""
    when = "at once"
    if step.after:
        hours = step.after % _HOUR == timedelta()
        when = f"after {step.after // _HOUR} h" if hours else f"after {step.after // _MINUTE} min"
    return f"{when}: {', '.join(_target(target, names) for target in step.targets)}"


def parse(text: str, people: Sequence[Person], *, field: str | None = None) -> Step:
    """people: those of the team.  field: named in the error. Raises Invalid."""
    when, colon, whom = text.partition(":")
    if not colon:
        raise _wrong(f"“{text[:60]}” does not say after how long, and whom.", field)
    targets = dict.fromkeys(_parsed_target(*found, people, field) for found in _split(whom, field))
    if not targets:
        raise _wrong("This step asks nobody.", field)
    return Step(_after(when.strip().lower(), field), tuple(targets))


def shown(policy: Policy, names: Mapping[str, str]) -> list[str]:
    return [show(step, names) for step in policy.steps]


def parsed(texts: Iterable[tuple[str, str]], people: Sequence[Person]) -> Policy:
    """texts: (field, step); empty ones are left out."""
    return Policy(tuple(parse(text, people, field=field) for field, text in texts if text.strip()))


def _target(target: str, names: Mapping[str, str]) -> str:
    kind, _, of = target.partition(":")
    if kind == "layer":
        return f"layer {of}"
    if kind != "person":
        return target
    name = names.get(of, of)
    return '@"' + name.replace('"', '""') + '"' if _NEEDS_QUOTES.search(name) else f"@{name}"


def _split(whom: str, field: str | None) -> list[tuple[str, bool]]:
    """(text, whether it is a quoted name) of each target."""
    found, at = [], 0
    text = whom.strip()
    while at < len(text):
        match = _TARGET.match(text, at)
        if match is None:
            raise _wrong(f"“{text[at : at + 60]}” is nobody.", field)
        quoted = match[1] is not None
        found.append((match[1].replace('""', '"'), True) if quoted else (match[2].strip(), False))
        at = match.end()
    return found


def _parsed_target(text: str, is_quoted: bool, people: Sequence[Person], field: str | None) -> str:
    word = " ".join(text.lower().split())
    if not is_quoted:
        if word in ("managers", "owners"):
            return word
        if layer := _LAYER.fullmatch(word):
            return f"layer:{layer[1]}"
        if not text.startswith("@"):
            raise _wrong(f"“{text[:60]}” is nobody that a step can ask.", field)
    name = (text if is_quoted else text[1:]).lower()
    by_name = {person.name.lower(): person.id for person in people}
    id = by_name.get(name) or next((person.id for person in people if person.id == name), None)
    if id is None:
        raise Invalid(
            f"Nobody here is called {name[:60]}.", remedy="/people list has everybody.", field=field
        )
    return f"person:{id}"


def _after(text: str, field: str | None) -> timedelta:
    if text in _AT_ONCE:
        return timedelta()
    found = _WHEN.fullmatch(text)
    if found is None:
        raise _wrong(f"“{text[:60]}” is no time that a step could wait.", field)
    after = int(found[1]) * (_HOUR if found[2].startswith("h") else _MINUTE)
    if after > LATEST:
        raise Invalid(f"A step waits {LATEST.days} days at most.", field=field)
    return after


def _wrong(what: str, field: str | None) -> Invalid:
    return Invalid(what, remedy=f"Write it like “{EXAMPLE}”, or “at once: layer 1”.", field=field)
