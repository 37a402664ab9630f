"""Signs that deceive the eye, for every surface that shows what others wrote."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""What changes or hides text without being seen: controls, zero-width space, bidirectional overrides (CVE-2021-42574),
halves of surrogate pairs. Joiners and variation selectors stay: emoji and several scripts are made of them."""


def named(text: str) -> str:
    """Each of them as its name in words: "pay [U+202E]EB1"."""
    return INVISIBLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


_IDS = {"action", "url", "source", "thumb", "avatar", "id", "subject", "audience"}


def visible(value: Any) -> Any:
    """A card, or a part of one, with every invisible sign in its words named; ids and addresses are left alone."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return named(value)
    if isinstance(value, tuple):
        return tuple(visible(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: visible(getattr(value, f.name)) for f in fields(value) if f.name not in _IDS}
        )
    return value
