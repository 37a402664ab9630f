"""Who may decide, how many must, who can veto, and what happens when nobody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.people import Person, Role

PersonId = Annotated[str, Field(min_length=1, max_length=40)]


class Policy(BaseModel):
    """One for each persona and platform; a copy of it stands in every approval, so later changes do not reach back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quorum: int = Field(1, ge=1, le=20)
    """How many different people must approve."""
    approver_role: Role = Role.MANAGER
    """The least role that may decide, where no approvers are named."""
    approvers: tuple[PersonId, ...] = ()
    """Named approvers; when there are any, only they may approve."""
    veto_role: Role = Role.OWNER
    vetoers: tuple[PersonId, ...] = ()
    requester_may_approve: bool = True
    author_may_approve: bool | None = None
    """None: yes while there is one person, no from the second on."""
    keys_may_decide: bool = False
    """Whether an API key may decide in the name of the person who made it."""
    expires_after_hours: int = Field(72, ge=1, le=24 * 90)
    remind_after_hours: int = Field(4, ge=1, le=24 * 30)
    escalate_to: PersonId | None = None
    """Told when half of the time is gone."""

    @property
    def expires_after(self) -> timedelta:
        return timedelta(hours=self.expires_after_hours)

    @property
    def remind_after(self) -> timedelta:
        return timedelta(hours=self.remind_after_hours)

    def may_approve(self, person: Person) -> bool:
        if person.removed_at is not None:
            return False
        return person.id in self.approvers if self.approvers else person.role.covers(self.approver_role)

    def may_veto(self, person: Person) -> bool:
        if person.removed_at is not None:
            return False
        return person.id in self.vetoers or person.role.covers(self.veto_role)
