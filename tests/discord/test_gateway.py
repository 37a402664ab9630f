"""Discord goes away, breaks off, refuses: the process stays, tells people once, and goes on when it can."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind
from bot.discord.standing import Pace
from tests.discord.emulator import Emulator
from tests.discord.emulator.intents import MESSAGE_CONTENT
from tests.discord.stories import ask
from tests.discord.team import Team, team

QUICK = Pace(first_s=0.1, longest_s=0.4, calm_s=0.3, identify_s=0.3, told_after=3)
AGAIN_S = 20.0
"""Nothing here takes that long; the machine may be busy."""


@pytest.fixture
def crew(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """Discord lets a bot identify every five seconds, which is tested elsewhere."""
    with Emulator().running() as discord, team(tmp_path, discord, redis_url, QUICK) as crew:
        discord.gateway.paced = False
        yield crew


def down(crew: Team) -> list[Alert]:
    with crew.troupe.storage.reading() as work:
        return [alert for alert in work.alerts.unresolved() if alert.kind is AlertKind.SURFACE_DOWN]


def told(crew: Team, *words: str) -> None:
    """People are, by one alert."""
    crew.discord.until(lambda: down(crew), AGAIN_S)
    (alert,) = down(crew)
    assert alert.count == 1
    assert all(word in alert.what for word in words), alert.what


def works(crew: Team) -> None:
    """Again: a command is answered, and no alert is left."""
    crew.discord.until(lambda: crew.discord.connections, AGAIN_S)
    ask(crew.bob, "/people me", crew.general, "You are Bob")
    crew.discord.until(lambda: not down(crew))


def test_sockets_that_break_without_a_word(crew: Team) -> None:
    for _ in range(3):
        crew.discord.drop()
        crew.discord.until(lambda: not crew.discord.connections)
        works(crew)
    assert (crew.discord.gateway.identified, crew.discord.gateway.resumed) == (1, 3)


def test_discord_asks_to_connect_anew(crew: Team) -> None:
    crew.discord.asks_reconnect()
    crew.discord.until(lambda: crew.discord.gateway.resumed == 1)
    crew.discord.disconnect(4000)
    crew.discord.until(lambda: crew.discord.gateway.resumed == 2)
    works(crew)
    assert crew.discord.gateway.identified == 1


@pytest.mark.parametrize("resumable", [True, False])
def test_an_invalid_session(crew: Team, resumable: bool) -> None:
    crew.discord.invalidates(resumable)
    gateway, wanted = crew.discord.gateway, (1, 1) if resumable else (2, 0)
    crew.discord.until(lambda: (gateway.identified, gateway.resumed) == wanted, AGAIN_S)
    works(crew)
    assert (gateway.identified, gateway.resumed) == wanted, "and that was all"


def test_discord_is_away_for_a_while(crew: Team) -> None:
    crew.discord.stop()
    told(crew, "Its gateway does not answer")
    time.sleep(1.0)
    told(crew)
    crew.discord.start()
    works(crew)
    assert (crew.discord.gateway.identified, crew.discord.gateway.resumed) == (1, 1)


def test_discord_is_away_at_the_start(crew: Team) -> None:
    crew.stop()
    crew.discord.stop()
    crew.part.start()
    told(crew, "It does not answer")
    crew.discord.start()
    works(crew)
    assert down(crew) == []


def test_the_gateway_refuses_at_the_start(crew: Team) -> None:
    crew.stop()
    crew.discord.refuses_connections(60)
    crew.part.start()
    told(crew, "Its gateway does not answer")
    crew.discord.refuses_connections(0)
    works(crew)
    assert down(crew) == []


def test_a_revoked_token_is_one_alert_and_calm_until_it_works_again(crew: Team) -> None:
    crew.discord.revokes_token()
    told(crew, "does not accept the bot token")
    before = len(crew.discord.gateway.closed)
    time.sleep(1.5)
    told(crew)
    assert 1 <= len(crew.discord.gateway.closed) - before <= 1.5 / QUICK.calm_s + 1
    crew.discord.reinstates_token()
    works(crew)


def test_a_token_that_is_wrong_at_the_start(crew: Team) -> None:
    crew.stop()
    crew.discord.revokes_token()
    crew.part.start()
    told(crew, "does not accept the bot token")
    crew.discord.reinstates_token()
    works(crew)
    assert down(crew) == []


def test_an_intent_that_is_switched_off(crew: Team) -> None:
    gateway = crew.discord.gateway
    crew.stop()
    allowed, gateway.privileged = gateway.privileged, gateway.privileged & ~MESSAGE_CONTENT
    crew.part.start()
    told(crew, "Message Content Intent is not switched on")
    gateway.privileged = allowed
    works(crew)
    assert down(crew) == []


def test_it_ends_when_it_is_told_to_while_discord_is_away(crew: Team) -> None:
    crew.discord.stop()
    told(crew)
    crew.stop()
    crew.part.start()
    time.sleep(0.3)
    crew.stop()
    crew.discord.start()
    crew.start()
    works(crew)
    assert crew.discord.gateway.identified == 2, "before, and after"


def test_the_pause_grows_and_is_bounded() -> None:
    pace = Pace()
    pauses = [pace.pause_s(failures) for failures in range(1, 9)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert 86_400 / pace.calm_s < 1000, "an application may identify 1000 times a day"
