"""At a hand-over it is said who goes, who comes and what is open: once, in the alerts channel and to both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agents.jobs import JobName
from agents.oncall import shifts
from agents.oncall.kinds import Severity
from agents.oncall.rota import Override, Rota
from tests.oncall.ward import Ward


def owed(ward: Ward) -> Rota:
    """The first layer's rota, which changes every Sunday at nine, and its timer."""
    with ward.storage.unit_of_work() as work:
        rota = work.rotas.by_name("first")
        work.owe(JobName.HAND_OVER, rota.subject)
    ward.work_off()
    return rota


def said(ward: Ward) -> list[str]:
    """In the alerts channel."""
    with ward.looking() as work:
        channel = next(c for c in work.channels.of_team() if c.name == "alerts")
        return [m.text for m in work.messages.in_channel(channel.id, "") if m.text]


def test_it_is_said_in_the_channel_and_to_both_with_what_is_open(ward: Ward) -> None:
    owed(ward)
    alert = ward.raises(Severity.HIGH)
    ward.work_off()
    ward.acknowledges("Nora", alert)
    ward.until(datetime(2026, 11, 22, 9, 1, tzinfo=UTC))
    [text] = said(ward)
    assert text.splitlines() == [
        "Ben is on call now (first), until Sunday 29 November, 09:00 UTC. Thank you, Nora.",
        "1 alert not resolved:",
        f"• high, Nora has it (alert {alert.id}): The feed is silent.",
    ]
    assert ward.heard("Nora")[-1] == text
    assert ward.heard("Ben") == [text]
    assert ward.heard("Cleo") == []


def test_once_for_each_hand_over_through_restarts(ward: Ward) -> None:
    owed(ward)
    for day in (22, 29):
        ward.until(datetime(2026, 11, day, 8, 59, tzinfo=UTC))
        ward.restart()
        ward.until(datetime(2026, 11, day, 9, 0, 1, tzinfo=UTC))
        ward.restart()
        ward.work_off()
    ward.until(datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    assert [text.split(" is on call")[0] for text in said(ward)] == ["Ben", "Nora"]


def test_owed_twice_it_is_said_once(ward: Ward) -> None:
    rota = owed(ward)
    with ward.storage.unit_of_work() as work:
        for _ in range(3):
            work.owe(JobName.HAND_OVER, rota.subject, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    ward.until(datetime(2026, 11, 22, 9, 5, tzinfo=UTC))
    assert len(said(ward)) == 1


def test_down_for_weeks_only_the_one_that_holds_is_said(ward: Ward) -> None:
    owed(ward)
    ward.restart()
    ward.now.moment = datetime(2026, 12, 7, 12, 0, tzinfo=UTC)
    ward.work_off()
    assert [text.split(" is on call")[0] for text in said(ward)] == ["Ben"]


def test_who_takes_a_shift_takes_it_over_and_gives_it_back(ward: Ward) -> None:
    rota = owed(ward)
    begins = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    with ward.storage.unit_of_work() as work:
        ends = begins + timedelta(hours=12)
        made = Override(
            work.new_id(), rota.id, ward.people["Cleo"].id, begins, ends, shifts.BY_HAND, "x", work.now
        )
        work.rotas.take_over(work.rotas.get(rota.id), [made])
        work.jobs.forget(rota.subject, JobName.HAND_OVER)
        work.owe(JobName.HAND_OVER, rota.subject)
    ward.until(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    assert [text.split(" is on call")[0] for text in said(ward)] == ["Ben", "Cleo", "Ben"]


def test_a_rota_that_is_gone_hands_nothing_over(ward: Ward) -> None:
    rota = owed(ward)
    with ward.storage.unit_of_work() as work:
        work.rotas.remove(work.rotas.get(rota.id))
    ward.until(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    assert said(ward) == []
    with ward.looking() as work:
        assert work.alerts.unresolved() == []
