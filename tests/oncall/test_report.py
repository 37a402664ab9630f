"""Afterwards: weeks in figures, the hand-over, and both as people ask for them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.events import Subject
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.report import by_week, since
from agents.oncall.rota import Rota
from bot.cards import Chart
from bot.exports import COLUMNS, alerts_csv
from bot.times import span
from tests.chat import MONDAY, Chat

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
"""A Wednesday."""


def alert(first_at: datetime, severity: Severity = Severity.HIGH, **more: object) -> Alert:
    values = {
        **{"id": f"{first_at:%H%M%S}", "kind": AlertKind.EXTERNAL, "severity": severity, "cause": "c"},
        **{
            "subject": Subject("external", "x"),
            "state": AlertState.OPEN,
            "what": "w",
            "kept": "k",
            "remedy": "r",
        },
        **{"count": 1, "first_at": first_at, "last_at": first_at},
    }
    return Alert(**{**values, **more})  # type: ignore[arg-type]


def taken(first_at: datetime, minutes: int, severity: Severity = Severity.HIGH) -> Alert:
    """Acknowledged after so many minutes, resolved after three times as many."""
    at = timedelta(minutes=minutes)
    return alert(first_at, severity, acknowledged_at=first_at + at, resolved_at=first_at + 3 * at)


def test_weeks_begin_on_monday_where_the_reader_is() -> None:
    sunday_evening = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    alerts = [alert(sunday_evening)]
    london = by_week(alerts, NOW, ZoneInfo("UTC"), 2)
    tokyo = by_week(alerts, NOW, ZoneInfo("Asia/Tokyo"), 2)
    assert [(week.begins, week.alerts) for week in london] == [
        (date(2026, 11, 16), 1),
        (date(2026, 11, 23), 0),
    ]
    assert [week.alerts for week in tokyo] == [0, 1]
    assert since(NOW, ZoneInfo("Asia/Tokyo"), 2) == datetime(2026, 11, 15, 15, 0, tzinfo=UTC)


def test_a_week_in_figures() -> None:
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    alerts = [
        *(taken(monday + timedelta(hours=n), minutes) for n, minutes in enumerate((2, 4, 60))),
        taken(monday, 1, Severity.LOW),
        alert(monday + timedelta(hours=9), Severity.LOW),
        alert(monday, drill=True, acknowledged_at=monday + timedelta(days=1)),
    ]
    (week,) = by_week(alerts, NOW, UTC, 1)
    assert week.counts == {Severity.CRITICAL: 0, Severity.HIGH: 3, Severity.MEDIUM: 0, Severity.LOW: 2}
    assert week.to_acknowledge == timedelta(minutes=3), "the median of 1, 2, 4 and 60"
    assert week.to_resolve == timedelta(minutes=9)


def test_a_week_in_which_nothing_happened_has_no_median() -> None:
    (week,) = by_week([], NOW, UTC, 1)
    assert (week.alerts, week.to_acknowledge, week.to_resolve) == (0, None, None)


def test_a_week_of_summer_time_is_whole() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    saturday = datetime(
        2026, 10, 24, 21, 59, tzinfo=UTC
    )  # 23:59 in summer time; on Sunday clocks are set back
    sunday = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)  # 23:30 in winter time
    first, second = by_week([alert(saturday), alert(sunday)], sunday + timedelta(hours=2), berlin, 2)
    assert (first.alerts, second.alerts) == (2, 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (11100, "3 h 5 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_lengths_in_words(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_the_table_has_the_times() -> None:
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    rows = list(csv.DictReader(io.StringIO(alerts_csv([taken(monday, 5), alert(monday)]))))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["first_at"], rows[0]["acknowledged_at"]) == (
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:05:00Z",
    )
    assert (rows[0]["seconds_to_acknowledge"], rows[0]["seconds_to_resolve"]) == ("300", "900")
    assert (rows[1]["seconds_to_acknowledge"], rows[1]["resolved_at"]) == ("", "")


# --- in chat --------------------------------------------------------------------------------------------------------


def fails(chat: Chat, name: str, severity: Severity, *, drill: bool = False) -> Alert:
    with chat.storage.unit_of_work() as work:
        subject = Subject("external", name)
        return work.raise_alert(
            AlertKind.EXTERNAL,
            subject,
            f"{name} fails",
            kept="All.",
            remedy="Look.",
            severity=severity,
            drill=drill,
        )


def mended(chat: Chat, alert: Alert) -> None:
    with chat.storage.unit_of_work() as work:
        work.resolve_about(alert.subject, "Nagios")


def test_a_report_is_a_picture_and_its_numbers_in_words(chat_anywhere: Chat) -> None:
    chat = chat_anywhere
    disk = fails(chat, "disk", Severity.HIGH)
    chat.later(minutes=12)
    mended(chat, disk)
    fails(chat, "backup", Severity.LOW)
    fails(chat, "practice", Severity.CRITICAL, drill=True)
    chat.later(days=7)
    fails(chat, "network", Severity.CRITICAL)
    said = chat.says("charlie", "/oncall report 2")
    assert said.card.title == "On call: the last 2 weeks"
    charts = {block.title: block for block in said.card.blocks if isinstance(block, Chart)}
    assert charts["Alerts by week"].labels == ("23 Nov", "30 Nov")
    assert dict(charts["Alerts by week"].series) == {"critical": (0, 1), "high": (1, 0), "low": (1, 0)}
    assert dict(charts["Minutes, the median"].series)["until it was resolved"] == (12, 0)
    assert "3 alerts. 1 drill not counted." in said
    assert "Week of 23 Nov: 2 alerts; none taken, resolved after 12 min" in said
    assert [button.url.partition("/alerts.csv")[2] for button in said.card.buttons] == ["?weeks=2"]


def test_a_quiet_week_says_so(chat: Chat) -> None:
    said = chat.says("charlie", "/oncall report 1")
    assert said.card.title == "On call: this week"
    assert "No alert." in said
    assert not [block for block in said.card.blocks if isinstance(block, Chart)]
    assert chat.says("charlie", "/oncall report 99").error.code == "invalid"


def test_a_hand_over_tells_what_is_open_and_what_happened(chat_anywhere: Chat) -> None:
    chat = chat_anywhere
    with chat.storage.unit_of_work() as work:
        bob, mia = work.people.by_name("Bob"), work.people.by_name("Mia")
        nine = MONDAY.replace(tzinfo=None)
        rule = "FREQ=DAILY;INTERVAL=1"
        work.rotas.add(
            Rota("r", "Nights", 1, "UTC", (bob.id, mia.id), nine, rule, MONDAY - timedelta(days=9))
        )
    old = fails(chat, "old", Severity.LOW)
    mended(chat, old)
    chat.later(days=1, minutes=5)  # Bob's day is over, Mia's has begun
    fails(chat, "network", Severity.CRITICAL)
    just_begun = chat.says("mia", "/oncall handover")
    assert "On call: Bob" in just_begun, "what she wants to hear is how the shift before was"
    assert "Alerts: 2" in just_begun
    assert "critical: An alert from outside. network fails (nobody has it, for 0 s)" in just_begun
    assert "low: An alert from outside. old fails (Nagios, after 0 s)" in just_begun
    chat.later(hours=5)
    later = chat.says("mia", "/oncall handover")
    assert "On call: Mia" in later
    assert "Alerts: 1" in later
    assert "old fails" not in later


def test_without_a_rota_a_hand_over_tells_of_the_last_day(chat: Chat) -> None:
    fails(chat, "yesterday", Severity.LOW)
    chat.later(days=2)
    said = chat.says("bob", "/oncall handover")
    assert "Alerts: 0" in said
    assert "yesterday fails" in said, "it is open still"
    assert "On call:" not in said
