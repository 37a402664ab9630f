"""A path as a persona writes it."""

from __future__ import annotations

import unicodedata

from agents.tasks.tools import ToolFailed
from integrations.sandbox.cell import WORK

NAME_LIMIT, DEEP = 255, 32
"""Bytes of one name (what file systems take); folders within each other."""
ONLY = "Paths are counted from the workspace, like src/main.py."


def parts_of(path: str) -> tuple[str, ...]:
    """Its names, () for the workspace itself. Raises ToolFailed for whatever does not simply lead down.

    What the terminal shows (/work/src) is understood, too.
    """
    given = path.strip()
    if given == WORK or given.startswith(f"{WORK}/"):
        given = given[len(WORK) :].lstrip("/")
    if given.startswith(("/", "~")):
        raise ToolFailed(f"{path!r} is not in the workspace.", remedy=ONLY)
    parts = tuple(part for part in given.split("/") if part not in ("", "."))
    if ".." in parts:
        raise ToolFailed(f"{path!r} leads out of a folder.", remedy=ONLY)
    for part in parts:
        _check(part)
    if len(parts) > DEEP:
        raise ToolFailed(f"{path!r} is {len(parts)} folders deep, {DEEP} is the most.")
    return parts


def _check(name: str) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise ToolFailed(
            f"{name!r} has characters that no file name should have.",
            remedy="Take letters, digits, - _ and dots.",
        )
    if len(name.encode()) > NAME_LIMIT:
        raise ToolFailed(f"A name has {len(name.encode())} bytes, {NAME_LIMIT} is the most.")
