"""What the doctor says, and how: the command itself, on an installation that nobody has started."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.doctor import AREAS
from bot.wiring import Troupe
from storage.secrets import FILE
from tests.cli.desk import Desk, Done


def findings(done: Done) -> dict[tuple[str, str], dict[str, Any]]:
    told = json.loads(done.stdout)
    assert told["ok"] == (done.returncode == 0)
    assert {finding["state"] for finding in told["findings"]} <= {"ok", "warn", "fail"}
    return {(finding["area"], finding["name"]): finding for finding in told["findings"]}


def test_on_a_fresh_clone_it_says_what_to_do_first_and_makes_nothing(desk: Desk) -> None:
    done = desk.run("doctor", "--json")
    found = findings(done)
    assert done.returncode == 1
    assert found["database", "database"]["state"] == "warn"
    assert "./troupe up" in found["database", "database"]["remedy"]
    assert found["processes", "processes"]["words"] == "Not looked at: the database is not ready."
    assert {area for area, _ in found} == set(AREAS)
    assert not desk.home.exists()


def test_what_does_not_run_is_a_failure_with_the_command_that_starts_it(desk: Desk, troupe: Troupe) -> None:
    found = findings(desk.run("doctor", "--json"))
    for kind in ("web", "worker", "writer", "agent", "clock"):
        assert found["processes", kind]["state"] == "fail"
        assert f"./troupe run {kind}" in found["processes", kind]["remedy"]
    assert found["redis", "redis"]["state"] == "fail"
    assert found["console", "console"]["state"] == "fail"
    fine = {"home", "database", "accounts", "clocks", "slack", "discord"}
    assert [f for (area, _), f in found.items() if area in fine and f["state"] != "ok"] == []
    assert (
        "rehearsal" in found["models", "models"]["words"]
        and "OPENAI_API_KEY" in found["models", "models"]["remedy"]
    )


def test_people_get_a_table_with_the_next_step_under_what_fails(desk: Desk, troupe: Troupe) -> None:
    done = desk.run("doctor", "home", COLUMNS="200")
    assert done.returncode == 0
    assert "✓" in done.stdout and str(desk.home) in done.stdout and "\x1b[" not in done.stdout
    desk.home.chmod(0o755)
    (desk.home / FILE).chmod(0o644)
    done = desk.run("doctor", "home", COLUMNS="200")
    assert done.returncode == 1
    assert f"→ chmod 0700 {desk.home}" in done.stdout
    assert f"→ chmod 0600 {desk.home / FILE}" in done.stdout


def test_colours_are_for_terminals(desk: Desk, troupe: Troupe) -> None:
    done = desk.run("doctor", "home", FORCE_COLOR="1")
    assert "\x1b[32m✓" in done.stdout


def test_an_area_that_there_is_not(desk: Desk) -> None:
    done = desk.run("doctor", "databse")
    assert done.returncode == 2
    assert "Did you mean database?" in done.stderr and "processes" in done.stderr


def test_a_wrong_setting_is_told_before_anything_else(desk: Desk) -> None:
    done = desk.run("doctor", "--json", PORT="many", OPENAI_BASE_URL="ftp://x")
    told = json.loads(done.stdout)["findings"]
    assert done.returncode == 1 and {finding["area"] for finding in told} == {"settings"}
    assert [finding["words"].split()[0] for finding in told] == ["PORT", "OPENAI_BASE_URL"]
    people = desk.run("doctor", PORT="many", OPENAI_BASE_URL="ftp://x")
    assert people.returncode == 1 and "PORT" in people.stdout and "OPENAI_BASE_URL" in people.stdout


@pytest.mark.parametrize("words", [("doctor",), ("doctor", "--json")])
def test_no_secret_is_told(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(
        *words,
        DATABASE_URL="postgresql://troupe:hunter22222@127.0.0.1:1/troupe",
        REDIS_URL="redis://:swordfish99@127.0.0.1:1/0",
        SLACK_BOT_TOKEN="xoxb-123-secret-token",
    )
    assert done.returncode == 1
    for secret in ("hunter22222", "swordfish99", "secret-token"):
        assert secret not in done.stdout + done.stderr
    assert "does not answer" in done.stdout
