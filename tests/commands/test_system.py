"""How Troupe is, the big switch, the audit trail, and what can be asked."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from subprocess import run

import pytest

from agents.events import SYSTEM, Subject
from agents.oncall.kinds import AlertKind
from agents.writing.post import State
from bot.cards import plain
from bot.commands.audit import PAGE
from bot.present.audit import VERBS
from bot.registry import REGISTRY
from tests.chat import Chat
from tests.storage import cast


def test_a_halt_stops_everybody_and_says_who_it_was(chat: Chat) -> None:
    card = chat.says("mia", "/halt a post went out twice")
    assert "Troupe is halted [halted]" in card
    assert "Because: a post went out twice" in card
    assert chat.stands(SYSTEM) == ["general"]
    assert "Troupe was halted by Mia." in chat.says("bob", "/post draft @ada hello")
    assert "Troupe was halted by Mia already." in chat.says("alice", "/halt")
    assert "Troupe is running [running]" in chat.presses("alice", "Let it go on", on=card)
    assert "Troupe is not halted." in chat.says("alice", "/resume")
    named = [event.name for event in chat.events]
    assert named == [
        "system.halted",
        "command.refused",
        "command.refused",
        "system.resumed",
        "command.refused",
    ]


def test_a_halt_by_button_asks_first(chat: Chat) -> None:
    shown = chat.sees("alice", SYSTEM)
    assert shown.button("Halt").confirm is not None
    assert "Troupe is halted" in chat.presses("alice", "Halt", on=shown)


@pytest.mark.parametrize("line", ["/halt", "/resume"])
def test_only_managers_reach_the_switch(chat: Chat, line: str) -> None:
    assert chat.says("bob", line).error.code == "forbidden"


def test_a_halt_redraws_what_was_about_to_go_out(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        due = cast.variant(work, state=State.APPROVED)
    chat.bell.rung.clear()
    chat.says("mia", "/halt")
    assert {due.subject, SYSTEM} <= chat.bell.subjects


def test_status_tells_what_runs_and_what_does_not(chat: Chat) -> None:
    assert "✗ Clock: nothing scheduled goes out without it" in chat.says("charlie", "/status")
    with chat.storage.unit_of_work() as work:
        for process, kind in (("c1", "clock"), ("w1", "worker"), ("w2", "worker")):
            work.switches.beat(process, kind, work.now, {})
        cast.variant(work, state=State.IN_REVIEW)
        work.raise_alert(
            AlertKind.PUBLISH_FAILED, Subject("post", "x"), "The stage is full.", kept="All.", remedy="Wait."
        )
    card = chat.presses("charlie", "Look again")
    assert "✓ Processes: clock, worker × 2" in card
    assert "✓ Clock" in card
    assert "Waiting for approval: 1 post" in card
    assert "A post could not be published: The stage is full." in card
    assert "@ada: $0 of $10.00 this month (0%)" in card
    assert card.card.subject is None, "it is true at one moment only, so it does not live in a channel"
    chat.later(minutes=5)
    assert "✗ Processes" in chat.says("charlie", "/status")


def test_status_tells_of_each_process_and_whether_somebody_outside_hears(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        pinged = {"pinged_at": work.now.isoformat(), "ping": "ok"}
        work.switches.beat("clock@h:1", "clock", work.now, {"rss_mib": 60, **pinged})
        work.switches.beat("worker@h:2", "worker", work.now - timedelta(minutes=2), {"rss_mib": 74})
    said = chat.says("charlie", "/status")
    assert "clock@h:1, 0 s ago, 60 MiB" in said
    assert "worker@h:2, 2 min ago, 74 MiB, stopped or stuck" in said
    assert "Heard outside: 0 s ago" in said
    with chat.storage.unit_of_work() as work:
        failed = {"pinged_at": work.now.isoformat(), "ping": "HTTP 404"}
        work.switches.beat("clock@h:1", "clock", work.now, failed)
    assert "Heard outside: not 0 s ago: HTTP 404" in chat.presses("charlie", "Look again", on=said)


def test_status_tells_what_is_late(chat: Chat) -> None:
    chat.says("bob", "/post draft @ada hello")
    assert "✓ On time" in chat.says("bob", "/status")
    chat.later(minutes=10)
    assert "! On time: the most overdue job waits for 10 minutes" in chat.says("bob", "/status")


def test_the_trail_tells_who_did_what_before_and_after(chat: Chat) -> None:
    chat.says("alice", "/people role bob manager")
    chat.says("charlie", "/halt")
    chat.says("mia", "/persona pause @ada", via="robot")
    trail = chat.says("bob", "/audit")
    assert "Alice changed the role of Bob" in trail
    assert "role: editor → manager" in trail
    assert "Charlie was refused a command" in trail
    assert "refused: To use /halt takes a manager; you are a viewer.\ntext: /halt" in trail
    assert "Mia (API key robot) paused @ada" in trail
    assert "state: active → paused" in trail


@pytest.mark.parametrize(
    ("about", "inside", "outside"),
    [
        ("@ada", "paused @ada", "halted"),
        ("Mia", "Mia halted Troupe", "Alice"),
        ("halted", "Mia halted Troupe", "paused"),
        ("role changed", "changed the role of Bob", "halted"),
    ],
)
def test_the_trail_is_narrowed(chat: Chat, about: str, inside: str, outside: str) -> None:
    chat.says("alice", "/people role bob manager")
    chat.says("alice", "/persona pause @ada")
    chat.says("mia", "/halt")
    narrowed = chat.says("bob", f"/audit about {about}")
    assert inside in narrowed
    assert outside not in narrowed.text.split("\n", 1)[1]


def test_the_trail_of_a_post(chat: Chat) -> None:
    post = chat.says("bob", "/post draft @ada hello").card.subject
    assert post is not None
    told = chat.says("bob", f"/audit about {post.id[:6]}")
    assert f"Bob asked for post {post.id}" in told
    assert "brief: hello" in told


def test_the_trail_is_turned_page_by_page(chat: Chat) -> None:
    for number in range(2 * PAGE + 3):
        chat.says("alice", f"/people name Alice{number}")
    seen: list[str] = []
    page = chat.says("bob", "/audit about person")
    while True:
        seen += [line for line in page.text.splitlines() if line.startswith("name: ")]
        if "Older" not in page.labels:
            break
        page = chat.presses("bob", "Older")
    assert len(seen) == len(set(seen)) == 2 * PAGE + 3
    assert seen[-1] == "name: Alice → Alice0"


def test_an_empty_trail_says_so(chat: Chat) -> None:
    assert "Nothing about unicorns in the audit trail" in chat.says("bob", "/audit about unicorns")


@pytest.mark.parametrize(
    "action", ["audit.older:x:", "audit.older:5:nonsense", "audit.older:5:subject-", "audit.older:-5:"]
)
def test_a_page_that_nobody_drew_is_refused(chat: Chat, action: str) -> None:
    assert chat.acts("bob", action).error.code == "invalid"


def test_a_viewer_reads_no_trail(chat: Chat) -> None:
    assert chat.says("charlie", "/audit").error.code == "forbidden"


def test_every_sentence_is_about_an_event_that_somebody_records() -> None:
    """The trail's own words are kept in step with the code."""
    modules = (
        module for folder in ("agents", "bot", "jobs", "storage") for module in Path(folder).rglob("*.py")
    )
    recorded = {
        name
        for module in modules
        for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', module.read_text())
        if module.name != "audit.py"
    }
    assert set(VERBS) <= recorded


