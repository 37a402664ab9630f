"""`troupe api-key`."""

from typing import Annotated

import typer

from agents.people import Role
from bot.cli.desk import note, open_desk, person_named, tell

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Make, list and revoke the keys of programs."
)

Name = Annotated[str, typer.Argument(help="One word, by which it is listed and revoked.")]


@app.command()
def create(
    name: Name,
    role: Annotated[Role, typer.Option(help="The most that it may do.")],
    as_: Annotated[str, typer.Option("--as", help="In whose name it acts; the owner's unless given.")] = "",
) -> None:
    """Print a new key, alone on its line. It is shown this once; only its hash is kept."""
    from agents import access

    with open_desk() as troupe, troupe.storage.unit_of_work() as work:
        person = person_named(as_, work)
        key = access.make_key(name, role, person, work)
    tell(key)
    note(f"It acts as {person.name}, as {role.value} at most. End it with ./troupe api-key revoke {name}")


@app.command(name="list")
def listed() -> None:
    """List the keys: name, person, role, when it was made, when it was last used."""
    with open_desk() as troupe, troupe.storage.reading() as work:
        names = {person.id: person.name for person in work.people.everyone(removed=True)}
        keys = list(work.access.keys())
    if not keys:
        note("There is no key. Make one with ./troupe api-key create NAME --role ROLE")
    for key in keys:
        state = (
            "revoked"
            if key.revoked_at
            else f"used {key.last_used_at:%Y-%m-%d %H:%M} UTC"
            if key.last_used_at
            else "unused"
        )
        tell(
            f"{key.name:<24} {names[key.person_id]:<16} {key.role.value:<8} {key.created_at:%Y-%m-%d} {state}"
        )


@app.command()
def revoke(name: Name) -> None:
    """End a key at once."""
    from agents import access

    with open_desk() as troupe, troupe.storage.unit_of_work() as work:
        access.revoke_key(name, person_named("", work), work)
    note(f"The key {name} is revoked.")
