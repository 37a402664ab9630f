"""Tools that run commands, all of them in the workspace's sandbox; and what comes from outside into it: packages."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field

from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.base import MAKING, Arguments, LeavingTool, summary, tool
from agents.tasks.toolbox.fenced import LIMIT, data
from agents.tasks.toolbox.paths import FolderPath
from agents.tasks.tools import Bench, Ran, Risk, ToolFailed, Unsure, Wish

Word = Annotated[str, Field(max_length=10_000)]
Argv = Annotated[
    tuple[Word, ...],
    Field(
        min_length=1,
        max_length=200,
        description='The program and its arguments, one string each, like ["python", "src/main.py", "--all"]. '
        'Nothing expands them; for pipes, * and > give ["sh", "-c", "…"].',
    ),
]
Seconds = Annotated[int, Field(ge=1, le=300, description="It is stopped after so many seconds, at most 300.")]
ENDS = {
    "time": "It was stopped because its time was over: give a greater timeout_s, or less to do.",
    "output": "It was stopped because it wrote too much: have it write to a file, or less.",
    "memory": "It was stopped because it took too much memory: work on less at once.",
    "disk": "It was stopped because the workspace would hold too much: delete what is not needed, or write less.",
    "files": "It was stopped because the workspace would hold too many files: make fewer, or pack them.",
    "asked": "A person stopped it.",
}


class RunCommand(Arguments):
    command: Argv
    folder: FolderPath = Field("", description='Where to run it, "" for the top of the workspace.')
    timeout_s: Seconds = 60


@tool(Family.TERMINAL, Risk.WRITE, MAKING)
def run_command(given: RunCommand, bench: Bench) -> str:
    """Runs a program in the workspace and returns its exit code and output (both streams). There is no network, nobody to
    type anything, and nothing to write to but the workspace."""
    return told(
        given.command[0],
        bench.workspace.run(given.command, folder=given.folder, timeout_s=given.timeout_s),
        bench,
    )


def told(program: str, ran: Ran, bench: Bench) -> str:
    """How a command ended, for the model. Long output is kept in a file, so that the rest can be read."""
    said = [f"Exit code {ran.exit} after {ran.seconds:.1f} s.", _stopped(ran)]
    if ran.cut:
        said.append(f"{ran.cut:,} bytes from the middle of its output were thrown away.")
    if len(ran.output) > LIMIT:
        said.append(_kept(ran, bench))
    return f"{' '.join(filter(None, said))}\n{data(f'output of {program}', ran.output)}"


def _stopped(ran: Ran) -> str:
    return ENDS.get(ran.stopped, f"It was stopped: {ran.stopped}.") if ran.stopped else ""


def _kept(ran: Ran, bench: Bench) -> str:
    path = f"research/output-{sha256(bench.call_id.encode()).hexdigest()[:8]}.txt"
    try:
        bench.workspace.write(path, ran.output.encode("utf-8", "replace"))
    except ToolFailed as error:
        return f"Not all of the output is shown, and it could not be kept: {error.what}"
    return f"Not all of the output is shown here: {path} has {'more' if ran.cut else 'all'} of it."


PINNED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?==[0-9][A-Za-z0-9.!+_-]*")


def _pinned(package: str) -> str:
    if not PINNED.fullmatch(package):
        raise ValueError("must be a package and its exact version, like pandas==2.2.3")
    return package


class InstallPackages(Arguments):
    packages: tuple[Annotated[str, AfterValidator(_pinned), Field(max_length=100)], ...] = Field(
        min_length=1,
        max_length=20,
        description="Python packages with their exact versions, like pandas==2.2.3: people approve exactly these.",
    )


def _wish(given: InstallPackages, bench: Bench) -> Wish:
    bench.workspace.may_install(given.packages)
    count = len(given.packages)
    title = f"Install {given.packages[0]}" if count == 1 else f"Install {count} Python packages"
    return Wish(title, "\n".join(given.packages))


def _install(given: InstallPackages, bench: Bench, key: str) -> str:
    """Adds Python packages to this task's own environment. They must be on the team's allow-list, and a person approves them
    first. importlib.metadata tells what is there already."""
    ran = bench.workspace.install(given.packages)
    if ran.exit or ran.stopped:
        raise ToolFailed(f"Nothing was installed. {told('the installer', ran, bench)}")
    return f"Installed: {', '.join(given.packages)}."


VERSIONS = """
import sys
from importlib.metadata import PackageNotFoundError, version
for wanted in sys.argv[1:]:
    name = wanted.partition("==")[0]
    try:
        print(f"{name}=={version(name)}")
    except PackageNotFoundError:
        pass
"""


def _installed(given: InstallPackages, bench: Bench, key: str) -> str | None:
    """Some of them is none: installing once more changes nothing of those that are there."""
    ran = bench.workspace.run(["python", "-c", VERSIONS, *given.packages])
    if ran.exit or ran.stopped:
        raise Unsure(
            f"Nobody can tell whether {', '.join(given.packages)} was installed: Python did not answer.",
            remedy="Installing it again does no harm.",
        )
    there = set(ran.output.split())
    return f"Installed: {', '.join(given.packages)}." if there.issuperset(given.packages) else None


install_packages = LeavingTool(
    name="install_packages",
    summary=summary(_install),
    family=Family.TERMINAL,
    arguments=InstallPackages,
    stages=frozenset({Stage.BUILD, Stage.TEST}),
    wish=_wish,
    act=_install,
    find=_installed,
)

TOOLS = (run_command, install_packages)
