"""What a persona may be permitted to use."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """What a persona is permitted, by the team's word; each tool belongs to one."""

    PLAN = "plan"
    """Plan, ticks, checks, criteria, questions: everybody has it."""
    FILES = "files"
    TERMINAL = "terminal"
    PYTHON = "python"
    WEB = "web"
    GITHUB = "github"
    REPORT = "report"
    EMAIL = "email"
    NOTES = "notes"
    PEOPLE = "people"
    """Asking another persona, and handing on a part."""


UNASKED = (
    Family.PLAN,
    Family.FILES,
    Family.TERMINAL,
    Family.PYTHON,
    Family.WEB,
    Family.REPORT,
    Family.NOTES,
    Family.PEOPLE,
)
"""What a persona has unless its profile says otherwise: everything but what speaks in the team's name elsewhere."""
