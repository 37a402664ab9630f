"""Drills: realistic, marked, and never mixed up with what really fails."""

from __future__ import annotations

import pytest

from agents.events import TROUPE, Subject
from agents.oncall.alert import AlertState
from agents.oncall.kinds import KINDS, AlertKind, Severity
from agents.personas.persona import PersonaState
from bot.drills import WORDS, raise_drill
from bot.present.draw import draw
from tests.chat import Chat


def test_every_kind_has_words_of_its_own() -> None:
    assert set(WORDS) == set(AlertKind)
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("kind", AlertKind)
def test_each_looks_like_a_real_one_and_says_that_it_is_none(chat: Chat, kind: AlertKind) -> None:
    with chat.storage.unit_of_work() as work:
        alert = raise_drill(kind, TROUPE, work)
    assert (alert.kind, alert.severity, alert.drill) == (kind, KINDS[kind].severity, True)
    assert alert.what.startswith("This is a drill. ")
    assert "{" not in alert.what
    with chat.storage.reading() as work:
        assert work.messages.cards_of(alert.about), "it stands where people look"
        card = draw(alert.about, work, work.people.by_name("Bob"))
    assert "drill" in f"{card.title} {card.badge} {card.blocks}".lower()


def test_a_real_failure_is_never_counted_to_a_drill(chat_anywhere: Chat) -> None:
    kind = AlertKind.BUDGET_EXHAUSTED
    with chat_anywhere.storage.unit_of_work() as work:
        drill = raise_drill(kind, TROUPE, work)
        again = raise_drill(kind, TROUPE, work)
        real = work.raise_alert(kind, drill.subject, "It is gone.", kept="All.", remedy="Raise it.")
        assert len({drill.id, again.id, real.id}) == 3
        assert (drill.subject.kind, real.drill, real.count) == ("persona", False, 1)


def test_as_bad_as_one_wants_it_and_without_a_single_persona(chat_anywhere: Chat) -> None:
    with chat_anywhere.storage.unit_of_work() as work:
        for persona in work.personas.all():
            work.personas.change(persona, state=PersonaState.ARCHIVED)
        alert = raise_drill(AlertKind.EXTERNAL, TROUPE, work, severity=Severity.CRITICAL)
    assert (alert.severity, alert.subject, alert.persona_id) == (
        Severity.CRITICAL,
        Subject("drill", "external"),
        "",
    )
    with chat_anywhere.storage.reading() as work:
        [drilled] = work.events.latest(matching="alert.drilled")
    assert drilled.event.after == {"kind": "external", "severity": "critical"}


def test_nothing_that_it_is_about_is_changed(chat: Chat) -> None:
    with chat.storage.reading() as work:
        before = work.personas.all()
    with chat.storage.unit_of_work() as work:
        alert = raise_drill(AlertKind.PUBLISH_FAILED, TROUPE, work)
        work.resolve_about(alert.subject, "Bob")
    with chat.storage.reading() as work:
        assert work.personas.all() == before
        assert work.alerts.get(alert.id).state is AlertState.RESOLVED
        assert work.alerts.open_about(Subject("persona", before[0].id)) == []
