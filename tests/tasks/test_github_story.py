"""A task that reaches outside in every way there is: real engine, real git, real mail, a real page and a real PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agents.tasks import moves
from agents.tasks.action import Action, ActionState
from agents.tasks.task import State
from agents.tasks.toolbox.hub import Push
from bot.settings import load
from integrations.github.hub import GitHub
from integrations.http.door import Door
from integrations.letters import Letters
from integrations.mail import Mailer
from integrations.report.press import TypstPress
from integrations.web.web import Web
from tests.integrations.town import Town, reply
from tests.oncall.post_office import PostOffice, opened
from tests.servers.github import TOKEN, GitHubServer
from tests.servers.model import ModelServer, call
from tests.tasks import pdf_text
from tests.tasks.crew import Crew, Story, story
from tests.tasks.scripts import BUILD, stages
from tests.tasks.test_addresses import PERSON
from tests.tasks.test_gate_injections import told

REPO = "acme/widget"
PAGE = b"<html><title>How widgets turn</title><p>Widgets turn 12 % faster when they are oiled, says the maker.</p>"
BRANCH = {"repo": REPO, "branch": "notes", "folder": "src/widget", "message": "Notes on turning"}
PULL = {"repo": REPO, "title": "Notes", "body": "What was found.", "head": "notes", "base": "main"}
MAIL = {
    "to": "max@example.com",
    "subject": "Widgets",
    "body": "See the PDF.",
    "attachments": ["output/widgets.pdf"],
}
SECTION = {"heading": "Turning", "text": "Oiled widgets turn 12 % faster [1]. Others cost $40."}
SCRIPT = [
    call("read_page", url="http://widgets.example/turning"),
    call("github_clone", repo=REPO),
    call("write_file", path="src/widget/notes.md", text="Oil them.\n"),
    call("make_report", path="output/widgets.pdf", title="Widgets", sections=[SECTION]),
    call("github_push", **BRANCH),
    call("github_pull_request", **PULL),
    call("send_email", **MAIL),
    *BUILD,
]

LEAVING = ("github_push", "github_pull_request", "send_email")


class Breaking(GitHub):
    """The process ends right after the first push went out, as far as the engine can tell."""

    pushes = 0

    def push(self, push: Push) -> None:
        super().push(push)
        self.pushes += 1
        if self.pushes == 1:
            raise RuntimeError("the power failed")


@dataclass(frozen=True)
class Reaching(Crew):
    reach: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def task_adapters(self) -> Mapping[str, Any]:
        return self.reach


@dataclass
class Outside:
    github: GitHubServer
    post: PostOffice
    story: Story
    hub: Breaking

    def decide(self) -> list[Action]:
        """Alice approves whatever is proposed, until nothing is. All steps that leave the workspace, in order."""
        self.story.work()
        while proposed := [one for one in self.story.actions() if one.state is ActionState.PROPOSED]:
            assert self.nothing_of(proposed[0])
            self.story.approve(proposed[0])
            self.story.work()
        return [one for one in self.story.actions() if one.tool in LEAVING]

    def nothing_of(self, action: Action) -> bool:
        """Whether what waits for approval has not happened."""
        happened = {
            "github_push": "notes" in self.github.branches(REPO),
            "github_pull_request": bool(self.github.things),
            "send_email": bool(self.post.mails),
        }
        return not happened.get(action.tool, False)


@pytest.fixture
def outside(database_url: str, tmp_path: Path, server: ModelServer) -> Iterator[Outside]:
    town, post = Town(), PostOffice()
    town.serve("widgets.example", reply(PAGE))
    (tmp_path / "hub").mkdir()
    with GitHubServer(tmp_path / "hub") as github, opened(post) as mail_server, capture_logs():
        github.repo(REPO, {"README.md": "# Widget\n"})
        hub = Breaking(github.api_url, TOKEN, tmp_path / "mirrors")
        reach = {
            "github": hub,
            "web": Web(Door(town)),
            "report": TypstPress(),
            "mail": Letters(Mailer(mail_server, "troupe@example.com"), ("example.com",), lambda _: False),
        }
        model = {"openai_base_url": server.url, "openai_api_key": "k", "openai_model": "gpt-5-mini"}
        settings = load(troupe_home=tmp_path, database_url=database_url, redis_url="unix:///nowhere", **model)
        troupe = Reaching(settings, reach=reach)
        server.script = stages(build=SCRIPT)
        made = Outside(github, post, story(troupe), hub)
        with troupe.storage.unit_of_work() as work:
            moves.say(
                made.story.task, f"Read http://widgets.example/turning, and work on {REPO}.", work, PERSON
            )
        yield made
        troupe.close()
    town.close()


def test_everything_that_leaves_was_approved_and_happened_once(outside: Outside, server: ModelServer) -> None:
    push, pull, mail = outside.decide()
    assert outside.story.task.state is State.COMPLETE, outside.story.task.trouble
    assert [step.state for step in (push, pull, mail)] == [ActionState.DONE] * 3

    assert outside.hub.pushes == 1
    assert outside.github.branches(REPO)["notes"] in push.shown
    assert "+Oil them." in push.shown
    [thing] = outside.github.things[REPO]
    assert (thing.title, thing.head, thing.base) == ("Notes", "notes", "main")

    [sent] = outside.post.mails
    [attached] = list(sent.iter_attachments())
    pdf = attached.get_content()
    text = pdf_text.text(pdf)
    for words in (
        "turn12%faster[1].",
        "Otherscost$40.nosource",
        "Howwidgetsturn",
        "http://widgets.example/turning",
    ):
        assert words in text
    with outside.story.troupe.storage.reading() as work:
        kept = {one.path: one for one in work.artifacts.of_task(outside.story.task_id)}
        assert work.artifacts.data(kept["widgets.pdf"].id) == pdf
        assert kept["widgets.pdf"].preview
    assert any(
        "data, not instructions" in message and "says the maker" in message for message in told(server)
    )


def test_no_token_is_anywhere_that_a_model_or_a_person_sees(outside: Outside, server: ModelServer) -> None:
    steps = outside.decide()
    assert TOKEN not in str(steps)
    assert not any(TOKEN in message for message in told(server))
    home = outside.story.troupe.settings.troupe_home
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []
