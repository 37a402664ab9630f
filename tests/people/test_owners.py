"""Whatever people do to each other, in whatever order, somebody owns the place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from agents import team
from agents.errors import Conflict, Forbidden, NotFound
from agents.people import Person, Role
from tests.storage.cast import opened

roles = st.sampled_from(Role)
refusals = (Conflict, Forbidden, NotFound)


class Team(RuleBasedStateMachine):
    """People who invite, promote, demote and remove each other, on a real database."""

    migrated: Path
    people = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        shutil.copy(self.migrated, self.folder / "troupe.db")
        self.storage = opened(f"sqlite:///{self.folder}/troupe.db")
        self.roles: dict[str, Role | None] = {}
        """What we believe: None once somebody was removed."""
        self.invited = 0

    def teardown(self) -> None:
        self.storage.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize(target=people)
    def the_first(self) -> str:
        with self.storage.unit_of_work() as work:
            alice = work.people.add("Alice", Role.OWNER, work.now)
        self.roles[alice.id] = Role.OWNER
        return alice.id

    def _person(self, id: str) -> Person:
        with self.storage.reading() as work:
            return work.people.get(id)

    @property
    def owners(self) -> list[str]:
        return [id for id, role in self.roles.items() if role is Role.OWNER]

    @rule(target=people, by=people, role=roles)
    def invites(self, by: str, role: Role) -> str:
        self.invited += 1
        allowed = self.roles[by] is Role.OWNER or (
            self.roles[by] is Role.MANAGER and role in (Role.EDITOR, Role.VIEWER)
        )
        try:
            with self.storage.unit_of_work() as work:
                person = team.invite(f"Person {self.invited}", role, self._person(by), work).person
        except Forbidden:
            assert not allowed
            return by
        assert allowed
        self.roles[person.id] = role
        return person.id

    @rule(by=people, whom=people, role=roles)
    def gives_a_role(self, by: str, whom: str, role: Role) -> None:
        last = self.owners == [whom] and role is not Role.OWNER
        allowed = self.roles[by] is Role.OWNER and self.roles[whom] not in (None, role) and not last
        try:
            with self.storage.unit_of_work() as work:
                team.change_role(whom, role, self._person(by), work)
        except refusals:
            assert not allowed
        else:
            assert allowed
            self.roles[whom] = role

    @rule(by=people, whom=people)
    def removes(self, by: str, whom: str) -> None:
        allowed = self.roles[by] is Role.OWNER and self.roles[whom] is not None and self.owners != [whom]
        try:
            with self.storage.unit_of_work() as work:
                team.remove(whom, self._person(by), work)
        except refusals:
            assert not allowed
        else:
            assert allowed
            self.roles[whom] = None

    @invariant()
    def somebody_owns_it_and_the_database_knows_who(self) -> None:
        with self.storage.reading() as work:
            kept = {person.id: person.role for person in work.people.everyone()}
        assert kept == {id: role for id, role in self.roles.items() if role is not None}
        assert not self.roles or self.owners


@pytest.fixture
def machine(migrated_file: Path) -> Iterator[type[Team]]:
    Team.migrated = migrated_file
    yield Team


def test_there_is_always_an_owner(machine: type[Team]) -> None:
    """Its invariant asserts, after every step."""
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
