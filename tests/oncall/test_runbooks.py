"""Every kind of alert has its page, and what a page tells people to press or type is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.oncall.kinds import KINDS, AlertKind
from bot import cli, commands
from bot.cards import Text, plain
from bot.present import runbook
from bot.registry import REGISTRY

commands.load()
PAGES = sorted(Path("docs/runbooks").glob("*.md"))
EACH = pytest.mark.parametrize("kind", list(AlertKind))
LONGEST = 40


def labels() -> list[re.Pattern[str]]:
    """Of every button that any card of ours has; what is filled in may be anything."""
    found: set[str] = set()
    for module in (*Path("bot/present").glob("*.py"), Path("bot/commands/persona_accounts.py")):
        found |= set(re.findall(r'(?:Button|press)\(\s*f?"([^"]+)"', module.read_text()))
    assert len(found) > 40
    filled = (re.sub(r"\\\{[^}]*\\\}", ".+", re.escape(label)) for label in found)
    return [re.compile(pattern) for pattern in filled]


LABELS = labels()


def test_every_kind_has_a_page_and_every_page_a_kind() -> None:
    assert [page.stem for page in PAGES] == sorted(kind.value for kind in AlertKind)


@EACH
def test_a_page_has_everything_and_fits_on_a_screen(kind: AlertKind) -> None:
    page = runbook.read(kind)
    assert page.title == KINDS[kind].title
    assert tuple(page.sections) == runbook.SECTIONS
    assert all(page.sections.values())
    assert 20 <= len(page.text.splitlines()) <= LONGEST


@EACH
def test_every_button_that_a_page_names_is_there(kind: AlertKind) -> None:
    named = re.findall(r"\*\*([^*]+)\*\*", runbook.read(kind).text)
    assert named, "what to press?"
    assert [name for name in named if not any(one.fullmatch(name) for one in LABELS)] == []


@EACH
def test_every_command_that_a_page_names_is_there(kind: AlertKind) -> None:
    for typed in re.findall(r"`([^`]+)`", runbook.read(kind).text):
        words = typed.split()
        if words[0] == "./troupe":
            assert words[1] in cli.COMMANDS
        elif typed.startswith("/"):
            REGISTRY.find_command([words[0][1:], *words[1:]])


def test_it_is_read_in_chat() -> None:
    shown = runbook.card(AlertKind.PUBLISH_UNKNOWN, "https://troupe.test")
    assert "It is live if you see it there." in plain(shown)
    assert [b.text for b in shown.blocks if isinstance(b, Text) and b.style == "heading"] == list(
        runbook.SECTIONS
    )
    assert [b.url for b in shown.buttons] == ["https://troupe.test/runbooks/publish_unknown"]
    assert not any(mark in plain(shown) for mark in ("**", "`", "## "))
