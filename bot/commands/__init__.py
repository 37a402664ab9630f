"""What can be asked of Troupe: one module for each group of commands. Importing one enters it in the registry."""

from __future__ import annotations

import importlib

GROUPS = (
    "post_new",
    "post",
    "task_new",
    "task",
    "task_decide",
    "task_steer",
    "task_step",
    "alert",
    "persona",
    "persona_accounts",
    "persona_trust",
    "oncall",
    "oncall_rota",
    "oncall_report",
    "oncall_escalation",
    "people",
    "reach",
    "guest",
    "audit",
    "system",
)

ABOUT = {
    "alert": "What failed and is not mended: see it, take it, end it",
    "key": "The API keys of programs: which there are, and their end",
    "oncall": "Who is on call, when, and how it went",
    "people": "The team: who is here, roles, invitations, who is let in from where",
    "persona": "The cast: make, change, connect and pause personas; who decides about their posts",
    "post": "Posts: ask for one, decide about it, schedule it, take it down",
    "reach": "How you are reached outside of chat: e-mail, webhooks, quiet hours",
    "task": "Delegated work: ask a persona for it, follow it, steer it, fetch its files",
}
"""A line for each group of several commands, by what they begin with."""


def load() -> None:
    """Enters every command and button. Asked for once by each process that has a surface."""
    for group in GROUPS:
        importlib.import_module(f"bot.commands.{group}")
