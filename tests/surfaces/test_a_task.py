"""The story of a whole task in each chat: asked for in words, planned, approved, made, looked at, accepted. All of it is real
but the chat and the model: the process `agent`, its workspace and sandbox, the mail server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from agents.tasks.artifact import Artifact
from agents.tasks.family import Family
from agents.tasks.task import State, Task
from tests.oncall.post_office import PostOffice
from tests.oncall.post_office import opened as post_office
from tests.servers.processes import Process
from tests.surfaces import labour
from tests.surfaces.chats import SURFACES, agent, opened
from tests.surfaces.hands import Card, Hands

SAID = "<@BOT> ask Ada to compare RQ, Celery and dramatiq and write it up as pdf"
LETTER = "<@BOT> ask Ada to compare Slack with Discord on price and limits, and send it to max@example.com"
TITLE = "Ada: Compare RQ, Celery and dramatiq"
PATIENCE_S = 60.0
"""A stage takes a second or two; the machine may be busy."""
HALTS_WITHIN_S = 2.0
INDOORS = (Family.FILES, Family.PYTHON, Family.TERMINAL, Family.REPORT, Family.EMAIL, Family.NOTES)
"""Everything but the web: tests reach nobody outside."""
ARCHIVE = "workspace.zip"
STEPS = re.compile(r"\((\d) of 4\)")
MOST_EDITS = 20


@dataclass
class Floor:
    """A team with an agent at work."""

    at: Hands
    office: PostOffice
    agent: Process

    def is_at_work(self) -> bool:
        """Whether the agent has a child that works on something."""
        return bool(psutil.Process(self.agent.pid).children())

    def shows(self, *words: str) -> Card:
        return self.at.shows(self.at.general, *words, timeout_s=PATIENCE_S)

    def has(self, card: Card, *words: str) -> None:
        self.at.has(card, *words, timeout_s=PATIENCE_S)

    def task(self, title: str) -> Task:
        return labour.named(self.at.crew.troupe.storage, title)

    def delivered(self, task: Task) -> dict[str, tuple[Artifact, bytes]]:
        with self.at.crew.troupe.storage.reading() as work:
            made = [one for one in work.artifacts.of_task(task.id) if one.path != ARCHIVE]
            return {one.path: (one, work.artifacts.data(one.id)) for one in made}


@pytest.fixture(params=SURFACES)
def floor(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Floor]:
    office = PostOffice()
    with post_office(office) as server:
        mail = {"smtp_url": f"smtp://{server.host}:{server.port}", "task_email_domains": "example.com"}
        with opened(request.param, tmp_path, redis_url, **mail) as at:
            _may(at, plan_approved_from=1, tools=INDOORS)
            with agent(at.crew.troupe) as process:
                yield Floor(at, office, process)


def _may(at: Hands, **rules: object) -> None:
    """What Ada's tasks are like from now on."""
    with at.crew.troupe.storage.unit_of_work() as work:
        ada = work.personas.by_handle("ada")
        tasks = ada.profile.tasks.model_copy(update=rules)
        work.personas.change(ada, profile=ada.profile.model_copy(update={"tasks": tasks}))


def ticked(at: Hands, card_id: str = "") -> list[int]:
    """Steps that were done, as the card was redrawn; in the rooms of those who decide, too, unless one is named."""
    drawn = (str(call) for call in at.server.calls(at.EDIT))
    shown = (STEPS.search(text) for text in drawn if card_id in text)
    return [int(found[1]) for found in shown if found]


