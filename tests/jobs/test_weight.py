"""What each worker has loaded: publishing waits for no language model, and no forked child imports one anew."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from agents.jobs import Queue
from agents.writing.post import State
from bot.settings import ROOT
from tests.bench import noting
from tests.jobs.yard import Yard
from tests.servers.aimock import Aimock

LISTS = """
import json, sys
from agents.jobs import Queue
from jobs.worker import preload
preload(Queue(sys.argv[1]))
print(json.dumps(sorted(sys.modules)))
"""


def loaded(urgency: Queue) -> list[str]:
    """Names of the modules that this kind of worker has before its first job."""
    done = subprocess.run(
        [sys.executable, "-c", LISTS, urgency.value], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_who_publishes_loads_no_language_model() -> None:
    modules = loaded(Queue.NOW)
    assert [name for name in modules if name.startswith(noting.MODELS)] == []
    assert {"jobs.run", "integrations.bluesky.publisher", "integrations.stage.publisher"} <= set(modules)


def test_who_writes_has_it_before_the_first_job() -> None:
    assert {"langchain_openai", "langchain_core", "openai", "jobs.run"} <= set(loaded(Queue.LONG))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_forked_child_imports_nothing_of_it_anew(yard: Yard, aimock: Aimock) -> None:
    aimock.answer("our new release", {"segments": ["Written by a child that a writer forked."]})
    with yard.writer(OPENAI_API_KEY="sk-test-0123456789", OPENAI_BASE_URL=aimock.url):
        post = yard.ask("our new release")
        noted = next(noting.take(yard.redis, 1))
        yard.wait_for(post, State.IN_REVIEW)
    with yard.house.troupe.storage.reading() as work:
        version = work.posts.version(post.id, 1)
    assert version.content.text.startswith("Written by a child")
    assert not version.rehearsal, "else no client would have been needed"
    assert noted.models == 0
