"""A night on call: who is asked when, through restarts, silence, quiet hours and a chat that is down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.oncall import care
from agents.oncall.alert import AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.page import PageState
from agents.people import Role
from tests.oncall.ward import Ward


def test_from_the_first_card_to_the_owner_through_restarts(ward: Ward) -> None:
    ward.until("01:00")
    alert = ward.raises(Severity.CRITICAL)
    ward.restart()  # what the commit rang is lost with it
    ward.until("01:03")
    ward.restart()
    ward.until("01:14")
    ward.restart()
    ward.until("01:29")
    assert ward.asked(alert) == [
        ("01:00", "Nora", "chat"),
        ("01:05", "Cleo", "chat"),
        ("01:05", "Nora", "chat"),
        ("01:15", "Mia", "chat"),
    ]
    ward.restart()
    ward.until("09:00")
    assert ward.asked(alert)[4:] == [("01:30", "Olga", "chat")]
    assert {page.state for page in ward.pages(alert)} == {PageState.SENT}
    assert ward.heard("Mia") == ["alert"]
    assert ward.heard("Nora") == [
        "alert",
        "Nobody has this alert yet: The feed is silent. Its card is above.",
    ]


def test_acknowledged_nobody_else_is_asked(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.later(minutes=4)
    ward.acknowledges("Nora", alert)
    ward.later(minutes=55)
    assert ward.asked(alert) == [("22:00", "Nora", "chat")]


def test_all_was_down_and_comes_up_late(ward: Ward) -> None:
    """Each is asked once, though Nora is meant by two steps that are overdue."""
    alert = ward.raises(Severity.CRITICAL)
    ward.restart()
    ward.now.forward(timedelta(minutes=16))
    ward.work_off()
    assert sorted(ward.asked(alert)) == [
        ("22:16", "Cleo", "chat"),
        ("22:16", "Mia", "chat"),
        ("22:16", "Nora", "chat"),
    ]
    ward.until("22:31")
    assert ward.asked(alert)[3:] == [("22:30", "Olga", "chat")]


def test_mild_ones_ask_nobody_and_medium_ones_once(ward: Ward) -> None:
    low, medium = ward.raises(Severity.LOW, subject="a"), ward.raises(Severity.MEDIUM, subject="b")
    ward.later(days=1)
    assert ward.asked(low) == []
    assert ward.asked(medium) == [("22:00", "Nora", "chat")]


def test_silent_it_waits_for_the_end_of_the_silence_and_a_whole_gap_more(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:03")
    ward.silences("Nora", alert, timedelta(hours=1))
    ward.until("23:02")
    assert ward.asked(alert) == [("22:00", "Nora", "chat")]
    ward.until("23:30")
    assert ward.asked(alert)[1:] == [
        ("23:08", "Cleo", "chat"),
        ("23:08", "Nora", "chat"),
        ("23:18", "Mia", "chat"),
    ]


def test_a_silence_that_is_ended_early_counts_no_more(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:03")
    ward.silences("Nora", alert, timedelta(hours=1))
    ward.until("22:06")
    ward.silences("Nora", alert, None)
    ward.until("22:07")
    assert ward.asked(alert)[1:] == [("22:06", "Cleo", "chat"), ("22:06", "Nora", "chat")]


def test_a_silence_that_is_made_shorter_ends_then(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:03")
    ward.silences("Nora", alert, timedelta(hours=1))
    ward.until("22:05")
    ward.silences("Nora", alert, timedelta(minutes=3))
    ward.until("22:14")
    assert ward.asked(alert)[1:] == [("22:13", "Cleo", "chat"), ("22:13", "Nora", "chat")]


def test_whose_quiet_hours_are_on_is_asked_when_they_end(ward: Ward) -> None:
    ward.quiet("Nora", "22:00-07:00", "Europe/Berlin")
    alert = ward.raises(Severity.HIGH)
    ward.until("05:00")
    assert ward.asked(alert) == [("22:15", "Cleo", "chat"), ("23:00", "Mia", "chat")]
    ward.restart()
    ward.until("09:00")
    assert ward.asked(alert)[2:] == [("06:00", "Nora", "chat")]


@pytest.mark.parametrize(
    ("night", "ends"),
    [
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "05:00"),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), "06:00"),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), "05:00"),
    ],
    ids=["clocks go forward", "clocks go back", "summer"],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(ward: Ward, night: datetime, ends: str) -> None:
    """At seven in Berlin, whatever the clocks did in the night."""
    ward.now.moment = night
    ward.quiet("Nora", "22:00-07:00", "Europe/Berlin")
    alert = ward.raises(Severity.MEDIUM)
    ward.later(hours=12)
    assert ward.asked(alert) == [(ends, "Nora", "chat")]


def test_critical_ones_ask_at_night_too(ward: Ward) -> None:
    ward.quiet("Nora", "21:00-07:00")
    alert = ward.raises(Severity.CRITICAL)
    ward.work_off()
    assert ward.asked(alert) == [("22:00", "Nora", "chat")]


def test_held_it_is_dropped_when_somebody_else_has_it(ward: Ward) -> None:
    ward.quiet("Nora", "21:00-07:00")
    alert = ward.raises(Severity.HIGH)
    ward.until("22:20")
    ward.acknowledges("Cleo", alert)
    ward.until("07:30")
    assert "Nora" not in [name for _, name, _ in ward.asked(alert)]
    held = [page for page in ward.pages(alert) if page.person_id == ward.people["Nora"].id]
    assert [page.state for page in held] == [PageState.DROPPED]
    assert ward.heard("Nora") == []


def test_chat_is_down_so_every_contact_is_used_after_a_minute(ward: Ward) -> None:
    ward.contact("Nora", "nora@example.com", Severity.CRITICAL)
    ward.slack_is_up = False
    alert = ward.raises(Severity.HIGH)
    ward.later(seconds=59)
    assert ward.letters == []
    ward.later(seconds=2)
    assert [letter.address for letter in ward.letters] == ["nora@example.com"]
    ward.restart()
    ward.later(minutes=10)
    assert len(ward.letters) == 1
    states = {page.way: page.state for page in ward.pages(alert)}
    assert states == {"chat": PageState.FAILED, "email": PageState.SENT}


def test_who_cannot_be_reached_at_all_is_an_alert_until_chat_works_again(ward: Ward) -> None:
    ward.slack_is_up = False
    alert = ward.raises(Severity.MEDIUM)
    ward.raises(Severity.MEDIUM, subject="another")
    ward.until("22:05")
    with ward.looking() as work:
        [failed] = work.alerts.open_about(ward.people["Nora"].subject)
    assert (failed.kind, failed.count) == (AlertKind.PAGE_FAILED, 2)
    ward.until("22:20")
    assert ("22:16", "Cleo", "chat") in ward.asked(failed), "somebody else is asked in her place"
    with ward.looking() as work:
        assert {one.kind for one in work.alerts.unresolved()} == {AlertKind.EXTERNAL, AlertKind.PAGE_FAILED}
    ward.slack_is_up = True
    ward.resolves("Mia", alert)
    ward.later(minutes=1)
    ward.raises(Severity.CRITICAL, subject="a third")
    ward.later(minutes=2)
    assert ward.alert(failed).state is AlertState.RESOLVED


def test_chat_works_and_only_what_is_bad_enough_goes_to_an_address(ward: Ward) -> None:
    ward.contact("Nora", "worst@example.com", Severity.CRITICAL)
    ward.contact("Nora", "any@example.com", Severity.MEDIUM)
    ward.raises(Severity.HIGH)
    ward.later(minutes=5)
    assert [letter.address for letter in ward.letters] == ["any@example.com"]


def test_a_card_that_stands_already_proves_nothing_about_the_next_page(ward: Ward) -> None:
    ward.contact("Nora", "nora@example.com", Severity.LOW)
    ward.contact("Cleo", "cleo@example.com", Severity.LOW)
    alert = ward.raises(Severity.CRITICAL)
    ward.later(minutes=2)
    ward.slack_is_up = False
    ward.until("22:07")
    failed = [(p.level, p.state) for p in ward.pages(alert) if p.way == "chat"]
    assert failed == [(1, PageState.SENT), (2, PageState.FAILED), (2, PageState.FAILED)]


def test_who_is_in_no_chat_is_reached_at_once(ward: Ward) -> None:
    with ward.storage.unit_of_work() as work:
        dora = ward.people["Dora"] = work.people.add("Dora", Role.EDITOR, work.now)
    ward.contact("Dora", "dora@example.com", Severity.CRITICAL)
    alert = ward.raises(Severity.HIGH)
    ward.does(lambda work: care.reassign(alert.id, dora, ward.people["Mia"], work))
    ward.work_off()
    assert [letter.address for letter in ward.letters] == ["dora@example.com"]
    assert ("22:00", "Dora", "console") in ward.asked(alert)


def test_whoever_it_is_reassigned_to_is_asked_first(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:06")
    ward.does(lambda work: care.reassign(alert.id, ward.people["Ben"], ward.people["Mia"], work))
    ward.until("22:12")
    assert ward.asked(alert)[3:] == [
        ("22:06", "Ben", "chat"),
        ("22:11", "Ben", "chat"),
        ("22:11", "Cleo", "chat"),
    ]


def test_escalated_by_hand_the_next_are_asked_at_once_and_the_others_in_turn(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:01")
    ward.does(lambda work: care.escalate_now(alert.id, ward.people["Nora"], work))
    ward.until("22:20")
    assert ward.asked(alert)[1:] == [
        ("22:01", "Cleo", "chat"),
        ("22:01", "Nora", "chat"),
        ("22:11", "Mia", "chat"),
    ]


def test_reminded_twice_and_then_it_is_open_again(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:04")
    ward.acknowledges("Nora", alert)
    ward.until("23:03")
    assert len(ward.heard("Nora")) == 1
    ward.until("23:05")
    ward.restart()
    ward.until("01:03")
    reminders = [line for line in ward.heard("Nora") if line.startswith("You acknowledged this")]
    assert len(reminders) == 2
    assert reminders[1].endswith("If nothing happens, others are asked next time.")
    assert ward.alert(alert).state is AlertState.ACKNOWLEDGED
    ward.until("01:20")
    assert ward.alert(alert).state is AlertState.OPEN
    assert ward.asked(alert)[3:] == [
        ("01:04", "Nora", "chat"),
        ("01:09", "Cleo", "chat"),
        ("01:09", "Nora", "chat"),
        ("01:19", "Mia", "chat"),
    ]


def test_who_says_that_they_are_at_it_is_reminded_later(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.work_off()
    ward.acknowledges("Nora", alert)
    ward.until("22:50")
    ward.acknowledges("Nora", alert)
    ward.until("23:49")
    assert ward.heard("Nora") == ["alert"]
    ward.until("23:51")
    assert ward.heard("Nora")[1:] == ["You acknowledged this, and it is not resolved: The feed is silent."]


def test_a_reminder_waits_for_the_end_of_quiet_hours(ward: Ward) -> None:
    ward.quiet("Nora", "23:00-07:00")
    alert = ward.raises(Severity.HIGH)
    ward.work_off()
    ward.acknowledges("Nora", alert)
    ward.until("06:50")
    assert ward.heard("Nora") == ["alert"]
    ward.until("07:01")
    assert len(ward.heard("Nora")) == 2


def test_what_flaps_does_not_ask_again_for_half_an_hour(ward: Ward) -> None:
    alert = ward.raises(Severity.HIGH)
    ward.until("22:05")
    ward.resolves("Nora", alert)
    ward.until("22:08")
    assert ward.raises(Severity.HIGH).id == alert.id
    ward.until("22:29")
    assert ward.asked(alert) == [("22:00", "Nora", "chat")]
    ward.until("22:50")
    assert ward.asked(alert)[1:] == [("22:30", "Nora", "chat"), ("22:45", "Cleo", "chat")]


def test_what_flaps_and_is_critical_asks_again_at_once(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:02")
    ward.resolves("Nora", alert)
    ward.until("22:03")
    ward.raises(Severity.CRITICAL)
    ward.until("22:04")
    assert ward.asked(alert) == [("22:00", "Nora", "chat"), ("22:03", "Nora", "chat")]


def test_what_was_asked_before_it_flapped_is_not_followed_up(ward: Ward) -> None:
    ward.contact("Nora", "nora@example.com", Severity.CRITICAL)
    ward.slack_is_up = False
    alert = ward.raises(Severity.HIGH)
    ward.work_off()
    ward.resolves("Nora", alert)
    ward.raises(Severity.HIGH)
    ward.until("22:40")
    first = ward.pages(alert)[0]
    assert (first.round, first.way, first.state) == (0, "chat", PageState.DROPPED)
    assert [(letter.round, letter.level) for letter in ward.letters] == [(1, 1)]


def test_counted_up_a_hundred_times_it_asks_once(ward: Ward) -> None:
    alert = ward.raises(Severity.CRITICAL)
    for _ in range(100):
        ward.raises(Severity.CRITICAL)
    ward.until("22:04")
    assert ward.alert(alert).count == 101
    assert ward.asked(alert) == [("22:00", "Nora", "chat")]


def test_without_a_rota_managers_are_asked_and_without_managers_owners(ward: Ward) -> None:
    with ward.storage.unit_of_work() as work:
        for rota in work.rotas.all():
            work.rotas.remove(rota)
    first = ward.raises(Severity.MEDIUM, subject="a")
    ward.work_off()
    assert ward.asked(first) == [("22:00", "Mia", "chat")]
    with ward.storage.unit_of_work() as work:
        work.people.change(work.people.get(ward.people["Mia"].id), removed_at=work.now)
    second = ward.raises(Severity.MEDIUM, subject="b")
    ward.work_off()
    assert ward.asked(second) == [("22:00", "Olga", "chat")]
