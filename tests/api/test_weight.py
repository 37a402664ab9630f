"""The API in the console's own application: it is there, and what workers need stays with the workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "langchain",
    "langchain_core",
    "langchain_openai",
    "langgraph",
    "openai",
    "atproto",
    "atproto_client",
    "tweepy",
)
USE = """
import sys, tempfile
from pathlib import Path
from starlette.testclient import TestClient
from agents.people import Role
from bot import wiring
from bot.settings import load
from bot.web.app import make
from storage import migrate
given = load(_env_file=None, troupe_home=Path(sys.argv[1]), redis_url="unix:///nowhere.sock")
migrate.upgrade(given.database_url)
troupe = wiring.build(given)
app = make(troupe)
with troupe.storage.unit_of_work() as work:
    key = work.access.new_key("k", work.people.add("Alice", Role.OWNER, work.now).id, Role.OWNER, work.now)
client = TestClient(app, "http://localhost", headers={"Authorization": f"Bearer {key}"})
assert client.post("/api/commands", json={"text": "/post queue"}).status_code == 200
assert client.get("/api/openapi.json").status_code == client.get("/metrics").status_code == 200
refused = client.post("/api/commands", content=b"x" * 10_000_000)
assert refused.status_code == 415, refused.text
refused = client.post("/api/commands", content=b"x" * 10_000_000, headers={"content-type": "application/json"})
assert "1,000,000 bytes" in refused.json()["error"]["message"], refused.text
assert refused.status_code == 413 and refused.json()["error"]["correlation_id"] == refused.headers["x-correlation-id"]
assert client.get("/api/docs", headers={"Host": "evil.example"}).json()["error"]["code"] == "forbidden"
print(*sorted(name for name in sys.modules if "." not in name))
"""


def test_no_model_and_no_platform_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split("\n")[-2].split())
    assert "fastapi" in loaded
    assert not loaded & set(HEAVY)
