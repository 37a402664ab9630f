"""A task in the whole product: asked for, planned, approved, made in the sandbox, checked, accepted, and its files fetched.

First with no key at all, as a newcomer has it; then with the real clients of a model server that fails in every way.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot import wiring
from bot.settings import load
from storage.tables import SpendRow
from tests.oncall.post_office import PostOffice, opened
from tests.servers.model import Fault, ModelServer, broken_call, running
from tests.system.troupe import Running, up
from tests.tasks.scripts import DESIGN, stages

PATIENCE_S = 60.0
FIGURES = "Our sign-ups: January 120, February 140 and March 90. Put them into a table with their sum"


@dataclass
class Program:
    """Works through the API as a person works through the console."""

    running: Running
    http: httpx.Client
    task: str = ""
    shown: dict[str, Any] = field(default_factory=dict)
    """The card that the last press was answered with."""

    def says(self, text: str) -> dict[str, Any]:
        answer = self.http.post("/api/commands", json={"text": text, "channel": "general"})
        assert answer.is_success, answer.text
        return dict(answer.json()["card"])

    def asks(self, brief: str, options: str = "", *, to: str = "ada") -> None:
        self.task = self.says(f'/task new "{brief}" for @{to} {options}')["subject"]["id"]

    def says_in_its_thread(self, words: str) -> None:
        said = {"text": words, "channel": "general", "thread": f"task:{self.task}"}
        answer = self.http.post("/api/commands", json=said)
        assert answer.is_success, answer.text

    def thread(self) -> str:
        """Everything that was said about the task."""
        answer = self.http.get("/api/channels/general/messages", params={"thread": f"task:{self.task}"})
        assert answer.is_success, answer.text
        return "\n".join(message["text"] for message in answer.json())

    @property
    def card(self) -> dict[str, Any]:
        answer = self.http.get(f"/api/cards/task/{self.task}")
        assert answer.is_success, answer.text
        return dict(answer.json()["card"])

    def sees(self, *words: str) -> dict[str, Any]:
        """Waits for the task's card to have all of these words."""
        end = time.monotonic() + PATIENCE_S
        while not all(word in (card := self.card)["text"] for word in words):
            assert time.monotonic() < end, f"{words} never came:\n{card['text']}\n{self.log()}"
            time.sleep(0.1)
        return card

    def presses(self, label: str, card: dict[str, Any] | None = None, **values: Any) -> None:
        (button,) = (one for one in (card or self.card)["buttons"] if one["label"] == label)
        self.press(button["action"], **values)

    def press(self, action: str, **values: Any) -> None:
        answer = self._press(action, values)
        assert answer.is_success, answer.text
        self.shown = answer.json()["card"] or {}

    def refused(self, label: str, card: dict[str, Any]) -> None:
        """It was pressed before, and changes nothing any more."""
        (button,) = (one for one in card["buttons"] if one["label"] == label)
        assert self._press(button["action"], {}).status_code == 409

    def _press(self, action: str, values: dict[str, Any]) -> httpx.Response:
        pressed = {"action": action} | ({"values": values} if values else {})
        return self.http.post("/api/actions", json=pressed)

    def files(self) -> dict[str, bytes]:
        """What the card lets people fetch."""
        found = {}
        for block in self.card["blocks"]:
            if block["type"] == "file":
                answer = self.http.get(f"/api/tasks/{self.task}/files/{block['source']}")
                assert answer.is_success, answer.text
                found[block["name"]] = answer.content
        return found

    def in_a_browser(self, path: str) -> bytes:
        """As the console gives it to somebody who is signed in."""
        (id,) = (block["source"] for block in self.card["blocks"] if block.get("name") == path)
        with httpx.Client(base_url=self.running.address, follow_redirects=True) as browser:
            assert browser.post(self.running.sign_in, headers={"Origin": self.running.address}).is_success
            answer = browser.get(f"/file/{id}")
            assert answer.headers["content-disposition"].startswith("attachment")
            return answer.content

    def log(self) -> str:
        return (self.running.home / "up.err").read_text()[-3_000:]


@contextmanager
def program(home: Path, **settings: str) -> Iterator[Program]:
    with up(home, **settings) as running, running.api() as http:
        made = Program(running, http)
        made.says("/persona policy @ada keys yes")  # the button is pressed by a program
        yield made


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(tmp_path_factory.mktemp("offline") / "home") as made:
        yield made


@pytest.fixture
def offline(newcomer: Program) -> Iterator[Program]:
    """No key at all. What a story leaves open is ended, so that Ada is free for the next one."""
    yield newcomer
    if [one for one in newcomer.card["buttons"] if one["label"] == "Stop"]:
        newcomer.presses("Stop")


def only(files: dict[str, bytes], ending: str) -> bytes:
    (data,) = (data for name, data in files.items() if name.endswith(ending))
    return data


def test_a_newcomer_gets_files_without_any_key(offline: Program) -> None:
    offline.asks(FIGURES, "complexity 8")
    plan = offline.sees("plan to approve", "Compute output/", "Risks:")
    offline.presses("Approve plan", plan)
    result = offline.sees("result to accept", "✓ build")
    files = offline.files()
    assert ["Total", "350", "100 %"] in list(csv.reader(io.StringIO(only(files, ".csv").decode())))
    (report,) = (name for name in files if name.endswith(".pdf"))
    assert files[report].startswith(b"%PDF")
    assert offline.in_a_browser(report) == files[report]
    assert b"Written by the rehearsal model" in only(files, ".md")
    offline.presses("Accept", result)
    done = offline.sees("complete")
    assert "Money: $0 of" in done["text"]


