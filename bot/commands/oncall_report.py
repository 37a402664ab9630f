"""/oncall report and /oncall handover: how it was, and what whoever comes should know."""

from __future__ import annotations

from typing import Annotated

from bot.calls import Call
from bot.cards import Card
from bot.kinds import INT
from bot.ports import Ports
from bot.present import oncall_report as present
from bot.registry import command

WEEKS = 12
"""More bars than these are no picture on a telephone; the table goes back further."""


@command("oncall report", "Alerts by week and severity, and how long they waited")
def report(call: Call, ports: Ports, weeks: Annotated[int, INT(1, WEEKS, "number of weeks")] = 4) -> Card:
    return present.report(weeks, call.person.zone, ports.public_url, ports.work)


@command("oncall handover", "What is open, and what happened in the last shift")
def hand_over(call: Call, ports: Ports) -> Card:
    return present.hand_over(present.look(ports.work))
