"""What a persona does with its tools, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import version
from typing import Any

import pytest

from agents.money import from_dollars
from agents.personas.persona import Persona
from agents.tasks.plan import Tick
from agents.tasks.task import Stage, State, Task, Wait
from agents.tasks.toolbox import Box, toolbox
from agents.tasks.toolbox.fenced import LIMIT
from agents.tasks.toolbox.offer import given
from agents.tasks.tools import Leaving, Ran, ToolFailed, Unsure, Waits
from tests.tasks.fakes import NOW, Desk, desk

PLAN: dict[str, Any] = {
    "approach": "Read, compare, write.",
    "steps": [{"title": "Read", "tools": ["search_web"]}, {"title": "Write"}],
    "files": ["report.md"],
    "criteria": ["Three are compared"],
}


def use(at: Desk, name: str, call_id: str = "call-1", **arguments: Any) -> str:
    """What the model is told when it calls a tool."""
    tool = toolbox().get(name)
    return tool.run(given(tool, arguments), at.bench(call_id))


# The plan


def test_a_plan_is_written_and_ticked_off() -> None:
    at = desk(stage=Stage.DESIGN)
    assert "Plan 1 is written: 2 steps" in use(at, "write_plan", **PLAN)
    outline = at.record.plans[0].outline
    assert (outline.files, outline.criteria) == (("output/report.md",), ("Three are compared",))
    assert outline.steps[0].tools == ("search_web",)

    assert use(at, "tick", step=1, state="doing") == "Step 1 is marked doing. Not finished: 1, 2."
    use(at, "tick", step=1)
    assert use(at, "tick", step=2) == "Step 2 is marked done. All steps are finished."
    assert at.record.plans[0].ticks == (Tick.DONE, Tick.DONE)
    with pytest.raises(ToolFailed, match="no step 3"):
        use(at, "tick", step=3)


def test_the_criteria_of_the_task_count() -> None:
    at = desk(stage=Stage.DESIGN, criteria=("It is a PDF",))
    assert "1. It is a PDF" in use(at, "write_plan", **PLAN)
    assert at.record.plans[0].outline.criteria == ("It is a PDF",)


def test_a_plan_without_any_criterion_is_not_written() -> None:
    at = desk(stage=Stage.DESIGN)
    with pytest.raises(ToolFailed, match="no acceptance criteria"):
        use(at, "write_plan", **{**PLAN, "criteria": []})
    assert at.record.plans == []


def test_a_plan_of_white_space_is_refused_in_words() -> None:
    at = desk(stage=Stage.DESIGN)
    with pytest.raises(ToolFailed, match=r"steps\[0\].title"):
        use(at, "write_plan", **{**PLAN, "steps": [{"title": "  "}]})
    with pytest.raises(ToolFailed, match="approach"):
        use(at, "write_plan", **{**PLAN, "approach": "  "})
    assert at.record.plans == []


def test_a_check_is_kept_with_its_output() -> None:
    at = desk({"src/a.py": "print('two and two are', 2 + 2)"})
    told = use(at, "run_check", command=["python", "src/a.py"])
    assert told.startswith("The check passed, and is kept. Exit code 0")
    assert "two and two are 4" in told
    (check,) = at.record.checks
    assert (check.command, check.exit, check.output, check.at) == (
        "python src/a.py",
        0,
        "two and two are 4\n",
        NOW,
    )


def test_a_check_that_fails_is_kept_as_failed() -> None:
    at = desk()
    assert "did not pass" in use(at, "run_check", command=["python", "-c", "raise SystemExit(3)"])
    assert at.record.checks[0].exit == 3


def test_a_check_that_was_stopped_has_not_passed() -> None:
    at = desk()
    at.workspace.run = lambda *_, **__: Ran(0, "all good", 60.0, stopped="time")  # type: ignore[method-assign]
    told = use(at, "run_check", command=["sleep"])
    assert "did not pass" in told
    assert "timeout_s" in told
    assert at.record.checks[0].exit == -1


def test_the_last_answer_to_a_criterion_counts() -> None:
    at = desk()
    use(at, "answer_criterion", number=1, met=True, evidence="output/report.md")
    assert "not met" in use(at, "answer_criterion", number=1, met=False, evidence="only two")
    assert at.record.verdicts[1].met is False


# People


def test_a_question_waits_until_a_person_answers() -> None:
    at = desk()
    with pytest.raises(Waits) as waits:
        use(at, "ask_person", question="Which?", options=["A", "B"])
    assert waits.value.wait is Wait.ANSWER
    with pytest.raises(Waits):
        use(at, "ask_person", question="Which?", options=["A", "B"])
    assert len(at.record.questions) == 1
    at.record.answer("call-1", "B", "Alice")
    told = use(at, "ask_person", question="Which?", options=["A", "B"])
    assert "Alice" in told
    assert "\nB\n" in told


def test_what_is_said_is_said_in_the_thread() -> None:
    at = desk()
    use(at, "say", text="Two of three are unmaintained.")
    assert at.record.said == ["Two of three are unmaintained."]


@dataclass
class Team:
    """Everybody answers the same."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def ask(self, asker: Persona, handle: str, question: str, task: Task, call_id: str) -> str:
        self.asked.append((asker.handle, handle, question))
        return "Use the second."


