"""Paths as tools take them: relative to the workspace, with slashes, and nothing that could lead elsewhere.

The workspace guards its border itself, links and races included. This says early, and in words, what could never be right.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from agents.tasks.toolbox.fenced import HIDDEN

PATH_LIMIT, NAME_LIMIT = 500, 200
"""Characters of a path, and bytes of one name in it; file systems take 255, and a temporary name needs some."""

TOP = "/work"
"""Where commands see the workspace, and so what tracebacks show."""


def inside(path: str) -> str:
    """In its shortest form, "" for the workspace itself. Raises ValueError in words.

    "./output//a.md" → "output/a.md", and so does what a command shows: "/work/output/a.md".
    """
    if path == TOP or path.startswith(f"{TOP}/"):
        path = path[len(TOP) :].lstrip("/")
    names = [name for name in path.split("/") if name not in {"", "."}]
    if path.startswith("/") or "\\" in path or (names and names[0].startswith("~")):
        raise ValueError("must be relative to the workspace, with slashes, like output/report.md")
    if "\n" in path or "\t" in path or HIDDEN.search(path):
        raise ValueError("holds a character that no file name may have here")
    if ".." in names:
        raise ValueError("must not hold ..: nothing outside the workspace can be reached")
    if any(len(name.encode()) > NAME_LIMIT for name in names):
        raise ValueError(f"holds a name longer than {NAME_LIMIT} bytes")
    return "/".join(names)


def _named(path: str) -> str:
    if not (plain := inside(path)):
        raise ValueError("names no file")
    return plain


def _handed_over(path: str) -> str:
    plain = _named(path)
    return plain if plain.startswith("output/") else f"output/{plain}"


FilePath = Annotated[str, AfterValidator(_named), Field(min_length=1, max_length=PATH_LIMIT)]
FolderPath = Annotated[str, AfterValidator(inside), Field(max_length=PATH_LIMIT)]
"""May be "": the workspace itself."""
OutputPath = Annotated[str, AfterValidator(_handed_over), Field(min_length=1, max_length=PATH_LIMIT)]
"""Below output/, whether that was said or not."""
