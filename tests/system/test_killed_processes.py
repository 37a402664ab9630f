"""Whoever is killed is missed, and its next life says so; whoever is asked to stop says goodbye and is not."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from pathlib import Path

from bot import wiring
from bot.settings import load
from storage.switches import Beat
from tests.system.troupe import up

PATIENCE_S = 150.0
"""A process is missed after 20 s. Who watches was killed as well: the next to watch waits for the lease of the one before,
and gives everybody a period."""


def test_killed_processes_become_alerts_that_their_next_lives_resolve(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home) as running, running.api() as program:
        killed = [process for kind in ("worker", "clock") for process in running.processes(kind)]
        for process in killed:
            process.kill()
        until = time.monotonic() + PATIENCE_S
        while True:
            rows = list(csv.DictReader(io.StringIO(program.get("/api/alerts.csv").text)))
            missed = [row for row in rows if row["kind"] == "process_down"]
            if len(missed) == 2 and {row["state"] for row in missed} == {"resolved"}:
                break
            assert time.monotonic() < until, rows
            time.sleep(0.5)
        assert {row["subject"].partition("@")[0] for row in missed} == {"process:worker", "process:clock"}
        for row in missed:
            assert row["count"] == "1"
            assert "stopped without a goodbye" in row["what"]
            assert "which is back after" in row["handled_by"]
        text = program.post("/api/commands", json={"text": "/status"}).json()["card"]["text"]
        for kind in ("worker", "clock"):
            (again,) = running.processes(kind)
            assert f"{again.pid}, " in text
        assert not any(f":{process.pid}, " in text for process in killed)
    assert left(home) == [], "everybody said goodbye"


def left(home: Path) -> list[Beat]:
    troupe = wiring.build(load(_env_file=None, troupe_home=home))
    with troupe.storage.reading() as work:
        beats = work.switches.beats(work.now - timedelta(days=1))
    troupe.close()
    return beats
