"""Who is asked when nobody answers, as far as somebody changed it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from agents.oncall.escalation import DEFAULTS, Policy
from agents.oncall.kinds import Severity
from storage.rows import attempt, put_unless_there
from storage.tables import EscalationRow

_ROW = EscalationRow


class Escalations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, persona_id: str, severity: Severity) -> Policy:
        """The persona's own, else the team's, else the default.  persona_id: "" for the team's."""
        found = self.own(persona_id)
        if severity not in found and persona_id:
            found = self.own("")
        return found.get(severity, DEFAULTS[severity])

    def own(self, persona_id: str) -> dict[Severity, Policy]:
        """Those that were set for that persona alone, or with "" for the team."""
        query = select(_ROW.severity, _ROW.steps).where(_ROW.persona_id == persona_id)
        return {Severity(row.severity): Policy.of(row.steps) for row in self._connection.execute(query)}

    def set(self, persona_id: str, severity: Severity, policy: Policy, by: str) -> None:
        """by: the name of whoever did."""
        key = {"persona_id": persona_id, "severity": severity.value}
        values = {"steps": policy.stored(), "changed_by": by}
        if not put_unless_there(self._connection, _ROW, **key, **values, revision=1):
            here = (_ROW.persona_id == persona_id, _ROW.severity == severity.value)
            attempt(self._connection, _ROW, *here, values={**values, "revision": _ROW.revision + 1})

    def reset(self, persona_id: str, severity: Severity) -> bool:
        """False if there was none."""
        here = (_ROW.persona_id == persona_id, _ROW.severity == severity.value)
        return self._connection.execute(delete(_ROW).where(*here)).rowcount == 1
