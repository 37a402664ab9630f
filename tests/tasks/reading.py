"""How a test reads what a model is told."""

from __future__ import annotations

import re

FENCED = re.compile(r"<<<([0-9a-f]{16}) [^\n]*\n.*?\n\1>>>", re.DOTALL)


def outside_fences(told: str) -> str:
    """What stands there in our own voice."""
    return FENCED.sub("", told)
