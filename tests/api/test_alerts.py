"""Alerts from a team's own systems: who may send them, what becomes of them, and that the manual's example works."""

from __future__ import annotations

import base64
import csv
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.people import Role
from bot.settings import ROOT
from tests.api.team import Team, build
from tests.servers.redis_server import Redis


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """On both databases that we ship for."""
    url = {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgresql" else {}
    made = build(tmp_path, **url)
    yield made
    made.troupe.close()


def open_alerts(team: Team) -> list[Alert]:
    with team.troupe.storage.reading() as work:
        return work.alerts.unresolved(limit=2000)


def alert(number: int = 1, status: str = "firing", **labels: str) -> dict[str, Any]:
    """As Alertmanager 0.27 sends one."""
    return {
        "status": status,
        "labels": {"alertname": "InstanceDown", "instance": f"host-{number}:9100", "severity": "critical"}
        | labels,
        "annotations": {
            "summary": f"host-{number} does not answer",
            "description": "It has been away for more than 5 minutes.",
            "runbook_url": "https://runbooks.example.com/instance-down",
        },
        "startsAt": "2026-11-21T09:52:26.739266876Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "fingerprint": f"{number:016x}",
    }


def notification(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {
        "receiver": "troupe",
        "status": "firing",
        "alerts": list(alerts),
        "groupLabels": {"alertname": "InstanceDown"},
        "commonLabels": {"alertname": "InstanceDown"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com:9093",
        "version": "4",
        "groupKey": '{}:{alertname="InstanceDown"}',
        "truncatedAlerts": 0,
    }


def send(client: TestClient, *alerts: dict[str, Any]) -> Any:
    return client.post("/api/alerts/alertmanager", json=notification(*alerts))


def test_an_alert_of_prometheus_is_one_of_ours_until_it_is_over(team: Team, alice: TestClient) -> None:
    assert send(alice, alert()).status_code == 200
    (found,) = open_alerts(team)
    assert (found.kind, found.severity, found.count) == (AlertKind.EXTERNAL, Severity.CRITICAL, 1)
    assert found.what.startswith("InstanceDown: host-1 does not answer")
    assert found.link == "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"
    assert "https://runbooks.example.com/instance-down" in found.remedy
    assert re.fullmatch(r"external:[0-9a-f]{20}", str(found.subject))
    for _ in range(2):
        assert send(alice, alert()).json()["alerts"] == [found.id]
    assert open_alerts(team)[0].count == 3
    answer = send(alice, alert(status="resolved")).json()
    assert (answer["firing"], answer["resolved"], answer["alerts"]) == (0, 1, [])
    assert open_alerts(team) == []
    with team.troupe.storage.reading() as work:
        over = work.alerts.get(found.id)
    assert (over.state, over.handled_by) == (AlertState.RESOLVED, "Alertmanager")
    assert send(alice, alert(2, "resolved")).status_code == 200, "what was never heard of may be over, too"


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("error", Severity.HIGH),
        ("high", Severity.HIGH),
        ("Warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("purple", Severity.MEDIUM),
        ("", Severity.MEDIUM),
    ],
)
def test_labels_say_how_bad_it_is(tmp_path: Path, label: str, severity: Severity) -> None:
    team = build(tmp_path)
    send(team.client(), alert(severity=label))
    assert open_alerts(team)[0].severity is severity


def test_a_persona_may_be_named_and_one_that_is_not_there_loses_no_alert(
    team: Team, alice: TestClient
) -> None:
    with team.troupe.storage.reading() as work:
        ada = work.personas.by_handle("ada").id
    assert send(alice, alert(1, persona="ada"), alert(2, persona="@adda"), alert(3)).status_code == 200
    assert {found.persona_id for found in open_alerts(team)} == {ada, ""}
    wrong = alice.post("/api/alerts", json={"title": "x", "persona": "adda"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (404, "persona")
    assert "@ada" in wrong.json()["error"]["remedy"]


def test_a_thousand_at_once_are_taken_in_one_go(
    database_url: str, tmp_path: Path, redis_server: Redis
) -> None:
    team = build(tmp_path / "home", redis_server.url, database_url=database_url)
    alice, begun = team.client(), time.monotonic()
    answer = send(alice, *(alert(n, padding="x" * 500) for n in range(1000)))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["alerts"]) == answer.json()["firing"] == len(open_alerts(team)) == 1000
    assert send(alice, *(alert(n, "resolved") for n in range(1000))).json()["resolved"] == 1000
    assert open_alerts(team) == []
    assert time.monotonic() - begun < 60
    team.troupe.close()


@pytest.mark.parametrize("scheme", ["Bearer", "basic", "wrong password", "Bearer troupe_never-made"])
def test_a_key_comes_as_alertmanager_can_send_it(team: Team, scheme: str) -> None:
    key = team.key()
    password = base64.b64encode(f"anybody:{key if scheme == 'basic' else 'guessed'}".encode()).decode()
    header = {"Bearer": f"Bearer {key}", "basic": f"Basic {password}", "wrong password": f"Basic {password}"}
    client = team.bare(Authorization=header.get(scheme, scheme))
    assert send(client, alert()).status_code == (200 if scheme in ("Bearer", "basic") else 401)
    if scheme == "basic":
        assert client.get("/api/channels").status_code == 401, "elsewhere a key is a key"


def test_whoever_has_no_key_is_told_before_a_word_is_read(team: Team) -> None:
    json = {"content-type": "application/json"}
    assert team.bare().post("/api/alerts", content=b"{" * 100, headers=json).status_code == 401
    garbage = team.client().post("/api/alerts", content=b"{" * 100, headers=json)
    assert (garbage.status_code, garbage.json()["error"]["code"]) == (400, "unreadable")
    too_much = team.client().post("/api/alerts/alertmanager", content=b" " * 8_000_001, headers=json)
    assert (too_much.status_code, too_much.json()["error"]["code"]) == (413, "too_large")


def test_a_viewers_key_raises_nothing(team: Team) -> None:
    answer = team.client("vera").post("/api/alerts", json={"title": "fire"})
    assert (answer.status_code, open_alerts(team)) == (403, [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "x", "severity": "purple"}, "severity"),
        ({"title": "x", "state": "on fire"}, "state"),
        ({"title": "x", "link": "javascript:alert(1)"}, "link"),
        ({"title": "x", "runbook": "see the wiki"}, "runbook"),
        ({"title": "x", "colour": "red"}, "colour"),
        ({"title": "x", "key": "k" * 1001}, "key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, given: dict[str, Any], field: str) -> None:
    answer = build(tmp_path).client().post("/api/alerts", json=given)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field), answer.text


def test_of_a_notification_too(tmp_path: Path) -> None:
    alice = build(tmp_path).client()
    wrong = send(alice, alert(), {"status": "perhaps", "labels": {}})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "alerts.1.status")
    other = alice.post("/api/alerts/alertmanager", json={"version": "5", "alerts": []})
    assert (other.status_code, other.json()["error"]["field"]) == (422, "version")


def test_an_address_that_is_none_is_left_out(tmp_path: Path) -> None:
    team = build(tmp_path)
    odd = alert() | {
        "generatorURL": "javascript:alert(1)",
        "annotations": {"runbook_url": "data:text/html,x"},
    }
    send(team.client(), odd)
    (found,) = open_alerts(team)
    assert (found.link, "data:" in found.remedy) == ("", False)


def test_a_system_of_ones_own_says_what_gets_worse_and_when_it_is_over(team: Team, alice: TestClient) -> None:
    def say(**given: str) -> None:
        answer = alice.post("/api/alerts", json={"title": "The disk fills", "key": "disk"} | given)
        assert answer.status_code == 200, answer.text

    say(severity="low", description="80 % of /srv", link="https://graphs.example.com/disk")
    say(severity="low")
    (mild,) = open_alerts(team)
    assert (mild.severity, mild.count) == (Severity.LOW, 2)
    say(severity="critical", description="99 % of /srv")
    (bad,) = open_alerts(team)
    assert (bad.severity, bad.id != mild.id) == (Severity.CRITICAL, True), (
        "it is escalated from the beginning"
    )
    say(severity="low")
    (still,) = open_alerts(team)
    assert (still.id, still.severity, still.count) == (bad.id, Severity.CRITICAL, 2)
    say(state="resolved")
    assert open_alerts(team) == []


def test_its_card_is_where_people_look(team: Team, alice: TestClient) -> None:
    id = send(alice, alert()).json()["alerts"][0]
    assert "InstanceDown: host-1 does not answer" in alice.get(f"/api/cards/alert/{id}").text
    said = alice.get("/api/channels/general/messages").json()
    assert any(message["card"] == {"kind": "alert", "id": id} for message in said), said


def test_all_of_them_come_as_a_table_and_none_as_a_formula(team: Team, alice: TestClient) -> None:
    alice.post("/api/alerts", json={"title": '=HYPERLINK("http://evil.example","x")', "key": "a"})
    alice.post("/api/alerts", json={"title": "two\nlines, and a comma", "key": "b"})
    alice.post("/api/alerts", json={"title": "b", "key": "b", "state": "resolved"})
    answer = alice.get("/api/alerts.csv", params={"weeks": 1})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["state"] for row in rows] == ["open", "resolved"]
    assert rows[0]["what"] == '\'=HYPERLINK("http://evil.example","x")'
    assert rows[1]["what"] == "two\nlines, and a comma"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[1]["resolved_at"])
    assert (rows[0]["seconds_to_resolve"], rows[1]["seconds_to_resolve"]) == ("", "0")
    assert alice.get("/api/alerts.csv", params={"weeks": 99}).status_code == 422


