"""Personas, their policies, routes and standing approvals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from agents.approvals.policy import Policy
from agents.errors import Conflict, NotFound
from agents.personas.persona import Persona, PersonaState, Profile
from storage.columns import new_id
from storage.rows import attempt, one, put, put_unless_there, swap
from storage.tables import PersonaRow, PolicyRow, RouteRow, StandingApprovalRow


@dataclass(frozen=True, slots=True)
class StandingApproval:
    """A named person approves beforehand: at most `left` more, until `expires_at`."""

    id: str
    persona_id: str
    platform: str
    person_id: str
    left: int
    expires_at: datetime
    revoked_at: datetime | None


class Personas:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, profile: Profile, now: datetime, *, avatar: str = "") -> Persona:
        """Raises Conflict if the handle is taken."""
        if self._connection.execute(select(PersonaRow.id).where(PersonaRow.handle == profile.handle)).first():
            raise Conflict(f"@{profile.handle} is taken.", remedy="Choose another handle.")
        persona = Persona(id=new_id(), profile=profile, avatar=avatar)
        put(
            self._connection,
            PersonaRow,
            id=persona.id,
            handle=profile.handle,
            state=persona.state.value,
            profile=profile.model_dump(mode="json"),
            avatar=avatar,
            revision=persona.revision,
            created_at=now,
        )
        return persona

    def get(self, id: str) -> Persona:
        return _persona(one(self._connection, _PERSONA, "There is no such persona.", is_=id))

    def hold(self, id: str) -> Persona:
        """As it is now; no other transaction holds or changes it until this one ends (SQLite has one writer anyway)."""
        return _persona(one(self._connection, _HELD, "There is no such persona.", is_=id))

    def by_handle(self, handle: str) -> Persona:
        """With or without its @. Raises NotFound with the nearest handle."""
        wanted = handle.strip().removeprefix("@").lower()
        row = self._connection.execute(
            select(PersonaRow.__table__).where(PersonaRow.handle == wanted)
        ).first()
        if row is None:
            known = (f"@{p.handle}" for p in self.all() if p.state is not PersonaState.ARCHIVED)
            raise NotFound.named("persona", f"@{wanted}", known, field="persona")
        return _persona(row)

    def all(self) -> list[Persona]:
        return [_persona(row) for row in self._connection.execute(_ALL)]

    def change(self, before: Persona, **changes: Any) -> Persona:
        """changes: profile, state, avatar. Raises Conflict if it changed meanwhile, or the new handle is taken."""
        profile: Profile = changes.pop("profile", before.profile)
        if profile.handle != before.handle:
            taken = select(PersonaRow.id).where(PersonaRow.handle == profile.handle)
            if self._connection.execute(taken).first():
                raise Conflict(f"@{profile.handle} is taken.", remedy="Choose another handle.")
        swap(
            self._connection,
            PersonaRow,
            PersonaRow.id == before.id,
            PersonaRow.revision == before.revision,
            values={
                **changes,
                "profile": profile.model_dump(mode="json"),
                "handle": profile.handle,
                "revision": before.revision + 1,
            },
            lost=f"@{before.handle} was changed by somebody else just now.",
        )
        return self.get(before.id)

    def policy(self, persona_id: str, platform: str) -> Policy:
        """The platform's own, else the persona's, else the default."""
        query = select(PolicyRow.platform, PolicyRow.policy).where(
            PolicyRow.persona_id == persona_id, PolicyRow.platform.in_([platform, ""])
        )
        found = {row.platform: row.policy for row in self._connection.execute(query)}
        stored = found.get(platform, found.get(""))
        return Policy.model_validate(stored) if stored else Policy()

    def policies(self, persona_id: str) -> dict[str, Policy]:
        """Those that were set, by platform; "" for the one of all others."""
        query = select(PolicyRow.platform, PolicyRow.policy).where(PolicyRow.persona_id == persona_id)
        rows = self._connection.execute(query.order_by(PolicyRow.platform))
        return {row.platform: Policy.model_validate(row.policy) for row in rows}

    def set_policy(self, persona_id: str, platform: str, policy: Policy) -> None:
        here = (PolicyRow.persona_id == persona_id, PolicyRow.platform == platform)
        stored = policy.model_dump(mode="json")
        fresh = {"persona_id": persona_id, "platform": platform, "policy": stored}
        if not put_unless_there(self._connection, PolicyRow, **fresh):
            attempt(self._connection, PolicyRow, *here, values={"policy": stored})

    def routes(self, persona_id: str) -> list[str]:
        """Ids of the channels that the persona's cards go to besides where they were asked for."""
        query = select(RouteRow.channel_id).where(RouteRow.persona_id == persona_id)
        return list(self._connection.execute(query).scalars())

    def set_routes(self, persona_id: str, channel_ids: set[str]) -> None:
        self._connection.execute(delete(RouteRow).where(RouteRow.persona_id == persona_id))
        for channel_id in sorted(channel_ids):
            put(self._connection, RouteRow, persona_id=persona_id, channel_id=channel_id)

    def grant_standing(
        self, persona_id: str, platform: str, person_id: str, left: int, expires_at: datetime, now: datetime
    ) -> StandingApproval:
        grant = StandingApproval(new_id(), persona_id, platform, person_id, left, expires_at, None)
        put(
            self._connection,
            StandingApprovalRow,
            id=grant.id,
            persona_id=persona_id,
            platform=platform,
            person_id=person_id,
            left=left,
            expires_at=expires_at,
            created_at=now,
        )
        return grant

    def use_standing(self, grant_id: str) -> bool:
        """Takes one off; False if it was used up or revoked meanwhile."""
        row = StandingApprovalRow
        still = (row.id == grant_id, row.left > 0, row.revoked_at.is_(None))
        return attempt(self._connection, row, *still, values={"left": row.left - 1})

    def standing(self, persona_id: str, now: datetime) -> list[StandingApproval]:
        """What holds now, on any platform; the oldest first."""
        row = StandingApprovalRow
        query = select(row.__table__).where(
            row.persona_id == persona_id, row.left > 0, row.expires_at > now, row.revoked_at.is_(None)
        )
        return [
            StandingApproval(r.id, r.persona_id, r.platform, r.person_id, r.left, r.expires_at, r.revoked_at)
            for r in self._connection.execute(query.order_by(row.created_at, row.id))
        ]

    def revoke_standing(self, persona_id: str, now: datetime) -> int:
        """How many grants ended."""
        grants = self.standing(persona_id, now)
        for grant in grants:
            attempt(
                self._connection,
                StandingApprovalRow,
                StandingApprovalRow.id == grant.id,
                values={"revoked_at": now},
            )
        return len(grants)

    def end_standing_of(self, person_id: str, now: datetime) -> None:
        """Nothing is approved in that person's name any more."""
        given = (StandingApprovalRow.person_id == person_id, StandingApprovalRow.revoked_at.is_(None))
        self._connection.execute(update(StandingApprovalRow).where(*given).values(revoked_at=now))


_PERSONA = select(PersonaRow.__table__).where(PersonaRow.id == bindparam("is_"))
_HELD = _PERSONA.with_for_update()
_ALL = select(PersonaRow.__table__).order_by(PersonaRow.handle)


def _persona(row: Any) -> Persona:
    return Persona(
        id=row.id,
        profile=Profile.model_validate(row.profile),
        state=PersonaState(row.state),
        avatar=row.avatar,
        revision=row.revision,
    )
