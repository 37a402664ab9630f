"""`prepare`, where what it needs is away."""

import os
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT
from tests.servers.processes import free_port


def prepare(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"TROUPE_HOME": str(home)} | more
    command = [sys.executable, "-m", "bot.cli", "prepare"]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_redis_that_does_not_answer_is_named_before_anything_is_done(tmp_path: Path) -> None:
    refused = prepare(tmp_path, REDIS_URL=f"redis://:hunter2-secret@127.0.0.1:{free_port()}/0")

    assert refused.returncode == 1
    assert refused.stderr.startswith("troupe: The Redis at REDIS_URL does not answer: ")
    assert len(refused.stderr.splitlines()) == 1
    assert "hunter2-secret" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    address = f"postgresql://troupe:hunter2-secret@127.0.0.1:{free_port()}/troupe"
    refused = prepare(tmp_path, DATABASE_URL=address)

    assert refused.returncode == 1
    assert refused.stderr.startswith("troupe: The database does not answer: ")
    assert "Traceback" not in refused.stderr
    assert "hunter2-secret" not in refused.stderr