def test_from_a_mention_to_files_in_its_thread(floor: Floor) -> None:
    at = floor.at
    at.crew.bob.says(SAID, in_=at.general)
    card = floor.shows(TITLE, "plan to approve")
    assert "Nothing is built before this plan is approved." in at.reads(card)
    at.presses("mia", "Approve plan", card)
    floor.has(card, "result to accept", "✓ build", "✓ test")

    files = floor.delivered(task := floor.task("Compare RQ, Celery and dramatiq"))
    (report,) = (path for path in files if path.endswith(".pdf"))
    made, pdf = files[report]
    assert pdf.startswith(b"%PDF")
    at.until(lambda: at.files(card) == {path: data for path, (_, data) in files.items()})
    assert at.previews(card) == [at.crew.troupe.pictures.with_kind(made.preview)[0]]

    at.presses("mia", "Accept", card)
    floor.has(card, "complete")
    assert at.labels(card) == ["Make changes…"]
    assert at.offered(card) == ["Show files", "Steps"]
    assert floor.task(task.title).state is State.COMPLETE
    ticks = ticked(at, at.id(card))
    assert ticks == sorted(ticks), "no older state after a newer one"
    assert {*ticks} >= {0, 4}
    assert {*ticked(at)} > {0, 4}, (
        "there, or where the chat let it be redrawn sooner, it ticks while people look on"
    )
    assert len(ticks) <= MOST_EDITS
    assert [each for each in at.general.posts if TITLE in each.words] == [card], "one card, drawn anew"
    (said,) = at.thread(card)
    assert said.words.startswith("Made and looked through: ")
    assert at.refusals() == []


def test_an_e_mail_leaves_once_by_the_word_of_somebody_who_may(floor: Floor) -> None:
    at = floor.at
    _may(at, plan_approved_from=11, reviewed=False)
    at.crew.bob.says(LETTER, in_=at.general)
    step = floor.shows("Ada asks: Send an e-mail to max@example.com", "waiting for approval")
    task = floor.task("Compare Slack with Discord")
    with at.crew.troupe.storage.reading() as work:
        (proposed,) = work.actions.of_task(task.id)
    shown = at.reads(step)
    assert [line for line in proposed.shown.splitlines() if line not in shown] == []
    seen = step.as_seen()
    at.confirms("bob", "Approve", step, "It cannot be taken back")
    at.told("bob", "Only a manager may decide about this step.")
    assert floor.office.mails == []
    at.confirms("mia", "Approve", step, "It cannot be taken back")
    floor.has(step, "Approved by Mia", "The mail server took the e-mail to max@example.com.")
    assert at.buttons(step) == ["Show the task"]
    floor.shows("Compare Slack with Discord", "complete")
    at.confirms("mia", "Approve", seen, "")
    at.told("mia", "so you cannot approve it")

    (mail,) = floor.office.mails
    assert (mail["To"], mail["Subject"]) == ("max@example.com", task.title)
    body = mail.get_body()
    assert body is not None
    assert proposed.shown.replace("\n", "").endswith("".join(body.get_content().splitlines()))
    files = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert files == {path: data for path, (_, data) in floor.delivered(task).items()}
    assert at.refusals() == []


def test_stopped_while_it_works_it_ends(floor: Floor) -> None:
    at = floor.at
    _may(at, plan_approved_from=11)
    at.crew.bob.says(SAID, in_=at.general)
    card = floor.shows(TITLE, "being worked on")
    at.until(floor.is_at_work, PATIENCE_S)
    at.confirms("bob", "Stop", card, "the files that it has made are kept")
    at.until(lambda: not floor.is_at_work(), HALTS_WITHIN_S)
    floor.has(card, "cancelled")
    assert at.labels(card) == []
    assert at.refusals() == []


def test_a_word_in_its_thread_halts_it_while_it_works(floor: Floor) -> None:
    at = floor.at
    _may(at, plan_approved_from=11)
    at.crew.bob.says(SAID, in_=at.general)
    card = floor.shows(TITLE, "being worked on")
    at.until(floor.is_at_work, PATIENCE_S)
    at.says_under("bob", "stop", card)
    floor.has(card, "paused", "Nothing happens until somebody lets it go on.")
    at.until(lambda: not floor.is_at_work(), HALTS_WITHIN_S)
    at.presses("bob", "Go on", card)
    floor.has(card, "result to accept")
    assert at.refusals() == []
