"""The emulator as a process of its own, for the bench: driven over HTTP, measuring acknowledgements."""

import json
import subprocess
import sys
import time

import httpx
import pytest

from tests.slack.bolt import bolt
from tests.slack.emulator import Emulator
from tests.slack.emulator.pace import Latency
from tests.slack.test_emulator import declare


def test_loads_are_measured_where_they_are_sent() -> None:
    with (
        Emulator(rates="off", controlled=True).running() as slack,
        bolt(slack, declare),
        httpx.Client(base_url=f"http://{slack.world.host}/control/", timeout=30) as control,
    ):
        control.post(
            "setup", json={"users": ["alice"], "channels": {"general": ["alice"]}}
        ).raise_for_status()
        given = {"user": "alice", "verb": "types", "what": "/post a card", "channel": "general"}
        assert control.post("do", json=given).json()["ok"]
        events = control.post(
            "load", json={"kind": "event", "what": "hello", "rate": 200, "seconds": 0.5}
        ).json()
        assert (events["sent"], events["acknowledged"], events["failed"]) == (100, 100, {})
        assert 0 < events["acks"]["p50_ms"] <= events["acks"]["p99_ms"] <= events["acks"]["max_ms"]
        clicks = control.post(
            "load", json={"kind": "click", "what": "Approve", "rate": 1, "seconds": 1}
        ).json()
        assert (clicks["acks"]["count"], clicks["updates"]["count"]) == (1, 1)
        none = control.post("load", json={"kind": "click", "what": "Approve", "rate": 1, "seconds": 1})
        assert none.status_code == 409, "nobody can press what is gone"
        assert control.get("state").json()["messages"] == {"general": 101}
        (post,) = control.get("posts", params={"channel": "general"}).json()
        assert 0 <= time.time() - post["at"] < 60 and post["words"]


def test_percentiles() -> None:
    assert Latency.of([n / 1000 for n in range(1, 101)]) == Latency(100, 51.0, 91.0, 100.0, 100.0)
    assert Latency.of([]).count == 0


@pytest.mark.parametrize("rates", ["real", "2"])
def test_the_process_says_where_it_is(rates: str) -> None:
    command = [sys.executable, "-m", "tests.slack.emulator", "--rates", rates]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {told['bot_token']}"}
        assert httpx.post(f"{told['url']}auth.test", headers=headers).json()["ok"]
        process.terminate()
        assert process.wait(10) == 0
