"""The real process `discord`, killed while it sends: in the end each message stands there once and shows the present."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from bot import wiring
from bot.settings import load
from storage import migrate
from storage.tables import LeaseRow
from storage.unit_of_work import Storage
from tests.discord.emulator import Emulator, Room
from tests.discord.stories import shows
from tests.discord.team import addresses


@pytest.mark.parametrize("route", ["create_message", "edit_message"])
@pytest.mark.parametrize("kind", ["unsent", "lost", "slow"])
def test_killed_at_the_boundaries_of_sending(tmp_path: Path, redis_url: str, route: str, kind: str) -> None:
    """Before Discord hears of it, when Discord did it, while Discord does it."""
    with Emulator().running() as discord:
        discord.world.gateway.paced = False
        room = discord.channel("general")
        given = load(_env_file=None, troupe_home=tmp_path, redis_url=redis_url, **addresses(discord))
        migrate.upgrade(given.database_url)
        storage = wiring.build(given).storage
        with storage.unit_of_work() as work:
            work.channels.add("discord", "general", work.now, external_id=room.id)
        environment = os.environ | {"TROUPE_HOME": str(tmp_path), "REDIS_URL": redis_url}
        environment |= {name.upper(): value for name, value in addresses(discord).items()}
        first = start(discord, environment)
        try:
            if route == "edit_message":
                change(storage, room, 0)
                shows(room, "boundary 0.")
            discord.fails(route, kind, 1.0)
            change(storage, room, 1)
            discord.until(lambda: not discord.world.faults[route])
        finally:
            end(first)
        with storage.engine.begin() as connection:  # ten seconds later, as far as the lease is concerned
            connection.execute(delete(LeaseRow).where(LeaseRow.name == "outbox.discord"))
        change(storage, room, 2)
        second = start(discord, environment)
        try:
            shows(room, "boundary 2.")
            assert len(room.posts) == 1
        finally:
            end(second)
            storage.engine.dispose()


def start(discord: Emulator, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Returns when it is connected."""
    discord.until(lambda: discord.connections == 0)
    process = subprocess.Popen([sys.executable, "-m", "bot.discord"], env=environment)
    discord.until(lambda: discord.connections > 0, 30)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)


def change(storage: Storage, room: Room, number: int) -> None:
    """Another word on the card, which is put into the room if it does not stand there yet."""
    with storage.unit_of_work() as work:
        alert, new = work.alerts.open(
            AlertKind.JOB_FAILED,
            Subject("job", "boundary"),
            f"boundary {number}.",
            work.now,
            kept="Nothing is lost.",
            remedy="Look.",
        )
        about = Subject("alert", alert.id)
        work.record(Event("alert.raised", about, TROUPE))
        channel = work.channels.known_as("discord", room.id)
        if new and channel is not None:
            work.place(channel.id, about)
