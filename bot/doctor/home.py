"""The folder of everything that is kept: nobody else may look into it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient


def folder(patient: Patient) -> Iterator[Finding]:
    home = patient.settings.troupe_home
    if not home.exists():
        yield warn("folder", f"{home} is not there yet.", "./troupe up makes it.")
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield fail(
            "folder", f"{home} cannot be written to.", f"Give it to who runs Troupe: chown -R USER {home}"
        )
        return
    yield _private("folder", home, 0o700)


def key(patient: Patient) -> Iterator[Finding]:
    """Whoever reads it can read the accounts' passwords in the database."""
    from storage.secrets import FILE

    path = patient.settings.troupe_home / FILE
    if patient.settings.troupe_secret_keys is not None:
        count = patient.settings.troupe_secret_keys.get_secret_value().count(",") + 1
        yield ok("key", f"{count} from TROUPE_SECRET_KEYS")
    elif not path.exists():
        yield warn("key", "There is none yet.", "It is made when the first process starts: ./troupe up")
    else:
        yield _private("key", path, 0o600)


def credentials(patient: Patient) -> Iterator[Finding]:
    """Every stored secret opens with the keys that there are."""
    from storage.secrets import Sealed

    with patient.reading() as work:
        accounts = [account for p in work.personas.all() for account in work.accounts.of(p.id)]
    shut = []
    for account in accounts:
        try:
            patient.troupe.vault.read(account.id)
        except Sealed:
            shut.append(f"@{account.handle} on {account.platform}")
    if shut:
        remedy = "Put the old key back behind the new one, or connect them again with ./troupe connect."
        yield fail("credentials", f"Sealed with a key that is not here: {', '.join(shut)}.", remedy)
    else:
        yield ok("credentials", f"{len(accounts)} stored, and every one opens")


def _private(name: str, path: Path, wanted: int) -> Finding:
    status, words = path.stat(), str(path)
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        remedy = f"chmod {wanted:04o} {words}"
        return fail(name, f"{words} is open to others ({mode:04o}, not {wanted:04o}).", remedy)
    if status.st_uid != os.geteuid():
        return warn(name, f"{words} belongs to another user.", "Run Troupe as one user throughout.")
    return ok(name, f"{words} ({mode:04o})")


CHECKS = (folder, key, credentials)
