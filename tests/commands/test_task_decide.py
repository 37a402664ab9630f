"""Deciding about tasks by button: what was seen is what is decided on, and only whoever may decides."""

from __future__ import annotations

from agents.errors import Conflict, Forbidden, Stale
from agents.tasks.task import Stage, State, Task, Wait
from bot.cards import Text
from tests.chat import Chat
from tests.surfaces import labour

NAME = "Compare three queue libraries"


def asked(chat: Chat, more: str = "") -> None:
    assert chat.says("bob", f'/task new "{NAME}. One page." for @ada {more}').answer.error is None


def now(chat: Chat) -> Task:
    return labour.named(chat.storage, NAME)


def in_review(chat: Chat) -> Task:
    asked(chat, "complexity 3")
    return labour.built(chat.storage, labour.planned(chat.storage, NAME))


def test_a_plan_stands_whole_on_the_card_that_approves_it(chat: Chat) -> None:
    asked(chat, "complexity 8")
    task = labour.planned(chat.storage, NAME)
    card = chat.sees("mia", task.subject)
    whole = "\n".join(block.text for block in card.card.blocks if isinstance(block, Text) and block.whole)
    for words in (
        labour.OUTLINE.approach,
        "Collect sources (search_web)",
        "report.pdf",
        "Documentation may be old.",
    ):
        assert words in whole
    assert "A manager or above decides" in card and card.card.badge == "plan to approve"
    assert isinstance(chat.presses("charlie", "Approve plan", on=card).error, Forbidden)
    assert "being worked on" in chat.presses("mia", "Approve plan", on=card)
    assert now(chat).stage is Stage.BUILD
    assert isinstance(chat.presses("mia", "Approve plan", on=card).error, Conflict)


def test_a_plan_that_has_changed_is_not_approved_by_an_old_button(chat: Chat) -> None:
    asked(chat, "complexity 8")
    task = labour.planned(chat.storage, NAME)
    card = chat.sees("mia", task.subject)
    chat.says("mia", f"/task budget {task.id} 50")
    assert isinstance(chat.presses("mia", "Approve plan", on=card).error, Stale)
    assert now(chat).waits_for is Wait.PLAN
    again = chat.sees("mia", task.subject)
    assert again.button("Approve plan").action != card.button("Approve plan").action


def test_another_plan_is_asked_for_in_words(chat: Chat) -> None:
    asked(chat, "complexity 8")
    card = chat.sees("mia", labour.planned(chat.storage, NAME).subject)
    opened = chat.presses("mia", "Ask for changes…", on=card)
    assert "feedback" in chat.fills("mia", opened, feedback=" ").wrong
    assert "being worked on" in chat.fills("mia", opened, feedback="Only two of them.")
    assert (now(chat).stage, now(chat).round) == (Stage.DESIGN, 2)


def test_a_result_is_accepted_as_it_was_seen(chat: Chat) -> None:
    task = in_review(chat)
    card = chat.sees("mia", task.subject)
    assert card.card.badge == "result to accept" and "[file: report.pdf, 17 bytes]" in card
    with chat.storage.unit_of_work() as work:
        labour.deliver(task, "report.pdf", "application/pdf", b"another one", work)
    assert isinstance(chat.presses("mia", "Accept", on=card).error, Stale)
    with chat.storage.unit_of_work() as work:
        labour.deliver(task, "report.pdf", "application/pdf", labour.PDF, work)
    assert "complete" in chat.presses("mia", "Accept", on=card)


def test_changes_are_made_before_and_after_it_was_accepted(chat: Chat) -> None:
    task = in_review(chat)
    opened = chat.presses("mia", "Make changes…", on=chat.sees("mia", task.subject))
    chat.fills("mia", opened, feedback="In German, please.")
    assert now(chat).stage is Stage.BUILD
    labour.built(chat.storage, now(chat))
    chat.presses("mia", "Accept", on=chat.sees("mia", task.subject))
    opened = chat.presses("mia", "Make changes…", on=chat.sees("mia", task.subject))
    chat.fills("mia", opened, feedback="Shorter.")
    assert (now(chat).stage, now(chat).state) == (Stage.BUILD, State.QUEUED)


def test_what_steers_it_is_pressed(chat: Chat) -> None:
    asked(chat)
    task = labour.begun(chat.storage, NAME)
    shown = chat.sees("bob", task.subject)
    assert "Go on" in chat.presses("bob", "Pause", on=shown).labels
    assert "being worked on" in chat.presses("bob", "Go on")
    opened = chat.presses("bob", "Correct…")
    assert "complexity" in chat.fills("bob", opened, complexity=11).wrong
    assert "9 of 10" in chat.fills("bob", opened, complexity=9)
    opened = chat.presses("mia", "Raise budget…", on=chat.sees("mia", task.subject))
    assert "amount" in chat.fills("mia", opened, amount="0").wrong
    assert "of $12.50" in chat.fills("mia", opened, amount="12.5")
    assert isinstance(chat.presses("mia", "Give to another…").error, Conflict), "nobody else is there"
    chat.says("mia", "/persona new Zoe from founder")
    opened = chat.presses("mia", "Give to another…", on=chat.sees("mia", task.subject))
    assert "to" in chat.fills("mia", opened, to="nobody").wrong
    chat.fills("mia", opened)
    assert now(chat).asked_for == chat.persona("zoe").id
    stop = chat.sees("bob", task.subject).button("Stop")
    assert stop.confirm and "kept" in stop.confirm.question
    assert "cancelled" in chat.acts("bob", stop.action)


def test_tasks_have_a_policy_of_their_own(chat: Chat) -> None:
    said = chat.says("mia", "/persona approvers @ada Alice on tasks")
    assert "On tasks" in said and "Change for tasks…" in said.labels
    asked(chat, "complexity 8")
    card = chat.sees("mia", labour.planned(chat.storage, NAME).subject)
    assert "Alice decides." in card
    assert isinstance(chat.presses("mia", "Approve plan", on=card).error, Forbidden)
    assert "being worked on" in chat.presses("alice", "Approve plan", on=card)