def test_help_is_about_what_one_may_do(chat: Chat) -> None:
    viewer, owner = (plain(chat.says(who, "/help").card) for who in ("charlie", "alice"))
    assert "/persona list" in viewer
    assert "/halt" not in viewer
    assert "/halt: Stop every persona" in owner
    assert all(f"/{path}" in owner for path in REGISTRY.commands)


def test_help_tells_more_about_one(chat: Chat) -> None:
    card = chat.says("charlie", "/help persona pause")
    assert "/persona pause @persona" in card
    assert "It takes a manager." in card
    assert "/people invite name [as ROLE] [zone ZONE]" in chat.says("charlie", "/help people")
    assert "Did you mean /halt?" in chat.says("charlie", "/help hlat")


def test_every_command_can_be_shown_by_help(chat: Chat) -> None:
    for path in REGISTRY.commands:
        assert f"/{path}" in chat.says("alice", f"/help {path}")


def test_no_heavy_library_is_loaded_for_any_of_this() -> None:
    """What surfaces import must not load what only workers need, nor what only a typed date needs."""
    heavy = ["langchain", "langgraph", "openai", "atproto", "dateparser", "PIL", "tweepy"]
    program = f"import sys; from bot import commands; commands.load(); print([m for m in {heavy} if m in sys.modules])"
    found = run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
