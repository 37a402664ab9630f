"""The sandbox: what keeps in the commands that personas run. Something is really run in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient

GUIDE = "docs/decisions/0014-sandbox.md says what each kind keeps away."
SWITCHES = (
    ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "install the package bubblewrap, whose profile allows it, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
"""Settings of Linux that keep bubblewrap from working: below /proc/sys, the value that does, and what undoes it."""


def tier(patient: Patient) -> Iterator[Finding]:
    from integrations.sandbox.probe import look

    with _somewhere(patient) as place:
        found = look(place)
    missed = "; ".join(found.missed)
    if found.tier is None:
        words = f"There is none, so personas run no commands ({missed}). Files and everything else work."
        yield fail("sandbox", words, _remedy())
    elif found.tier.name == "bubblewrap":
        yield ok("sandbox", f"Held: {found.tier.words}")
    else:
        yield warn("sandbox", f"Held, by the second best: {found.tier.words} ({missed}).", _remedy())


def user(_: Patient) -> Iterator[Finding]:
    from integrations.sandbox.cell import is_root

    if is_root():
        words = "Troupe runs as root; what personas run does not: each task has a user of its own"
        yield ok("user", words, "An ordinary user would do.")
    else:
        yield ok("user", "Troupe runs as an ordinary user, and so does what personas run")


def packages(patient: Patient) -> Iterator[Finding]:
    from agents.tasks.tools import ToolFailed
    from integrations.workspace.installer import Installer
    from integrations.workspace.packages import packaged

    settings = patient.settings
    folder = settings.task_package_index
    if folder and "://" not in folder and not Path(folder).is_dir():
        yield fail("packages", f"There is no folder {folder}.", "Look at TASK_PACKAGE_INDEX.")
        return
    try:
        Installer(settings.task_packages, folder).needs()
    except ToolFailed as error:
        yield warn("packages", error.what, error.remedy)
        return
    allowed = len(packaged()) + len(settings.task_packages)
    yield ok("packages", f"{allowed} may be installed for a task, when somebody approves it")


@contextmanager
def _somewhere(patient: Patient) -> Iterator[Path]:
    """Where tasks are, or would be: a look makes no home."""
    home = patient.settings.troupe_home
    if home.is_dir():
        yield home
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _remedy() -> str:
    for switch, value, undone in SWITCHES:
        setting = Path("/proc/sys") / switch
        if setting.is_file() and setting.read_text().strip() == value:
            return f"User namespaces are switched off here: {undone}."
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return f"In a container: --security-opt seccomp=unconfined --security-opt systempaths=unconfined lets bubblewrap work. {GUIDE}"
    return f"Install the package bubblewrap, or run Troupe as an ordinary user of a Linux of 6.2 or later. {GUIDE}"


CHECKS = (tier, user, packages)
