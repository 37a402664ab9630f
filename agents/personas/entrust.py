"""What a persona is trusted with: who decides about its posts, approvals given beforehand, where its cards go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from agents.approvals.policy import Policy
from agents.changes import changed
from agents.errors import Forbidden, Invalid, Stale
from agents.events import Event
from agents.people import People, Person, Role
from agents.personas.persona import Persona
from agents.talk.message import Channel

MOST_USES = 100
"""Posts that one standing approval may let out."""
MOST_DAYS = 90
"""Days that one may hold."""


class Standing(Protocol):
    """An approval that a person gave beforehand."""

    @property
    def person_id(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def left(self) -> int: ...
    @property
    def expires_at(self) -> datetime: ...


class Personas(Protocol):
    def get(self, id: str) -> Persona: ...
    def policy(self, persona_id: str, platform: str) -> Policy: ...
    def set_policy(self, persona_id: str, platform: str, policy: Policy) -> None: ...
    def routes(self, persona_id: str) -> list[str]: ...
    def set_routes(self, persona_id: str, channel_ids: set[str]) -> None: ...
    def standing(self, persona_id: str, now: datetime) -> Sequence[Standing]: ...
    def revoke_standing(self, persona_id: str, now: datetime) -> int: ...
    def grant_standing(
        self, persona_id: str, platform: str, person_id: str, left: int, expires_at: datetime, now: datetime
    ) -> Standing: ...


class Channels(Protocol):
    def get(self, id: str) -> Channel: ...


class Work(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def people(self) -> People: ...
    @property
    def personas(self) -> Personas: ...
    def record(self, event: Event) -> None: ...


def set_policy(
    persona_id: str,
    platform: str,
    policy: Policy,
    by: Person,
    work: Work,
    *,
    seen: str = "",
    via: str = "",
) -> Policy:
    """From the next approval on; those that are pending keep the policy they were asked under.

    platform: "" for every platform that has none of its own.  seen: the mark of what the form was opened on, "" for none.
    Raises Invalid for one under which nothing could ever be approved.
    """
    by.must_be(Role.MANAGER, "change who approves")
    persona = work.personas.get(persona_id)
    before = work.personas.policy(persona.id, platform)
    if via and policy.keys_may_decide and not before.keys_may_decide:
        by.must_be(Role.OWNER, "let API keys decide, through an API key")  # or any key could help itself
    if seen and seen != mark(before):
        raise Stale(
            f"The policy of @{persona.handle} was changed since that form was opened; nothing was saved.",
            remedy="Press Change… again.",
        )
    _must_be_possible(policy, work)
    was, now = changed(before, policy)
    if now:
        work.personas.set_policy(persona.id, platform, policy)
        where = {"platform": platform or "every platform"}
        work.record(
            Event("persona.policy_changed", persona.subject, by.acting(via), before=was, after=where | now)
        )
    return policy


def mark(policy: Policy) -> str:
    """What tells one policy from another on a button: eight hexadecimal digits."""
    return sha256(policy.model_dump_json().encode()).hexdigest()[:8]


def _must_be_possible(policy: Policy, work: Work) -> None:
    people = work.people.everyone()
    known = {person.id for person in people}
    for field, ids in (
        ("approvers", policy.approvers),
        ("vetoers", policy.vetoers),
        ("escalate_to", (policy.escalate_to,) if policy.escalate_to else ()),
    ):
        if strangers := set(ids) - known:
            raise Invalid(
                f"{', '.join(sorted(strangers))} is nobody in this team.",
                remedy="Choose from /people list.",
                field=field,
            )
    able = sum(policy.may_approve(person) for person in people)
    if able < policy.quorum:
        raise Invalid(
            f"Nothing could ever be approved: it takes {policy.quorum} people, and {able} may approve.",
            remedy="Lower the quorum, name more approvers, or let a lower role approve.",
            field="quorum",
        )
    if policy.remind_after_hours >= policy.expires_after_hours:
        raise Invalid(
            f"The reminder after {policy.remind_after_hours} h would come when the request is over, after "
            f"{policy.expires_after_hours} h.",
            remedy="Remind earlier.",
            field="remind_after_hours",
        )


def grant(
    persona_id: str, platform: str, uses: int, days: int, by: Person, work: Work, *, via: str = ""
) -> Standing:
    """This person's own approval of the next posts, as far as their checks leave no remark.

    platform: "" for all.  uses: 1 to MOST_USES.  days: 1 to MOST_DAYS.
    Raises Forbidden unless this person could approve each of them with a click.
    """
    persona = work.personas.get(persona_id)
    persona.must_not_be_archived()
    policy = work.personas.policy(persona.id, platform)
    if not policy.may_approve(by):
        raise Forbidden(
            f"You may not approve posts of @{persona.handle}, so neither beforehand.",
            remedy=f"/persona policy @{persona.handle} shows who may.",
        )
    if via and not policy.keys_may_decide:
        raise Forbidden(
            f"The API key {via} may not approve for you.", remedy="Do it yourself, in the console or a chat."
        )
    for field, value, most in (("uses", uses, MOST_USES), ("days", days, MOST_DAYS)):
        if not 1 <= value <= most:
            raise Invalid(f"{value} is no number of {field} from 1 to {most}.", field=field)
    given = work.personas.grant_standing(
        persona.id, platform, by.id, uses, work.now + timedelta(days=days), work.now
    )
    after = {"platform": platform or "every platform", "posts": uses, "until": given.expires_at.isoformat()}
    work.record(Event("persona.auto_approval_given", persona.subject, by.acting(via), after=after))
    return given


def revoke(persona_id: str, by: Person, work: Work, *, via: str = "") -> int:
    """Ends every standing approval of the persona; how many there were. Whoever gave one may, and managers."""
    persona = work.personas.get(persona_id)
    grants = work.personas.standing(persona.id, work.now)
    if not all(given.person_id == by.id for given in grants):
        by.must_be(Role.MANAGER, "end other people's standing approvals")
    before = [{"by": given.person_id, "left": given.left} for given in grants]
    ended = work.personas.revoke_standing(persona.id, work.now)
    if ended:
        work.record(
            Event("persona.auto_approval_ended", persona.subject, by.acting(via), before={"given": before})
        )
    return ended


def set_routes(
    persona_id: str, channels: Iterable[Channel], by: Person, work: Work, *, via: str = ""
) -> Persona:
    """The channels that its cards go to besides where they were asked for; none to end it."""
    by.must_be(Role.MANAGER, "route a persona's cards")
    persona = work.personas.get(persona_id)
    wanted, present = [*channels], [work.channels.get(id) for id in work.personas.routes(persona.id)]
    before, after = (
        {"channels": sorted(f"{c.surface}/{c.name}" for c in them)} for them in (present, wanted)
    )
    if before != after:
        work.personas.set_routes(persona.id, {channel.id for channel in wanted})
        work.record(Event("persona.routed", persona.subject, by.acting(via), before=before, after=after))
    return persona
