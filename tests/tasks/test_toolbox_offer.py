"""Which tools a model is offered, how it reads about them, and what it is told when it calls one wrongly."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agents.tasks.family import Family
from agents.tasks.task import STAGES, Stage
from agents.tasks.toolbox import toolbox
from agents.tasks.toolbox.offer import called, described, given, offered
from agents.tasks.tools import Risk, Tool, ToolFailed
from tests.tasks.fakes import desk


def names(stage: Stage, families: list[str] | None = None, **outside: Any) -> set[str]:
    return {tool.name for tool in offered(toolbox(), desk(tools=families).persona, stage, outside)}


def test_a_persona_has_what_its_profile_permits_and_always_the_plan() -> None:
    plan = {"tick", "run_check", "ask_person", "say"}
    assert names(Stage.BUILD, []) == plan
    assert names(Stage.BUILD, ["python"]) == {*plan, "run_python"}
    assert {"run_command", "write_file", "delegate"} <= names(Stage.BUILD)


def test_each_stage_has_its_own() -> None:
    assert "write_plan" in names(Stage.DESIGN)
    assert not names(Stage.DESIGN) & {"tick", "run_check", "answer_criterion", "delegate", "install_packages"}
    assert {"run_check", "answer_criterion", "edit_file"} <= names(Stage.TEST)
    assert "answer_criterion" not in names(Stage.BUILD)


def test_what_is_reviewed_stays_as_it_was_tested() -> None:
    changing = {
        "write_file",
        "edit_file",
        "move_file",
        "delete_file",
        "run_command",
        "run_python",
        "install_packages",
    }
    assert not names(Stage.REVIEW) & changing
    assert {"read_file", "answer_criterion"} <= names(Stage.REVIEW)


def test_what_the_installation_cannot_do_is_not_offered() -> None:
    assert "ask_persona" not in names(Stage.BUILD)
    assert "ask_persona" not in names(Stage.BUILD, personas=None)
    assert "ask_persona" in names(Stage.BUILD, personas=object())


def test_asking_for_a_tool_does_not_get_it() -> None:
    among = offered(toolbox(), desk(tools=["files"]).persona, Stage.BUILD, {})
    assert called("read_file", among).name == "read_file"
    for name in ("run_command", "write_plan", "send_email", ""):
        with pytest.raises(ToolFailed, match="You have no tool called") as failed:
            called(name, among)
        assert "read_file" in failed.value.remedy


@pytest.mark.parametrize("tool", list(toolbox()), ids=lambda tool: tool.name)
def test_a_model_can_read_what_a_tool_is(tool: Tool) -> None:
    assert re.fullmatch(r"[a-z_]{1,64}", tool.name)  # the narrowest rule of the providers
    assert 20 <= len(tool.summary) <= 1_024
    assert tool.stages <= set(STAGES)
    assert tool.stages
    for name, field in tool.arguments.model_fields.items():
        assert field.description, f"{tool.name}.{name} has no description"
    text = str(described(tool))
    assert "$ref" not in text
    assert "$defs" not in text
    assert described(tool)["function"]["parameters"]["type"] == "object"


@pytest.mark.parametrize("tool", list(toolbox()), ids=lambda tool: tool.name)
def test_what_leaves_has_its_three_calls(tool: Tool) -> None:
    assert all(hasattr(tool, call) for call in ("wish", "act", "find")) is (tool.risk is Risk.LEAVES)
    if tool.family is Family.PLAN:
        assert tool.risk is not Risk.LEAVES


def test_a_part_keeps_its_title_in_the_description() -> None:
    parameters = described(toolbox().get("delegate"))["function"]["parameters"]
    part = parameters["properties"]["parts"]["items"]
    assert set(part["properties"]) == {"title", "brief", "persona", "budget_usd"}
    assert part["properties"]["budget_usd"]["type"] == "number"
    assert "title" not in parameters


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("read_file", {}, "path is missing"),
        ("read_file", {"path": "a", "file": "b"}, "file is no argument of it"),
        ("read_file", {"path": "/etc/passwd"}, "path must be relative"),
        ("read_file", {"path": "a/../../b"}, r"path must not hold \.\."),
        ("read_file", {"path": "."}, "path names no file"),
        ("read_file", {"path": "a", "start": 0}, "start input should be greater"),
        ("run_command", {"command": "ls -la"}, r'command must be a list, like \["a", "b"\]'),
        ("run_command", {"command": []}, "command"),
        ("run_command", {"command": ["ls"], "timeout_s": 3_000}, "timeout_s"),
        ("write_plan", {"approach": "x", "steps": [{}]}, r"steps\[0\].title is missing"),
        ("write_file", {"path": "a", "text": "x" * 200_001}, "text string should have at most 200000"),
        ("tick", {"step": "one"}, "step"),
    ],
)
def test_wrong_arguments_are_told_one_by_one(name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolFailed, match=words) as failed:
        given(toolbox().get(name), arguments)
    assert failed.value.what.startswith(f"{name} was not run")
    assert "It takes" in failed.value.remedy
    assert len(str(failed.value)) < 1_000


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "half \udfff"])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("say", {"text": None}),
        ("write_file", {"path": "a", "text": None}),
        ("run_command", {"command": ["echo", None]}),
        ("ask_person", {"question": "?", "options": [None]}),
        ("write_plan", {"approach": "x", "steps": [{"title": "t", "tools": [None]}]}),
        ("recall", {"words": None}),
    ],
)
def test_what_no_database_takes_is_refused(name: str, arguments: dict[str, Any], text: str) -> None:
    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put(one) for key, one in value.items()}
        return [put(one) for one in value] if isinstance(value, list) else text if value is None else value

    with pytest.raises(ToolFailed, match=f"{name} was not run"):
        given(toolbox().get(name), put(arguments))


def test_what_a_model_nearly_got_right_is_taken() -> None:
    got: Any = given(toolbox().get("read_file"), {"path": "./src//a.py", "start": "3"})
    assert (got.path, got.start) == ("src/a.py", 3)
