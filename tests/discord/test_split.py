"""One team on Slack, on Discord and in the console at once: a person is one person wherever they press."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import commands
from bot.calls import Place
from bot.discord.serve import serve
from bot.slack.manifest import manifest
from tests.discord import stories as here
from tests.discord.emulator import Emulator as Discord
from tests.discord.emulator import Person as User
from tests.discord.team import addresses
from tests.parts import Part
from tests.slack import stories as there
from tests.slack.emulator import Emulator as Slack
from tests.slack.team import CAST, Team, team

AT_ONCE_S = 1.0
"""Within which a decision taken anywhere is seen everywhere."""


@contextmanager
def joined(crew: Team, discord: Discord) -> Iterator[dict[str, User]]:
    """The same team in a server: everybody says who they are with a code that they were told in Slack."""
    part = Part(serve, crew.troupe)
    part.start()
    discord.until(lambda: discord.connections, 15)
    press = discord.channel("press")
    users = {name: discord.user(name) for name in CAST}
    for name, user in users.items():
        told = there.ask(crew.users[name], "/people link", crew.general, "It works once")
        code = next(line for line in told.words.splitlines() if line.startswith("/people link ")).split()[-1]
        here.ask(user, "/people link", press, f"Welcome, {name.title()}", code=code)
    try:
        yield users
    finally:
        part.stop()


@pytest.fixture
def world(tmp_path: Path, redis_url: str) -> Iterator[tuple[Team, Discord, dict[str, User]]]:
    commands.load()
    with (
        Discord().running() as discord,
        Slack(manifest()).running() as slack,
        team(tmp_path, slack, redis_url, **addresses(discord)) as crew,
        joined(crew, discord) as users,
    ):
        yield crew, discord, users


def test_approvers_are_split_over_slack_discord_and_the_console(
    world: tuple[Team, Discord, dict[str, User]],
) -> None:
    crew, discord, users = world
    press = discord.channel("press")
    with crew.troupe.storage.reading() as work:
        assert {i.surface for i in work.people.identities(crew.people["mia"].id)} >= {"slack", "discord"}
        console = work.channels.by_name("console", "general")
    there.ask(crew.alice, "/people role Charlie manager", crew.general, "Charlie is a manager")
    there.ask(crew.alice, "/persona policy @ada quorum 3", crew.general, "Who decides")
    here.ask(
        users["mia"],
        "/persona route",
        press,
        "@ada",
        persona="@ada",
        channels=f"slack/general, {press.mention}",
    )
    crew.bob.types('/post draft @ada "our news"', in_=crew.general)
    in_slack = there.shows(crew.general, "our news", "waiting for approval", "0 of 3")
    in_discord = here.shows(press, "our news", "waiting for approval", "0 of 3")

    def both(*words: str) -> None:
        there.has(crew, in_slack, *words, timeout_s=AT_ONCE_S)
        discord.until(lambda: all(word in in_discord.words for word in words), AT_ONCE_S)

    users["mia"].clicks("Approve", on=in_discord)
    both("1 of 3", "Approved by Mia")
    crew.mia.clicks("Approve", on=in_slack)
    crew.mia.told("not done", crew.general)
    both("1 of 3")
    approve = next(
        part["custom_id"]
        for row in in_discord.components[0]["components"]
        if row["type"] == 1
        for part in row["components"]
        if part.get("custom_id", "").startswith("post.approve:")
    )
    at_console = Place("console", console.id)
    again = crew.troupe.dispatcher.press(approve, crew.people["mia"], at_console)
    assert again.error is not None
    both("1 of 3")
    assert crew.troupe.dispatcher.press(approve, crew.people["alice"], at_console).error is None
    both("2 of 3", "Approved by Alice")
    users["alice"].clicks("Approve", on=in_discord)
    users["alice"].told("not done", press)
    both("2 of 3", "waiting for approval")
    crew.charlie.clicks("Approve", on=in_slack)
    there.has(crew, in_slack, "published", "Approved by Mia", "Approved by Alice", "Approved by Charlie")
    discord.until(lambda: "published" in in_discord.words and "Approved by Charlie" in in_discord.words)
    assert "Approve" not in here.labels(in_discord)
    assert crew.slack.refusals() == [] and discord.refusals == []