def test_another_persona_is_asked() -> None:
    team = Team()
    at = desk(outside={"personas": team})
    assert "Use the second." in use(at, "ask_persona", handle="@Steve", question="Which?")
    assert team.asked == [("ada", "steve", "Which?")]
    with pytest.raises(ToolFailed, match="you yourself"):
        use(at, "ask_persona", handle="ada", question="Which?")


def test_without_colleagues_nobody_is_asked() -> None:
    with pytest.raises(ToolFailed, match="has no personas"):
        use(desk(), "ask_persona", handle="steve", question="Which?")


def test_parts_are_handed_on_and_waited_for() -> None:
    at = desk()
    parts = [
        {"title": "One", "brief": "Do one.", "persona": "@Steve", "budget_usd": 0.25},
        {"title": "Two", "brief": "Do two.", "budget_usd": "0.5"},
    ]
    with pytest.raises(Waits) as waits:
        use(at, "delegate", parts=parts)
    assert waits.value.wait is Wait.PARTS
    at.record.end("call-1", State.COMPLETE, State.WORKING)
    with pytest.raises(Waits):
        use(at, "delegate", parts=parts)
    at.record.end("call-1", State.COMPLETE, State.FAILED, trouble="no such page")
    at.record.of_parts["call-1-0"] = {"one.md": b"first", "data/two.csv": b"second"}
    told = use(at, "delegate", parts=parts)
    assert "1 of 2 are complete" in told
    assert "2. Two: given up (no such page); no files" in told
    for path, data in (("one.md", b"first"), ("data/two.csv", b"second")):
        assert f"research/parts/call-1-0/{path}" in told
        assert at.workspace.files[f"research/parts/call-1-0/{path}"] == data


def test_parts_whose_files_find_no_room_are_told_all_the_same() -> None:
    at, parts = desk(), [{"title": "One", "brief": "Do one."}]
    with pytest.raises(Waits):
        use(at, "delegate", parts=parts)
    at.record.end("call-1", State.COMPLETE)
    at.record.of_parts["call-1-0"] = {"one.md": b"first"}

    def full(path: str, data: bytes) -> None:
        raise ToolFailed("The workspace is full.")

    at.workspace.write = full  # type: ignore[method-assign]
    told = use(at, "delegate", parts=parts)
    assert "1 of 1 are complete" in told
    assert "The workspace is full." in told


def test_a_part_is_paid_exactly() -> None:
    tool = toolbox().get("delegate")
    got: Any = given(tool, {"parts": [{"title": "T", "brief": "B", "budget_usd": 0.1}]})
    assert got.parts[0].budget_usd == Decimal("0.1")
    assert from_dollars(got.parts[0].budget_usd) == 100_000
    for wrong in (-1, "NaN", "Infinity", 10_000, "x"):
        with pytest.raises(ToolFailed, match="budget_usd"):
            given(tool, {"parts": [{"title": "T", "brief": "B", "budget_usd": wrong}]})


# Files


def test_a_file_is_written_read_edited_moved_and_deleted() -> None:
    at = desk()
    assert "Wrote src/a.txt: 12 bytes, 3 lines" in use(
        at, "write_file", path="src/a.txt", text="one\ntwo\nsix\n"
    )
    assert (
        use(at, "edit_file", path="src/a.txt", find="six", replace="three") == "Edited src/a.txt at line 3."
    )
    told = use(at, "read_file", path="src/a.txt")
    assert told.startswith("Lines 1–3 of 3.")
    assert "one\ntwo\nthree" in told
    use(at, "move_file", path="src/a.txt", to="output/b.txt")
    assert "output/b.txt  14" in use(at, "list_files", path="output")
    use(at, "delete_file", path="output/b.txt")
    assert "nothing in output" in use(at, "list_files", path="output")


