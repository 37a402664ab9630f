"""The suite once more as an ordinary user: what a user's Troupe runs belongs to the very user that its database belongs to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from integrations.sandbox import cell as cells
from integrations.sandbox.stage import reveal
from integrations.workspace.workspaces import ROOT

NOBODY = 65534
HERE = Path(__file__).parent
AGAIN = (
    "test_attempts.py",
    "test_bombs.py",
    "test_lingering.py",
    "test_files.py",
    "test_tiers.py",
    "test_packages.py",
)
LEAST = 300
"""Tests that there are at least: a run that found none did not run."""


def test_everything_holds_for_an_ordinary_user() -> None:
    if os.geteuid() != 0:
        return  # then this very run is it
    with tempfile.TemporaryDirectory(prefix="troupe-nobody-") as name:
        place = Path(name)
        os.chown(place, NOBODY, NOBODY)
        told: list[subprocess.CompletedProcess[str]] = []
        # Where root's folders are closed, the thread sees them as whoever runs here may: see stage.py.
        thread = threading.Thread(target=lambda: told.append(_suite(place)))
        thread.start()
        thread.join()
    assert told, "it could not be started"
    print(told[0].stdout[-20_000:])
    assert told[0].returncode == 0
    passed = re.search(r"(\d+) passed", told[0].stdout)
    assert passed
    assert int(passed[1]) >= LEAST
    assert "skipped" not in told[0].stdout


def _suite(place: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "TMPDIR": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": os.environ.get("CI", ""),
    }
    reveal([ROOT, Path(sys.prefix), *cells.python_folders(), cells.interpreter(), place], NOBODY)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "-o",
            "addopts=",
            "--tb=short",
            f"--basetemp={place / 'pytest'}",
        ]
        + [str(HERE / name) for name in AGAIN],
        cwd=ROOT,
        env=environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
