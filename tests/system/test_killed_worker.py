"""A worker that is killed is missed; when `up` has started it again, it says so itself."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

from tests.system.troupe import up

PATIENCE_S = 90.0
"""A worker starts in 2 s and is missed after 20 s, on a machine that does nothing else."""


def test_a_killed_worker_becomes_an_alert_that_its_next_life_resolves(tmp_path: Path) -> None:
    with up(tmp_path / "home") as running, running.api() as program:
        (worker,) = running.processes("worker")
        worker.kill()
        until = time.monotonic() + PATIENCE_S
        while True:
            rows = list(csv.DictReader(io.StringIO(program.get("/api/alerts.csv").text)))
            missed = [row for row in rows if row["kind"] == "process_down"]
            if missed and missed[0]["state"] == "resolved":
                break
            assert time.monotonic() < until, rows
            time.sleep(0.5)
        (alert,) = missed
        assert alert["count"] == "1"
        assert alert["subject"].startswith("process:worker@")
        assert "stopped without a goodbye" in alert["what"]
        assert "which is back after" in alert["handled_by"]
        (again,) = running.processes("worker")
        assert again.pid != worker.pid
        text = program.post("/api/commands", json={"text": "/status"}).json()["card"]["text"]
        assert f":{again.pid}, " in text and f":{worker.pid}, " not in text
