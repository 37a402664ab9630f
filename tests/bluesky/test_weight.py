"""What the web process reads must not cost it the SDK: a second and 50 MB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def loaded(statement: str) -> set[str]:
    """The top-level packages that a fresh process has loaded after it."""
    script = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    root = Path(__file__).parents[2]
    return set(subprocess.check_output([sys.executable, "-c", script], text=True, cwd=root).split())


@pytest.mark.parametrize("module", ["rules", "tid", "facets", "records"])
def test_the_rules_are_light(module: str) -> None:
    assert not loaded(f"import integrations.bluesky.{module}") & {
        "atproto",
        "atproto_client",
        "httpx",
        "pydantic",
    }


def test_the_publisher_has_the_sdk() -> None:
    assert {"atproto_client", "httpx"} <= loaded("import integrations.bluesky.publisher")
