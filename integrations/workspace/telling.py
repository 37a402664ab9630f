"""What the system refuses, in words that a persona can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from agents.tasks.tools import ToolFailed

WORDS = {
    errno.ENOENT: "There is no {path}.",
    errno.ELOOP: "{path} is a link, or lies behind one; file tools follow none.",
    errno.ENOTDIR: "{path} lies below something that is no folder.",
    errno.EISDIR: "{path} is a folder.",
    errno.EXDEV: "{path} leads out of the workspace.",
    errno.ENXIO: "{path} is no file that can be read.",
    errno.EACCES: "{path} cannot be read or changed: its rights forbid it.",
    errno.ENOSPC: "There is no room left on the disk.",
    errno.EDQUOT: "There is no room left on the disk.",
    errno.ENOTEMPTY: "{path} is a folder with something in it.",
    errno.ENAMETOOLONG: "{path} is too long.",
}


@contextmanager
def telling(path: str) -> Iterator[None]:
    """path: as it was given.  Raises ToolFailed for an OSError."""
    try:
        yield
    except OSError as error:
        words = WORDS.get(
            error.errno or 0, "{path} cannot be used: " + (error.strerror or "no reason given") + "."
        )
        raise ToolFailed(
            words.format(path=path or "The workspace"), remedy="list_files shows what there is."
        ) from error
