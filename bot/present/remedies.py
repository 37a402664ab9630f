"""What can be pressed to mend what an alert is about: taken from each thing's present state, so that no button is dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.errors import NotFound
from agents.events import SYSTEM, Subject
from agents.oncall import remedy
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind
from agents.personas.persona import Persona
from agents.publishing.platform import Account
from agents.tasks.task import WORDS
from agents.writing.draft import stood_in
from agents.writing.post import State
from bot.cards import Button, Card, Confirm, Text, Tone, action
from bot.present import action as action_card
from bot.present import post as post_card
from bot.present import task as task_card
from bot.present.account import CONNECT
from bot.present.post_lists import line
from bot.present.post_view import post_view
from bot.present.task_view import action_view, task_view
from bot.present.words import count
from storage.unit_of_work import UnitOfWork

K, S = AlertKind, State
ITS_OWN: Mapping[AlertKind, tuple[str, ...]] = {
    K.PUBLISH_FAILED: ("post.retry", "post.edit"),
    K.PUBLISH_UNKNOWN: ("post.is_live", "post.is_not_live"),
    K.PUBLISH_MISSED: ("post.post_now", "post.schedule", "post.drop"),
    K.TAKE_DOWN_FAILED: ("post.take_down",),
    K.SIGN_IN_NEEDED: ("post.retry",),
    K.WRITING_FAILED: ("post.write_again",),
    K.PROVIDER_DOWN: ("post.write_again",),
    K.BUDGET_EXHAUSTED: ("post.write_again",),
    K.APPROVAL_EXPIRED: ("post.ask_again",),
    K.TASK_BLOCKED: ("task.retry", "task.give"),
    K.TASK_FAILED: ("task.retry",),
    K.TASK_BUDGET: ("task.budget", "task.retry", "task.stop"),
    K.STEP_UNKNOWN: ("action.happened", "action.did_not"),
}
"""Buttons of a thing's own card that mend it. Nothing here approves: that takes the whole of it, on its own card."""
WRITING = frozenset({K.WRITING_FAILED, K.PROVIDER_DOWN, K.BUDGET_EXHAUSTED})
LOOK = frozenset({K.APPROVAL_ESCALATED, K.APPROVAL_EXPIRED, K.PUBLISH_LIMITED, K.JOB_FAILED})
"""Where the whole post is what helps."""
STATUS = frozenset({K.PROCESS_DOWN, K.QUEUE_LATE, K.DATABASE_AWAY})
"""Where it helps to see what runs."""


def of(alert: Alert, things: Sequence[Subject], suffering: int, work: UnitOfWork) -> list[Button]:
    """At most three.  things: what is not mended yet, or what the alert was about first.  suffering: how many there are."""
    buttons = _cause(alert, work)
    posts = [thing for thing in things if thing.kind == "post"]
    if posts and (not buttons or alert.kind is K.BUDGET_EXHAUSTED):
        each = [Button("One by one", action("alert.each", alert.id))]
        buttons += (
            [*_all(alert, things, work), *each] if suffering > 1 else of_post(alert.kind, posts[0], work)
        )
    if not buttons and things[0].kind in ("task", "action"):
        buttons = of_task(alert.kind, things[0], work)
    if alert.kind in STATUS:
        buttons.append(Button("Status", action("system.status", SYSTEM.id)))
    if alert.link:
        buttons.append(Button("Open its page", url=alert.link))
    return buttons[:3]


def of_post(kind: AlertKind, subject: Subject, work: UnitOfWork) -> list[Button]:
    """What mends one post, in its present state."""
    try:
        view = post_view(subject.id, work)
    except NotFound:
        return []
    own = {button.action.partition(":")[0]: button for button in post_card.card(view).buttons}
    buttons = [own[verb] for verb in ITS_OWN.get(kind, ()) if verb in own]
    if "post.write_again" in ITS_OWN.get(kind, ()) and stood_in(view.variant, work):
        buttons = [Button("Write again", action("post.write_again", subject.id), "primary")]
    look = Button("Show the post", action("post.show", subject.id))
    return [*buttons, look] if kind in LOOK or not buttons else buttons


