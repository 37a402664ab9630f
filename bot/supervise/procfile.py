"""The Procfile: one process a line, `name: command`. The command is split into words, no shell reads it."""

import re
import shlex
import shutil

from bot.supervise import CannotStart

LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")


class ProcfileError(CannotStart):
    """A Procfile that cannot be followed. Its text names the line and what it should look like."""


def parse(text: str) -> dict[str, list[str]]:
    """Name -> words of its command, in the file's order. Empty lines and those that begin with # say nothing."""
    processes: dict[str, list[str]] = {}
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if not found:
            raise ProcfileError(f"Line {number} of the Procfile is {line!r}. It should be NAME: COMMAND")
        name, command = found.groups()
        if name in processes:
            raise ProcfileError(
                f"Line {number} of the Procfile names {name!r} a second time. Rename or remove it"
            )
        try:
            processes[name] = shlex.split(command)
        except ValueError as error:
            raise ProcfileError(f"Line {number} of the Procfile cannot be read: {error}") from None
    return processes


def multiplied(processes: dict[str, list[str]], name: str, times: int) -> dict[str, list[str]]:
    """`processes` with `name` as name.1 to name.TIMES."""
    copies = {key: range(1, times + 1) if key == name else () for key in processes}
    return {
        f"{key}.{i}" if i else key: processes[key] for key, numbers in copies.items() for i in numbers or (0,)
    }


def check_programs(processes: dict[str, list[str]], path: str) -> None:
    """Raises ProcfileError for the first command whose program is not on `path`, a PATH."""
    for name, command in processes.items():
        if not shutil.which(command[0], path=path):
            raise ProcfileError(
                f"The process {name!r} of the Procfile starts {command[0]!r}, which is not on this machine"
            )
