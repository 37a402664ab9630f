"""The emulator as a process of its own, driven over its control endpoint, as the bench does it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord as dpy
import httpx
import pytest
from discord import ui

from tests.discord.client import Client, Running

ROOT = Path(__file__).parents[2]


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    """The emulator in a process; what it printed about itself."""
    command = [sys.executable, "-m", "tests.discord.emulator", "--rates", "off"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield json.loads(started.stdout.readline())
        finally:
            started.send_signal(signal.SIGTERM)
            assert started.wait(20) == 0


def declare(app: Client) -> None:
    @app.tree.command(description="Answers")
    async def ping(interaction: dpy.Interaction[Any], word: str) -> None:
        view: ui.View = ui.View(timeout=None)
        view.add_item(ui.Button(label="Go", custom_id="go"))
        view.add_item(ui.Button(label="Close", custom_id="close"))
        await interaction.response.send_message(word, view=view)

    @ping.autocomplete("word")
    async def words(interaction: dpy.Interaction[Any], so_far: str) -> list[dpy.app_commands.Choice[str]]:
        return [dpy.app_commands.Choice(name=so_far, value=so_far)]

    @app.event
    async def on_interaction(interaction: dpy.Interaction[Any]) -> None:
        if interaction.type is dpy.InteractionType.component:
            await interaction.response.defer()
            data: Any = interaction.data
            if data["custom_id"] == "close":
                assert interaction.message is not None
                await interaction.message.edit(content="closed", view=None)


def test_a_process_is_set_up_driven_and_measured(process: dict[str, str]) -> None:
    there = SimpleNamespace(api_url=process["api"], gateway_url=process["gateway"], token=process["token"])
    app = Running(there)
    declare(app.client)
    app.thread.start()
    try:
        with httpx.Client(base_url=process["control"], timeout=60) as control:
            made = control.post("setup", json={"users": ["alice"], "channels": ["general"]}).json()
            assert made["users"]["alice"].isdigit() and made["channels"]["general"].isdigit()
            app.ready()
            app.sync()
            deed = {"user": "alice", "verb": "types", "what": "/ping", "channel": "general"}
            done = control.post("do", json=deed | {"options": {"word": "hello"}}).json()
            assert done["ok"] and done["body"]["data"]["content"] == "hello"
            refused = control.post("do", json=deed)
            assert refused.status_code == 409 and "required" in refused.json()["error"]
            load = {"kind": "command", "what": "/ping", "rate": 50, "seconds": 1, "options": {"word": "x"}}
            commands = control.post("load", json=load).json()
            completions = control.post("load", json=load | {"kind": "complete"}).json()
            presses = control.post("load", json=load | {"kind": "press", "what": "Go"}).json()
            clicks = control.post("load", json=load | {"kind": "click", "what": "Close"}).json()
            said = control.post("load", json=load | {"kind": "event", "what": "hello", "options": {}}).json()
            wrong = control.post("load", json=load | {"of": "what"})
            state = control.get("state").json()
            posts = control.get("posts", params={"channel": "general"}).json()
    finally:
        app.stop()
    for measured in (commands, completions, presses, clicks):
        assert (measured["sent"], measured["responded"], measured["failed"]) == (50, 50, {})
        assert 0 < measured["responses"]["p50_ms"] <= measured["responses"]["p99_ms"] < 3000
        assert len(measured["responses_ms"]) == 50
    assert [each["updates"]["count"] for each in (presses, clicks)] == [0, 50]
    assert clicks["updates"]["p50_ms"] > clicks["responses"]["p50_ms"], "the edit comes after the response"
    assert (said["sent"], said["responded"], said["failed"]) == (50, 0, {})
    assert wrong.status_code == 409
    assert (state["connections"], state["commands"], state["refusals"]) == (1, ["ping"], [])
    assert state["messages"]["general"] == 101
    assert posts and all(0 <= time.time() - each["at"] < 60 for each in posts)
    assert "closed" in posts[0]["words"]
