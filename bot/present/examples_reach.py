"""Examples of the cards about how somebody is reached. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from agents.oncall.kinds import Severity
from agents.oncall.quiet import Quiet
from agents.oncall.reach import Contact
from agents.people import Person, Role
from bot.cards import Card
from bot.present import reach

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
ALICE = Person("alice", "Alice", Role.OWNER, "Europe/Berlin")
MAIL = Contact("c1", ALICE.id, "email", "alice@example.com", Severity.HIGH, NOW, NOW)
HOOK = Contact("c2", ALICE.id, "webhook", "https://hooks.example.com/t/secret", Severity.CRITICAL, NOW, NOW)
UNSURE = Contact("c3", ALICE.id, "email", "phone@example.net", Severity.CRITICAL, NOW)


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    return {
        "How somebody is reached": (
            reach.card(ALICE, (MAIL, HOOK, UNSURE), Quiet.parse("22:00-07:00")),
            reach.card(ALICE, (), None),
            reach.waiting(UNSURE),
            reach.added(MAIL),
            reach.webhook(HOOK, "whsec_an-example-that-signs-nothing"),
            reach.tested((MAIL, HOOK), ALICE),
        ),
    }
