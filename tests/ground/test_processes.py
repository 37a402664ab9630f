"""Which processes an installation has: some join only with what is theirs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, load
from bot.supervise import processes

BOT, APP, SECRET = (
    {"slack_bot_token": "xoxb-1"},
    {"slack_app_token": "xapp-1"},
    {"slack_signing_secret": "s"},
)
HTTP = {"slack_mode": "http"}


def settings(tmp_path: Path, **given: object) -> Settings:
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: python -m bot.web\nslack: python -m bot.slack\n")
    return load(_env_file=None, troupe_home=tmp_path, troupe_procfile=procfile, **given)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        (APP, "SLACK_BOT_TOKEN"),
        (SECRET | HTTP, "SLACK_BOT_TOKEN"),
        (BOT, "SLACK_APP_TOKEN"),
        (BOT | SECRET, "SLACK_APP_TOKEN"),
        (BOT | HTTP, "SLACK_SIGNING_SECRET"),
        (BOT | APP | HTTP, "SLACK_SIGNING_SECRET"),
        (BOT | APP, ""),
        (BOT | SECRET | HTTP, ""),
    ],
)
def test_slack_joins_with_its_tokens(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    ours = settings(tmp_path, **given)

    assert processes.misses("slack", ours) == missing
    assert ours.slack_joins == (missing == "")
    assert list(processes.of(ours)) == ["redis", "web", *(["slack"] if missing == "" else [])]
    assert processes.misses("web", ours) == ""


def test_discord_joins_with_its_token(tmp_path: Path) -> None:
    ours, joined = settings(tmp_path), settings(tmp_path, discord_token="a.b.c")

    assert processes.misses("discord", ours) == "DISCORD_TOKEN" and not ours.discord_joins
    assert processes.misses("discord", joined) == "" and joined.discord_joins


def test_every_process_that_joins_is_one_of_ours() -> None:
    listed = [line.partition(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()]

    assert set(processes.JOINS) <= set(listed)


def test_running_one_that_does_not_join_says_what_to_set(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run", "slack"],
        env={"PATH": os.environ["PATH"], "TROUPE_HOME": str(tmp_path), "SLACK_BOT_TOKEN": "xoxb-1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("troupe: slack joins when SLACK_APP_TOKEN is set")
    assert "docs/slack.md" in done.stderr
