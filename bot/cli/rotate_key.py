"""`troupe rotate-key`."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.desk import note, open_desk, tell

if TYPE_CHECKING:
    from bot.wiring import Troupe

app = typer.Typer(add_completion=False)


@app.command(name="rotate-key")
def command(
    only_print: Annotated[
        bool, typer.Option("--print", help="Only print a fresh key; nothing is changed.")
    ] = False,
) -> None:
    """Seal all stored credentials under a new key. What runs follows at once; nothing has to be stopped.

    The key before stays in the file for what was sealed with it at that very moment; the next rotation drops it.
    """
    from cryptography.fernet import Fernet

    if only_print:
        tell(Fernet.generate_key().decode())
        return
    with open_desk() as troupe:
        if troupe.settings.troupe_secret_keys is None:
            _rotate_file(troupe)
        else:
            _reseal_for(troupe.settings.troupe_secret_keys.get_secret_value(), troupe)


def _rotate_file(troupe: "Troupe") -> None:
    from storage import secrets

    home = troupe.settings.troupe_home
    count = secrets.rotate(home, lambda: _reseal(troupe))
    note(f"There is a new key in {home / secrets.FILE}; {count} stored credentials are sealed with it.")
    note("The key before opens nothing of them any more. To have it gone as well, run this again.")


def _reseal_for(keys: str, troupe: "Troupe") -> None:
    """The environment is not ours to change: with a new key in front of it, everything is sealed with that one."""
    if "," not in keys:
        note(
            "The key is in TROUPE_SECRET_KEYS, where only you can change it. Three steps:\n"
            "1. Put a new key in front of the old one: TROUPE_SECRET_KEYS=NEW,OLD (./troupe rotate-key --print makes one).\n"
            "2. Restart what runs, then ./troupe rotate-key: everything stored is sealed with the new key.\n"
            "3. Take the old key out, and restart again."
        )
        raise typer.Exit(1)
    count = _reseal(troupe)
    note(f"{count} stored credentials are sealed with the first key of TROUPE_SECRET_KEYS now.")
    note("Take the other keys out of it, and restart what runs.")


def _reseal(troupe: "Troupe") -> int:
    """All in one transaction: every one is sealed anew, or none."""
    from agents.events import SYSTEM, TROUPE, Event

    with troupe.storage.unit_of_work() as work:
        count = work.accounts.reseal_all() + work.contacts.reseal_all()
        work.record(Event("credentials.resealed", SYSTEM, TROUPE, after={"credentials": count}))
        return count
