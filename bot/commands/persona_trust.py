"""/persona …: what a persona is trusted with. Who decides, what is approved beforehand, where its cards go."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from agents.approvals.policy import Policy
from agents.people import Person, Role
from agents.personas import entrust
from agents.personas.persona import Persona
from agents.talk.message import Channel
from agents.tasks.asking import PLATFORM as TASKS
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.kinds import CHOICE, INT
from bot.parameters import CHANNELS, DAYS, DECIDED, PEOPLE, PERSON, PERSONA, PLATFORM, ROLE, YES
from bot.ports import Ports
from bot.present import policy as present
from bot.present.draw import draw
from bot.registry import button, command

_ROLES = tuple(Option(role.value, role.value) for role in Role)
_WHO = "Named people go before the role."


class PolicyForm(Form):
    """Three pages."""

    title = "Who decides"
    quorum: int = asked("Approvals needed", "number", ge=1, le=20, default=1)
    approver_role: Role = asked("Who may approve, at least", "choice", options=_ROLES, default=Role.MANAGER)
    approvers: tuple[str, ...] = asked("Only these people", "choices", hint=_WHO, default=())
    veto_role: Role = asked("Who may veto, at least", "choice", options=_ROLES, default=Role.OWNER)
    vetoers: tuple[str, ...] = asked("These people may veto too", "choices", default=())

    requester_may_approve: bool = asked("Whoever asked for it may approve", "check", default=True)
    author_may_approve: Literal["auto", "yes", "no"] = asked(
        "Whoever wrote a part of it may approve",
        "choice",
        options=(Option("auto", "Only while alone in the team"), Option("yes", "Yes"), Option("no", "No")),
        default="auto",
    )
    keys_may_decide: bool = asked("API keys may decide", "check", default=False)
    expires_after_hours: int = asked("Ends after, in hours", "number", ge=1, le=24 * 90, default=72)
    remind_after_hours: int = asked("Reminder after, in hours", "number", ge=1, le=24 * 30, default=4)

    escalate_to: str = asked("Who is told at half-time", "choice", default="", max_length=40)

    def policy(self) -> Policy:
        values = self.model_dump() | {
            "author_may_approve": _AUTHOR[self.author_may_approve],
            "escalate_to": self.escalate_to or None,
        }
        return Policy.model_validate(values)


_AUTHOR = {"auto": None, "yes": True, "no": False}


@command("persona policy", "Who decides about a persona's posts; with more words, changes it")
def persona_policy(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    *,
    on: Annotated[str, DECIDED] = "",
    quorum: Annotated[int | None, INT(1, 20, "number of approvals")] = None,
    role: Annotated[Role | None, ROLE] = None,
    veto: Annotated[Role | None, ROLE] = None,
    requester: Annotated[bool | None, YES] = None,
    author: Annotated[str | None, CHOICE("yes", "no", "auto")] = None,
    keys: Annotated[bool | None, YES] = None,
    expires: Annotated[int | None, INT(1, 24 * 90, "number of hours")] = None,
    remind: Annotated[int | None, INT(1, 24 * 30, "number of hours")] = None,
    escalate: Annotated[Person | None, PERSON] = None,
) -> Card:
    given: dict[str, Any] = {
        "quorum": quorum,
        "approver_role": role,
        "veto_role": veto,
        "requester_may_approve": requester,
        "keys_may_decide": keys,
        "expires_after_hours": expires,
        "remind_after_hours": remind,
        "escalate_to": escalate.id if escalate else None,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    if author is not None:
        changes["author_may_approve"] = _AUTHOR[author]
    if changes:
        _change(persona.id, on, changes, call, ports)
    return _policies(persona, ports)


@command(
    "persona approvers", "Name who approves a persona's posts; “none” for the role again", role=Role.MANAGER
)
def persona_approvers(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    people: Annotated[tuple[Person, ...], PEOPLE],
    *,
    on: Annotated[str, DECIDED] = "",
) -> Card:
    _change(persona.id, on, {"approvers": tuple(person.id for person in people)}, call, ports)
    return _policies(persona, ports)


@command("persona auto", "Approve a persona's next posts beforehand, as far as their checks leave no remark")
def persona_auto(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    posts: Annotated[int | None, INT(0, entrust.MOST_USES, "number of posts")] = None,
    *,
    for_: Annotated[int, DAYS] = 7,
    on: Annotated[str, PLATFORM] = "",
) -> Card:
    """Without a number it shows what holds; 0 ends it."""
    if posts:
        entrust.grant(persona.id, on, posts, for_, call.person, ports.work, via=call.via)
    elif posts == 0:
        entrust.revoke(persona.id, call.person, ports.work, via=call.via)
    return _auto(persona, ports)


@command("persona route", "Send a persona's cards to these channels too; “none” to end it", role=Role.MANAGER)
def persona_route(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    channels: Annotated[tuple[Channel, ...], CHANNELS],
) -> Card:
    entrust.set_routes(persona.id, channels, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


def _policy_now(click: Click, ports: Ports) -> Prefill:
    policy = ports.work.personas.policy(click.id, _platform(click))
    options = tuple(Option(p.id, f"{p.name} ({p.role.value})") for p in ports.work.people.everyone())
    author = {None: "auto", True: "yes", False: "no"}[policy.author_may_approve]
    values = policy.model_dump(mode="json") | {
        "author_may_approve": author,
        "escalate_to": policy.escalate_to or "",
    }
    return Prefill(values, {"approvers": options, "vetoers": options, "escalate_to": options})


@button("persona.policy", role=Role.MANAGER, form=PolicyForm, prefill=_policy_now)
def policy(click: Click, ports: Ports, form: PolicyForm) -> Card:
    """The fingerprint is the platform, and the mark of the policy that the form was opened on."""
    seen = click.fingerprint.rpartition("-")[2]
    work = ports.work
    entrust.set_policy(
        click.id, _platform(click), form.policy(), click.person, work, seen=seen, via=click.via
    )
    return _policies(work.personas.get(click.id), ports)


@button("persona.decides")
def decides(click: Click, ports: Ports) -> Card:
    return _policies(ports.work.personas.get(click.id), ports)


@button("persona.end_auto")
def end_auto(click: Click, ports: Ports) -> Card:
    entrust.revoke(click.id, click.person, ports.work, via=click.via)
    return _auto(ports.work.personas.get(click.id), ports)


def _platform(click: Click) -> str:
    platform = click.fingerprint.rpartition("-")[0]
    return "" if platform == present.EVERYWHERE else platform


def _change(persona_id: str, platform: str, changes: dict[str, Any], call: Call, ports: Ports) -> None:
    before = ports.work.personas.policy(persona_id, platform)
    after = Policy.model_validate(before.model_dump() | changes)
    entrust.set_policy(persona_id, platform, after, call.person, ports.work, via=call.via)


def _policies(persona: Persona, ports: Ports) -> Card:
    work = ports.work
    names = {platform: rules.name for platform, rules in ports.rules.items()} | {TASKS: "tasks"}
    return present.card(persona, work.personas.policies(persona.id), work.people.everyone(), names)


def _auto(persona: Persona, ports: Ports) -> Card:
    work = ports.work
    given = work.personas.standing(persona.id, work.now)
    return present.auto(persona, given, work.people.everyone(), work.now)
