"""Who gets in, as whom, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from limits import parse
from starlette.testclient import TestClient

from agents.approvals.policy import Policy
from agents.people import Role
from bot.web.api import limits
from bot.web.api.limits import Limits
from storage.access import ApiKey
from tests.api.team import Team, build
from tests.servers.redis_server import Redis


def key_named(team: Team, name: str) -> ApiKey:
    with team.troupe.storage.reading() as work:
        return next(key for key in list(work.access.keys()) if key.name == name)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer troupe_never-made"},
        {"Authorization": "Basic YWxpY2U6cGFzc3dvcmQ="},
        {"Cookie": "troupe_8420=whatever"},
    ],
)
def test_without_a_good_key_nobody_gets_in(team: Team, headers: dict[str, str]) -> None:
    answer = team.bare(**headers).get("/api/channels")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
    assert "api-key create" in answer.json()["error"]["remedy"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_session_of_a_browser_is_no_key(team: Team) -> None:
    with team.troupe.storage.unit_of_work() as work:
        token = work.access.open_session(team.people["alice"].id, work.now)
    cookie = f"troupe_{team.troupe.settings.port}={token}; __Host-troupe={token}"
    assert team.bare(Cookie=cookie).get("/api/channels").status_code == 401


def test_a_revoked_key_is_told_that_it_was(team: Team) -> None:
    client = team.client(name="old one")
    assert client.get("/api/channels").status_code == 200
    with team.troupe.storage.unit_of_work() as work:
        work.access.revoke_key("old one", work.now)
    answer = client.get("/api/channels")
    assert answer.status_code == 401
    assert "old one was revoked" in answer.json()["error"]["message"]


def test_a_key_ends_with_the_person_it_acts_for(team: Team) -> None:
    client = team.client("bob")
    with team.troupe.storage.unit_of_work() as work:
        work.people.change(team.people["bob"], removed_at=work.now)
    answer = client.get("/api/channels")
    assert answer.status_code == 401
    assert "Bob" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("person", "role", "status"),
    [
        ("alice", Role.OWNER, 200),
        ("alice", Role.MANAGER, 200),
        ("alice", Role.VIEWER, 403),  # an owner's key that may only look
        ("vera", Role.OWNER, 403),  # a key does not lift the person it acts for
        ("charlie", Role.EDITOR, 200),
    ],
)
def test_a_key_is_never_above_its_role_nor_above_its_person(
    team: Team, person: str, role: Role, status: int
) -> None:
    assert team.client(person, role).get("/api/audit").status_code == status


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 403), (Role.OWNER, 200)])
def test_only_an_owners_key_lets_keys_decide(team: Team, role: Role, status: int) -> None:
    with team.troupe.storage.unit_of_work() as work:
        work.personas.set_policy(work.personas.by_handle("ada").id, "", Policy())
    asked = {"text": "/persona policy @ada keys yes"}
    assert team.client("alice", role).post("/api/commands", json=asked).status_code == status


def test_a_key_opens_no_browser(team: Team) -> None:
    asked = team.client().post("/api/commands", json={"text": "/people sign-in"})
    assert asked.status_code == 403
    assert "sign-in/" not in asked.text


def test_whose_keys_there_are_is_told_to_managers(team: Team) -> None:
    team.key("alice", name="alices-nightly")
    where = f"/api/cards/person/{team.people['alice'].id}"
    assert "alices-nightly" in team.client("bob").get(where).text
    seen = team.client("vera").get(where)
    assert seen.status_code == 200 and "alices-nightly" not in seen.text


def test_its_use_is_noted_at_most_once_a_minute(team: Team) -> None:
    client = team.client(name="busy")
    assert key_named(team, "busy").last_used_at is None
    client.get("/api/channels")
    first = key_named(team, "busy").last_used_at
    client.get("/api/channels")
    assert first is not None and key_named(team, "busy").last_used_at == first
    with team.troupe.storage.unit_of_work() as work:
        work.access.note_use(key_named(team, "busy"), first - timedelta(minutes=2))
    client.get("/api/channels")
    again = key_named(team, "busy").last_used_at
    assert again is not None and again >= first


def test_a_key_that_asks_too_often_waits(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_KEY", parse("3/minute"))
    eager, other = team.client(), team.client()
    assert [eager.get("/api/channels").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = eager.get("/api/channels")
    assert answer.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert other.get("/api/channels").status_code == 200


def test_wrong_keys_are_counted_by_address_and_good_ones_still_get_in(team: Team) -> None:
    wrong = team.bare(Authorization="Bearer troupe_guessed")
    told = [wrong.get("/api/channels").status_code for _ in range(22)]
    assert told[:20] == [401] * 20 and told[20:] == [429, 429]
    assert team.client().get("/api/channels").status_code == 200


def test_processes_count_together_in_redis(redis_server: Redis) -> None:
    one, other, three = Limits(redis_server.url), Limits(redis_server.url), parse("3/minute")
    assert [one.hit(three, "k"), other.hit(three, "k"), one.hit(three, "k")] == [0.0, 0.0, 0.0]
    assert 0 < other.hit(three, "k") <= 60
    assert other.hit(three, "another") == 0.0


def test_while_redis_is_away_memory_counts(redis_server: Redis) -> None:
    counted, two = Limits(redis_server.url), parse("2/minute")
    assert counted.hit(two, "k") == 0.0
    redis_server.kill()
    assert [counted.hit(two, "k") for _ in range(2)] == [0.0, 0.0]
    assert counted.hit(two, "k") > 0


def test_a_redis_that_hangs_keeps_nobody_waiting(redis_server: Redis, tmp_path: Path) -> None:
    client = build(tmp_path, redis_server.url).client()
    assert client.get("/api/channels").status_code == 200
    redis_server.pause()
    try:
        answer = client.get("/api/channels")
        assert answer.status_code == 200
        assert answer.elapsed < timedelta(seconds=2)
    finally:
        redis_server.resume()


def test_the_key_itself_is_nowhere_in_the_database(team: Team) -> None:
    key = team.key(name="hidden")
    TestClient(team.app, headers={"Authorization": f"Bearer {key}"}).get("/api/channels")
    found = key_named(team, "hidden")
    assert key not in repr(replace(found))
    database = team.troupe.settings.troupe_home / "troupe.db"
    assert key.encode() not in database.read_bytes() + database.with_suffix(".db-wal").read_bytes()
