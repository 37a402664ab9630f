"""What people do with a persona itself: make it, change it, copy it, pause it, put it away.

Each verb checks the right first, and records what was before and what is after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from agents.approvals.policy import Policy
from agents.changes import changed
from agents.errors import Conflict, NotFound, Stale
from agents.events import Event
from agents.oncall.remedy import budget_is_back
from agents.people import Person, Role
from agents.personas import document
from agents.personas.persona import Persona, PersonaState, Profile
from agents.tasks.assign import freed, let_go
from agents.tasks.moves import put_off
from agents.work import Personas as AllPersonas
from agents.work import Work as AllWork
from agents.writing.post import Posts as AllPosts
from agents.writing.post import State, Variant


class Personas(AllPersonas, Protocol):
    """Where personas are kept. `add` and `change` raise Conflict for a handle that is taken, or a lost race."""

    def add(self, profile: Profile, now: datetime, *, avatar: str = "") -> Persona: ...
    def by_handle(self, handle: str) -> Persona: ...
    def change(self, before: Persona, **changes: Any) -> Persona: ...
    def policies(self, persona_id: str) -> Mapping[str, Policy]:
        """Those that were set, by platform; "" for the one of all others."""

    def set_policy(self, persona_id: str, platform: str, policy: Policy) -> None: ...


class Posts(AllPosts, Protocol):
    def in_states(
        self, states: Iterable[State], *, persona_id: str = "", limit: int = 100
    ) -> list[Variant]: ...


class Work(AllWork, Protocol):
    @property
    def personas(self) -> Personas: ...
    @property
    def posts(self) -> Posts: ...


def create(
    profile: Profile, by: Person, work: Work, *, avatar: str = "", came_from: str = "", via: str = ""
) -> Persona:
    """came_from: what it was made of ("template founder", "@ada"), for the audit trail."""
    by.must_be(Role.MANAGER, "make a persona")
    persona = work.personas.add(profile, work.now, avatar=avatar)
    after = {"handle": persona.handle, "name": persona.name, "role": profile.role}
    work.record(
        Event(
            "persona.created",
            persona.subject,
            by.acting(via),
            after=after | ({"from": came_from} if came_from else {}),
        )
    )
    freed(persona.id, work)
    return persona


def edit(
    persona_id: str,
    profile: Profile,
    by: Person,
    work: Work,
    *,
    seen: str = "",
    avatar: str | None = None,
    via: str = "",
) -> Persona:
    """Another profile in place of the present one.

    seen: the revision on the button, "" where nothing was shown.  avatar: None leaves it.
    Raises Stale when somebody else changed it meanwhile; versions already written stay as they are.
    """
    by.must_be(Role.MANAGER, "change a persona")
    persona = work.personas.get(persona_id)
    if seen and seen != str(persona.revision):
        raise Stale(
            f"@{persona.handle} was changed since that form was opened; nothing was saved.",
            remedy="Its card shows it as it is now: press Edit… again.",
        )
    face = persona.avatar if avatar is None else avatar
    before, after = changed(persona.profile, profile)
    if face != persona.avatar:
        before, after = before | {"avatar": persona.avatar}, after | {"avatar": face}
    if not after:
        return persona
    now = work.personas.change(persona, profile=profile, avatar=face)
    work.record(Event("persona.edited", now.subject, by.acting(via), before=before, after=after))
    if profile.monthly_budget_usd > persona.profile.monthly_budget_usd:
        budget_is_back(now, by, work)
    freed(now.id, work)
    return now


def clone(persona_id: str, handle: str, name: str, by: Person, work: Work, *, via: str = "") -> Persona:
    """The same voice, rules and policies under another handle. Accounts stay where they are: they are one persona's.

    name: "" for the same one.  Raises Invalid for a handle or name that cannot be, Conflict for a handle that is taken.
    """
    by.must_be(Role.MANAGER, "copy a persona")
    model = work.personas.get(persona_id)
    values = model.profile.model_dump() | {"handle": handle, "name": name or model.name}
    fresh = document.profile(values)
    copy = create(fresh, by, work, avatar=model.avatar, came_from=f"@{model.handle}", via=via)
    for platform, policy in work.personas.policies(model.id).items():
        work.personas.set_policy(copy.id, platform, policy)
    return copy


def import_profile(text: str, by: Person, work: Work, *, replaces: bool = False, via: str = "") -> Persona:
    """A persona out of YAML or JSON.

    replaces: whether it takes the place of the profile that has this handle now.
    Raises Invalid naming every mistake, Conflict if the handle is taken and `replaces` is false.
    """
    by.must_be(Role.MANAGER, "import a persona")
    profile = document.read(text)
    try:
        taken = work.personas.by_handle(profile.handle)
    except NotFound:
        return create(profile, by, work, came_from="an import", via=via)
    if not replaces:
        raise Conflict(
            f"There is @{profile.handle} already; nothing was imported.",
            remedy="Choose another handle in the text, or say that it should be replaced.",
        )
    return edit(taken.id, profile, by, work, via=via)


def pause(persona_id: str, by: Person, work: Work, *, via: str = "") -> Persona:
    """It writes and publishes nothing from here on; what is scheduled waits, and so does what is queued for it."""
    paused = _move(persona_id, PersonaState.PAUSED, "pause", "persona.paused", by, via, work)
    put_off(persona_id, work)
    return paused


def resume(persona_id: str, by: Person, work: Work, *, via: str = "") -> Persona:
    """What waited goes out now, as far as its time has not passed too long ago."""
    work.personas.get(persona_id).must_not_be_archived()
    return _move(persona_id, PersonaState.ACTIVE, "resume", "persona.resumed", by, via, work)


def archive(persona_id: str, by: Person, work: Work, *, via: str = "") -> Persona:
    """Out of sight; others go on with its tasks. Raises Conflict while a post of it is still to go out."""
    waiting = work.posts.in_states([State.SCHEDULED, State.APPROVED, State.PUBLISHING], persona_id=persona_id)
    if waiting:
        number = "1 post" if len(waiting) == 1 else f"{len(waiting)} posts"
        raise Conflict(
            f"{number} of this persona will still go out.",
            remedy="Unschedule or reject what should not, let the rest go out, or pause the persona instead.",
        )
    archived = _move(persona_id, PersonaState.ARCHIVED, "archive", "persona.archived", by, via, work)
    let_go(persona_id, work, by=by)
    return archived


def restore(persona_id: str, by: Person, work: Work, *, via: str = "") -> Persona:
    """Back out of the archive, at work."""
    persona = work.personas.get(persona_id)
    if persona.state is not PersonaState.ARCHIVED:
        raise Conflict(f"@{persona.handle} is not archived, but {persona.state.value}.")
    return _move(persona_id, PersonaState.ACTIVE, "restore", "persona.restored", by, via, work)


def _move(
    persona_id: str, to: PersonaState, doing: str, event: str, by: Person, via: str, work: Work
) -> Persona:
    by.must_be(Role.MANAGER, f"{doing} a persona")
    persona = work.personas.get(persona_id)
    persona.must(to)
    after = work.personas.change(persona, state=to.value)
    work.record(
        Event(
            event,
            after.subject,
            by.acting(via),
            before={"state": persona.state.value},
            after={"state": to.value},
        )
    )
    freed(after.id, work)
    return after
