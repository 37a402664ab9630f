"""The address of a rota's calendar: for who is signed in, and for calendar programs with a key that can do nothing else."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar

from agents.oncall import shifts
from agents.people import Role
from tests.web.console import Console


def test_a_calendar_program_reads_it_with_a_viewers_key(console: Console) -> None:
    alice = console.person("Alice")
    draft = shifts.Draft(
        "primary", (alice.id,), "FREQ=DAILY", datetime.fromisoformat("2026-01-01 09:00"), "Europe/Berlin"
    )
    with console.troupe.storage.unit_of_work() as work:
        shifts.make(draft, alice, work)
        key = work.access.new_key("calendar", alice.id, Role.VIEWER, work.now)
        strong = work.access.new_key("robot", alice.id, Role.OWNER, work.now)
    with console.browser() as program:
        answer = program.get(f"/oncall/primary.ics?key={key}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.headers["cache-control"] == "private, no-store"
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        assert 90 <= len(events) <= 92
        assert {str(event["SUMMARY"]) for event in events} == {"Alice on call: primary"}
        assert program.get("/oncall/primary.ics").status_code == 401
        assert program.get("/oncall/primary.ics?key=troupe_never-made").status_code == 401
        refused = program.get(f"/oncall/primary.ics?key={strong}")
        assert refused.status_code == 403 and "role viewer" in refused.text
        assert program.get(f"/oncall/secondary.ics?key={key}").status_code == 404
    with console.browser("Alice") as browser:
        assert browser.get("/oncall/primary.ics").content.startswith(b"BEGIN:VCALENDAR")
