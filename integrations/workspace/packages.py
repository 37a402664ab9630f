"""Which packages may be installed into a task's environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from agents.tasks.tools import ToolFailed

LIST = Path(__file__).with_name("packages.txt")
MOST = 20


def checked(wanted: Sequence[str], more: Iterable[str]) -> list[str]:
    """Each in the one form that installers read the same way.  wanted: names, with versions if need be (pandas, pandas==2.2.3).

    more: names beside the packaged ones. Raises ToolFailed if one is not allowed, or is anything but that.
    """
    if not wanted or len(wanted) > MOST:
        raise ToolFailed(f"{len(wanted)} packages were asked for; 1 to {MOST} can be installed at once.")
    allowed = packaged() | {canonicalize_name(name) for name in more}
    return [_checked(text, allowed) for text in wanted]


@cache
def packaged() -> frozenset[str]:
    lines = (line.partition("#")[0].strip() for line in LIST.read_text().splitlines())
    return frozenset(canonicalize_name(name) for line in lines for name in line.split())


def _checked(text: str, allowed: frozenset[str] | set[str]) -> str:
    try:
        asked = Requirement(text)
    except InvalidRequirement as error:
        raise ToolFailed(
            f"{text!r} is no package's name.", remedy="Write pandas, or pandas==2.2.3."
        ) from error
    if asked.url or asked.marker:
        raise ToolFailed(
            f"{text!r} is more than a name and a version.", remedy="Write pandas, or pandas==2.2.3."
        )
    name = canonicalize_name(asked.name)
    if name not in allowed:
        raise ToolFailed(
            f"{name} is not among the packages that may be installed.",
            remedy="Do it without, or ask a person to add it to TASK_PACKAGES.",
        )
    extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
    return f"{name}{extras}{asked.specifier}"
