"""Attempts to get out of the sandbox: each really runs inside, in both tiers, and fails safely."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.sandbox.tier import Tier
from integrations.workspace.workspaces import ROOT
from tests.sandbox.attempts import ATTEMPTS, PRELUDE
from tests.sandbox.world import CANARY, WORD, World, workspace


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_fails_safely(
    attempt: str, tier: Tier, homes: Path, outside: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CANARY, WORD)
    home = homes / tier.name
    other = workspace(home, tier, task="other")
    other.write("output/secret", WORD.encode())
    room = workspace(home, tier, task=f"a-{list(ATTEMPTS).index(attempt)}")
    (home / "secret.keys").write_text(WORD)
    names = {
        **outside.names,
        "home": str(home),
        "code": str(ROOT),
        "other": str(other.place.work / "output/secret"),
    }
    script = "\n".join(
        [PRELUDE, *(f"{name} = {value!r}" for name, value in names.items()), ATTEMPTS[attempt]]
    )
    ran = room.run(["python", "-"], stdin=script.encode(), timeout_s=60)
    print(ran.output)
    assert "refused" in ran.output, "it did not even try"
    assert "ESCAPED" not in ran.output
    assert WORD not in ran.output
    assert ran.exit == 0
    assert other.read("output/secret") == WORD.encode()
    outside.is_untouched()


def test_there_are_enough_of_them() -> None:
    assert len(ATTEMPTS) >= 40
