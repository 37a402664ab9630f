"""The buttons and forms of tasks, of steps that leave a workspace and of questions, in the stories in which people press them."""

from __future__ import annotations

from functools import partial

from agents.tasks.task import State, Task
from tests.servers.pds import Pds
from tests.surfaces import labour
from tests.surfaces.hands import Card, Hands
from tests.surfaces.stories import presses

NAME = "Compare three queue libraries"
BRIEF = f"{NAME} for a small team. One page."
WORKED_ON = "being worked on"


@presses(
    *("task.new", "task.correct", "task.change_plan", "task.approve_plan", "task.files"),
    *("task.change_result", "task.accept"),
)
def work_is_handed_over_planned_and_accepted(at: Hands, pds: Pds) -> None:
    told = at.ask("bob", "/task list", "Nothing is under way")
    form = at.opens("bob", "New task…", told, "New task")
    again = form.fill({"What is to be done?": BRIEF, "As which files (optional)": "p%f"}).refused(
        "As which files"
    )
    assert again.value("What is to be done?") == BRIEF
    again.fill(
        {"As which files (optional)": "pdf, csv", "Done when (optional)": "Every claim has a source"}
    ).sends()
    card = at.shows(at.general, NAME, WORKED_ON)
    at.fill("bob", "Correct…", card, "Correct the task", {"Complexity, 1 to 10": "8"})
    at.has(card, "8 of 10")

    storage = at.crew.troupe.storage
    labour.planned(storage, NAME)
    at.has(card, "plan to approve", labour.OUTLINE.approach)
    at.fill("mia", "Ask for changes…", card, "Change the plan", {"What should be different?": "Only two."})
    at.has(card, WORKED_ON)
    labour.planned(storage, NAME, labour.OUTLINE.model_copy(update={"approach": "Read about two of them."}))
    at.has(card, "plan to approve", "Read about two of them.")
    at.presses("mia", "Approve plan", card)
    at.has(card, WORKED_ON)

    labour.built(storage, labour.named(storage, NAME))
    at.has(card, "result to accept", "report.pdf", "queues.csv")
    at.fill(
        "mia", "Make changes…", card, "Make changes", {"What is missing, or wrong?": "In German, please."}
    )
    at.has(card, WORKED_ON)
    labour.built(storage, labour.named(storage, NAME))
    at.has(card, "result to accept")
    at.presses("mia", "Accept", card)
    at.has(card, "complete", "report.pdf")
    at.presses("charlie", "Show files", card)
    assert "queues.csv" in at.told("charlie", "2 files of").words


@presses("task.pause", "task.resume", "task.give", "task.budget", "task.retry", "task.stop", "task.show")
def work_is_steered(at: Hands, pds: Pds) -> None:
    at.ask("mia", "/persona new", "Zoe (@zoe)", name="Zoe", from_="founder")
    card, storage = begun(at), at.crew.troupe.storage
    at.presses("bob", "Pause", card)
    at.has(card, "paused")
    at.presses("bob", "Go on", card)
    at.has(card, WORKED_ON)
    at.fill("mia", "Give to another…", card, "Give the task", {})
    at.has(card, "Zoe", WORKED_ON)
    labour.out_of_money(storage, task(at))
    at.has(card, "budget used up")
    form = at.opens("mia", "Raise budget…", card, "Raise the budget")
    again = form.fill({"New budget, in dollars": "0"}).refused("New budget, in dollars")
    again.fill({"New budget, in dollars": "7.50"}).sends()
    at.has(card, "of $7.50", WORKED_ON)
    labour.blocked(storage, task(at))
    at.has(card, "blocked", "The tests do not pass.")
    at.presses("mia", "Try again", card)
    at.has(card, WORKED_ON)
    listed = at.ask("bob", "/task list", "1 task")
    at.presses("bob", "Show 1", listed)
    at.told("bob", "Its card stands in this channel")
    at.declines("bob", "Stop", card, "the files that it has made are kept")
    assert WORKED_ON in card.words
    at.confirms("bob", "Stop", card, "the files that it has made are kept")
    at.has(card, "cancelled")


@presses("action.show", "action.approve", "action.refuse", "action.happened", "action.did_not", "task.steps")
def a_step_beyond_the_workspace_is_decided_on(at: Hands, pds: Pds) -> None:
    card, storage = begun(at), at.crew.troupe.storage
    labour.planned(storage, NAME)
    labour.wants(storage, task(at), "call_1")
    step = at.shows(at.general, "asks: Send an e-mail to max@example.com", "it is attached.")
    at.has(card, "step to approve")
    at.presses("mia", "Show the step", card)
    at.told("mia", "Its card stands in this channel")
    at.fill("mia", "Refuse…", step, "Refuse the step", {"Why? The persona is told.": "not before Monday"})
    at.has(step, "refused", "not before Monday")
    for call, button, then in (
        ("call_2", "It happened", "done"),
        ("call_3", "It did not — do it again", "approved, about to happen"),
    ):
        at.has(card, WORKED_ON)
        action = labour.wants(storage, task(at), call)
        step = at.shows(at.general, "asks: Send an e-mail", "waiting for approval")
        at.declines("mia", "Approve", step, "It cannot be taken back")
        at.confirms("mia", "Approve", step, "It cannot be taken back")
        at.has(step, "approved, about to happen")
        labour.broke_off(storage, action)
        at.has(step, "perhaps happened")
        if button == "It happened":
            at.presses("mia", button, step)
        else:
            at.confirms("mia", button, step, "it did not happen?")
        at.has(step, then)
    at.presses("charlie", "Steps", card)
    assert "not before Monday" not in at.told("charlie", "Steps of").words


@presses("question.answer", "question.choose", "question.show")
def a_question_is_answered(at: Hands, pds: Pds) -> None:
    card, storage = begun(at), at.crew.troupe.storage
    labour.planned(storage, NAME)
    labour.asks(storage, task(at), "Which version of Celery?", "5.5", "The newest")
    asked = at.shows(at.general, "Which version of Celery?", "waits for an answer")
    home = at.ask("bob", "/home", "1 thing waits for you")
    at.presses("bob", "Open 1", home)
    at.told("bob", "Its card stands in this channel")
    at.presses("bob", "The newest", asked)
    at.has(asked, "answered", "Answered by Bob")
    at.has(card, WORKED_ON)
    labour.asks(storage, task(at), "For whom is it?")
    asked = at.shows(at.general, "For whom is it?", "waits for an answer")
    at.has(card, "question to answer")
    at.fill("bob", "Answer…", card, "Answer the question", {"Your answer": "For the board."})
    at.has(asked, "answered", "For the board.")
    at.until(partial(is_worked_on, at))


def begun(at: Hands) -> Card:
    """A task that Ada works on, simple enough to need no approval of its plan: its card."""
    at.ask("bob", "/task new", NAME, brief=BRIEF, for_="@ada", complexity=3)
    return at.shows(at.general, NAME, WORKED_ON)


def task(at: Hands) -> Task:
    return labour.named(at.crew.troupe.storage, NAME)


def is_worked_on(at: Hands) -> bool:
    return task(at).state is State.WORKING
