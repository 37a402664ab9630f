"""What completes an option is looked up once for several keys, and never for anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from agents import team
from agents.people import Identity, Person
from agents.personas.persona import Profile
from bot import commands as handlers
from bot.discord import commands
from bot.discord.offers import KEPT_AT_ONCE, KEPT_S, Offers
from tests.bench.house import House, Unrung, house


@dataclass
class Typist:
    """Somebody who types in options, at times that the test sets.  now: seconds."""

    home: House
    now: float = 100.0

    def __post_init__(self) -> None:
        self._offers = Offers(self.home.troupe, lambda: self.now)

    def types(self, user: str, path: str, option: str, so_far: str) -> list[str]:
        group, _, verb = path.partition(" ")
        focused = {"name": option, "value": so_far, "focused": True}
        typing = commands.completes(
            {"name": group, "options": [{"type": 1, "name": verb, "options": [focused]}]}
        )
        found = asyncio.run(self._offers.of(user, typing))
        return [str(each["value"]) for each in commands.choices(typing, found)]

    def links(self, user: str, person: Person) -> None:
        with self.home.troupe.storage.unit_of_work() as work:
            work.people.link(Identity(person.id, "discord", user), work.now)

    def hires(self, name: str) -> None:
        with self.home.troupe.storage.unit_of_work() as work:
            work.personas.add(Profile(name=name, handle=name.lower()), work.now)


@pytest.fixture
def typist() -> Iterator[Typist]:
    handlers.load()
    with house("sqlite", kind=Unrung) as home:
        typist = Typist(home)
        typist.links("1", home.alice)
        typist.links("2", home.bob)
        yield typist


def test_each_key_narrows_what_was_looked_up_for_the_first(typist: Typist) -> None:
    typist.hires("Ada")
    assert typist.types("1", "persona show", "persona", "") == ["@ada", "@zoe"]
    typist.hires("Zed")
    assert typist.types("1", "persona show", "persona", "z") == ["@zoe"]
    assert typist.types("1", "persona show", "persona", "a") == ["@ada"]


def test_what_is_new_is_offered_soon(typist: Typist) -> None:
    assert typist.types("1", "persona show", "persona", "z") == ["@zoe"]
    typist.hires("Zed")
    typist.now += KEPT_S - 0.01
    assert typist.types("1", "persona show", "persona", "z") == ["@zoe"]
    typist.now += 0.01  # however often it was asked for meanwhile
    assert typist.types("1", "persona show", "persona", "z") == ["@zed", "@zoe"]


def test_another_person_and_another_option_are_looked_up_for_themselves(typist: Typist) -> None:
    assert typist.types("1", "persona show", "persona", "z") == ["@zoe"]
    typist.hires("Zed")
    assert typist.types("2", "persona show", "persona", "z") == ["@zed", "@zoe"]
    assert typist.types("1", "post draft", "persona", "z") == ["@zed", "@zoe"]
    assert typist.types("1", "people show", "person", "b") == ["Bob"]


def test_who_is_removed_is_offered_nothing_soon(typist: Typist) -> None:
    assert typist.types("2", "people show", "person", "ali") == ["Alice"]
    with typist.home.troupe.storage.unit_of_work() as work:
        team.remove(typist.home.bob.id, typist.home.alice, work)
    typist.now += KEPT_S
    assert typist.types("2", "people show", "person", "ali") == []


def test_a_stranger_is_offered_nothing_until_they_are_let_in(typist: Typist) -> None:
    assert typist.types("3", "people show", "person", "ali") == []
    typist.links("3", typist.home.bob)
    assert typist.types("3", "people show", "person", "ali") == ["Alice"]


def test_only_so_many_are_kept(typist: Typist) -> None:
    for number in range(KEPT_AT_ONCE):
        typist.links(f"1{number}", typist.home.alice)
        typist.types(f"1{number}", "persona show", "persona", "")
    assert typist.types("1", "persona show", "persona", "z") == ["@zoe"]
    typist.hires("Zed")
    assert typist.types("10", "persona show", "persona", "z") == ["@zoe"]
    assert typist.types("1", "persona show", "persona", "z") == ["@zed", "@zoe"]
