"""What the doctor says of a workspace whose app was made from our manifest, and of one where something was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import commands
from bot.doctor import slack as checks
from bot.doctor.finding import Finding, State
from bot.slack.manifest import manifest
from tests.cli.desk import Desk
from tests.doctor.test_checks import patient
from tests.slack.emulator import Emulator


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "var")
    made.home.mkdir(mode=0o700)
    made.prepare()
    return made


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    commands.load()
    with Emulator(manifest()).running() as emulator:
        yield emulator


def found(desk: Desk, workspace: Emulator) -> dict[str, Finding]:
    looked = patient(
        desk,
        slack_bot_token=workspace.bot_token,
        slack_app_token=workspace.app_token,
        slack_api_url=workspace.url.rstrip("/"),
    )
    return {finding.name: finding for check in checks.CHECKS for finding in check(looked)}


def test_an_app_made_from_our_manifest_has_all_that_is_needed(desk: Desk, workspace: Emulator) -> None:
    told = found(desk, workspace)
    for name in ("settings", "bot token", "scopes", "clock", "app token"):
        assert told[name].state is State.OK, told[name]
    assert told["channels"].state is State.WARN and "/invite @Troupe" in told["channels"].remedy
    channel = workspace.channel("press")
    channel.invite(workspace.bot)
    assert found(desk, workspace)["channels"].words == "Troupe is in #press"


def test_a_token_that_was_revoked_is_told(desk: Desk, workspace: Emulator) -> None:
    workspace.revoke("token_revoked")
    told = found(desk, workspace)
    assert told["bot token"].words == "The token was revoked." and told["bot token"].state is State.FAIL


def test_an_app_made_without_a_scope_lacks_it(desk: Desk) -> None:
    given = manifest()
    given["oauth_config"]["scopes"]["bot"].remove("files:write")
    with Emulator(given).running() as emulator:
        assert found(desk, emulator)["scopes"].words == "The bot lacks files:write."
