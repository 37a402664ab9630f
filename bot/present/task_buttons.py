"""What can be pressed under a task: few buttons, none of them dead; what is pressed seldom is in the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.tasks.task import State, Task, Wait
from bot.cards import Button, Confirm, Menu, action

if TYPE_CHECKING:
    from bot.present.task import TaskView

S = State
STOP = Confirm(
    "Stop this task for good? It cannot be gone on with; the files that it has made are kept.", "Stop it"
)


def buttons(view: TaskView) -> list[Button]:
    task, seen = view.task, view.button
    match task.state, task.waits_for:
        case S.QUEUED, _:
            return [_press("Give to…", "give", task), _pause(task), _stop(task)]
        case S.WAITING, Wait.PLAN:
            return [
                _press("Approve plan", "approve_plan", task, seen, "primary"),
                _press("Ask for changes…", "change_plan", task, seen),
                _pause(task),
                _stop(task),
            ]
        case S.WAITING, Wait.STEP:
            shown = [Button("Show the step", action("action.show", id), "primary") for id in view.steps[:1]]
            return [*shown, _pause(task), _stop(task)]
        case S.WAITING, Wait.ANSWER:
            asked = [
                Button("Answer…", action("question.answer", one.id), "primary") for one in view.questions[:1]
            ]
            return [*asked, _pause(task), _stop(task)]
        case S.WAITING, Wait.BUDGET:
            return [*_pays(view), _stop(task)]
        case S.WAITING, Wait.REVIEW:
            return [
                _press("Accept", "accept", task, seen, "primary"),
                _press("Make changes…", "change_result", task, seen),
                _stop(task),
            ]
        case ((S.WORKING | S.WAITING), _):
            return [_pause(task), _stop(task)]
        case S.PAUSED, _:
            return [_press("Go on", "resume", task, "", "primary"), _stop(task)]
        case S.BLOCKED, _:
            return [
                _press("Try again", "retry", task, "", "primary"),
                _press("Give to…", "give", task),
                _stop(task),
            ]
        case S.FAILED, _:
            return [_press("Try again", "retry", task, "", "primary")]
        case S.COMPLETE, _:
            return [_press("Make changes…", "change_result", task, seen)]
    return []


def _pays(view: TaskView) -> list[Button]:
    """Its own money is raised right here; for any other, it may be tried whether there is some again."""
    task, lack = view.task, view.lack
    if lack is None or lack.whose == task.subject:
        return [_press("Raise budget…", "budget", task, "", "primary")]
    again = _press("Try again", "retry", task)
    if lack.whose.kind == "task":
        return [Button("Show the whole", action("task.show", lack.whose.id), "primary"), again]
    return [again]


def menu(view: TaskView) -> Menu | None:
    task, options = view.task, []
    shown = {button.action for button in buttons(view)}
    if task.is_open:
        options = [
            _press("Give to another…", "give", task),
            _press("Raise budget…", "budget", task),
            _press("Correct…", "correct", task),
        ]
    if view.files:
        options.append(_press("Show files", "files", task))
    options.append(_press("Steps", "steps", task))
    left = tuple(option for option in options if option.action not in shown)
    return Menu("More", left) if left else None


def opens(task: Task, label: str = "Show") -> Button:
    return _press(label, "show", task)


def _press(label: str, verb: str, task: Task, seen: str = "", style: str = "plain") -> Button:
    return Button(label, action(f"task.{verb}", task.id, seen), style)  # type: ignore[arg-type]


def _pause(task: Task) -> Button:
    return _press("Pause", "pause", task)


def _stop(task: Task) -> Button:
    return Button("Stop", action("task.stop", task.id), "danger", STOP)
