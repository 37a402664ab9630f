"""Work that programs hand over, follow, decide on and fetch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.approvals.policy import Policy
from agents.people import Role
from agents.tasks.task import State
from bot.web.api.task_shapes import TaskIn
from tests.api.team import Team
from tests.surfaces import labour

BRIEF = "Compare three queue libraries for a small team. One page."


def handed_over(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/tasks", json={"brief": BRIEF, "persona": "ada", **more})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def decides(client: TestClient, id: str, decision: str, **more: str) -> Any:
    return client.post(f"/api/tasks/{id}/decisions", json={"decision": decision, **more})


def test_everything_about_it_can_be_said(team: Team, alice: TestClient) -> None:
    made = handed_over(
        alice,
        criteria=["each judged alike"],
        complexity=7,
        priority=9,
        deadline=f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}T12:00:00+02:00",
        formats=["pdf"],
        budget_usd="2.50",
        reviewed=False,
        channel="general",
    )
    assert made["title"] == "Compare three queue libraries for a small team" and made["state"] == "queued"
    assert made["budget_usd"] == "2.5" and made["criteria"][0] == {
        "text": "each judged alike",
        "met": None,
        "evidence": "",
    }
    with team.troupe.storage.reading() as work:
        task = work.tasks.get(made["id"])
        assert len(work.messages.cards_of(task.subject)) == 1
    assert task.priority == 9 and task.deadline and task.deadline.hour == 10
    [listed] = alice.get("/api/tasks", params={"state": "queued"}).json()
    assert listed["id"] == made["id"] and "brief" not in listed
    assert alice.get("/api/tasks", params={"state": "complete"}).json() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"brief": ""}, "brief"),
        ({"persona": "nobody"}, None),
        ({"priority": 11}, "priority"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "deadline"),
        ({"deadline": "2099-01-01T00:00:00"}, "deadline"),
        ({"formats": ["p/f"]}, "formats"),
        ({"budget_usd": -1}, "budget_usd"),
        ({"more": 1}, "more"),
        ({"channel": "nowhere"}, "channel"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    alice: TestClient, wrong: dict[str, Any], field: str | None
) -> None:
    answer = alice.post("/api/tasks", json={"brief": BRIEF, **wrong})
    assert answer.status_code in (404, 422), answer.text
    if field:
        assert answer.json()["error"]["field"] == field
    assert alice.get("/api/tasks").json() == []


def test_a_viewers_key_hands_over_nothing(team: Team) -> None:
    answer = team.client("vera", Role.VIEWER).post("/api/tasks", json={"brief": BRIEF})
    assert answer.status_code == 403
    assert team.client("vera", Role.VIEWER).get("/api/tasks").json() == []


def test_a_plan_and_a_result_are_decided_on_as_they_were_seen(team: Team, alice: TestClient) -> None:
    with team.troupe.storage.unit_of_work() as work:
        work.personas.set_policy(work.personas.by_handle("ada").id, "tasks", Policy(keys_may_decide=True))
    id, storage = handed_over(alice, complexity=8)["id"], team.troupe.storage
    labour.planned(storage, "Compare")
    seen = alice.get(f"/api/tasks/{id}").json()
    assert (seen["state"], seen["waits_for"], seen["plan"]["steps"][0]["state"]) == (
        "waiting",
        "plan",
        "open",
    )
    assert decides(alice, id, "approve_plan", fingerprint="0" * 32).json()["error"]["code"] == "stale"
    assert decides(alice, id, "approve_plan", fingerprint=seen["fingerprint"]).json()["stage"] == "build"
    assert decides(alice, id, "approve_plan", fingerprint=seen["fingerprint"]).status_code == 409
    step = labour.wants(storage, labour.named(storage, "Compare"))
    told = alice.get(f"/api/tasks/{id}").json()["steps"][0]
    assert told["shown"] == labour.MAIL and told["fingerprint"] == step.fingerprint
    pressed = f"action.approve:{told['id']}:{told['fingerprint'][:16]}"
    assert (
        alice.post("/api/actions", json={"action": pressed}).json()["card"]["badge"]
        == "approved, about to happen"
    )
    labour.built(storage, labour.named(storage, "Compare"))
    seen = alice.get(f"/api/tasks/{id}").json()
    first = seen["criteria"][0]
    assert (first["text"], first["met"]) == (labour.OUTLINE.criteria[0], True)
    pdf = next(file for file in seen["files"] if file["path"] == "report.pdf")
    fetched = alice.get(pdf["url"])
    assert fetched.content == labour.PDF and fetched.headers["content-disposition"].startswith("attachment")
    assert alice.get(pdf["url"].replace(id, "another")).status_code == 404
    assert decides(alice, id, "accept", fingerprint=seen["fingerprint"]).json()["state"] == "complete"
    names = [event["name"] for event in alice.get(f"/api/tasks/{id}/events").json()]
    assert {"task.requested", "task.plan_approved", "task.accepted"} <= set(names)


def test_a_key_decides_only_where_it_may(team: Team, alice: TestClient) -> None:
    with team.troupe.storage.unit_of_work() as work:
        work.personas.set_policy(work.personas.by_handle("ada").id, "tasks", Policy())
    id = handed_over(alice, complexity=8)["id"]
    labour.planned(team.troupe.storage, "Compare")
    seen = alice.get(f"/api/tasks/{id}").json()["fingerprint"]
    answer = decides(alice, id, "approve_plan", fingerprint=seen)
    assert answer.status_code == 403 and "may not decide" in answer.json()["error"]["message"]


def test_it_is_steered(team: Team, alice: TestClient) -> None:
    id = handed_over(alice)["id"]
    labour.begun(team.troupe.storage, "Compare")
    assert decides(alice, id, "pause").json()["state"] == "paused"
    assert decides(alice, id, "resume").json()["state"] == "working"
    assert decides(alice, id, "stop", words="not needed").json()["state"] == "cancelled"
    with team.troupe.storage.reading() as work:
        assert work.tasks.get(id).state is State.CANCELLED
        assert "not needed" in work.tasks.get(id).trouble
    assert decides(alice, id, "dance").status_code == 422
    assert alice.get("/api/tasks/nothing").status_code == 404


def test_the_examples_of_its_fields_are_true() -> None:
    fields = TaskIn.model_json_schema()["properties"]
    given = {name: one["examples"][0] for name, one in fields.items() if "examples" in one}
    assert TaskIn.model_validate(given).model_fields_set == set(given)
