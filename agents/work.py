"""The open transaction as the verbs see it: where things are kept, and how facts and debts are noted in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from agents.approvals.approval import Approvals
from agents.approvals.policy import Policy
from agents.effects.effect import Effects
from agents.events import Event, Subject
from agents.jobs import JobName
from agents.oncall.alert import Alert, Alerts
from agents.oncall.escalation import Policy as EscalationPolicy
from agents.oncall.kinds import AlertKind, Severity
from agents.people import People
from agents.personas.persona import Persona
from agents.publishing.platform import Account
from agents.talk.message import Messages
from agents.tasks.kept import Actions, Artifacts, Notes, Questions, Sources, Tasks
from agents.writing.post import Posts


class Accounts(Protocol):
    def get(self, id: str) -> Account: ...
    def mark(self, id: str, state: str) -> None: ...


class Standing(Protocol):
    """An approval that a person gave beforehand.  platform: "" for all."""

    @property
    def id(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def platform(self) -> str: ...


class Budgets(Protocol):
    def taken(self, owner: Subject, month: str = "") -> int:
        """What is spent and set aside of that owner's money, in micro-dollars."""


class Personas(Protocol):
    def all(self) -> Sequence[Persona]: ...
    def get(self, id: str) -> Persona: ...
    def hold(self, id: str) -> Persona:
        """As it is now; no other transaction holds or changes it until this one ends."""

    def policy(self, persona_id: str, platform: str) -> Policy: ...
    def routes(self, persona_id: str) -> Sequence[str]:
        """Ids of the channels to which its cards go."""

    def standing(self, persona_id: str, now: datetime) -> Sequence[Standing]:
        """Every standing approval that holds now."""

    def use_standing(self, grant_id: str) -> bool:
        """Takes one off; False if nothing was left of it."""


class Switches(Protocol):
    def get(self, name: str) -> dict[str, Any] | None: ...
    def set(self, name: str, value: dict[str, Any]) -> bool: ...
    def clear(self, name: str) -> bool: ...
    @property
    def halted(self) -> dict[str, Any] | None:
        """Who halted Troupe and when; None while it runs."""


class Escalations(Protocol):
    def of(self, persona_id: str, severity: Severity) -> EscalationPolicy:
        """Who is asked about alerts of that severity, and when."""


class JobTable(Protocol):
    def forget(self, subject: Subject, *names: JobName) -> None:
        """Takes back what is owed about a subject and has not begun."""

    def owes(self, subject: Subject, name: JobName) -> bool:
        """Whether it is owed and no worker has begun."""


class Work(Protocol):
    """One unit of work: what is changed, recorded and owed in it is there together, or not at all."""

    @property
    def now(self) -> datetime: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def actions(self) -> Actions: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def budgets(self) -> Budgets: ...
    @property
    def effects(self) -> Effects: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def jobs(self) -> JobTable: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def people(self) -> People: ...
    @property
    def personas(self) -> Personas: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def switches(self) -> Switches: ...
    @property
    def tasks(self) -> Tasks: ...

    def new_id(self) -> str: ...
    def record(self, event: Event) -> None: ...
    def touch(self, subject: Subject) -> None: ...
    def owe(self, name: JobName, subject: Subject, due_at: datetime | None = None) -> None: ...
    def place(self, channel_id: str, card: Subject) -> None:
        """A living card stands in a channel once; "" for none does nothing."""

    def raise_alert(
        self,
        kind: AlertKind,
        subject: Subject,
        what: str,
        *,
        kept: str,
        remedy: str,
        group: Subject | None = None,
        severity: Severity | None = None,
        why: str = "",
        persona_id: str = "",
    ) -> Alert: ...
    def page(self, alert: Alert) -> None:
        """Whoever is to be asked next is asked when that is due, perhaps at once."""

    def remind(self, alert: Alert) -> None:
        """Whoever acknowledged it is reminded if it is not resolved in time."""

    def resolve_about(self, subject: Subject, by: str) -> None: ...
    def resolve_cause(self, kind: AlertKind, group: Subject, by: str) -> Sequence[Subject]:
        """What was behind many failures is well again. What had suffered from it until now."""

    def tell(self, person_id: str, card: Subject) -> None:
        """Shows a card to one person directly, wherever that person is reached."""

    def say_to(self, person_id: str, text: str) -> None:
        """Says something to one person directly, wherever they are known."""
