"""A team on call whose addresses outside are real: a mail server and an HTTPS receiver on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.page import Page
from agents.oncall.reach import Contact, Outside
from bot import wiring
from integrations.http.door import Door
from integrations.mail import Mailer
from integrations.webhooks import Webhooks
from jobs.clock import Clock
from tests.integrations.certificates import Authority
from tests.integrations.town import Heard, Town, reply
from tests.oncall import post_office
from tests.oncall.post_office import PostOffice
from tests.oncall.ward import Awake, Ward, opened_ward

SENDER = "Troupe <troupe@troupe.test>"
HOST = "hooks.example.com"
HOOK = f"https://{HOST}/nora"
MAIL = "nora@example.com"


@dataclass(frozen=True)
class Reaching(Awake):
    """With a mail server, unless there is none, and a door that trusts the test's own authority."""

    mails_by: Mailer | None = None
    door_to_hooks: Door = field(default_factory=Door)

    @cached_property
    def mailer(self) -> Mailer | None:
        return self.mails_by

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.door_to_hooks, total_s=3)


@dataclass
class World:
    """answer: what the receiver of webhooks says."""

    ward: Ward
    office: PostOffice
    town: Town
    heard: list[Heard]
    answer: bytes = field(default_factory=lambda: reply(status="204 No Content"))
    secret: str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    def contact(self, way: Outside, address: str, severity: Severity = Severity.HIGH) -> Contact:
        """Nora's."""
        secret = self.secret if way == "webhook" else ""
        id = self.ward.people["Nora"].id
        return self.ward.does(
            lambda work: work.contacts.add(
                id, way, address, severity, work.now, confirmed=True, secret=secret
            )
        )

    def outside(self, of: Alert) -> list[Page]:
        return [page for page in self.ward.pages(of) if page.way in ("email", "webhook")]

    def failed(self) -> list[Alert]:
        """Open alerts about people who were not reached."""
        with self.ward.looking() as work:
            return [one for one in work.alerts.unresolved() if one.kind is AlertKind.PAGE_FAILED]


@contextmanager
def opened_world(url: str, folder: Path) -> Iterator[World]:
    office, town, authority = PostOffice(), Town(), Authority()
    with post_office.opened(office) as server, opened_ward(url, _leave_as_it_is) as ward:
        ward.troupe.close()
        ward.troupe = Reaching(
            ward.troupe.settings,
            now=ward.now,
            mails_by=Mailer(server, SENDER, total_s=3),
            door_to_hooks=Door(town, ports=None, tls=authority.trusted()),
        )
        wiring.use(ward.troupe)
        ward.clock = Clock(ward.troupe)
        world = World(ward, office, town, [])
        world.heard = town.serve(HOST, lambda _: world.answer, tls=authority.server(HOST, folder)).heard
        yield world
        town.close()


def _leave_as_it_is(name: object, job: object) -> None:
    """The job that sends is the real one here."""
