"""Application commands: what Discord takes as one.

docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex

from tests.discord.emulator.errors import Json, Path, Problem
from tests.discord.emulator.shapes import (
    anything,
    fields,
    flag,
    items,
    listed,
    matches,
    number,
    record,
    text,
    unique,
)

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
MOST = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
MOST_OPTIONS, MOST_CHOICES, MOST_CHARACTERS, MOST_CREATES = 25, 25, 8000, 200
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = range(1, 12)
NAME = regex.compile(r"^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$")
CHOICE = record({"name": text(100, 1), "name_localizations": anything, "value": anything}, "name", "value")
OPTION = {
    "type": number(1, 11),
    "name": matches(NAME, "name"),
    "name_localizations": anything,
    "description": text(100, 1),
    "description_localizations": anything,
    "required": flag,
    "choices": items(0, MOST_CHOICES, CHOICE),
    "options": items(0, MOST_OPTIONS),
    "channel_types": anything,
    "min_value": anything,
    "max_value": anything,
    "min_length": number(0, 6000),
    "max_length": number(1, 6000),
    "autocomplete": flag,
}
COMMAND = {
    "id": anything,
    "type": number(1, 4),
    "name": text(32, 1),
    "description": text(100),
    "options": items(0, MOST_OPTIONS),
    **dict.fromkeys(
        [
            "name_localizations",
            "description_localizations",
            "default_member_permissions",
            "dm_permission",
            "contexts",
            "integration_types",
            "nsfw",
            "handler",
            "default_permission",
        ],
        anything,
    ),
}


def problems(command: Any, path: Path = ()) -> list[Problem]:
    found = list(fields(command, path, COMMAND, {"name"}))
    if found:
        return found
    if (command.get("type") or CHAT_INPUT) != CHAT_INPUT:
        return list(_menu(command, path))
    found = list(_chat_input(command, path))
    if not found and _characters(command) > MOST_CHARACTERS:
        words = f"Command exceeds maximum size ({MOST_CHARACTERS})"
        found.append(Problem(path, "APPLICATION_COMMAND_TOO_LARGE", words))
    return found


def _menu(command: Json, path: Path) -> Iterator[Problem]:
    for key in ("description", "options"):
        if command.get(key):
            words = f"Context menu commands cannot have {key}"
            yield Problem((*path, key), "APPLICATION_COMMAND_CONTEXT_MENU_FIELD", words)


def _chat_input(command: Json, path: Path) -> Iterator[Problem]:
    if command["name"] != command["name"].lower():
        yield Problem((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name must be lower case")
    yield from matches(NAME, "name")(command["name"], (*path, "name"))
    yield from text(100, 1)(command.get("description"), (*path, "description"))
    yield from _options(command, path, nested=0)


def _options(holder: Json, path: Path, nested: int) -> Iterator[Problem]:
    """nested: 0 in a command, 1 in a group, 2 in a subcommand."""
    options = holder.get("options") or []
    for at, each in enumerate(options):
        here = (*path, "options", at)
        found = list(fields(each, here, OPTION, {"type", "name", "description"}))
        yield from found or _option(each, here, nested)
    names = [each["name"] for each in listed(holder, "options") if isinstance(each.get("name"), str)]
    words = "Option name must be unique"
    yield from unique(names, (*path, "options"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", words)
    kinds = {each.get("type") in {SUBCOMMAND, GROUP} for each in listed(holder, "options")}
    if len(kinds) > 1:
        words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        yield Problem((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
    required = [bool(each.get("required")) for each in listed(holder, "options")]
    if required != sorted(required, reverse=True):
        words = "Required options must be placed before non-required options"
        yield Problem((*path, "options"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)


def _option(option: Json, path: Path, nested: int) -> Iterator[Problem]:
    kind = option["type"]
    if option["name"] != option["name"].lower():
        yield Problem((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Option name must be lower case")
    if kind in {SUBCOMMAND, GROUP}:
        if nested >= (2 if kind == SUBCOMMAND else 1):
            words = "Sub-commands stand in commands and groups, groups in commands"
            yield Problem((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words)
        yield from _options(option, path, nested=1 if kind == GROUP else 2)
        return
    if option.get("choices") and option.get("autocomplete"):
        words = "Autocomplete and choices are mutually exclusive"
        yield Problem((*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_NOT_ALLOWED", words)
    if option.get("autocomplete") and kind not in {STRING, INTEGER, NUMBER}:
        words = "Autocomplete is for strings, integers and numbers"
        yield Problem((*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_NOT_ALLOWED", words)
    for at, choice in enumerate(option.get("choices") or ()):
        if not fits(choice["value"], kind):
            words = f"Value {choice['value']!r} does not fit the option's type"
            yield Problem((*path, "choices", at, "value"), "BASE_TYPE_CHOICES", words)


def fits(value: Any, kind: int) -> bool:
    """Whether a choice's value may stand for an option of that type."""
    if kind == STRING:
        return isinstance(value, str) and 1 <= len(value) <= 100
    if kind == INTEGER:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53
    return kind == NUMBER and isinstance(value, int | float) and not isinstance(value, bool)


def _characters(command: Json) -> int:
    """Names, descriptions and values in sum, as the limit counts them."""
    own = len(command.get("name", "")) + len(command.get("description") or "")
    inner = sum(_characters(each) for each in command.get("options") or ())
    return own + inner + sum(len(c["name"]) + len(str(c["value"])) for c in command.get("choices") or ())
