"""Fifty programs press at the same moment: one decision, one effect, everyone told the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from agents.people import Role
from storage.columns import Table
from storage.tables import DecisionRow, EffectRow, StagePostRow
from tests.api.team import Team, build, button, card

CLICKS = 50


def rows(team: Team, table: type[Table]) -> int:
    with team.troupe.storage.reading() as work:
        return work.connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    """On both databases that we ship for."""
    url = {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgresql" else {}
    made = build(tmp_path, **url)
    yield made
    made.troupe.close()


def test_one_decision_one_effect_and_everyone_is_told_the_truth(
    team: Team, alice: TestClient, address: str
) -> None:
    draft = team.draft(alice)
    approve, reject = (button(draft, label)["action"] for label in ("Approve", "Reject…"))
    keys = [team.key("alice"), team.key("bob", Role.MANAGER)]
    together = Barrier(CLICKS)

    def click(number: int) -> tuple[bool, Any]:
        says_yes = number % 2 == 0
        asked = {"action": approve} if says_yes else {"action": reject, "values": {"reason": "no"}}
        with httpx.Client(headers={"Authorization": f"Bearer {keys[number % 3 % 2]}"}, timeout=60) as program:
            together.wait()
            return says_yes, program.post(f"{address}/api/actions", json=asked)

    with ThreadPoolExecutor(CLICKS) as crowd:
        told = list(crowd.map(click, range(CLICKS)))
    team.drain()

    won = [(says_yes, answer) for says_yes, answer in told if answer.status_code == 200]
    lost = [answer for _, answer in told if answer.status_code != 200]
    assert len(won) == 1, Counter(answer.status_code for _, answer in told)
    assert {answer.status_code for answer in lost} == {409}
    verdict = "was approved" if won[0][0] else "was rejected"
    for answer in lost:
        assert verdict in answer.json()["error"]["message"]
        assert "changed nothing" in answer.json()["error"]["remedy"]

    assert rows(team, DecisionRow) == 1
    out = 1 if won[0][0] else 0
    assert (rows(team, EffectRow), rows(team, StagePostRow)) == (out, out)
    assert card(alice, draft["subject"])["badge"] == ("published" if out else "rejected")
    trail = alice.get("/api/audit", params={"matching": draft["subject"]["id"], "limit": 200}).json()
    decided = [event for event in trail if event["name"] in ("post.approved", "post.rejected")]
    refused = [event for event in trail if event["refused"]]
    assert (len(decided), len(refused)) == (1, CLICKS - 1)
