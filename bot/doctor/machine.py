"""The machine: Python, what is installed in it, disk, time zones."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from packaging.markers import Marker

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.settings import ROOT

OLDEST = (3, 11)
ROOM_MB, LITTLE_MB = 200, 1000
"""Below the first SQLite may fail in the middle of a day; below the second somebody should make room."""
_LOCKED = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?: ?; ?([^\\]+?))? ?\\?$", re.MULTILINE)


def python(_: Patient) -> Iterator[Finding]:
    name = "{}.{}.{}".format(*sys.version_info)
    if sys.version_info < OLDEST:
        yield fail(
            "python", f"This is Python {name}; 3.11 or newer is needed.", "./troupe up finds or names one."
        )
    elif sys.prefix == sys.base_prefix:
        yield warn(
            "python", f"Python {name} of the system, in no environment of ours.", "Start it with ./troupe."
        )
    else:
        yield ok("python", f"Python {name} in {Path(sys.prefix).name}")


def packages(_: Patient) -> Iterator[Finding]:
    """What is installed is what requirements.lock says, version by version."""
    wanted = locked((ROOT / "requirements.lock").read_text())
    other = [
        f"{name} {_installed(name) or 'missing'}" for name, want in wanted.items() if _installed(name) != want
    ]
    if other:
        shown = ", ".join(other[:4]) + (f" and {len(other) - 4} more" if len(other) > 4 else "")
        yield fail(
            "packages",
            f"{len(other)} of {len(wanted)} are not as locked: {shown}.",
            "./troupe up installs them.",
        )
    else:
        yield ok("packages", f"{len(wanted)} packages, each as locked")


def locked(text: str) -> dict[str, str]:
    """Name -> version, of those that this machine is meant to have."""
    return {
        name: wanted
        for name, wanted, marker in _LOCKED.findall(text)
        if not marker or Marker(marker.strip()).evaluate()
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def disk(patient: Patient) -> Iterator[Finding]:
    """Of the nearest folder that exists, for the home may not."""
    place = patient.settings.troupe_home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free // 10**6
    words = f"{free:,} MB free at {place}"
    if free < ROOM_MB:
        yield fail("disk", f"{words}: too little to go on.", "Make room there, or move TROUPE_HOME.")
    elif free < LITTLE_MB:
        yield warn("disk", f"{words}, which is little.", "Make room there, or move TROUPE_HOME.")
    else:
        yield ok("disk", words)


def time_zones(patient: Patient) -> Iterator[Finding]:
    known = available_timezones()
    if len(known) < 300:
        yield fail("time zones", f"Only {len(known)} are known here.", "./troupe up installs tzdata.")
        return
    with patient.reading() as work:
        zones = {p.zone for p in work.people.everyone()} | {p.profile.zone for p in work.personas.all()}
    strange = sorted(zone for zone in zones if not _is_zone(zone))
    if strange:
        yield fail(
            "time zones",
            f"Unknown here: {', '.join(strange)}.",
            "Change them with /people zone or /persona edit.",
        )
    else:
        yield ok("time zones", f"{len(known)} known, and every one that people and personas live in")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


CHECKS = (python, packages, disk, time_zones)
