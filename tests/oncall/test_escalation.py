"""Who is asked when nobody answers: the rules, how people write them, and how they change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Forbidden, Invalid, Stale
from agents.events import Subject
from agents.oncall import policies
from agents.oncall.escalation import DEFAULTS, LATEST, Policy, Step, who
from agents.oncall.kinds import AlertKind, Severity
from agents.people import Person, Role
from bot import steps
from tests.chat import Chat
from tests.oncall.ward import Ward
from tests.storage.cast import persona

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLGA, MIA, NORA, BEN = (
    Person("o", "Olga", Role.OWNER),
    Person("m", "Mia", Role.MANAGER),
    Person("n", "Nora", Role.EDITOR),
    Person("b", "Ben", Role.EDITOR),
)
TEAM = (OLGA, MIA, NORA, BEN)


def asks(*targets: str, assigned_to: str = "", people: tuple[Person, ...] = TEAM) -> tuple[str, ...]:
    """With Nora in the first layer, and nobody in the second."""
    return who(Step(timedelta(), targets), assigned_to=assigned_to, on_call={1: "n"}, people=people)


def test_whom_each_target_means() -> None:
    assert asks("layer:1") == ("n",)
    assert asks("person:b", "owners", "managers") == ("b", "o", "m")
    assert asks("layer:1", "person:n") == ("n",), "each once"


def test_where_nobody_answers_to_a_target_managers_are_asked_and_else_owners() -> None:
    assert asks("layer:2") == ("m",)
    assert asks("layer:2", people=(OLGA, NORA)) == ("o",)
    assert asks("managers", people=(OLGA, NORA)) == ("o",)
    assert asks("person:gone") == ("m",)
    assert asks("layer:1", people=(OLGA, MIA, BEN)) == ("m",), "Nora left"


def test_whose_it_is_is_asked_instead_of_the_first_layer() -> None:
    assert asks("layer:1", assigned_to="b") == ("b",)
    assert asks("layer:2", "layer:1", assigned_to="b") == ("m", "b")
    assert asks("layer:1", assigned_to="gone") == ("n",)


names = st.text(min_size=1, max_size=30).filter(lambda name: name.strip() == name)


@st.composite
def teams(draw: st.DrawFn) -> tuple[Person, ...]:
    found = draw(st.lists(names, min_size=1, max_size=5, unique_by=str.lower))
    return tuple(Person(f"p{i}", name, Role.EDITOR) for i, name in enumerate(found))


@st.composite
def written(draw: st.DrawFn) -> tuple[tuple[Person, ...], Step]:
    team = draw(teams())
    possible = [*(f"layer:{n}" for n in range(1, 10)), "managers", "owners"]
    possible += [f"person:{person.id}" for person in team]
    targets = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=6, unique=True))
    after = draw(st.integers(0, LATEST // timedelta(minutes=1)))
    return team, Step(timedelta(minutes=after), tuple(targets))


@given(written())
def test_what_is_shown_is_read_as_the_same(case: tuple[tuple[Person, ...], Step]) -> None:
    team, step = case
    text = steps.show(step, {person.id: person.name for person in team})
    assert steps.parse(text, team) == step


@given(st.text(max_size=60), teams())
def test_whatever_is_written_is_a_step_or_a_mistake_that_is_explained(
    text: str, team: tuple[Person, ...]
) -> None:
    try:
        step = steps.parse(text, team, field="step2")
    except Invalid as error:
        assert error.field == "step2"
        assert error.what
    else:
        assert steps.parse(steps.show(step, {p.id: p.name for p in team}), team) == step


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("at once: layer 1", Step(timedelta(), ("layer:1",))),
        (
            "After 5 minutes: Layer 2, @nora, MANAGERS",
            Step(timedelta(minutes=5), ("layer:2", "person:n", "managers")),
        ),
        ("1h: owners, owners", Step(timedelta(hours=1), ("owners",))),
        ('after 90 min: @"Ben"', Step(timedelta(minutes=90), ("person:b",))),
    ],
)
def test_steps_as_people_write_them(text: str, step: Step) -> None:
    assert steps.parse(text, TEAM) == step


@pytest.mark.parametrize(
    "text",
    [
        "",
        "layer 1",
        "soon: layer 1",
        "at once:",
        "at once: layer 0",
        "at once: Nora",
        "at once: @Zoe",
        "after 200 h: owners",
    ],
)
def test_what_is_no_step(text: str) -> None:
    with pytest.raises(Invalid):
        steps.parse(text, TEAM)


def test_the_defaults_are_shown_to_everybody(chat: Chat) -> None:
    said = chat.says("charlie", "/oncall escalation")
    assert "Critical (the default)" in said
    assert (
        "• at once: layer 1\n• after 5 min: layer 1, layer 2\n• after 15 min: managers\n• after 30 min: owners"
        in said
    )
    assert "Its card in the channel, and nobody directly." in said
    assert said.labels == [f"Change {severity.value}…" for severity in Severity]


def test_a_manager_changes_it_and_takes_it_back(chat: Chat) -> None:
    chat.says("mia", "/oncall escalation high")
    form = chat.presses("mia", "Change…")
    assert [f.value for f in form.form.fields] == [
        "at once: layer 1",
        "after 15 min: layer 2",
        "after 1 h: managers",
        "",
    ]
    said = chat.fills("mia", form, step2="after 10 min: @bob", step3="")
    assert "• at once: layer 1\n• after 10 min: @Bob" in said
    assert "High (the default)" not in said
    changed = next(event for event in chat.events if event.name == "escalation.changed")
    assert changed.after["steps"] == [
        {"after": 0, "targets": ["layer:1"]},
        {"after": 10, "targets": [f"person:{chat.people['bob'].id}"]},
    ]
    assert "High (the default)" in chat.presses("mia", "Back to the default")


def test_reset_by_a_command(chat: Chat) -> None:
    chat.says("mia", "/oncall escalation medium")
    chat.fills("mia", chat.presses("mia", "Change…"), step1="after 30 min: owners")
    assert "after 30 min: owners" in chat.says("bob", "/oncall escalation medium")
    assert isinstance(chat.says("bob", "/oncall escalation reset").error, Forbidden)
    assert "Medium (the default)" in chat.says("mia", "/oncall escalation reset")


def test_a_persona_may_have_its_own(chat: Chat) -> None:
    said = chat.says("mia", "/oncall escalation critical for @ada")
    assert "Critical (as for every persona)" in said
    chat.fills("mia", chat.presses("mia", "Change…"), step1="at once: @charlie", step2="", step3="", step4="")
    assert "@Charlie" in chat.says("mia", "/oncall escalation critical for @ada")
    assert "@Charlie" not in chat.says("mia", "/oncall escalation critical")
    assert "as for every persona" in chat.says("mia", "/oncall escalation reset critical for @ada")


def test_mistakes_stand_at_the_step_that_has_them(chat: Chat) -> None:
    chat.says("mia", "/oncall escalation critical")
    form = chat.presses("mia", "Change…")
    assert set(chat.fills("mia", form, step3="after 15 min: @zoe").wrong) == {"step3"}
    assert set(chat.fills("mia", form, step2="at once: layer 2").wrong) == {"step2"}
    assert set(chat.fills("mia", form, step1="", step2="", step3="", step4="").wrong) == {"step1"}


def test_a_form_that_was_opened_on_an_older_policy_saves_nothing(chat: Chat) -> None:
    chat.says("mia", "/oncall escalation high")
    form = chat.presses("mia", "Change…")
    chat.fills("mia", form, step2="after 10 min: owners")
    assert isinstance(chat.fills("mia", form, step2="after 20 min: owners").error, Stale)


def test_a_new_policy_holds_for_what_is_open(ward: Ward) -> None:

    alert = ward.raises(Severity.HIGH)
    ward.until("22:08")
    shorter = Policy(
        (DEFAULTS[Severity.HIGH].steps[0], Step(timedelta(minutes=5), ("person:" + ward.people["Ben"].id,)))
    )
    ward.does(lambda work: policies.set_policy("", Severity.HIGH, shorter, ward.people["Mia"], work))
    ward.until("22:09")
    assert ward.asked(alert)[1:] == [("22:08", "Ben", "chat")]


def test_alerts_about_a_persona_follow_its_policy(ward: Ward) -> None:

    with ward.storage.unit_of_work() as work:
        ada = persona(work)
        own = Policy((Step(timedelta(minutes=1), ("person:" + ward.people["Cleo"].id,)),))
        policies.set_policy(ada.id, Severity.LOW, own, ward.people["Mia"], work)
        alert = work.raise_alert(
            AlertKind.EXTERNAL,
            Subject("system", "x"),
            "It broke.",
            kept="All.",
            remedy="Look.",
            severity=Severity.LOW,
            persona_id=ada.id,
        )
    ward.until("22:02")
    assert ward.asked(alert) == [("22:01", "Cleo", "chat")]