def test_a_result_is_changed_by_what_people_say(offline: Program) -> None:
    offline.asks(FIGURES, "as md")
    result = offline.sees("result to accept")
    offline.presses("Make changes…", result, feedback="Please mention the trade fair.")
    end = time.monotonic() + PATIENCE_S
    while b"trade fair" not in only(offline.files() or {".md": b""}, ".md"):
        assert time.monotonic() < end, offline.card["text"]
        time.sleep(0.2)
    offline.sees("result to accept")


@pytest.mark.parametrize("by_word", [False, True])
def test_halted_by_a_button_or_a_word_it_goes_on_where_it_was(offline: Program, by_word: bool) -> None:
    offline.asks(FIGURES, "as md complexity 8")
    plan = offline.sees("plan to approve")
    offline.says_in_its_thread("stop!") if by_word else offline.presses("Pause", plan)
    card = offline.sees("paused")
    assert not [one for one in card["buttons"] if one["label"] == "Approve plan"]
    offline.says_in_its_thread("go on, please") if by_word else offline.presses("Go on", card)
    offline.presses("Approve plan", offline.sees("plan to approve"))
    offline.sees("result to accept")


def test_stopped_it_ends_for_good(offline: Program) -> None:
    offline.asks(FIGURES, "as md complexity 8")
    plan = offline.sees("plan to approve")
    offline.presses("Stop", plan)
    assert offline.sees("cancelled")
    offline.refused("Approve plan", plan)


FAULTS = {
    "too many requests": Fault(429, headers={"Retry-After": "1"}),
    "a server error": Fault(500),
    "an answer that is no JSON": Fault(body="<html>busy</html>"),
    "an answer without an answer": Fault(body='{"id": "1", "choices": []}'),
}


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with running() as server:
        yield server


def test_a_model_that_stumbles_at_every_turn_is_asked_again_and_each_call_is_counted_once(
    tmp_path: Path, model: ModelServer
) -> None:
    broken = [broken_call("write_plan", '{"approach": "Write'), *DESIGN]
    model.script = stages(design=broken)
    model.faults = list(FAULTS.values())
    key = {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": model.url}
    with program(tmp_path / "home", **key) as team:
        team.asks("Write a short report about the state of our queues.")
        card = team.sees("result to accept")
        assert only(team.files(), ".md") == b"# Report\nAll is well.\n"
        assert "Money: $0 of" not in card["text"], "it was paid for"
        team.presses("Accept", card)
        team.sees("complete")
    ledger = spent(tmp_path / "home")
    assert len(ledger) == len(model.requests)
    assert {row.state for row in ledger} == {"settled"}


def test_a_model_that_hangs_is_stopped_within_two_seconds_and_counted_at_its_most(
    tmp_path: Path, model: ModelServer
) -> None:
    model.script = stages()
    model.faults = [Fault(hangs_s=60)]
    key = {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": model.url}
    with program(tmp_path / "home", **key) as team:
        team.asks("Write a short report about the state of our queues.")
        end = time.monotonic() + PATIENCE_S
        while not model.requests:
            assert time.monotonic() < end, team.log()
            time.sleep(0.05)
        team.presses("Stop")
        pressed = time.monotonic()
        team.sees("cancelled")
        while [row for row in spent(tmp_path / "home") if row.state != "settled"]:
            assert time.monotonic() < pressed + 2.5, "the call is given up, and counted"
            time.sleep(0.05)
        (call,) = spent(tmp_path / "home")
        assert call.spent > 0
        assert len(model.requests) == 1


def spent(home: Path) -> list[Any]:
    """The ledger's rows about tasks."""
    troupe = wiring.build(load(_env_file=None, troupe_home=home))
    try:
        with troupe.storage.reading() as work:
            return list(work.connection.execute(select(SpendRow).where(SpendRow.subject.like("task:%"))))
    finally:
        troupe.close()


CLERK = """
name: Clara
handle: clara
tasks: {tools: [files, python, report, email, notes], reviewed: false}
"""
LETTER = "Compare Slack with Discord on price and limits, and send it to max@example.com"


def test_an_e_mail_is_sent_once_when_it_was_approved_and_not_at_all_when_it_was_refused(
    tmp_path: Path,
) -> None:
    office = PostOffice()
    with opened(office) as server:
        settings = {
            "SMTP_URL": f"smtp://{server.host}:{server.port}",
            "SMTP_FROM": "troupe@example.com",
            "TASK_EMAIL_DOMAINS": "example.com",
        }
        with program(tmp_path / "home", **settings) as team:
            importing = team.says("/persona import")
            team.presses(importing["buttons"][0]["label"], importing, text=CLERK)
            team.says("/persona policy @clara keys yes")
            team.asks(LETTER, "as md", to="clara")
            team.presses("Show the step", team.sees("step to approve"))
            assert "max@example.com" in team.shown["text"]
            assert "output/compare-slack-discord-price-limits.md" in team.shown["text"]
            assert office.mails == [], "nothing leaves before somebody said so"
            approve = team.shown
            team.presses("Approve", approve)
            team.sees("complete")
            (mail,) = office.mails
            assert mail["To"] == "max@example.com"
            attached = {
                part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()
            }
            assert attached == team.files(), "what was made is what went along"
            team.refused("Approve", approve)

            team.asks(LETTER, "as md", to="clara")
            team.presses("Show the step", team.sees("step to approve"))
            team.presses("Refuse…", team.shown, reason="Max is on holiday.")
            team.sees("complete")
            thread = team.thread()
    assert len(office.mails) == 1
    assert "Max is on holiday." in thread
