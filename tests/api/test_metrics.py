"""What Prometheus reads: true, bounded, and not for everybody."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from agents.events import Subject
from agents.money import from_dollars
from agents.oncall.kinds import AlertKind
from agents.personas.persona import Profile
from storage.rows import put
from storage.tables import BudgetRow
from tests.api.team import Team, build, button
from tests.servers.redis_server import Redis


def figures(answer: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """name -> labels' values -> value"""
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_the_figures_are_those_of_the_database(team: Team, alice: TestClient) -> None:
    draft = team.draft(alice)
    alice.post("/api/actions", json={"action": button(draft, "Approve")["action"]})
    with team.troupe.storage.unit_of_work() as work:
        work.raise_alert(AlertKind.PROCESS_DOWN, Subject("system", "x"), "down", kept="all", remedy="look")
        work.switches.beat("web@here:1", "web", work.now, {"rss_mib": 100})
    found = figures(alice.get("/metrics"))
    assert found["troupe_posts"]["approved",] == 1 and found["troupe_posts"]["published",] == 0
    assert found["troupe_effects"]["due",] == 1
    assert found["troupe_alerts_open"]["critical",] == 1
    assert found["troupe_jobs_later"][()] >= 1
    assert 0 <= found["troupe_process_beat_age_seconds"]["web", "web@here:1"] < 60
    assert found["troupe_process_rss_bytes"]["web", "web@here:1"] == 100 * 2**20
    assert found["troupe_halted"][()] == 0
    assert found["troupe_up"] == {("database",): 1, ("redis",): 0}
    team.drain()
    assert figures(alice.get("/metrics"))["troupe_posts"]["published",] == 1


def test_the_queues_are_told_when_redis_answers(tmp_path: Any, redis_server: Redis) -> None:
    team = build(tmp_path, redis_server.url)
    client = team.client()
    client.post("/api/commands", json={"text": '/post draft @ada "x y"', "channel": "general"})
    found = figures(client.get("/metrics"))
    assert found["troupe_queue_jobs"] == {("now",): 0, ("long",): 1, ("tasks",): 0}
    assert found["troupe_up"]["redis",] == 1


def test_requests_are_counted_by_template_and_never_by_path(team: Team, alice: TestClient) -> None:
    for id in ("one", "two", "three"):
        alice.get(f"/api/cards/post/{id}")
    alice.get("/api/whatever/somebody/types")
    alice.get("/nowhere")
    alice.request("BREW", "/api/channels")
    counted = figures(alice.get("/metrics"))["troupe_http_requests_total"]
    assert counted["GET", "/api/cards/{kind}/{id}", "404"] == 3
    assert counted["GET", "other", "404"] == 2
    assert {method for method, _, _ in counted} == {"GET", "other"}
    routes = {route for _, route, _ in counted}
    assert not [route for route in routes if re.search("one|somebody|nowhere", route)]


def test_the_time_of_a_request_is_in_a_bucket(alice: TestClient) -> None:
    alice.get("/api/channels")
    found = figures(alice.get("/metrics"))
    assert found["troupe_http_request_seconds_count"]["/api/channels",] == 1
    assert 0 < found["troupe_http_request_seconds_sum"]["/api/channels",] < 5


def test_a_large_cast_does_not_flood_it(team: Team, alice: TestClient) -> None:
    with team.troupe.storage.unit_of_work() as work:
        for number in range(30):
            persona = work.personas.add(Profile(name=f"P{number}", handle=f"p{number}"), work.now)
            spent = from_dollars(Decimal(number))
            values = {
                "owner": str(persona.subject),
                "month": f"{work.now:%Y-%m}",
                "reserved": 0,
                "spent": spent,
            }
            put(work.connection, BudgetRow, **values)
    spend = figures(alice.get("/metrics"))["troupe_spend_month_dollars"]
    assert len(spend) == 21
    assert spend["p29",] == 29.0
    assert sum(spend.values()) == sum(range(30))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8420"}, 200),
        ({"Host": "evil.example"}, 401),  # a page whose name was made to lead here
        ({"X-Forwarded-For": "203.0.113.7"}, 401),  # through a proxy on this machine
        ({"Origin": "https://evil.example"}, 401),
    ],
)
def test_from_this_machine_itself_no_key_is_needed(
    team: Team, address: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(f"{address}/metrics", headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["correlation_id"] == answer.headers["x-correlation-id"]
        key = {**headers, "Authorization": f"Bearer {team.key()}"}
        assert httpx.get(f"{address}/metrics", headers=key).status_code == 200


def test_from_elsewhere_a_key_is_needed(team: Team) -> None:
    elsewhere = TestClient(team.app, client=("203.0.113.7", 5000), headers={"Host": "localhost"})
    assert elsewhere.get("/metrics").status_code == 401
    key = {"Authorization": f"Bearer {team.key()}"}
    assert elsewhere.get("/metrics", headers=key).status_code == 200
