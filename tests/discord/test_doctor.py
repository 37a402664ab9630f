"""What the doctor says of a server where all is well, and of one where something was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor import discord as checks
from bot.doctor.finding import Finding, State
from tests.cli.desk import Desk
from tests.discord.emulator import Emulator
from tests.discord.team import Team, addresses
from tests.doctor.test_checks import patient


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "var")
    made.home.mkdir(mode=0o700)
    made.prepare()
    return made


def found(desk: Desk, **settings: str) -> dict[str, Finding]:
    looked = patient(desk, **settings)
    return {finding.name: finding for check in checks.CHECKS for finding in check(looked)}


def test_nothing_set_asks_nobody(desk: Desk, discord: Emulator) -> None:
    told = found(desk, discord_api_url=discord.api_url)
    assert list(told) == ["settings"] and told["settings"].state is State.OK
    assert discord.calls() == []


def test_a_server_where_all_is_well_but_that_nothing_runs(crew: Team, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "other")
    desk.home.mkdir(mode=0o700)
    desk.prepare()
    told = found(desk, **addresses(crew.discord))
    assert {name for name, finding in told.items() if finding.state is not State.OK} == {"process"}
    assert told["bot token"].words == "Discord knows us as troupe"
    assert told["servers"].words == "Troupe is in The Server"
    assert "./troupe run discord" in told["process"].remedy


def test_what_is_missing_is_named(desk: Desk) -> None:
    with Emulator(permissions=["VIEW_CHANNEL", "SEND_MESSAGES"], privileged=()).running() as discord:
        told = found(desk, **addresses(discord))
        assert told["message content"].state is State.FAIL
        assert "Manage Webhooks" in told["The Server"].words
        assert told["commands"].state is State.WARN


def test_a_token_that_discord_does_not_accept(desk: Desk, discord: Emulator) -> None:
    told = found(desk, **{**addresses(discord), "discord_token": "another.bot.token"})
    assert told["bot token"].state is State.FAIL and "does not accept" in told["bot token"].words
    assert "DISCORD_TOKEN" in told["bot token"].remedy
