"""What can be asked of Troupe: one module for each group of commands. Importing one enters it in the registry."""

from __future__ import annotations

import importlib

GROUPS = (
    "post",
    "alert",
    "persona",
    "persona_accounts",
    "persona_trust",
    "people",
    "guest",
    "audit",
    "system",
)


def load() -> None:
    """Enters every command and button. Asked for once by each process that has a surface."""
    for group in GROUPS:
        importlib.import_module(f"bot.commands.{group}")
