"""Steps that leave a workspace, and questions: what a person sees of them and presses under them."""

from __future__ import annotations

import pytest
from sqlalchemy.event import listen, remove

from agents.effects.effect import EffectKind, EffectState
from agents.errors import Conflict, Forbidden, Invalid, Stale
from agents.tasks.action import Action, ActionState
from agents.tasks.task import State, Task
from bot.cards import Text
from bot.present.task_lists import waiting_for
from tests.chat import Chat, Said
from tests.surfaces import labour

NAME = "Compare three queue libraries"


@pytest.fixture
def building(chat: Chat) -> Task:
    chat.says("bob", f'/task new "{NAME}. One page." for @ada complexity 3')
    return labour.planned(chat.storage, NAME)


def card(chat: Chat, step: Action, who: str = "mia") -> Said:
    return chat.sees(who, step.subject)


def state(chat: Chat, step: Action) -> ActionState:
    with chat.storage.reading() as work:
        return work.actions.get(step.id).state


def test_exactly_what_would_happen_stands_there_whole(chat: Chat, building: Task) -> None:
    step = labour.wants(chat.storage, building)
    shown = card(chat, step)
    assert Text(labour.MAIL, "code", whole=True) in shown.card.blocks
    assert "output/report.pdf" in shown and "A manager or above" in shown
    assert chat.stands(step.subject)[0] == "general"
    assert "step to approve" in chat.sees("mia", building.subject)
    assert (
        chat.presses("mia", "Show the step", on=chat.sees("mia", building.subject)).card.subject
        == step.subject
    )
    confirm = shown.button("Approve").confirm
    assert confirm and "Send an e-mail to max@example.com" in confirm.question


def test_a_yes_owes_it_once(chat: Chat, building: Task) -> None:
    step = labour.wants(chat.storage, building)
    shown = card(chat, step)
    assert isinstance(chat.presses("charlie", "Approve", on=shown).error, Forbidden)
    stale = shown.button("Approve").action[:-4] + "0000"
    assert isinstance(chat.acts("mia", stale).error, Stale)
    assert state(chat, step) is ActionState.PROPOSED
    assert "approved, about to happen" in chat.presses("mia", "Approve", on=shown)
    assert isinstance(chat.presses("alice", "Approve", on=shown).error, Conflict)
    with chat.storage.reading() as work:
        effect = work.effects.of_approval(work.actions.get(step.id).approval_id, EffectKind.ACT)
        assert effect is not None and effect.state is EffectState.DUE
        assert effect.fingerprint == step.fingerprint
        assert work.tasks.get(building.id).state is State.WORKING


def test_a_no_is_told_with_its_reason(chat: Chat, building: Task) -> None:
    step = labour.wants(chat.storage, building)
    opened = chat.presses("mia", "Refuse…", on=card(chat, step))
    assert "not before Monday" in chat.fills("mia", opened, reason="not before Monday")
    assert state(chat, step) is ActionState.REFUSED
    assert card(chat, step).labels == ["Show the task"]


def test_whoever_can_veto_takes_back_what_was_approved_before_it_begins(chat: Chat, building: Task) -> None:
    step = labour.wants(chat.storage, building)
    chat.presses("mia", "Approve", on=card(chat, step))
    opened = chat.presses("mia", "Refuse…", on=card(chat, step))
    assert isinstance(chat.fills("mia", opened, reason="wait").error, Forbidden)
    chat.fills("alice", chat.presses("alice", "Refuse…", on=card(chat, step)), reason="wait")
    assert state(chat, step) is ActionState.REFUSED


@pytest.mark.parametrize(
    ("button", "then"),
    [("It happened", ActionState.DONE), ("It did not — do it again", ActionState.APPROVED)],
)
def test_what_is_in_doubt_is_settled_by_a_person(
    chat: Chat, building: Task, button: str, then: ActionState
) -> None:
    step = labour.wants(chat.storage, building)
    chat.presses("mia", "Approve", on=card(chat, step))
    labour.broke_off(chat.storage, step)
    shown = card(chat, step)
    assert "nothing is done again before you say so" in shown
    chat.presses("mia", button, on=shown)
    assert state(chat, step) is then


def test_a_question_has_a_button_for_each_option(chat: Chat, building: Task) -> None:
    question = labour.asks(chat.storage, building, "Which version?", "5.5", "The newest")
    shown = chat.sees("bob", question.subject)
    assert shown.labels == ["5.5", "The newest", "Something else…", "Show the task"]
    assert isinstance(chat.presses("charlie", "5.5", on=shown).error, Forbidden)
    assert isinstance(chat.acts("bob", f"question.choose:{question.id}:9").error, Invalid)
    told = chat.presses("bob", "The newest", on=shown)
    assert "Answered by Bob" in told and "The newest" in told
    assert isinstance(chat.presses("mia", "5.5", on=shown).error, Conflict)
    with chat.storage.reading() as work:
        assert work.tasks.get(building.id).state is State.WORKING


def test_a_question_is_answered_in_words_from_the_tasks_own_card(chat: Chat, building: Task) -> None:
    question = labour.asks(chat.storage, building, "For whom is it?")
    opened = chat.presses("bob", "Answer…", on=chat.sees("bob", building.subject))
    assert "answer" in chat.fills("bob", opened, answer=" ").wrong
    chat.fills("bob", opened, answer="For the board.")
    assert "For the board." in chat.sees("charlie", question.subject)


def test_everybody_sees_at_home_what_waits_for_them(chat: Chat, building: Task) -> None:
    assert "Nothing waits for you" in chat.says("mia", "/home")
    step = labour.wants(chat.storage, building)
    home = chat.says("mia", "/home")
    assert "1 thing waits for you" in home and "Send an e-mail to max@example.com" in home
    assert chat.presses("mia", "Open 1", on=home).card.subject == step.subject
    assert "Nothing waits for you" in chat.says("bob", "/home"), "he may not decide"
    chat.fills("mia", chat.presses("mia", "Refuse…", on=card(chat, step)), reason="")
    question = labour.asks(chat.storage, building, "For whom is it?")
    home = chat.says("bob", "/home")
    assert "asks: For whom is it?" in home
    assert chat.presses("bob", "Open 1", on=home).card.subject == question.subject


def test_however_many_wait_looking_takes_a_few_queries(chat: Chat) -> None:
    def queries() -> int:
        seen: list[str] = []
        note = lambda *given: seen.append(given[2])  # noqa: E731
        listen(chat.storage.engine, "before_cursor_execute", note)
        with chat.storage.reading() as work:
            found = waiting_for(chat.person("bob"), work)
        remove(chat.storage.engine, "before_cursor_execute", note)
        assert {one.what for one in found} <= {"asks: For whom is it?"}
        return len(seen)

    with chat.storage.unit_of_work() as work:
        more = chat.ada.profile.tasks.model_copy(update={"at_once": 10})
        work.personas.change(chat.ada, profile=chat.ada.profile.model_copy(update={"tasks": more}))
    counted = []
    for number in range(6):
        chat.says("bob", f'/task new "Task {number}. One page, please." for @ada complexity 3')
        labour.asks(chat.storage, labour.planned(chat.storage, f"Task {number}"), "For whom is it?")
        counted.append(queries())
    assert counted[0] == counted[-1] <= 8
