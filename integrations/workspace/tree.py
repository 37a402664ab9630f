"""What lies below a folder, whoever is changing it meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from integrations.workspace.beneath import FOLDER, open_beneath

BLOCK = 512
"""What st_blocks counts in, on every file system (man 3type stat)."""

DEEPEST = 100
"""Folders within each other that are looked into: each look walks down from the top."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """parts: from the folder that was walked.  status: of itself, not of what it links to."""

    parts: tuple[str, ...]
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)


def walk(root: int, below: Sequence[str] = ()) -> Iterator[Leaf]:
    """Everything below, a folder before what is in it, in order of names. No link is followed, and what vanishes meanwhile is left out.

    Raises OSError if `below` cannot be opened, and for a folder that we may not read.
    """
    folders: list[tuple[str, ...]] = [tuple(below)]
    while folders:
        folder = folders.pop()
        leaves = _leaves(root, folder, must=folder == tuple(below))
        yield from leaves
        folders += [leaf.parts for leaf in reversed(leaves) if leaf.is_folder and len(leaf.parts) < DEEPEST]


def _leaves(root: int, folder: tuple[str, ...], *, must: bool) -> list[Leaf]:
    try:
        descriptor = open_beneath(root, folder, FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        if must:
            raise
        return []
    try:
        found = []
        with os.scandir(descriptor) as entries:
            for entry in entries:
                try:
                    found.append(Leaf((*folder, entry.name), entry.stat(follow_symlinks=False)))
                except FileNotFoundError:
                    continue
        return sorted(found, key=lambda leaf: leaf.parts)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Usage:
    """bytes: taken on disk, holes not counted.  files: folders count."""

    bytes: int
    files: int


def usage(folders: Sequence[Path], most: Usage) -> Usage:
    """Of all of them together; stops counting beyond `most`. What cannot be looked into counts as too much: it hides something."""
    taken = files = 0
    for folder in folders:
        root = os.open(folder, FOLDER | os.O_CLOEXEC)
        try:
            for leaf in walk(root):
                files += 1
                # A file with several names would count for each.
                taken += leaf.status.st_blocks * BLOCK // (1 if leaf.is_folder else leaf.status.st_nlink or 1)
                if len(leaf.parts) >= DEEPEST and leaf.is_folder:
                    return Usage(taken, most.files + 1)
                if taken > most.bytes or files > most.files:
                    return Usage(taken, files)
        except OSError:
            return Usage(taken, most.files + 1)
        finally:
            os.close(root)
    return Usage(taken, files)
