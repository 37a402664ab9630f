"""The fingerprint of exactly what a person saw: a click counts only for the content that carries the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from agents.clock import utc
from agents.writing.content import Content

SHOWN = 16
"""Characters that a button carries: 64 bits, so that no other content of the same variant can be found to match."""


def fingerprint(content: Content, account_id: str, publish_at: datetime | None) -> str:
    """32 hex characters over the canonical form of text, media, alternative texts, card, languages, account and time."""
    payload = {
        "account": account_id,
        "content": asdict(content),
        "at": utc(publish_at).isoformat(timespec="microseconds") if publish_at else None,
    }
    return digest(payload)


def digest(payload: Mapping[str, Any]) -> str:
    """32 hex characters over the canonical JSON of `payload`."""
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()[: SHOWN * 2]


def same(seen: str, actual: str) -> bool:
    """True if a button that shows `seen` was drawn for `actual`."""
    return bool(seen) and seen[:SHOWN] == actual[:SHOWN]
