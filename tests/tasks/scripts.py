"""What a scripted model says in each stage of the task of tests/tasks/crew.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.servers.model import Body, Reply, call, say

OUTLINE: Mapping[str, Any] = {
    "approach": "Write it, look at it, hand it over.",
    "steps": [{"title": "Write the report", "tools": ["write_file"]}],
    "files": ["report.md"],
    "criteria": ["The report is there."],
    "risks": [],
}
ISSUE = {"repo": "team/product", "title": "The report is ready", "body": "See the thread."}
DESIGN = [call("write_plan", **OUTLINE), say("I will write it.")]
BUILD = [
    call("tick", step=1, state="doing"),
    call("write_file", path="output/report.md", text="# Report\nAll is well.\n"),
    call("tick", step=1, state="done"),
    say("It is written."),
]
TEST = [
    call("run_check", command=["test", "-s", "output/report.md"]),
    call("answer_criterion", number=1, met=True, evidence="The check ran."),
    say("It holds."),
]
REVIEW = [say("The report is in output/report.md.")]


def stages(
    design: Sequence[Reply] = DESIGN,
    build: Sequence[Reply] = BUILD,
    test: Sequence[Reply] = TEST,
    review: Sequence[Reply] = REVIEW,
) -> Callable[[Body], Reply]:
    """Answers by the stage that the conversation is in, and by how often the model has spoken in it."""
    scripts = {"design": design, "build": build, "test": test, "review": review}

    def reply(body: Body) -> Reply:
        system = body["messages"][0]["content"]
        stage = next(name for name in scripts if f"You are in the stage *{name}*" in system)
        said = sum(message["role"] == "assistant" for message in body["messages"])
        script = scripts[stage]
        return script[said] if said < len(script) else say("I have nothing more to do.")

    return reply