def test_the_manuals_alertmanager_reaches_us(tmp_path: Path) -> None:
    """What docs/oncall.md tells people to write is read as Alertmanager reads it, and sent as it sends it."""
    team = build(tmp_path)
    text = (ROOT / "docs/oncall.md").read_text()
    (block,) = re.findall(
        r"```yaml\n(.*?)```", text.partition("## Alerts from your own systems")[2], re.DOTALL
    )[:1]
    written = yaml.safe_load(block)
    receivers = {receiver["name"]: receiver for receiver in written["receivers"]}
    (hook,) = receivers[written["route"]["receiver"]]["webhook_configs"]
    assert set(hook) <= {"url", "send_resolved", "max_alerts", "http_config", "timeout"}
    authorization = hook["http_config"]["authorization"]
    assert set(authorization) <= {"type", "credentials", "credentials_file"}
    key = team.key("bob", Role.EDITOR)
    client = team.bare(Authorization=f"{authorization.get('type', 'Bearer')} {key}")
    answer = client.post(hook["url"].partition(":8420")[2], json=notification(alert(), alert(2, "resolved")))
    assert (answer.status_code, answer.json()["firing"], answer.json()["resolved"]) == (200, 1, 1)
    assert hook["send_resolved"] is True


def test_what_the_manual_sends_with_curl_is_taken(tmp_path: Path) -> None:
    team = build(tmp_path)
    section = (ROOT / "docs/oncall.md").read_text().partition("## Alerts from your own systems")[2]
    bodies = re.findall(r"-d '(\{.*?\})'", section, re.DOTALL)
    assert len(bodies) == 2
    json = {"content-type": "application/json"}
    for body, left in zip(bodies, (1, 0), strict=True):
        assert team.client().post("/api/alerts", content=body.encode(), headers=json).status_code == 200
        assert len(open_alerts(team)) == left
