"""What personas send by e-mail: to addresses in certain domains, and to people whom Troupe knows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from agents.oncall.reach import Sent
from agents.tasks.toolbox.email import Letter
from integrations.mail import File, Mail, Mailer

TOTAL_S = 60.0
"""For one letter: up to 20 MB have to go through."""


class Letters:
    """mailer: how a letter is sent.  domains: in lower case; all of each.  known: whether somebody confirmed that address."""

    def __init__(self, mailer: Mailer, domains: Collection[str], known: Callable[[str], bool]) -> None:
        self._mailer, self._domains, self._known = mailer, frozenset(domains), known

    @property
    def sender(self) -> str:
        return self._mailer.sender

    def refusal(self, address: str) -> str:
        if address.rpartition("@")[2].lower() in self._domains or self._known(address):
            return ""
        allowed = f"addresses in {', '.join(sorted(self._domains))}, and to " if self._domains else ""
        return f"Personas may write to {allowed}people who gave Troupe their address; {address} is none of these."

    def send(self, letter: Letter, now: datetime) -> Sent:
        files = tuple(File(file.name, file.kind, file.data) for file in letter.attached)
        return self._mailer.send(
            Mail(letter.to, letter.subject, letter.text, "", letter.id, files=files), now
        )
