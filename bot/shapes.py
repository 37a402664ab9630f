"""A small language for shapes of JSON: a rule looks at a value and says every breach, with its JSON path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.split import units

Rule = Callable[[Any, str], Iterator[str]]
"""(value, path such as /blocks/0/text) -> breaches in words, each beginning with its path."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: keys that it needs, keys that it may have, and what must hold between them. Any other key is a breach."""

    needs: Mapping[str, Rule] = field(default_factory=dict)
    may: Mapping[str, Rule] = field(default_factory=dict)
    also: tuple[Rule, ...] = ()

    def __call__(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: must be an object"
            return
        yield from (f"{path}: {key} is missing" for key in self.needs if key not in value)
        for key, part in value.items():
            rule = self.needs.get(key) or self.may.get(key)
            if rule is None:
                yield f"{path}: {key} is unknown here"
            else:
                yield from rule(part, f"{path}/{key}")
        for rule in self.also:
            yield from rule(value, path)


def text(most: int, least: int = 1) -> Rule:
    """A string of `least` to `most` UTF-16 units."""

    def rule(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path}: must be text"
        elif not least <= units(value) <= most:
            yield f"{path}: {units(value)} characters, {least} to {most} may be"

    return rule


def integer(least: int, most: int) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield f"{path}: must be a whole number from {least} to {most}"

    return rule


def boolean(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{path}: must be true or false"


def one_of(*allowed: Any) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not any(type(value) is type(each) and value == each for each in allowed):  # True is no 1
            yield f"{path}: must be one of {', '.join(map(str, allowed))}"

    return rule


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most`, each of which the rule holds for."""

    def look(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: must be a list"
            return
        if not least <= len(value) <= most:
            yield f"{path}: {len(value)} items, {least} to {most} may be"
        for index, each in enumerate(value):
            yield from rule(each, f"{path}/{index}")

    return look


def typed(shapes: Mapping[Any, Rule], what: str) -> Rule:
    """An object whose `type` (a word or a number) names its shape; an unknown type is a breach."""

    def rule(value: Any, path: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if type(kind) not in (str, int) or kind not in shapes:
            yield f"{path}: {kind!r} is no {what} that may stand here"
        else:
            yield from shapes[kind](value, path)

    return rule


def exactly_one(*keys: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if sum(key in value for key in keys) != 1:
            yield f"{path}: needs exactly one of {', '.join(keys)}"

    return rule


def at_least_one(*keys: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not any(key in value for key in keys):
            yield f"{path}: needs {' or '.join(keys)}"

    return rule


def unique(key: str, list_key: str = "") -> Rule:
    """No two objects of a list have the same `key`.  list_key: where in an object the list stands; "" for the value itself."""

    def rule(value: Any, path: str) -> Iterator[str]:
        found = value.get(list_key) if list_key else value
        here = f"{path}/{list_key}" if list_key else path
        seen: set[str] = set()
        for index, each in enumerate(found if isinstance(found, list) else ()):
            id = each.get(key) if isinstance(each, Mapping) else None
            if isinstance(id, str):
                if id in seen:
                    yield f"{here}/{index}/{key}: {id!r} stands twice"
                seen.add(id)

    return rule
