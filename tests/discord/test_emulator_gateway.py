"""The gateway as discord.py meets it: sessions, drops, resumes, and the ways in which Discord hangs up."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord as dpy
import pytest

from tests.discord.client import Client, client
from tests.discord.emulator import Emulator, Patience

HEARD = dpy.Intents(guilds=True, guild_messages=True, message_content=True)


def listening(heard: list[str]) -> Any:
    def declare(app: Client) -> None:
        @app.event
        async def on_message(message: dpy.Message) -> None:
            heard.append(message.content)

    return declare


def test_what_was_missed_while_the_line_was_down_comes_with_the_resume(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    heard: list[str] = []
    with client(discord, listening(heard)) as app:
        alice.says("one", in_=general)
        discord.until(lambda: heard == ["one"])
        discord.refuses_connections(0.3)
        discord.drop()
        alice.says("two", in_=general)
        alice.says("three", in_=general)
        discord.until(lambda: heard == ["one", "two", "three"], 20)
        discord.until(lambda: "RESUMED" in app.client.heard)
        assert discord.world.gateway.resumed == 1
        assert app.client.heard.count("READY") == 1


def test_a_restart_keeps_state_and_sessions(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    heard: list[str] = []
    with client(discord, listening(heard)) as app:
        alice.says("before", in_=general)
        discord.restart(down_s=0.2)
        discord.until(lambda: discord.connections, 20)
        alice.says("after", in_=general)
        discord.until(lambda: heard == ["before", "after"])
        assert "RESUMED" in app.client.heard
        assert [m.words for m in alice.sees(general)] == ["before", "after"]


def test_asked_to_reconnect_the_client_resumes(discord: Emulator) -> None:
    with client(discord) as app:
        discord.asks_reconnect()
        discord.until(lambda: "RESUMED" in app.client.heard)
        assert app.client.heard.count("identify") == 1


@pytest.mark.parametrize("resumable", [True, False])
def test_an_invalid_session(discord: Emulator, resumable: bool) -> None:
    discord.rates = "off"
    with client(discord) as app:
        discord.invalidates(resumable)
        wanted = "RESUMED" if resumable else "READY"
        discord.until(lambda: app.client.heard.count(wanted) == (1 if resumable else 2))
        assert app.client.heard.count("identify") == (1 if resumable else 2)


def test_a_session_that_was_away_too_long_is_begun_anew(discord: Emulator) -> None:
    discord.rates = "off"
    discord.patience.resume_s = 0.0
    with client(discord) as app:
        discord.drop()
        discord.until(lambda: app.client.heard.count("READY") == 2, 20)
        assert discord.world.gateway.resumed == 0


def test_a_close_that_can_be_mended_and_one_that_cannot(discord: Emulator) -> None:
    with client(discord) as app:
        discord.disconnect(4000)
        discord.until(lambda: "RESUMED" in app.client.heard)
        discord.disconnect(4004, "Authentication failed.")
        discord.until(lambda: app.ended)
        assert isinstance(app.ended, dpy.ConnectionClosed) and app.ended.code == 4004


def test_intents_that_are_not_enabled_are_refused() -> None:
    with Emulator(privileged=()).running() as strict:
        with pytest.raises(dpy.PrivilegedIntentsRequired), client(strict, intents=HEARD):
            pass
        assert strict.world.gateway.closed == [4014]


def test_without_the_intent_messages_come_without_words(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    heard: list[str] = []
    with client(discord, listening(heard), intents=dpy.Intents(guilds=True, messages=True)):
        alice.says("between us", in_=general)
        alice.says("you, @troupe", in_=general)
        alice.says("and here", in_=alice.direct)
        discord.until(lambda: len(heard) == 3)
        assert heard == ["", f"you, <@{discord.bot.id}>", "and here"]


def test_a_wrong_token_is_refused(discord: Emulator) -> None:
    with pytest.raises(dpy.LoginFailure), client(discord, token="another"):
        pass


def test_a_zombie_connection_is_noticed_by_the_client() -> None:
    patience = Patience(heartbeat_s=0.2)
    with Emulator(patience=patience).running() as discord, client(discord, heartbeat_timeout=0.5) as app:
        discord.ignores_heartbeats()
        discord.until(lambda: discord.world.gateway.closed, 20)
        discord.ignores_heartbeats(False)
        discord.until(lambda: "RESUMED" in app.client.heard, 20)
        assert app.client.heard.count("identify") == 1


class Wire:
    """A gateway connection by hand, with zlib-stream."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws, self.unpack = ws, zlib.decompressobj()

    async def hears(self) -> dict[str, Any]:
        message = await self.ws.receive(timeout=5)
        if message.type is not aiohttp.WSMsgType.BINARY:
            return {"closed": self.ws.close_code}
        told: dict[str, Any] = json.loads(self.unpack.decompress(message.data))
        return told

    async def says(self, op: int, data: Any = None) -> None:
        await self.ws.send_json({"op": op, "d": data})

    async def identifies(self, discord: Emulator, **more: Any) -> None:
        await self.says(2, {"token": discord.token, "intents": 1, "properties": {}} | more)


