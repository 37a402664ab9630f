"""The routes of the REST API; importing a module declares its own."""

from tests.discord.emulator.routes import (
    answers,
    channels,
    commands,
    guilds,
    messages,
    session,
    threads,
    webhooks,
)

DECLARED = (answers, channels, commands, guilds, messages, session, threads, webhooks)
