"""Signs that deceive the eye, for every surface that shows what others wrote."""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""What changes or hides text without being seen: controls, zero-width space, bidirectional overrides (CVE-2021-42574),
halves of surrogate pairs. Joiners and variation selectors stay: emoji and several scripts are made of them."""


def named(text: str) -> str:
    """Each of them as its name in words: "pay [U+202E]EB1"."""
    return INVISIBLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)
