"""Which tables are ours to compare and to migrate: LangGraph makes and changes its own."""

from __future__ import annotations

from typing import Any

from storage.checkpoints import TABLES


def is_ours(name: str | None, kind: str, parents: Any) -> bool:
    """Alembic's `include_name`."""
    return not (kind == "table" and name in TABLES)
