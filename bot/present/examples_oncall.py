"""Examples of the cards about rotas. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.oncall.rota import Override, Rota, spells
from bot.cards import Card
from bot.present import oncall
from bot.present.oncall import RotaView

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NAMES = {"alice": "Alice", "bob": "Bob", "dana": "Dana"}
PRIMARY = Rota(
    "primary1",
    "primary",
    1,
    "Europe/Berlin",
    ("alice", "bob", "dana"),
    datetime.fromisoformat("2026-11-02 09:00"),
    "FREQ=WEEKLY;INTERVAL=1",
    NOW - timedelta(days=30),
)
NIGHT = replace(
    PRIMARY,
    id="night1",
    name="night",
    layer=2,
    people=("dana",),
    rule="FREQ=DAILY;INTERVAL=1;BYHOUR=9,21;BYMINUTE=0",
)
TAKEN = (
    Override(
        "o1", PRIMARY.id, "bob", NOW - timedelta(hours=2), NOW + timedelta(hours=5), "person", "bob", NOW
    ),
    Override(
        "o2", PRIMARY.id, "alice", NOW + timedelta(days=4), NOW + timedelta(days=5), "holidays", "alice", NOW
    ),
)


def view(rota: Rota, taken: tuple[Override, ...] = (), many: int = 3) -> RotaView:
    return RotaView(rota, spells(rota, taken, NOW, many), taken, NAMES, NOW)


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    return {
        "Rotas": (
            oncall.card(view(PRIMARY)),
            oncall.card(view(PRIMARY, TAKEN)),
            oncall.card(view(NIGHT)),
            oncall.leaving(view(PRIMARY)),
        ),
        "On call": (
            oncall.who([view(PRIMARY, TAKEN), view(NIGHT)], BERLIN),
            oncall.following([view(PRIMARY, TAKEN, oncall.NEXT), view(NIGHT)], BERLIN),
            oncall.nobody(),
            oncall.exported(PRIMARY, "https://troupe.example.com/oncall/primary.ics"),
            oncall.importing(PRIMARY, "https://troupe.example.com"),
        ),
    }
