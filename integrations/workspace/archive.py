"""A workspace in one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from agents.tasks.tools import ToolFailed
from integrations.workspace.files import GUARDED, Files, shown
from integrations.workspace.tree import Leaf

FIRST = ("README.md", "output", "src", "research", "shared")
LEFT_OUT = "LEFT-OUT.txt"
SKIPPED = frozenset({GUARDED, "__pycache__", "node_modules", ".pytest_cache", ".mypy_cache"})
"""Made anew by whoever needs it; and .git would have its reader's git run what a stranger wrote."""
SPARE = 64 * 1024
"""For the table at the end, and what names of files take."""
NAMES = 10_000
"""Files that one archive takes."""


def packed(files: Files, limit: int) -> bytes:
    """A zip of at most `limit` bytes, of plain files only. What does not fit is named in LEFT-OUT.txt."""
    held, missing, entries = io.BytesIO(), [], 0
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for leaf in _in_order(files):
            path, name = "/".join(leaf.parts), "/".join(map(_harmless, leaf.parts))
            fits = held.tell() + leaf.status.st_size + SPARE < limit and entries < NAMES
            data = _data(files, path, limit - held.tell()) if fits else None
            if data is None:
                missing.append(f"{name} ({leaf.status.st_size:,} bytes)")
                continue
            # A date of its own would make two archives of the same files different.
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
            entries += 1
        if missing:
            archive.writestr(zipfile.ZipInfo(LEFT_OUT), "\n".join(missing)[: SPARE // 2] + "\n")
    return held.getvalue()


def _harmless(part: str) -> str:
    """Elsewhere a backslash parts folders, and a colon a drive or a stream: unpacked there, nothing may get out of its folder."""
    return shown(part).replace("\\", "_").replace(":", "_")


def _in_order(files: Files) -> Iterator[Leaf]:
    """What matters most first."""
    leaves = [leaf for leaf in files.walk() if leaf.is_file and SKIPPED.isdisjoint(leaf.parts)]
    rank = {name: place for place, name in enumerate(FIRST)}
    return iter(sorted(leaves, key=lambda leaf: (rank.get(leaf.parts[0], len(FIRST)), leaf.parts)))


def _data(files: Files, path: str, limit: int) -> bytes | None:
    try:
        return files.read(path, limit)
    except ToolFailed:
        return None
