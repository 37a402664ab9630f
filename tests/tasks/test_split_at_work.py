"""A task in parts with the real engine: one persona hands a part on, does it itself because there is nobody else, and goes on."""

from __future__ import annotations

from sqlalchemy import select

from agents.jobs import JobName
from agents.tasks.task import State, Task
from bot import wiring
from jobs.run import run
from storage.tables import JobRow
from tests.servers.model import Body, ModelServer, Reply, call
from tests.tasks.crew import Story
from tests.tasks.scripts import BUILD, stages

PART = {"title": "Read", "brief": "Read it, and write down what it says.", "budget_usd": 1}
MOST = 40


def by_task(body: Body) -> Reply:
    """The whole hands on a part before it builds; the part builds at once."""
    whole = stages(build=[call("delegate", parts=[PART]), *BUILD])
    asked = str(next(message["content"] for message in body["messages"] if message["role"] == "user"))
    return (stages() if "# The task: Read" in asked else whole)(body)


def runs(story: Story) -> list[str]:
    """Names of the jobs about tasks that ran, in order, until none was owed."""
    wiring.use(story.troupe)
    query = select(JobRow.id, JobRow.name).where(
        JobRow.name.in_([JobName.WORK.value, JobName.ASSIGN.value]), JobRow.done_at.is_(None)
    )
    ran: list[str] = []
    for _ in range(MOST):
        with story.troupe.storage.reading() as work:
            owed = work.connection.execute(query.order_by(JobRow.created_at)).first()
        if owed is None:
            break
        run(owed.id)
        ran.append(owed.name)
    return ran


def test_alone_she_does_her_own_part_and_goes_on_where_she_was(at_work: Story, server: ModelServer) -> None:
    server.script = by_task
    ran = runs(at_work)
    assert len(ran) < MOST
    whole = at_work.task
    with at_work.troupe.storage.reading() as work:
        [part] = work.tasks.parts(whole.id)
        assert work.tasks.load() == {}
    assert [(each.state, each.persona_id, each.trouble) for each in (whole, part)] == [
        (State.COMPLETE, at_work.ada.id, ""),
        (State.COMPLETE, at_work.ada.id, ""),
    ]
    assert told(server, whole) == 1, "the part was handed on once, and its end was told"
    laid = at_work.troupe.desk.root / "research" / "parts" / part.id / "report.md"
    assert laid.read_text() == "# Report\nAll is well.\n"


def told(server: ModelServer, whole: Task) -> int:
    """How many different ends of parts the whole's model was told of."""
    said = (
        str(message["content"])
        for body in server.requests
        for message in body["messages"]
        if message["role"] == "tool" and whole.title in str(body["messages"][1]["content"])
    )
    return len({words for words in said if "All parts have ended; 1 of 1 are complete." in words})