def test_where_an_edit_may_have_been_meant_is_said() -> None:
    at = desk({"a.py": "import os\n\n\ndef turn(left):\n    return left\n"})
    with pytest.raises(ToolFailed) as failed:
        use(at, "edit_file", path="a.py", find="def turn(right):", replace="")
    assert "nothing was changed" in failed.value.what
    assert "Line 4 is like it" in failed.value.remedy
    assert at.workspace.files["a.py"].startswith(b"import os")


def test_a_long_file_is_read_on() -> None:
    at = desk({"a.txt": "".join(f"line {n}\n" for n in range(1, 1001))})
    first = use(at, "read_file", path="a.txt")
    assert first.startswith("Lines 1–400 of 1000. Read on with start=401.")
    rest = use(at, "read_file", path="a.txt", start=801, lines=2000)
    assert rest.startswith("Lines 801–1000 of 1000.\n")
    assert "line 1000" in rest
    with pytest.raises(ToolFailed, match="only 1000 lines"):
        use(at, "read_file", path="a.txt", start=1001)


def test_wide_lines_are_bounded_and_read_on() -> None:
    at = desk({"a.txt": "\n".join("x" * 5_000 for _ in range(5)), "b.txt": "y" * 50_000})
    told = use(at, "read_file", path="a.txt")
    assert told.startswith("Lines 1–2 of 5. Read on with start=3.")
    assert len(told) < LIMIT + 500
    one = use(at, "read_file", path="b.txt")
    assert "characters left out here" in one
    assert len(one) < LIMIT + 500


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert use(desk({"a.txt": ""}), "read_file", path="a.txt").startswith("The file is empty.")


def test_what_is_no_text_is_not_shown() -> None:
    at = desk({"a.png": b"\x89PNG\r\n\x1a\n\0\0", "b.txt": b"\xff\xfe"})
    for path in ("a.png", "b.txt"):
        with pytest.raises(ToolFailed, match="no UTF-8 text"):
            use(at, "read_file", path=path)
        with pytest.raises(ToolFailed, match="no UTF-8 text"):
            use(at, "edit_file", path=path, find="P", replace="Q")


def test_a_great_folder_is_listed_in_part() -> None:
    at = desk({f"src/{n:04}.txt": "" for n in range(300)})
    told = use(at, "list_files", path="src")
    assert "200 entries. There are more than 200" in told


def test_what_git_and_python_keep_for_themselves_is_not_listed() -> None:
    hidden = {f"src/clone/.git/objects/{n:03}": "" for n in range(300)}
    at = desk({**hidden, "src/clone/a.py": "", "src/clone/.gitignore": "", "src/__pycache__/a.pyc": ""})
    told = use(at, "list_files", path="src")
    assert "src/clone/a.py" in told
    assert "src/clone/.gitignore" in told
    assert "src/clone/.git/\n" in told
    assert "objects" not in told
    assert "a.pyc" not in told


# Commands


def test_a_command_tells_exit_code_and_output() -> None:
    told = use(desk(), "run_command", command=["sh", "-c", "echo here; exit 4"])
    assert told.startswith("Exit code 4")
    assert "here" in told


def test_long_output_is_kept_in_a_file() -> None:
    at = desk()
    told = use(at, "run_command", command=["python", "-c", "print('x' * 40_000 + 'end')"])
    assert len(told) < LIMIT + 600
    assert "end\n" in told
    assert "has all of it" in told
    path = next(word for word in told.split() if word.startswith("research/output-"))
    assert at.workspace.files[path].endswith(b"end\n")


@pytest.mark.parametrize("why", ["time", "output", "memory", "disk", "files", "asked", "something new"])
def test_why_a_command_was_stopped_is_said(why: str) -> None:
    at = desk()
    at.workspace.run = lambda *_, **__: Ran(-9, "x" * 20_000, 1.0, 5_000, why)  # type: ignore[method-assign]
    told = use(at, "run_command", command=["x"])
    assert "topped" in told
    assert "5,000 bytes from the middle of its output were thrown away" in told
    assert "has more of it" in told