def of_task(kind: AlertKind, subject: Subject, work: UnitOfWork) -> list[Button]:
    """What mends a task, or a step of one, in its present state."""
    noun = "task" if subject.kind == "task" else "step"
    try:
        card = (
            task_card.card(task_view(subject.id, work))
            if noun == "task"
            else action_card.card(action_view(subject.id, work))
        )
    except NotFound:
        return []
    own = {button.action.partition(":")[0]: button for button in card.buttons}
    buttons = [own[verb] for verb in ITS_OWN.get(kind, ()) if verb in own]
    return [*buttons, Button(f"Show the {noun}", action(f"{subject.kind}.show", subject.id))]


def one_by_one(alert: Alert, things: Sequence[Subject], suffering: int, work: UnitOfWork) -> Card:
    """What can be done with each of the first, for the one who asked."""
    posts = [thing for thing in things if thing.kind == "post"]
    lines: list[str] = []
    buttons: list[Button] = []
    for number, subject in enumerate(posts, 1):
        lines.append(f"{number}. {told(subject, work)}")
        own = of_post(alert.kind, subject, work)
        buttons += [replace(button, label=f"{number}: {button.label}") for button in own]
    more = suffering - len(posts)
    if more > 0:
        lines.append(f"{more:,} more come after these.")
    return Card("One by one", (Text("\n".join(lines)),), tuple(buttons), tone=Tone.WAITING)


def told(subject: Subject, work: UnitOfWork) -> str:
    """One thing and its state, in a line."""
    try:
        match subject.kind:
            case "post":
                return line(work.posts.variant(subject.id), work)
            case "persona":
                persona = work.personas.get(subject.id)
                return f"@{persona.handle}, {persona.state.value}"
            case "task":
                task = work.tasks.get(subject.id)
                return f"{task.title}, {WORDS[task.state]}"
            case "action":
                step = work.actions.get(subject.id)
                return f"{step.title}, {step.state.value}"
            case "channel":
                channel = work.channels.get(subject.id)
                return f"#{channel.name} on {channel.surface.capitalize()}"
    except NotFound:
        return f"{subject.kind} {subject.id}, gone"
    return f"{subject.kind} {subject.id}"


def _cause(alert: Alert, work: UnitOfWork) -> list[Button]:
    """What mends the cause itself, while it is not mended."""
    try:
        group = Subject.parse(alert.cause.partition("/")[2])
        match alert.kind:
            case AlertKind.SIGN_IN_NEEDED if group.kind == "account":
                account = work.accounts.get(group.id)
                return [_reconnect(account)] if account.state == "sign_in_needed" else []
            case AlertKind.BUDGET_EXHAUSTED if group.kind == "persona":
                return [raise_budget(work.personas.get(group.id))]
    except NotFound:
        return []
    return []


def _reconnect(account: Account) -> Button:
    opens, verb = CONNECT[account.platform]
    form = "…" if opens.endswith("…") else ""
    return Button(f"Reconnect {account.handle}{form}", action(verb, account.persona_id), "primary")


def raise_budget(persona: Persona) -> Button:
    return Button("Raise budget…", action("persona.budget", persona.id, str(persona.revision)), "primary")


def _all(alert: Alert, things: Sequence[Subject], work: UnitOfWork) -> list[Button]:
    """One press for everything that suffers from it."""
    posts = remedy.posts(things, work)
    states = {post.state for post in posts}
    if alert.kind in (K.PUBLISH_FAILED, K.SIGN_IN_NEEDED) and S.FAILED in states:
        return [Button("Retry all", action("alert.retry_all", alert.id), "primary")]
    if alert.kind in WRITING and any(remedy.to_be_written(post, work) for post in posts):
        return [Button("Write all again", action("alert.write_all", alert.id), "primary")]
    if alert.kind is K.PUBLISH_MISSED and S.MISSED in states:
        seen, all_of = remedy.mark(things), count(len(things), "post")
        now = Confirm(f"Publish {all_of} now?", "Post them now")
        drop = Confirm(f"Drop {all_of}, so that none of them goes out?", "Drop them")
        return [
            Button("Post all now", action("alert.post_all", alert.id, seen), "primary", now),
            Button("Drop all", action("alert.drop_all", alert.id, seen), "danger", drop),
        ]
    return []
