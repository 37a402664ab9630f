"""What the doctor says of a server where all is well, and of one where something was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor import discord as checks
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Patient
from bot.heart import beating
from tests.cli.desk import Desk
from tests.discord.emulator import Emulator
from tests.discord.stories import ask
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


def beside(crew: Team) -> dict[str, Finding]:
    """The doctor looks while the process is connected, and it notices nothing of that."""
    identified = crew.discord.gateway.identified
    with beating(crew.troupe.storage, "discord"):
        crew.discord.until(lambda: next(checks.process(Patient(crew.troupe))).state is State.OK)
        told = {finding.name: finding for check in checks.CHECKS for finding in check(Patient(crew.troupe))}
    assert (crew.discord.gateway.identified, crew.discord.connections) == (identified, 1)
    ask(crew.bob, "/people me", crew.general, "You are Bob")
    return told


def test_channels_that_cards_are_routed_into_beside_a_live_process(crew: Team) -> None:
    press, news = crew.channel("press"), crew.channel("news")
    routed = f"{press.mention}, {news.mention}"
    ask(crew.alice, "/persona route", crew.general, "@ada", persona="@ada", channels=routed)
    told = beside(crew)
    assert all(finding.state is State.OK for finding in told.values()), told
    assert told["routes"].words == "The bot may do all it needs in #news, #press"

    news.denies(crew.discord.bot_role, "MANAGE_WEBHOOKS", "SEND_MESSAGES_IN_THREADS")
    press.denies(crew.discord.everyone, "ATTACH_FILES", "EMBED_LINKS")
    press.allows(crew.discord.bot, "EMBED_LINKS")
    told = beside(crew)
    assert "routes" not in told
    assert told["#news"].state is State.WARN
    assert "lacks Manage Webhooks (personas under their own names), Send Messages" in told["#news"].words
    assert told["#press"].words.endswith("lacks Attach Files (pictures, and texts too long for a message).")
    assert "/persona route" in told["#news"].remedy


def test_a_routed_channel_that_the_bot_may_not_see(crew: Team) -> None:
    press = crew.channel("press")
    ask(crew.alice, "/persona route", crew.general, "@ada", persona="@ada", channels=press.mention)
    press.denies(crew.discord.bot, "VIEW_CHANNEL")
    crew.discord.until(lambda: "#press" in beside(crew))
    told = beside(crew)["#press"]
    assert told.state is State.WARN and "The channel was deleted" in told.words, (
        "so Discord tells whoever is put out"
    )
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.known_as("discord", press.id)
        assert channel is not None and work.channels.open(channel.id), "as if nobody had told"
    told = beside(crew)["#press"]
    assert told.state is State.WARN and "lacks View Channels (without it nothing" in told.words


def test_an_administrator_may_do_everything(crew: Team) -> None:
    press = crew.channel("press")
    ask(crew.alice, "/persona route", crew.general, "@ada", persona="@ada", channels=press.mention)
    press.denies(crew.discord.everyone, "SEND_MESSAGES")
    crew.discord.grants("ADMINISTRATOR")
    assert beside(crew)["routes"].state is State.OK


def test_a_token_that_discord_does_not_accept(desk: Desk, discord: Emulator) -> None:
    told = found(desk, **{**addresses(discord), "discord_token": "another.bot.token"})
    assert told["bot token"].state is State.FAIL and "does not accept" in told["bot token"].words
    assert "DISCORD_TOKEN" in told["bot token"].remedy
