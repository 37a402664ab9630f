"""Alive, ready, and what the process weighs."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta

import httpx

from bot.settings import ROOT
from tests.servers.redis_server import Redis
from tests.web.console import Console

FORBIDDEN = (
    "langchain",
    "langgraph",
    "openai",
    "atproto",
    "tweepy",
    "matplotlib",
    "plotly",
    "pandas",
    "numpy",
    "altair",
)


def test_it_lives_and_is_ready_only_when_all_parts_are(console: Console, redis_process: Redis) -> None:
    with httpx.Client(base_url=console.address) as anybody:
        assert anybody.get("/healthz").json() == {"alive": True}
        assert anybody.get("/readyz").status_code == 503

        def beat(kind: str, ago: timedelta = timedelta()) -> None:
            with console.troupe.storage.unit_of_work() as work:
                work.switches.beat(f"{kind}@test", kind, work.now - ago, {})

        beat("worker")
        beat("clock", timedelta(seconds=20))
        waiting = anybody.get("/readyz")
        assert waiting.status_code == 503
        assert waiting.json()["checks"] == {"database": True, "redis": True, "worker": True, "clock": False}
        beat("clock")
        assert anybody.get("/readyz").status_code == 200
        redis_process.kill()
        assert anybody.get("/readyz").json()["checks"]["redis"] is False
        redis_process.start()
        assert anybody.get("/readyz").status_code == 200


def test_it_gives_signs_of_life(console: Console) -> None:
    with console.troupe.storage.reading() as work:
        beats = [b for b in work.switches.beats(work.now - timedelta(seconds=15)) if b.kind == "web"]
    assert [b.detail["pid"] for b in beats] == [console.pid]
    assert 20 < beats[0].detail["rss_mib"] < 250


def test_it_loads_nothing_that_only_workers_need() -> None:
    code = (
        "import sys; from bot.settings import load; from bot.wiring import build; from bot.web.app import make;"
        "make(build(load(_env_file=None))); print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "nicegui" in loaded
    assert not loaded & set(FORBIDDEN)
    assert "jobs" not in loaded


def test_it_stops_when_it_is_told_to_with_pages_open(console: Console) -> None:
    page = console.page()
    begun = time.monotonic()
    console.stop()
    assert time.monotonic() - begun < 5
    console.start()
    page.close()
    log = (console.settings.troupe_home / "web.log").read_text()
    assert "Application shutdown complete" in log
    assert "Traceback" not in log