def test_python_runs_as_a_file_that_does_not_stay() -> None:
    at = desk({"src/tool.py": "def double(n): return 2 * n"})
    code = "from src.tool import double\nopen('output/a.txt', 'w').write('x')\nprint(double(21))\n1 / 0"
    told = use(at, "run_python", code=code)
    assert "42" in told
    assert "1 / 0" in told
    assert "ZeroDivisionError" in told
    assert sorted(at.workspace.files) == ["output/a.txt", "src/tool.py"]


def test_python_that_removes_itself_has_run_all_the_same() -> None:
    told = use(desk(), "run_python", code="import os, sys; os.remove(sys.argv[0]); print('gone')")
    assert "gone" in told


# Packages


def leaving(name: str) -> Leaving:
    tool: Any = toolbox().get(name)
    return tool  # type: ignore[no-any-return]


def test_packages_are_shown_exactly_and_then_installed() -> None:
    at, tool = desk(), leaving("install_packages")
    got = given(tool, {"packages": ["pandas==2.2.3", "polars==1.9.0"]})
    wish = tool.wish(got, at.bench())
    assert (wish.title, wish.shown) == ("Install 2 Python packages", "pandas==2.2.3\npolars==1.9.0")
    assert at.workspace.installed == []
    assert tool.act(got, at.bench(), "key") == "Installed: pandas==2.2.3, polars==1.9.0."
    assert at.workspace.installed == ["pandas==2.2.3", "polars==1.9.0"]


def test_nobody_is_asked_about_what_may_not_be_installed() -> None:
    at, tool = desk(), leaving("install_packages")
    with pytest.raises(ToolFailed, match=r"unlisted==1\.0 is not among"):
        tool.wish(given(tool, {"packages": ["pandas==2.2.3", "unlisted==1.0"]}), at.bench())


def test_what_must_be_approved_is_not_run_without() -> None:
    at, tool = desk(), leaving("install_packages")
    with pytest.raises(ToolFailed, match="approved"):
        tool.run(given(tool, {"packages": ["pandas==2.2.3"]}), at.bench())
    assert at.workspace.installed == []


@pytest.mark.parametrize(
    "package",
    [
        "pandas",
        "pandas>=2",
        "pandas==2.*",
        "--index-url=http://x",
        "-r==1",
        "git+https://evil.example/x==1",
        "a==1 --pre",
        "a==1;b==2",
        "../a==1",
        "a ==1",
        "a==1\nb==2",
        "x @ file:///etc",
    ],
)
def test_only_a_package_with_its_exact_version_can_be_asked_for(package: str) -> None:
    with pytest.raises(ToolFailed, match="exact version"):
        given(toolbox().get("install_packages"), {"packages": [package]})


def test_a_failed_installation_tells_why() -> None:
    at, tool = desk(), leaving("install_packages")
    at.workspace.install = lambda *_, **__: Ran(1, "no such version", 1.0)  # type: ignore[method-assign]
    with pytest.raises(ToolFailed, match=r"Nothing was installed.*\n.*\nno such version"):
        tool.act(given(tool, {"packages": ["pandas==2.2.3"]}), at.bench(), "key")


def test_after_a_crash_it_is_looked_up_what_is_installed() -> None:
    at, tool = desk(), leaving("install_packages")
    there = f"pydantic=={version('pydantic')}"
    assert tool.find(given(tool, {"packages": [there]}), at.bench(), "key") == f"Installed: {there}."
    for missing in (["pydantic==0.0.1"], [there, "no-such-package==1.0"]):
        assert tool.find(given(tool, {"packages": missing}), at.bench(), "key") is None
    at.workspace.run = lambda *_, **__: Ran(-9, "", 60.0, stopped="time")  # type: ignore[method-assign]
    with pytest.raises(Unsure):
        tool.find(given(tool, {"packages": [there]}), at.bench(), "key")


# Memory


def test_notes_are_found_again() -> None:
    at = desk()
    use(at, "remember", text="Alice wants tables.", beyond=True)
    use(at, "remember", text="Two are unmaintained.")
    told = use(at, "recall")
    assert "2 notes, newest first" in told
    assert "2026-11-20 (all tasks): Alice wants tables." in told
    assert "unmaintained" not in use(at, "recall", words="tables")
    assert use(at, "recall", words="zebra") == "There is no such note."


# The box


def test_a_tool_that_there_is_not_is_said_with_the_nearest() -> None:
    with pytest.raises(ToolFailed, match="Did you mean read_file"):
        toolbox().get("read_files")


def test_no_two_tools_have_one_name() -> None:
    tools = list(toolbox())
    with pytest.raises(ValueError, match="same name"):
        Box([*tools, tools[0]])
