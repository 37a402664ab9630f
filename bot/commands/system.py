"""/status, /halt, /resume and /help: how Troupe is, whether it may act, what can be asked of it."""

from __future__ import annotations

from typing import Annotated

from agents import halt
from agents.events import SYSTEM
from agents.people import Role
from bot.calls import Call, Click
from bot.cards import Card
from bot.parameters import TEXT
from bot.ports import Ports
from bot.present import help as present_help
from bot.present import home as present_home
from bot.present import status as present
from bot.present.draw import draw
from bot.registry import REGISTRY, button, command


@command("status", "Processes, what is late, what waits, alerts, budgets")
def status(call: Call, ports: Ports) -> Card:
    return present.card(present.look(ports.work))


@command("home", "What waits for you")
def home(call: Call, ports: Ports) -> Card:
    return present_home.card(call.person, ports.work)


@command("halt", "Stop every persona and every effect at once", role=Role.MANAGER)
def halt_all(call: Call, ports: Ports, reason: Annotated[str, TEXT] = "") -> Card:
    halt.halt(reason, call.person, ports.work, via=call.via)
    return draw(SYSTEM, ports.work, call.person)


@command("resume", "Let everything go on after /halt", role=Role.MANAGER)
def resume_all(call: Call, ports: Ports) -> Card:
    halt.resume(call.person, ports.work, via=call.via)
    return draw(SYSTEM, ports.work, call.person)


@command("help", "What you can ask; with a command, how it is typed")
def help_(call: Call, ports: Ports, command: Annotated[str, TEXT] = "") -> Card:
    """Only what this person may call, but a command that is named is shown to everybody."""
    words = command.removeprefix("/").lower().split()
    if not words:
        return present_help.overview(c for c in REGISTRY.commands.values() if call.person.role.covers(c.role))
    group = [c for c in REGISTRY.commands.values() if c.group == words[0]]
    if group and len(words) == 1 and words[0] not in REGISTRY.commands:
        return present_help.group(words[0], group)
    return present_help.command(REGISTRY.find_command(words)[0])


@button("system.status")
def look_again(click: Click, ports: Ports) -> Card:
    return present.card(present.look(ports.work))


@button("system.halt", role=Role.MANAGER)
def press_halt(click: Click, ports: Ports) -> Card:
    halt.halt("", click.person, ports.work, via=click.via)
    return draw(SYSTEM, ports.work, click.person)


@button("system.resume", role=Role.MANAGER)
def press_resume(click: Click, ports: Ports) -> Card:
    halt.resume(click.person, ports.work, via=click.via)
    return draw(SYSTEM, ports.work, click.person)
