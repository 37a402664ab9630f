"""Application commands as far as we make them: their shapes, with their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.discord import figures as f
from bot.discord.kit import matching, words
from bot.shapes import Rule, Shape, boolean, integer, items, one_of, text, typed, unique

SLASH, UNDER_USER, UNDER_MESSAGE = 1, 2, 3
"""Kinds of commands."""
SUBCOMMAND, STRING, INTEGER, BOOLEAN = 1, 3, 4, 5
"""Kinds of options."""
_SAFE = 2**53
"""Whole numbers below it are exact everywhere."""

NAME = matching(
    r"(?=.{1,32}\Z)[-_'0-9a-z]+", "1 to 32 of a-z, 0-9, - and _"
)  # Discord takes more alphabets; ours are typed on any keyboard
_SAID: dict[str, Rule] = {"name": NAME, "description": words(f.COMMAND_DESCRIPTION)}
_NEEDED: dict[str, Rule] = {"required": boolean}
_CHOICE = Shape({"name": words(f.CHOICE_NAME), "value": text(f.CHOICE_VALUE)})


def _choices_or_completion(value: Any, path: str) -> Iterator[str]:
    if value.get("autocomplete") and value.get("choices"):
        yield f"{path}: has choices and completes them as well"


def _option(kind: int, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return Shape({"type": one_of(kind), **_SAID}, {**_NEEDED, **may}, also)


_TYPED: dict[int, Rule] = {
    STRING: _option(
        STRING,
        {
            "autocomplete": boolean,
            "choices": items(_CHOICE, f.CHOICES),
            "min_length": integer(0, f.OPTION_LENGTH),
            "max_length": integer(1, f.OPTION_LENGTH),
        },
        _choices_or_completion,
        unique("name", "choices"),
    ),
    INTEGER: _option(INTEGER, {"min_value": integer(-_SAFE, _SAFE), "max_value": integer(-_SAFE, _SAFE)}),
    BOOLEAN: _option(BOOLEAN),
}


def _needed_first(value: Any, path: str) -> Iterator[str]:
    required = [o.get("required") is True for o in _objects(value.get("options"))]
    if required != sorted(required, reverse=True):
        yield f"{path}/options: a needed one stands after one that is not"


def _all_of_a_kind(value: Any, path: str) -> Iterator[str]:
    kinds = {o.get("type") == SUBCOMMAND for o in _objects(value.get("options"))}
    if len(kinds) > 1:
        yield f"{path}/options: subcommands and other options do not stand side by side"


def _not_too_large(value: Any, path: str) -> Iterator[str]:
    if size(value) > f.COMMAND_SIZE:
        yield f"{path}: {size(value)} characters, {f.COMMAND_SIZE} may be"


def _some_of(*allowed: int) -> Rule:
    """A list of these, each at most once."""

    def rule(value: Any, path: str) -> Iterator[str]:
        yield from items(one_of(*allowed), len(allowed))(value, path)
        if isinstance(value, list) and any(value.count(each) > 1 for each in allowed):
            yield f"{path}: one of them stands twice"

    return rule


_OPTIONS: dict[str, Rule] = {"options": items(typed(_TYPED, "option"), f.COMMAND_OPTIONS, least=0)}
_ALSO = (unique("name", "options"), _needed_first)
_SUBCOMMAND = Shape({"type": one_of(SUBCOMMAND), **_SAID}, _OPTIONS, _ALSO)
_WHERE: dict[str, Rule] = {
    "default_member_permissions": matching(r"[0-9]{1,20}", "a number in digits"),
    "contexts": _some_of(0, 1, 2),
    "integration_types": _some_of(0, 1),
    "nsfw": boolean,
}
_KINDS: dict[int, Rule] = {
    SLASH: Shape(
        {"type": one_of(SLASH), **_SAID},
        {
            **_WHERE,
            "options": items(
                typed({**_TYPED, SUBCOMMAND: _SUBCOMMAND}, "option"), f.COMMAND_OPTIONS, least=0
            ),
        },
        (*_ALSO, _all_of_a_kind, _not_too_large),
    ),
    UNDER_MESSAGE: Shape({"type": one_of(UNDER_MESSAGE), "name": words(f.COMMAND_NAME)}, _WHERE),
}
_MOST = {SLASH: f.COMMANDS, UNDER_MESSAGE: f.CONTEXT_MENUS}


def COMMANDS(value: Any, path: str) -> Iterator[str]:  # noqa: N802  a rule, as the constants beside it are
    """The list of all commands of an app."""
    yield from items(typed(_KINDS, "command"), sum(_MOST.values()))(value, path)
    for kind, most in _MOST.items():
        names = Counter(str(one.get("name")) for one in _objects(value) if one.get("type") == kind)
        if names.total() > most:
            yield f"{path}: {names.total()} commands of type {kind}, {most} may be"
        yield from (f"{path}: {name!r} stands twice" for name, count in names.items() if count > 1)


def size(command: Mapping[str, Any]) -> int:
    """What `figures.COMMAND_SIZE` counts: names, descriptions and values, of all options and choices as well."""
    own = sum(len(str(command.get(key, ""))) for key in ("name", "description", "value"))
    inner = [*_objects(command.get("options")), *_objects(command.get("choices"))]
    return own + sum(size(one) for one in inner)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Those of a list, whatever else stands in it."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
