"""The command line: one module per command, imported only when that command is given.

A new command is a line in `COMMANDS` and a module of that name (`api-key` -> `bot.cli.api_key`) with a Typer `app`.
This file imports no library: `./troupe` reads the table before anything is installed.
"""

import difflib
import importlib
import os
import sys
from collections.abc import Iterable

COMMANDS = {
    "up": "Start everything and print the console's address.",
    "run": "Run one process of the Procfile by itself, for a supervisor of your own.",
    "prepare": "Migrate the database and seed an empty one; `up` does it by itself.",
    "sign-in": "Print a fresh link that opens the console, once.",
    "say": "Run a command of the chat from here, as the owner.",
    "connect": "Connect a persona's account on a platform.",
    "slack-manifest": "Print the manifest from which Slack makes the app.",
    "api-key": "Make, list and revoke the keys of programs.",
    "drill": "Raise a realistic alert, marked as a drill, so that a team can practise.",
    "rotate-key": "Seal all stored credentials under a new key.",
    "doctor": "Say what is configured, what works, and the next step for what does not.",
    "bench": "Measure what is promised about speed and size, each figure beside a bare peer.",
}


def main(words: list[str]) -> None:
    """Hand `words` to the command named by the first. Exits 2, naming the nearest, when there is none such."""
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write("".join(f"  {name:<14} {line}\n" for name, line in COMMANDS.items()))
        return
    os.umask(0o077)  # whatever a command makes, database, keys and logs, is nobody else's business
    name, *rest = words
    if name not in COMMANDS:
        sys.stderr.write(f"troupe: {unknown(name, COMMANDS)}\n")
        sys.exit(2)
    importlib.import_module(f"bot.cli.{name.replace('-', '_')}").app(args=rest, prog_name=f"troupe {name}")


def unknown(name: str, names: Iterable[str]) -> str:
    """The sentence for a word that is no command."""
    near = difflib.get_close_matches(name, names, 1, cutoff=0.5)
    return f"There is no command {name!r}.{f' Did you mean {near[0]!r}?' if near else ''} See ./troupe --help"
