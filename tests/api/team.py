"""A small team on a real database, and programs that act in its people's names."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from agents.approvals.policy import Policy
from agents.people import Person, Role
from agents.personas.persona import Profile
from bot import commands, wiring
from bot.settings import load
from bot.web import api
from bot.wiring import Troupe
from jobs.run import run
from storage import migrate
from storage.tables import JobRow

NOWHERE = "unix:///nonexistent/redis.sock"
SOON = ("write", "publish", "take_down", "check", "answer")
KEYS_DECIDE = Policy(keys_may_decide=True, requester_may_approve=True, author_may_approve=True)


@dataclass
class Team:
    """Alice owns, Bob manages, Charlie edits, Vera looks. Ada is their persona, with an account on the stage."""

    troupe: Troupe
    app: FastAPI
    people: dict[str, Person] = field(default_factory=dict)

    def key(self, person: str = "alice", role: Role = Role.OWNER, name: str = "") -> str:
        with self.troupe.storage.unit_of_work() as work:
            name = name or f"{person}'s {role.value} {len(work.access.keys())}"
            return work.access.new_key(name, self.people[person].id, role, work.now)

    def client(self, person: str = "alice", role: Role = Role.OWNER, name: str = "") -> TestClient:
        return self.bare(Authorization=f"Bearer {self.key(person, role, name)}")

    def bare(self, **headers: str) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False, headers=headers)

    def drain(self) -> None:
        """Does what is owed now, as workers would."""
        wiring.use(self.troupe)
        due = select(JobRow.id).where(JobRow.done_at.is_(None), JobRow.holder == "", JobRow.name.in_(SOON))
        while True:
            with self.troupe.storage.engine.begin() as connection:
                ids = [row.id for row in connection.execute(due)]
            if not ids:
                return
            for id in ids:
                run(id)

    def draft(self, client: TestClient, about: str = "our new release") -> dict[str, Any]:
        """The card of a draft that waits for approval."""
        asked = client.post(
            "/api/commands", json={"text": f'/post draft @ada "{about}"', "channel": "general"}
        ).json()
        self.drain()
        subject = asked["card"]["subject"]
        return card(client, subject)


def build(home: Path, redis_url: str = NOWHERE, **settings: Any) -> Team:
    given = load(_env_file=None, troupe_home=home, redis_url=redis_url, **settings)
    migrate.upgrade(given.database_url)
    troupe = wiring.build(given)
    commands.load()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    api.install(app, troupe)
    team = Team(troupe, app)
    with troupe.storage.unit_of_work() as work:
        add = partial(work.people.add, now=work.now)
        roles = {"Alice": Role.OWNER, "Bob": Role.MANAGER, "Charlie": Role.EDITOR, "Vera": Role.VIEWER}
        team.people = {name.lower(): add(name, role) for name, role in roles.items()}
        ada = work.personas.add(Profile(name="Ada", handle="ada"), work.now)
        work.accounts.connect(ada.id, "stage", "ada", {}, work.now)
        work.personas.set_policy(ada.id, "", KEYS_DECIDE)
        work.channels.add("console", "general", work.now)
    return team


def card(client: TestClient, subject: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/cards/{subject['kind']}/{subject['id']}").json()["card"]
    return found


def button(card: dict[str, Any], label: str) -> dict[str, Any]:
    """Of the card or of its menu."""
    every = card["buttons"] + (card["menu"]["options"] if card["menu"] else [])
    found: dict[str, Any] = next(b for b in every if b["label"] == label)
    return found


def picture(width: int = 40, height: int = 30) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()
