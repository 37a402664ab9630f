"""Who decides about a persona's posts, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from agents.approvals.policy import Policy
from agents.people import Person, Role
from agents.personas.entrust import Standing, mark
from agents.personas.persona import Persona
from bot.cards import Block, Button, Card, Field, Fields, Text, Tone, action
from bot.present.words import count, listed

EVERYWHERE = "everywhere"
"""Stands for "every platform without a policy of its own" on a button."""


def card(
    persona: Persona, policies: Mapping[str, Policy], people: Sequence[Person], platforms: Mapping[str, str]
) -> Card:
    """policies: those that were set, by platform, "" for the common one.  platforms: names by word."""
    common = policies.get("", Policy())
    blocks: list[Block] = [
        Text("On every platform without a policy of its own", "heading"),
        fields(common, people),
    ]
    buttons = [change_button("Change…", persona, "", common)]
    for platform, policy in policies.items():
        if platform:
            blocks += [Text(f"On {platforms.get(platform, platform)}", "heading"), fields(policy, people)]
    for platform, name in platforms.items():
        policy = policies.get(platform, common)
        buttons.append(change_button(f"Change for {name}…", persona, platform, policy))
    blocks.append(Text("What is waiting for approval already keeps the policy it was asked under.", "muted"))
    return Card(f"Who decides about posts of {persona.name}", tuple(blocks), tuple(buttons))


def change_button(label: str, persona: Persona, platform: str, policy: Policy) -> Button:
    return Button(label, action("persona.policy", persona.id, f"{platform or EVERYWHERE}-{mark(policy)}"))


def fields(policy: Policy, people: Sequence[Person]) -> Fields:
    names = {person.id: person.name for person in people}
    return Fields(
        (
            Field("Approvals needed", str(policy.quorum)),
            Field("Who approves", approvers(policy, names)),
            Field("Who can veto", _anybody(policy.vetoers, policy.veto_role, names)),
            Field("Whoever asked", _may(policy.requester_may_approve)),
            Field("Whoever wrote a part", _author(policy)),
            Field("API keys", _may(policy.keys_may_decide)),
            Field("Reminder", f"after {hours(policy.remind_after_hours)}"),
            Field("Ends", f"after {hours(policy.expires_after_hours)}"),
            Field("Told at half-time", names.get(policy.escalate_to or "", "nobody")),
        )
    )


def summary(policy: Policy, people: Sequence[Person]) -> str:
    """One line: "2 approvals by managers, within 3 days"."""
    names = {person.id: person.name for person in people}
    needed = count(policy.quorum, "approval")
    return f"{needed} by {approvers(policy, names)}, within {hours(policy.expires_after_hours)}"


def approvers(policy: Policy, names: Mapping[str, str]) -> str:
    if policy.approvers:
        return listed([names.get(id, "somebody who left") for id in policy.approvers], "or")
    return _at_least(policy.approver_role)


def standing(given: Sequence[Standing], people: Sequence[Person], now: datetime) -> list[Field]:
    """One line for each: who gave it, for how many more posts, until when."""
    names = {person.id: person.name for person in people}
    return [
        Field(
            f"Approved beforehand by {names.get(one.person_id, 'somebody who left')}",
            f"{count(one.left, 'more post')}{f' on {one.platform}' if one.platform else ''}, "
            f"for {count(ceil((one.expires_at - now) / timedelta(days=1)), 'day')} at most",
        )
        for one in given
    ]


def auto(persona: Persona, given: Sequence[Standing], people: Sequence[Person], now: datetime) -> Card:
    """What was approved beforehand, and how it ends."""
    fields = Fields(tuple(standing(given, people, now)))
    if not given:
        hint = f"/persona auto @{persona.handle} 10 for 7 days approves the next ten, as far as their checks leave no remark."
        return Card(f"Nothing of {persona.name} is approved beforehand", (Text(hint, "muted"),))
    end = Button("End it", action("persona.end_auto", persona.id), "danger")
    return Card(f"Posts of {persona.name} are approved beforehand", (fields,), (end,), tone=Tone.WAITING)


def hours(number: int) -> str:
    return count(number // 24, "day") if number % 24 == 0 and number > 24 else count(number, "hour")


def _at_least(role: Role) -> str:
    return f"{role.a} or above" if role is not Role.OWNER else "an owner"


def _anybody(ids: Sequence[str], role: Role, names: Mapping[str, str]) -> str:
    return listed([*(names.get(id, "somebody who left") for id in ids), _at_least(role)], "or")


def _may(yes: bool) -> str:
    return "may approve" if yes else "may not approve"


def _author(policy: Policy) -> str:
    if policy.author_may_approve is None:
        return "may approve only while alone in the team"
    return _may(policy.author_may_approve)
