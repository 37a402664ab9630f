"""What can be asked of Troupe, taken from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from agents.people import Role
from bot.cards import Block, Card, Text
from bot.registry import Command, Parameter


def overview(commands: Iterable[Command]) -> Card:
    """Every command with its line, by group."""
    blocks: list[Block] = []
    for group, members in groupby(sorted(commands, key=lambda c: c.path), key=lambda c: c.group):
        blocks += [
            Text(f"/{group}", "heading"),
            Text("\n".join(f"/{one.path}: {one.summary}" for one in members)),
        ]
    talk = "Or talk to a persona: say @ and its handle in a channel. /help COMMAND tells how one is typed."
    return Card("What you can ask", (Text(talk), *blocks))


def group(name: str, commands: Iterable[Command]) -> Card:
    return Card(f"/{name}", (_lines(sorted(commands, key=lambda c: c.path)),))


def _lines(commands: Iterable[Command]) -> Text:
    return Text("\n".join(f"{command.usage}: {command.summary}" for command in commands))


def command(found: Command) -> Card:
    """One command: how it is typed, what each part means, who may."""
    blocks: list[Block] = [Text(found.summary), Text(found.usage, "code")]
    if found.parameters:
        blocks.append(Text("\n".join(f"{p.usage}: {_part(p)}" for p in found.parameters)))
    if found.role is not Role.VIEWER:
        blocks.append(Text(f"It takes {found.role.a}.", "muted"))
    return Card(f"/{found.path}", tuple(blocks))


def _part(parameter: Parameter) -> str:
    words = [] if parameter.required else ["may be left out"]
    if parameter.named:
        words.append(f"introduced by the word “{parameter.name}”")
    if parameter.kind.rest and not parameter.named:
        words.append("takes the rest of the line")
    return ", ".join(words) or "needed"
