"""What `./troupe doctor` looks at: areas, each a module of checks; a check is a function that answers findings.

A new check is a function in its area's `CHECKS`; a new area is a line here and a module.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding, State, fail, warn
from bot.doctor.patient import NotThere, Patient

if TYPE_CHECKING:
    from bot.wiring import Troupe

Check = Callable[[Patient], Iterable[Finding]]

AREAS = {
    "machine": "Python, what is installed, disk, time zones",
    "home": "the folder of everything that is kept, and its key",
    "database": "whether it answers, its version, how it writes",
    "redis": "whether it answers, its version",
    "processes": "web, worker, writer, clock, slack; what is overdue",
    "console": "whether the console answers at its address",
    "models": "the model providers, moderation: really asked",
    "accounts": "the accounts of personas: really asked",
    "mail": "the mail server, by which people on call are reached: really asked",
    "github": "GitHub, as far as personas work there: really asked",
    "sandbox": "what commands of personas run in: really tried",
    "clocks": "whether this machine's clock is right",
    "slack": "Slack: tokens, scopes, channels, its clock; really asked",
    "discord": "Discord",
}
"""By name, with what each looks at."""


def examine(troupe: Troupe, areas: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    """Area and finding, in order. Areas are looked at side by side: some wait for the network."""
    chosen, patient = list(areas), Patient(troupe)
    with ThreadPoolExecutor(len(chosen) or 1) as pool:
        for area, findings in zip(chosen, pool.map(lambda area: _look(area, patient), chosen), strict=True):
            for finding in findings:
                yield area, finding


def worst(states: Iterable[State]) -> State:
    found = set(states)
    return State.FAIL if State.FAIL in found else State.WARN if State.WARN in found else State.OK


def _look(area: str, patient: Patient) -> list[Finding]:
    found: list[Finding] = []
    checks: tuple[Check, ...] = importlib.import_module(f"bot.doctor.{area}").CHECKS
    for check in checks:
        name = check.__name__.replace("_", " ")
        try:
            found += check(patient)
        except NotThere as missing:
            found.append(
                warn(name, f"Not looked at: {missing}.", "./troupe doctor database says what to do.")
            )
        except Exception as error:  # a doctor that falls ill himself helps nobody
            remedy = "This is a fault of the check; the rest still holds. Please report it."
            found.append(fail(name, f"The check itself failed: {type(error).__name__}: {error}", remedy))
    return found
