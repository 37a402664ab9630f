"""The bare peers of the process `discord`: `python -m tests.bench.bare_discord client`, and `trips FILE`.

client: discord.py with a command tree and dynamic items, as its own examples begin, with the intents that ours has; whatever is
asked is deferred or answered from memory, and nothing more is done. trips: redraws one message again and again, as FILE says, and
prints how many ms each time took.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.bench.trips import again_and_again

INTENTS = discord.Intents(
    guilds=True, guild_messages=True, dm_messages=True, message_content=True, webhooks=True
)


class Anything(ui.DynamicItem[ui.Button[ui.View]], template=re.compile(r"(?P<id>.*)")):
    """Every button that was ever shown."""

    def __init__(self, id: str) -> None:
        super().__init__(ui.Button(custom_id=id))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Anything:
        return cls(match["id"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()


def _client() -> discord.Client:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{os.environ['DISCORD_GATEWAY_URL']}/")
    return discord.Client(intents=INTENTS)


def _declare(tree: app_commands.CommandTree) -> None:
    """Two of ours. Discord knows them already: they are not synchronised."""

    @tree.command(description="What you can ask")
    async def help(interaction: discord.Interaction, command: str = "") -> None:
        await interaction.response.defer(ephemeral=True)

    persona = app_commands.Group(name="persona", description="Personas")

    @persona.command(description="A persona's card")
    async def show(interaction: discord.Interaction, persona: str) -> None:
        await interaction.response.defer(ephemeral=True)

    @show.autocomplete("persona")
    async def completed(interaction: discord.Interaction, so_far: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name="Zoe", value="@zoe")]

    tree.add_command(persona)


async def client() -> None:
    app = _client()
    _declare(app_commands.CommandTree(app))
    app.add_dynamic_items(Anything)
    async with app:
        await app.start(os.environ["DISCORD_TOKEN"])


async def trips(given: Mapping[str, Any]) -> None:
    """given: channel, message and count."""
    async with _client() as app:
        await app.login(os.environ["DISCORD_TOKEN"])
        path, message = "/channels/{channel_id}/messages", given["message"]
        stands = await app.http.request(Route("POST", path, channel_id=given["channel"]), json=message)
        redraw = Route("PATCH", path + "/{id}", channel_id=given["channel"], id=stands["id"])
        await again_and_again(lambda: app.http.request(redraw, json=message), given["count"])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["client"]:
            asyncio.run(client())
        case ["trips", file]:
            asyncio.run(trips(json.loads(Path(file).read_text())))
