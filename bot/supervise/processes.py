"""Which processes an installation has, and what they find around them."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.settings import ROOT, Settings
from bot.supervise import procfile
from integrations import redis_server

JOINS: Mapping[str, Callable[[Settings], str]] = {
    "slack": lambda settings: settings.slack_misses,
    "discord": lambda settings: settings.discord_misses,
}
"""Processes that run only with what is theirs: by name, the setting that is missing, "" for none."""


def of(settings: Settings) -> dict[str, list[str]]:
    """Name -> command, `redis` first if it is ours, without those that do not join. Raises ProcfileError or RedisFailed."""
    try:
        text = settings.troupe_procfile.read_text()
    except OSError as error:
        raise procfile.ProcfileError(f"{settings.troupe_procfile} cannot be read: {error.strerror}") from None
    listed = procfile.parse(text)
    procfile.check_programs(listed, environment()["PATH"])
    own = {"redis": redis_server.command(settings.troupe_home)} if settings.brings_redis else {}
    return own | {name: command for name, command in listed.items() if not misses(name, settings)}


def misses(name: str, settings: Settings) -> str:
    """The setting without which that process does not run, "" when nothing is missing."""
    return JOINS[name](settings) if name in JOINS else ""


def environment() -> dict[str, str]:
    """The environment of every process: `python` is ours, our modules are found, nothing it prints waits in a buffer."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
