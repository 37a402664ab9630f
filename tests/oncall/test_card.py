"""What people see of an alert, and what they can press: told in the team's chat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.events import Subject
from agents.jobs import JobName
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.writing.post import State, Variant
from storage.unit_of_work import UnitOfWork
from tests.chat import Chat
from tests.storage import cast

WORKER = Subject("process", "worker-1")


def raised(
    chat: Chat, kind: AlertKind = AlertKind.PROCESS_DOWN, about: Subject = WORKER, **more: object
) -> Alert:
    with chat.storage.unit_of_work() as work:
        return work.raise_alert(
            kind,
            about,
            "A worker has stopped.",
            kept="All.",
            remedy="Start it.",
            **more,  # type: ignore[arg-type]
        )


def now(chat: Chat, alert: Alert) -> Alert:
    with chat.storage.reading() as work:
        return work.alerts.get(alert.id)


def posts(chat: Chat, state: State, how_many: int) -> list[Variant]:
    with chat.storage.unit_of_work() as work:
        return [_approved(work, state, f"text {n}") for n in range(how_many)]


def _approved(work: UnitOfWork, state: State, text: str) -> Variant:
    made = cast.variant(work, text, state)
    approval = cast.approval(work, made)
    return work.posts.swap(made, "link it", approval_id=approval.id)


def pages_owed(chat: Chat, alert: Alert) -> int:
    jobs = [owed.job for committed in chat.bell.rung for owed in committed.owed]
    return sum(job.name is JobName.PAGE and job.subject == alert.about for job in jobs)


def test_a_card_says_what_was_not_lost_and_what_is_behind_it(chat: Chat) -> None:
    shown = chat.sees("bob", raised(chat).about)
    for words in (
        "A part of Troupe has stopped [open]",
        "All.",
        "Start it.",
        "Severity: critical",
        "Likely cause: It was killed",
    ):
        assert words in shown
    assert shown.labels[:3] == ["Status", "Acknowledge", "Resolve"]
    assert shown.labels[-2:] == ["Details", "Runbook"]


def test_it_is_taken_once(chat: Chat) -> None:
    alert = raised(chat)
    shown = chat.sees("bob", alert.about)
    assert "Acknowledged by: Bob" in chat.presses("bob", "Acknowledge", on=shown)
    refused = chat.presses("mia", "Acknowledge", on=shown)
    assert "Bob has this alert already." in refused
    assert "Reassign…" in refused
    first = now(chat, alert).acknowledged_at
    chat.presses("bob", "Acknowledge", on=shown)
    assert now(chat, alert).acknowledged_at != first, "Bob says that he is still at it"
    assert chat.presses("charlie", "Acknowledge", on=shown).error.code == "forbidden"


def test_resolving_by_hand_mends_everything(chat: Chat) -> None:
    group = Subject("account", "a")
    alerts = [
        raised(chat, AlertKind.PUBLISH_UNKNOWN, Subject("post", f"p{n}"), group=group) for n in range(3)
    ]
    assert {alert.id for alert in alerts} == {alerts[0].id}
    shown = chat.sees("bob", alerts[0].about)
    resolved = chat.presses("bob", "Resolve", on=shown)
    assert "[resolved]" in resolved
    assert "Resolved by: Bob" in resolved
    assert resolved.labels == ["Details", "Runbook"]
    with chat.storage.reading() as work:
        assert work.alerts.suffering(alerts[0].id) == 0
    assert chat.presses("mia", "Resolve", on=shown).error.code == "conflict"
    assert chat.presses("mia", "Escalate", on=shown).error.code == "conflict"


@pytest.mark.parametrize(("label", "hours"), [("Silence for 1 h", 1), ("Silence for 8 h", 8)])
def test_it_is_silenced_and_let_speak_again(chat: Chat, label: str, hours: int) -> None:
    alert = raised(chat)
    silent = chat.presses("bob", label, on=chat.sees("bob", alert.about))
    assert "[silenced]" in silent
    until = now(chat, alert).silenced_until
    assert until is not None
    assert abs(until - chat.now() - timedelta(hours=hours)) < timedelta(seconds=1)
    chat.bell.rung.clear()
    assert "[open]" in chat.presses("bob", "End the silence", on=silent)
    assert pages_owed(chat, alert) == 1, "whoever was not asked meanwhile is asked now"
    chat.presses("bob", label, on=chat.sees("bob", alert.about))
    chat.later(hours=hours, seconds=1)
    assert "[open]" in chat.sees("bob", alert.about)


def test_it_is_silenced_until_a_time(chat: Chat) -> None:
    alert = raised(chat)
    form = chat.presses("bob", "Silence until…", on=chat.sees("bob", alert.about))
    assert "Silent until" in chat.fills("bob", form, until="tomorrow 9:00")
    assert "14 days at most" in chat.fills("bob", form, until="in 3 weeks 9:00").wrong["until"]
    assert chat.acts("bob", f"alert.silence_for:{alert.id}:99").error.code == "invalid"


def test_it_is_given_to_somebody_who_is_asked_first(chat: Chat) -> None:
    alert = raised(chat)
    chat.presses("bob", "Acknowledge", on=chat.sees("bob", alert.about))
    chat.bell.rung.clear()
    form = chat.presses("bob", "Reassign…", on=chat.sees("bob", alert.about))
    assert "Charlie (viewer)" not in [option.label for option in form.form.fields[0].options]
    given = chat.fills("bob", form, to=chat.people["mia"].id)
    assert "Given to: Mia" in given
    after = now(chat, alert)
    assert (after.state, after.assigned_to, after.level) == (AlertState.OPEN, chat.people["mia"].id, 0)
    assert pages_owed(chat, alert) == 1
    with chat.storage.unit_of_work() as work:
        own = work.channels.direct(chat.people["mia"].id, work.now)
        assert alert.about in [m.card for m in work.messages.in_channel(own.id, "")], "Mia is told"
    refused = chat.fills("bob", form, to=chat.people["charlie"].id)
    assert "Charlie could not deal with it" in refused.wrong["to"]


def test_escalating_asks_the_next_at_once(chat: Chat) -> None:
    alert = raised(chat)
    chat.presses("bob", "Acknowledge", on=chat.sees("bob", alert.about))
    chat.presses("bob", "Silence for 8 h", on=chat.sees("bob", alert.about))
    chat.bell.rung.clear()
    assert "[open]" in chat.presses("bob", "Escalate", on=chat.sees("bob", alert.about))
    assert pages_owed(chat, alert) == 1
    after = now(chat, alert)
    assert (after.severity, after.level, after.silenced_until) == (Severity.CRITICAL, 0, None)


def test_escalating_what_is_mild_makes_it_worse(chat: Chat) -> None:
    """Nobody would ever be asked about it otherwise."""
    alert = raised(chat, AlertKind.APPROVAL_EXPIRED)
    chat.bell.rung.clear()
    chat.presses("bob", "Escalate", on=chat.sees("bob", alert.about))
    assert now(chat, alert).severity is Severity.MEDIUM
    assert pages_owed(chat, alert) == 1


def test_it_came_back(chat: Chat) -> None:
    for times in ("1 time", "2 times, so it is not mended for good"):
        alert = raised(chat)
        chat.presses("bob", "Resolve", on=chat.sees("bob", alert.about))
        alert = raised(chat)
        assert f"Came back: {times}" in chat.sees("bob", alert.about)


def test_a_drill_cannot_be_overlooked(chat: Chat) -> None:
    shown = chat.sees("bob", raised(chat, drill=True).about)
    assert shown.text.startswith("DRILL: ")
    assert "[drill, open]" in shown
    assert "This is a drill. Nothing failed" in shown


def test_details_tell_who_did_what(chat: Chat) -> None:
    alert = raised(chat)
    chat.presses("bob", "Acknowledge", on=chat.sees("bob", alert.about))
    chat.presses("bob", "Silence for 1 h", on=chat.sees("bob", alert.about))
    form = chat.presses("bob", "Reassign…", on=chat.sees("bob", alert.about))
    shown = chat.fills("bob", form, to=chat.people["mia"].id)
    for _ in range(300):
        raised(chat)
    chat.acts("mia", f"alert.resolve:{alert.id}:")
    told = chat.presses("charlie", "Details", on=shown)
    at = [told.text.index(f"{words}: ") for words in (
        "Troupe raised it", "Bob acknowledged it", "Bob silenced it until 2026-11-23 10:00 UTC",
        "Bob gave it to somebody (Mia)", "Mia resolved it",
    )]  # fmt: skip
    assert at == sorted(at)
    assert "Failures: 301" in told
    assert "Resolved after: " in told
    assert told.card.subject is None, "an answer, true at this moment"


def test_the_runbook_is_read_where_one_stands(chat: Chat) -> None:
    told = chat.presses("charlie", "Runbook", on=chat.sees("charlie", raised(chat).about))
    assert "Runbook: A part of Troupe has stopped" in told
    assert told.button("Open as a page").url == "http://troupe.test/runbooks/process_down"


def test_the_commands(chat: Chat) -> None:
    assert "Nothing is open" in chat.says("charlie", "/alert list")
    mild, bad = raised(chat, AlertKind.BUDGET_EXHAUSTED), raised(chat)
    listed = chat.says("charlie", "/alert list")
    assert "2 open alerts" in listed
    assert listed.text.index(bad.id) < listed.text.index(mild.id), "the worst first"
    assert "A part of Troupe has stopped" in chat.presses("charlie", "Show 1", on=listed)
    assert f"Alert: {bad.id}" in chat.says("charlie", f"/alert show {bad.id[:6]}")
    assert chat.says("charlie", f"/alert ack {bad.id}").error.code == "forbidden"
    assert "Acknowledged by: Bob" in chat.says("bob", f"/alert ack {bad.id}")
    assert "[resolved]" in chat.says("bob", f"/alert resolve {bad.id}")
    assert "There is no alert zzz" in chat.says("bob", "/alert show zzz")


def test_a_link_leads_out(chat: Chat) -> None:
    alert = raised(
        chat,
        AlertKind.EXTERNAL,
        Subject("external", "x"),
        link="https://grafana.example.com/d/1",
        why="Disk full.",
    )
    shown = chat.sees("bob", alert.about)
    assert shown.button("Open its page").url == "https://grafana.example.com/d/1"
    assert "Likely cause: Disk full." in shown


@pytest.mark.parametrize(
    ("kind", "state", "labels"),
    [
        (AlertKind.PUBLISH_FAILED, State.FAILED, ["Retry", "Edit…"]),
        (AlertKind.PUBLISH_UNKNOWN, State.UNKNOWN, ["It is live", "It is not — send again"]),
        (AlertKind.PUBLISH_MISSED, State.MISSED, ["Post now", "Reschedule…", "Drop"]),
        (AlertKind.TAKE_DOWN_FAILED, State.PUBLISHED, ["Take down"]),
        (AlertKind.WRITING_FAILED, State.WRITE_FAILED, ["Write again"]),
        (AlertKind.APPROVAL_ESCALATED, State.IN_REVIEW, ["Show the post"]),
        (AlertKind.APPROVAL_EXPIRED, State.EXPIRED, ["Ask again", "Show the post"]),
        (AlertKind.PUBLISH_FAILED, State.PUBLISHED, ["Show the post"]),
    ],
)
def test_its_remedies_are_those_of_the_post_as_it_is_now(
    chat: Chat, kind: AlertKind, state: State, labels: list[str]
) -> None:
    [post] = posts(chat, state, 1)
    shown = chat.sees("bob", raised(chat, kind, post.subject).about)
    buttons = [button.label for button in shown.card.buttons]
    assert buttons == [*labels, "Acknowledge", "Resolve"]


def test_several_are_named_and_dealt_with_together(chat: Chat) -> None:
    group = Subject("persona", chat.ada.id)
    missed = posts(chat, State.MISSED, 7)
    for post in missed:
        alert = raised(chat, AlertKind.PUBLISH_MISSED, post.subject, group=group)
    shown = chat.sees("bob", alert.about)
    assert [b.label for b in shown.card.buttons][:3] == ["Post all now", "Drop all", "One by one"]
    assert shown.text.count(", missed") == 5
    assert "And 2 more." in shown
    question = shown.button("Drop all").confirm
    assert question is not None
    assert "Drop 7 posts" in question.question

    each = chat.presses("bob", "One by one", on=shown)
    assert "2 more come after these." in each
    assert "[rejected]" in chat.presses("bob", "1: Drop", on=each)
    assert "Other posts are meant by now" in chat.presses("bob", "Drop all", on=shown)
    chat.presses("bob", "Drop all", on=chat.sees("bob", alert.about))
    assert now(chat, alert).state is AlertState.RESOLVED
    with chat.storage.reading() as work:
        assert {work.posts.variant(post.id).state for post in missed} == {State.REJECTED}


def test_a_budget_is_raised_from_the_card(chat: Chat) -> None:
    ada = chat.persona().subject
    alert = raised(chat, AlertKind.BUDGET_EXHAUSTED, ada, group=ada)
    shown = chat.sees("mia", alert.about)
    form = chat.presses("mia", "Raise budget…", on=shown)
    chat.fills("mia", form, monthly_budget_usd="99")
    assert chat.persona().profile.monthly_budget_usd == 99
    assert now(chat, alert).state is AlertState.RESOLVED
    assert chat.presses("bob", "Raise budget…", on=shown).error.code == "forbidden"


def test_an_account_is_connected_again_from_the_card(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        account = work.accounts.connect(
            chat.ada.id, "bluesky", "ada.test", {}, work.now, base_url="https://bsky.social"
        )
        work.accounts.mark(account.id, "sign_in_needed")
    [post] = posts(chat, State.FAILED, 1)
    alert = raised(chat, AlertKind.SIGN_IN_NEEDED, post.subject, group=account.subject)
    form = chat.presses("mia", "Reconnect ada.test…", on=chat.sees("mia", alert.about))
    chat.fills("mia", form, handle="ada.test", app_password="right-password")
    assert now(chat, alert).state is AlertState.RESOLVED
    with chat.storage.reading() as work:
        [left] = work.alerts.unresolved()
    shown = chat.sees("bob", left.about)
    assert "ada.test is connected again" in shown
    assert "Retry" in shown.labels