@asynccontextmanager
async def wire(discord: Emulator) -> AsyncIterator[Wire]:
    url = f"{discord.gateway_url}?v=10&encoding=json&compress=zlib-stream"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        yield Wire(ws)


async def _closes(discord: Emulator, *sent: tuple[int, Any], identified: bool = False) -> int | None:
    async with wire(discord) as line:
        if identified:
            await line.identifies(discord)
        for op, data in sent:
            await line.says(op, data)
        while "closed" not in (told := await line.hears()):
            pass
        code: int | None = told["closed"]
        return code


async def _codes(discord: Emulator) -> dict[str, int | None]:
    good = {"token": discord.token, "intents": 1, "properties": {}}
    return {
        "token": await _closes(discord, (2, good | {"token": "wrong"})),
        "intents": await _closes(discord, (2, good | {"intents": 1 << 40})),
        "shard": await _closes(discord, (2, good | {"shard": [3, 2]})),
        "before": await _closes(discord, (8, {})),
        "twice": await _closes(discord, (2, good), identified=True),
        "opcode": await _closes(discord, (99, {}), identified=True),
        "size": await _closes(discord, (3, "x" * 5000), identified=True),
    }


def test_close_codes(discord: Emulator) -> None:
    discord.rates = "off"
    assert discord.thread.run(_codes(discord)) == {
        "token": 4004,
        "intents": 4013,
        "shard": 4010,
        "before": 4003,
        "twice": 4005,
        "opcode": 4001,
        "size": 4002,
    }


async def _sequence(discord: Emulator) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    async with wire(discord) as line:
        hello = await line.hears()
        await line.identifies(discord)
        told = [await line.hears(), await line.hears()]
        await line.says(1, 2)
        return hello, [*told, await line.hears()]


def test_hello_ready_and_the_server_are_numbered(discord: Emulator) -> None:
    hello, (ready, guild, ack) = discord.thread.run(_sequence(discord))
    assert hello["op"] == 10 and hello["d"]["heartbeat_interval"] == 41250
    assert (ready["t"], ready["s"], ready["d"]["user"]["username"]) == ("READY", 1, "troupe")
    assert ready["d"]["resume_gateway_url"].endswith("/resume")
    assert (guild["t"], guild["s"], guild["d"]["id"]) == ("GUILD_CREATE", 2, discord.guild.id)
    assert ack["op"] == 11


async def _identified_twice(discord: Emulator) -> list[dict[str, Any]]:
    async with wire(discord) as first, wire(discord) as second:
        for line in (first, second):
            await line.hears()
            await line.identifies(discord)
        return [await first.hears(), await second.hears()]


def test_only_one_identify_in_five_seconds(discord: Emulator) -> None:
    first, second = discord.thread.run(_identified_twice(discord))
    assert first["t"] == "READY"
    assert (second["op"], second["d"]) == (9, False)


async def _hurries(discord: Emulator) -> int | None:
    return await _closes(discord, *[(1, None)] * 125)


def test_who_sends_too_much_is_hung_up_on(discord: Emulator) -> None:
    assert discord.thread.run(_hurries(discord)) == 4008


async def _silent(discord: Emulator) -> tuple[int | None, float]:
    begun = time.monotonic()
    return await _closes(discord), time.monotonic() - begun


def test_who_does_not_beat_is_hung_up_on() -> None:
    with Emulator(patience=Patience(heartbeat_s=0.2)).running() as discord:
        code, took_s = discord.thread.run(_silent(discord))
        assert code == 4000
        assert 0.25 < took_s < 2


def test_channels_and_the_bot_itself_come_and_go(discord: Emulator) -> None:
    general = discord.channel("general")
    with client(discord) as app:
        (guild,) = app.client.guilds
        secret = discord.channel("secret", members=[discord.user("alice")], bot=False)
        assert guild.get_channel(int(secret.id)) is None
        secret.allows(discord.bot, "VIEW_CHANNEL")
        discord.until(lambda: guild.get_channel(int(secret.id)))
        secret.denies(discord.bot, "VIEW_CHANNEL")
        discord.until(lambda: guild.get_channel(int(secret.id)) is None)
        general.rename("lobby")
        discord.until(lambda: getattr(guild.get_channel(int(general.id)), "name", "") == "lobby")
        general.delete()
        discord.until(lambda: guild.get_channel(int(general.id)) is None)
        discord.removes_bot()
        discord.until(lambda: not app.client.guilds)
        with pytest.raises(dpy.Forbidden):
            app.rest("GET", "/guilds/{guild_id}", guild_id=discord.guild.id)
        discord.invites_bot()
        discord.until(lambda: app.client.guilds)
