"""What the installation makes of its settings: which adapters personas have, and what the doctor says of GitHub."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.oncall.kinds import Severity
from agents.people import Role
from bot.doctor import examine
from bot.doctor.finding import Finding, State
from bot.settings import ROOT, WrongSetting, load
from bot.wiring import Troupe, build
from storage import migrate
from tests.bench.house import NO_REDIS
from tests.servers.github import TOKEN, GitHubServer
from tests.servers.processes import free_port


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with GitHubServer(tmp_path) as server:
        yield server


def troupe(folder: Path, **settings: Any) -> Troupe:
    return build(load(troupe_home=folder, redis_url=NO_REDIS, **settings))


def found(folder: Path, **settings: Any) -> Finding:
    [(_, finding)] = examine(troupe(folder, **settings), ["github"])
    return finding


def test_a_token_that_works_is_fine(tmp_path: Path, server: GitHubServer) -> None:
    finding = found(tmp_path, github_token=TOKEN, github_api_url=server.api_url)
    assert finding.state is State.OK
    assert finding.words == f"Signed in at {server.api_url} as troupe-bot, with repo, workflow"
    server.scopes = ""
    assert found(tmp_path, github_token=TOKEN, github_api_url=server.api_url).state is State.OK


def test_a_token_that_may_not_push_is_said(tmp_path: Path, server: GitHubServer) -> None:
    server.scopes = "read:org"
    finding = found(tmp_path, github_token=TOKEN, github_api_url=server.api_url)
    assert finding.state is State.WARN
    assert "read:org" in finding.words


def test_what_does_not_work_has_a_remedy_and_shows_no_token(tmp_path: Path, server: GitHubServer) -> None:
    wrong = found(tmp_path, github_token="ghp_wrong", github_api_url=server.api_url)
    away = found(tmp_path, github_token=TOKEN, github_api_url=f"http://127.0.0.1:{free_port()}/api/v3")
    for finding in (wrong, away):
        assert finding.state is State.FAIL
        assert finding.remedy
        assert "ghp_" not in finding.words + finding.remedy


def test_without_one_it_says_what_to_set(tmp_path: Path) -> None:
    finding = found(tmp_path)
    assert finding.state is State.OK
    assert "GITHUB_TOKEN" in finding.remedy


def test_a_token_is_sent_in_the_clear_to_this_machine_alone(tmp_path: Path) -> None:
    for url in ("http://github.example/api/v3", "http://10.0.0.1/api/v3"):
        with pytest.raises(WrongSetting, match="GITHUB_API_URL"):
            troupe(tmp_path, github_api_url=url)


def test_personas_have_what_the_installation_has(tmp_path: Path) -> None:
    assert set(troupe(tmp_path).task_adapters) == {"web", "report"}
    mail = {"smtp_url": "smtp://127.0.0.1:25", "smtp_from": "troupe@example.com"}
    whole = troupe(tmp_path, github_token=TOKEN, **mail)
    assert set(whole.task_adapters) == {"web", "report", "github", "mail"}


def test_whom_personas_may_write_to(tmp_path: Path) -> None:
    ours = troupe(
        tmp_path,
        smtp_url="smtp://127.0.0.1:25",
        smtp_from="troupe@example.com",
        task_email_domains="Example.com, example.org",
    )
    migrate.upgrade(ours.settings.database_url)
    letters = ours.letters
    assert letters is not None
    assert letters.refusal("max@example.com") == letters.refusal("max@EXAMPLE.org") == ""
    with ours.storage.unit_of_work() as work:
        eva = work.people.add("Eva", Role.EDITOR, work.now)
        contact = work.contacts.add(
            eva.id, "email", "Eva@elsewhere.org", Severity.CRITICAL, work.now, confirmed=False
        )
    assert "none of these" in letters.refusal("eva@elsewhere.org")
    with ours.storage.unit_of_work() as work:
        work.contacts.confirm(contact.id, work.now)
    assert letters.refusal("eva@elsewhere.org") == ""
    assert "none of these" in letters.refusal("adam@elsewhere.org")
    ours.close()


@pytest.mark.parametrize(
    "value", ["example", "a b.com", "@example.com", "exa mple.com,ok.com", "http://example.com"]
)
def test_a_domain_that_is_none_stops_the_start(value: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="TASK_EMAIL_DOMAINS"):
        troupe(tmp_path, task_email_domains=value)


def test_having_them_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.settings import load; from bot.wiring import build;"
        f"t = build(load(troupe_home=Path({str(tmp_path)!r}), github_token='ghp_x', smtp_url='smtp://127.0.0.1:25', smtp_from='a@b.example'));"
        "assert len(t.task_adapters) == 4;"
        "print([m for m in ('ddgs', 'primp', 'trafilatura', 'lxml', 'githubkit', 'typst', 'langchain') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
