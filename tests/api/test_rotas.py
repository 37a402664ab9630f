"""A calendar file becomes the shifts of a rota, by a program."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.oncall import shifts
from agents.oncall.rota import on_call
from agents.people import Role
from tests.api.team import Team

FILE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART;VALUE=DATE:20200101\r\nDURATION:P1D\r\nRRULE:FREQ=DAILY\r\nSUMMARY:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
TYPE = {"Content-Type": "text/calendar"}


@pytest.fixture
def rota(team: Team) -> str:
    """Bob alone, in layer 1."""
    bob = team.people["bob"]
    draft = shifts.Draft(
        "primary", (bob.id,), "FREQ=DAILY", datetime.fromisoformat("2026-01-01 09:00"), "UTC"
    )
    with team.troupe.storage.unit_of_work() as work:
        return shifts.make(draft, bob, work).id


def now_on(team: Team) -> str:
    with team.troupe.storage.reading() as work:
        shift = on_call(work.rotas.all(), work.rotas.overrides(work.now), datetime.now(UTC))[1]
        return work.people.get(shift.person_id).name


def test_a_file_is_put_and_put_again(team: Team, rota: str) -> None:
    client = team.client("bob", Role.MANAGER, "calendars")
    assert now_on(team) == "Bob"
    answer = client.put("/api/rotas/primary/calendars/holidays", content=FILE.format("Charlie"), headers=TYPE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rota"] == "primary" and 365 <= answer.json()["shifts"] <= 368
    assert now_on(team) == "Charlie"
    client.put("/api/rotas/primary/calendars/holidays", content=FILE.format("Alice"), headers=TYPE)
    assert now_on(team) == "Alice"
    with team.troupe.storage.reading() as work:
        assert {one.person_id for one in work.rotas.overrides(work.now, rota)} == {team.people["alice"].id}
        assert work.events.latest(limit=1)[0].event.actor.via == "calendars"


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "words"),
    [
        ("primary/calendars/x", FILE.format("Zed"), "text/calendar", 422, "“Zed”"),
        ("primary/calendars/x", "hello", "text/calendar", 422, "no iCalendar"),
        ("primary/calendars/person", FILE.format("Alice"), "text/calendar", 422, "cannot be called"),
        ("primry/calendars/x", FILE.format("Alice"), "text/calendar", 404, "Did you mean primary?"),
        ("primary/calendars/x", "{}", "application/json", 415, "text/calendar"),
        ("primary/calendars/x", "x" * 1_000_001, "text/calendar", 413, "too large"),
    ],
)
def test_what_cannot_be_taken_is_refused_whole(
    team: Team, rota: str, path: str, body: str, kind: str, status: int, words: str
) -> None:
    answer = team.client().put(f"/api/rotas/{path}", content=body, headers={"Content-Type": kind})
    error = answer.json()["error"]
    assert (answer.status_code, words in f"{error['message']} {error['remedy']}") == (status, True), (
        answer.text
    )
    assert now_on(team) == "Bob"


def test_an_editor_imports_nothing(team: Team, rota: str) -> None:
    client = team.client("charlie", Role.EDITOR)
    answer = client.put("/api/rotas/primary/calendars/x", content=FILE.format("Alice"), headers=TYPE)
    assert answer.status_code == 403
    assert now_on(team) == "Bob"
