"""`troupe drill`."""

from typing import Annotated

import typer

from agents.oncall.kinds import KINDS, AlertKind, Severity
from bot.cli.desk import note, open_desk, person_named, tell

app = typer.Typer(add_completion=False)


@app.command(name="drill", no_args_is_help=True)
def command(
    kind: Annotated[
        str, typer.Argument(help="What is to go wrong, such as publish_failed.", show_default=False)
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="List every kind there is.")] = False,
    severity: Annotated[
        Severity | None,
        typer.Option(help="How bad; as bad as the kind is, unless given.", show_default=False),
    ] = None,
    as_: Annotated[str, typer.Option("--as", help="In whose name; the owner's unless given.")] = "",
) -> None:
    """Raise a realistic alert, marked as a drill: routed and escalated like a real one, so that a team can practise.

    Nothing else happens, whatever is pressed under it.
    """
    if listed or not kind:
        for name, about in KINDS.items():
            tell(f"{name.value:<20} {about.severity.value:<9} {about.title}")
        return
    from agents.errors import NotFound
    from bot.drills import raise_drill

    with open_desk() as troupe:
        if kind not in list(AlertKind):
            raise NotFound.named("kind of alert", kind, [each.value for each in AlertKind])
        with troupe.storage.unit_of_work() as work:
            person = person_named(as_, work)
            alert = raise_drill(AlertKind(kind), person.acting("cli"), work, severity=severity)
    tell(alert.id)
    note(f"It is {alert.severity.value}, and on its way to whoever is on call: {KINDS[alert.kind].title}.")
