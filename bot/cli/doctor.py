"""`troupe doctor`."""

import difflib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.doctor.finding import Finding, State, fail

if TYPE_CHECKING:
    from rich.table import Table

Found = tuple[str, Finding]
MARKS = {State.OK: ("green", "✓"), State.WARN: ("yellow", "!"), State.FAIL: ("red", "✗")}

app = typer.Typer(add_completion=False)


@app.command(name="doctor")
def command(
    area: Annotated[
        str, typer.Argument(help="One area alone, such as models. All of them unless given.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
) -> None:
    """Look at everything, and say what works, by calling it, and the next step for what does not.

    The exit status is 1 if something fails, 0 otherwise; 2 for an area that there is not.
    """
    from bot.doctor import AREAS

    if area and area not in AREAS:
        near = difflib.get_close_matches(area, AREAS, 1)
        sys.stderr.write(f"troupe: There is no area {area!r}. {f'Did you mean {near[0]}?' if near else ''}\n")
        sys.stderr.write("".join(f"  {name:<10} {words}\n" for name, words in AREAS.items()))
        sys.exit(2)
    areas = [area] if area else list(AREAS)
    found = _tell_programs(_examined(areas)) if as_json else _tell_people(_examined(areas))
    sys.exit(any(finding.state is State.FAIL for _, finding in found))


def _examined(areas: list[str]) -> Iterator[Found]:
    """A setting that is of no use keeps everything else from being looked at."""
    from bot import logs, wiring
    from bot.doctor import examine
    from bot.settings import WrongSetting, load

    try:
        settings = load()
    except WrongSetting as wrong:
        for line in str(wrong).splitlines():
            yield "settings", fail("settings", line, "Nothing starts before that.")
        return
    logs.setup(level="CRITICAL", form=settings.log_format, secrets=settings.secrets(), stream=sys.stderr)
    yield from examine(wiring.process(), areas)


def _tell_programs(looking: Iterable[Found]) -> list[Found]:
    from bot import logs

    found = list(looking)
    listed = [{"area": area, **asdict(finding)} for area, finding in found]
    failed = any(finding.state is State.FAIL for _, finding in found)
    sys.stdout.write(json.dumps(logs.clean({"ok": not failed, "findings": listed}), indent=2) + "\n")
    return found


def _tell_people(looking: Iterable[Found]) -> list[Found]:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    with console.status("Looking; what is on the network may take a while"):
        found = list(looking)
    console.print(_table(found))
    return found


def _table(found: Iterable[Found]) -> "Table":
    """One row for each finding; its remedy under it. What is told holds no known secret."""
    from rich.table import Table
    from rich.text import Text

    from bot import logs

    table = Table(box=None, show_header=False, padding=(0, 1))
    before = ""
    for area, finding in found:
        colour, mark = MARKS[finding.state]
        told = Text(str(logs.clean(finding.words)))
        if finding.remedy:
            told.append(
                f"\n→ {logs.clean(finding.remedy)}", style="dim" if finding.state is State.OK else "bold"
            )
        table.add_row(area if area != before else "", Text(mark, colour), finding.name, told)
        before = area
    return table
