"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from bot.settings import ROOT
from integrations import redis_server
from tests.servers import postgres

LIBRARIES = (
    "sqlalchemy",
    "psycopg",
    "redis",
    "rq",
    "nicegui",
    "langchain",
    "slack_bolt",
    "slack_sdk",
    "discord.py",
)


def facts() -> dict[str, str]:
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "system": platform.platform(terse=True),
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "load before": load(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _said(str(postgres.binaries() / "postgres"), "--version").removeprefix(
            "postgres (PostgreSQL) "
        ),
        "Redis": _said(str(redis_server.find()), "--version").partition("v=")[2].partition(" ")[0],
        **{name: version(name) for name in LIBRARIES},
    }


def load() -> str:
    """Of the last minute: above the number of processors, everything waits for something else."""
    return f"{os.getloadavg()[0]:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _said(*command: str) -> str:
    """The first line that a program printed, "unknown" if there is no such program."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
