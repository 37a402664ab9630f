"""Application commands from the registry, and what is invoked of them as the line that our parser reads.

A group of several commands is one command with subcommands; a group of one word alone is a command. A parameter is an option
with the choices of its kind, or with autocompletion. Discord shows them to everybody in a server; who may do what is the
product's own rule, which no server setting can widen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.errors import Invalid
from bot.commands import ABOUT
from bot.discord import figures
from bot.discord.command_kit import BOOLEAN, INTEGER, SLASH, STRING, SUBCOMMAND, UNDER_MESSAGE
from bot.discord.components import Json
from bot.discord.hints import hint
from bot.forms import Option
from bot.kinds import MOST, fitting
from bot.parameters import YES_OR_NO
from bot.parse import quoted, tokens
from bot.registry import REGISTRY, Command, Parameter, Registry
from bot.split import clip

UNDER: Mapping[str, tuple[str, str]] = {
    "Make a post from this": ("post.new", "about"),
    "Give this to a persona": ("task.new", "brief"),
}
"""Under a message: what each opens, and the field in which its words stand then."""
SERVERS, DIRECT = 0, 1
"""Contexts: in servers, and in direct messages with Troupe."""


def every(registry: Registry = REGISTRY, *, permissions: int | None = None) -> list[Json]:
    """All commands of the app, as Discord's bulk overwrite takes them.

    permissions: the bits that a member needs to see them (`default_member_permissions`); None for everybody. The owners of a
    server narrow that down by role and channel in its settings.
    """
    where: Json = {"contexts": [SERVERS, DIRECT], "integration_types": [0]}
    if permissions is not None:
        where["default_member_permissions"] = str(permissions)
    groups: dict[str, list[Command]] = {}
    for each in registry.commands.values():
        groups.setdefault(each.group, []).append(each)
    slashes = [_of_group(name, members) | where for name, members in sorted(groups.items())]
    return [*slashes, *({"type": UNDER_MESSAGE, "name": name} | where for name in UNDER)]


def digest(commands: Sequence[Mapping[str, Any]]) -> str:
    """The same for the same commands: they are told to Discord only when it changes."""
    text = json.dumps(list(commands), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _of_group(name: str, members: Sequence[Command]) -> Json:
    """Raises ValueError for a word that is a command and a group as well: Discord has no such thing."""
    alone = [each for each in members if each.path == name]
    if alone and len(members) > 1:
        raise ValueError(f"/{name} is a command and a group of commands: for Discord it can only be one")
    if alone:
        return {"type": SLASH, **_said(name, alone[0].summary), "options": _options(alone[0])}
    about = ABOUT.get(name, members[0].summary)
    subcommands = [
        {"type": SUBCOMMAND, **_said(_verb(each), each.summary), "options": _options(each)}
        for each in members
    ]
    return {"type": SLASH, **_said(name, about), "options": subcommands}


def _said(name: str, description: str) -> Json:
    return {"name": name, "description": clip(description, figures.COMMAND_DESCRIPTION)}


def _verb(command: Command) -> str:
    return command.path.partition(" ")[2]


def _options(command: Command) -> list[Json]:
    return [_option(each) for each in sorted(command.parameters, key=lambda p: not p.required)]


def _option(parameter: Parameter) -> Json:
    kind = parameter.kind
    made = {**_said(parameter.name, hint(parameter)), "required": parameter.required}
    if kind.choices == YES_OR_NO:
        return {"type": BOOLEAN, **made}
    if kind.bounds is not None:
        low, high = kind.bounds
        return {"type": INTEGER, **made, "min_value": low, "max_value": high}
    if 0 < len(kind.choices) <= figures.CHOICES:
        return {"type": STRING, **made, "choices": [{"name": word, "value": word} for word in kind.choices]}
    return {"type": STRING, **made} | ({"autocomplete": True} if kind.completes else {})


# What is invoked


@dataclass(frozen=True, slots=True)
class Typing:
    """Where somebody is typing: what stands before the part that is completed, and that part."""

    command: Command
    parameter: Parameter
    before: str
    prefix: str


def line(data: Mapping[str, Any], registry: Registry = REGISTRY) -> str:
    """What was invoked, as the line that our parser reads to the same values.

    data: of an interaction of a slash command.  Raises Invalid for what the registry does not have (any more).
    """
    command, options = _invoked(data, registry)
    given = {str(each.get("name")): _word(each) for each in options}
    known = {parameter.name for parameter in command.parameters}
    if not given.keys() <= known:
        raise _changed()
    names = {parameter.name for parameter in command.parameters if parameter.named}
    positional = [given.get(p.name, "") for p in command.parameters if not p.named]
    while positional and not positional[-1].strip():
        positional.pop()
    words = [_quoted(word, names) for word in positional]
    for each in command.parameters:
        if each.named and given.get(each.name, "").strip():
            words += [each.name, _quoted(given[each.name], names)]
    return " ".join([f"/{command.path}", *words])


def _quoted(word: str, names: Collection[str]) -> str:
    """What is mentioned in it may turn out to be any words."""
    return quoted(word, names, always="<" in word)


def in_words(line: str, read: Callable[[str], str]) -> str:
    """That line with what is mentioned in its values as words; a name of two words stays in the value it stands in.

    read: one value, as `markdown.mentions` reads it, with names as they are, without quotes.
    """
    try:
        found = tokens(line)
    except Invalid:  # the parser says what is wrong with it, to whoever invoked it
        return line
    return " ".join(quoted(read(token.text), always=token.quoted) for token in found)


def completes(data: Mapping[str, Any], registry: Registry = REGISTRY) -> Typing:
    """What somebody is typing. Of several names with commas between them the last one is completed.

    data: of an interaction of autocompletion.  Raises Invalid for what the registry does not have (any more).
    """
    command, options = _invoked(data, registry)
    focused = next((each for each in options if each.get("focused")), {})
    parameter = next((p for p in command.parameters if p.name == focused.get("name")), None)
    if parameter is None:
        raise _changed()
    typed = str(focused.get("value") or "")
    before, comma, last = typed.rpartition(",") if parameter.kind.rest else ("", "", typed)
    return Typing(command, parameter, f"{before}{comma} " if comma else "", last.lstrip())


def choices(typing: Typing, options: Iterable[Option]) -> list[Json]:
    """What may stand there, best first, as the answer to autocompletion.  options: all that its kind offers."""
    return offered(fitting(options, typing.prefix), typing.before)


def offered(options: Iterable[Option], before: str = "") -> list[Json]:
    """before: goes in front of each. What is longer than Discord carries is left out: cut, it would mean something else."""
    found = [(f"{before}{_unquoted(option.value)}", option.label) for option in options]
    made = [
        {"name": clip(f"{before}{label}" if label.strip() else value, figures.CHOICE_NAME), "value": value}
        for value, label in found
        if 0 < len(value) <= figures.CHOICE_VALUE
    ]
    return made[:MOST]


def under_message(data: Mapping[str, Any]) -> tuple[str, str, str]:
    """What was invoked under a message: the verb of its form, the field for the message's words, and those words as Discord
    writes them. Raises Invalid without any."""
    found = ((data.get("resolved") or {}).get("messages") or {}).get(str(data.get("target_id")), {})
    text = str(found.get("content") or "").strip()
    verb, field = UNDER.get(str(data.get("name")), ("", ""))
    if not verb:
        raise _changed()
    if not text:
        raise Invalid(
            "There are no words in that message.", remedy="Type what it is about: /post draft or /task new."
        )
    return verb, field, text


def _invoked(data: Mapping[str, Any], registry: Registry) -> tuple[Command, list[Mapping[str, Any]]]:
    path, options = str(data.get("name", "")), list(data.get("options") or ())
    if len(options) == 1 and options[0].get("type") == SUBCOMMAND:
        path, options = f"{path} {options[0].get('name')}", list(options[0].get("options") or ())
    command = registry.commands.get(path)
    if command is None:
        raise _changed()
    return command, options


def _word(option: Mapping[str, Any]) -> str:
    value = option.get("value")
    if isinstance(value, bool):
        return YES_OR_NO[not value]
    return str(value)


def _unquoted(value: str) -> str:
    """Completions are as `quoted` makes them for a line; an option of Discord's is one word by itself."""
    return tokens(value)[0].text if value.startswith('"') else value


def _changed() -> Invalid:
    return Invalid(
        "Troupe's commands have changed since Discord was told of them.",
        remedy="Try it again in a minute; a restart of Discord shows the new ones.",
    )
