"""What every Workspace keeps to. A test class inherits from `WorkspaceContract` and has a fixture `workspace`.

A new one, with its folders.
"""

from __future__ import annotations

import threading
import time
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.tasks.tools import ToolFailed, Workspace

OUTSIDE = (
    "..",
    "../x",
    "src/../../x",
    "src/../..",
    "/etc/passwd",
    "/",
    "//etc/passwd",
    "a\0b",
    "a/\0",
    "x" * 300,
    "\ud800",
)
"""No file of a workspace is called so, whatever is done with it."""


class WorkspaceContract:
    def test_a_new_one_has_its_folders(self, workspace: Workspace) -> None:
        there = {entry.path: entry.is_folder for entry in workspace.list()}
        assert {"src", "output", "research", "shared"} <= {path for path, folder in there.items() if folder}

    @pytest.mark.parametrize("data", [b"", b"text\n", bytes(range(256)), "größer".encode()])
    def test_what_is_written_is_read(self, workspace: Workspace, data: bytes) -> None:
        workspace.write("src/deep/er/a.bin", data)
        assert workspace.read("src/deep/er/a.bin") == data
        assert workspace.checksum("src/deep/er/a.bin") == sha256(data).hexdigest()

    def test_the_last_one_to_write_wins(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"a long first version")
        workspace.write("src/a", b"short")
        assert workspace.read("src/a") == b"short"

    def test_a_file_larger_than_the_limit_is_not_read_in_part(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"12345")
        assert workspace.read("src/a", 5) == b"12345"
        with pytest.raises(ToolFailed):
            workspace.read("src/a", 4)

    def test_a_folder_is_no_file(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"1")
        for use in (workspace.read, workspace.checksum, lambda path: workspace.write(path, b"")):
            with pytest.raises(ToolFailed):
                use("src")
        with pytest.raises(ToolFailed):
            workspace.write("src/a/x", b"")

    def test_what_is_not_there_is_said_by_name(self, workspace: Workspace) -> None:
        for use in (
            workspace.read,
            workspace.checksum,
            workspace.delete,
            workspace.list,
            lambda path: workspace.move(path, "src/b"),
        ):
            with pytest.raises(ToolFailed, match="src/gone"):
                use("src/gone")

    def test_everything_below_is_listed_in_order(self, workspace: Workspace) -> None:
        for path in ("src/b/c.txt", "src/a.txt", "src/b.txt"):
            workspace.write(path, b"123")
        entries = workspace.list("src")
        assert sorted((entry.path, entry.size, entry.is_folder) for entry in entries) == [
            ("src/a.txt", 3, False),
            ("src/b", 0, True),
            ("src/b.txt", 3, False),
            ("src/b/c.txt", 3, False),
        ]
        assert workspace.list("src") == entries
        assert [entry.path for entry in workspace.list("src", limit=2)] == [e.path for e in entries[:2]]

    def test_what_is_deleted_is_gone(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"1")
        workspace.write("src/b/c", b"1")
        workspace.delete("src/a")
        workspace.delete("src/b")
        assert [entry.path for entry in workspace.list("src")] == []

    def test_what_is_moved_is_elsewhere(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"1")
        workspace.move("src/a", "output/new/b")
        assert workspace.read("output/new/b") == b"1"
        with pytest.raises(ToolFailed):
            workspace.read("src/a")

    def test_a_folder_moves_with_what_is_in_it(self, workspace: Workspace) -> None:
        workspace.write("src/a/b/c", b"1")
        workspace.move("src/a", "research/a")
        assert workspace.read("research/a/b/c") == b"1"

    def test_a_file_is_moved_over_a_file_and_never_over_a_folder(self, workspace: Workspace) -> None:
        workspace.write("src/a", b"a")
        workspace.write("src/b", b"b")
        workspace.write("src/c/d", b"d")
        workspace.move("src/a", "src/b")
        assert workspace.read("src/b") == b"a"
        with pytest.raises(ToolFailed):
            workspace.move("src/b", "src/c")
        assert (workspace.read("src/b"), workspace.read("src/c/d")) == (b"a", b"d")

    def test_what_tells_git_what_to_run_is_changed_by_git_alone(self, workspace: Workspace) -> None:
        workspace.write("src/hook", b"1")
        assert workspace.run(["mkdir", "-p", "src/clone/.git"]).exit == 0
        for use in (
            lambda path: workspace.write(path, b"x"),
            workspace.delete,
            lambda path: workspace.move(path, "src/x"),
            lambda path: workspace.move("src/hook", path),
        ):
            with pytest.raises(ToolFailed):
                use("src/clone/.git/config")
        assert workspace.read("src/hook") == b"1"

    def test_a_folder_is_not_moved_into_itself(self, workspace: Workspace) -> None:
        workspace.write("src/a/b", b"1")
        with pytest.raises(ToolFailed):
            workspace.move("src/a", "src/a/c")
        assert workspace.read("src/a/b") == b"1"

    @pytest.mark.parametrize("path", ["", "."])
    def test_the_workspace_itself_stays(self, workspace: Workspace, path: str) -> None:
        workspace.write("src/a", b"1")
        for use in (
            workspace.read,
            workspace.delete,
            lambda given: workspace.write(given, b""),
            lambda given: workspace.move(given, "src/x"),
        ):
            with pytest.raises(ToolFailed):
                use(path)
        assert workspace.read("src/a") == b"1"

    @pytest.mark.parametrize("path", OUTSIDE)
    def test_no_path_leads_outside(self, workspace: Workspace, path: str) -> None:
        workspace.write("src/a", b"1")
        for use in (
            workspace.read,
            workspace.checksum,
            workspace.delete,
            workspace.list,
            lambda given: workspace.write(given, b"x"),
            lambda given: workspace.move(given, "src/b"),
            lambda given: workspace.move("src/a", given),
            lambda given: workspace.run(["true"], folder=given),
        ):
            with pytest.raises(ToolFailed):
                use(path)
        assert workspace.read("src/a") == b"1"

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(
        st.lists(st.sampled_from(["..", ".", "", "src", "a", "ü", "x y", "-rf", "$HOME", "*"]), max_size=6)
    )
    def test_any_path_is_written_below_or_refused(self, workspace: Workspace, names: list[str]) -> None:
        path = "/".join(names)
        before = {entry.path for entry in workspace.list()}
        try:
            workspace.write(path, b"here")
        except ToolFailed:
            assert {entry.path for entry in workspace.list()} == before
        else:
            assert ".." not in names
            assert not path.startswith("/")
            plain = "/".join(name for name in names if name not in {"", "."})
            assert workspace.read(plain) == b"here"
            workspace.delete(plain)

    def test_python_runs_at_the_top_and_what_it_writes_is_there(self, workspace: Workspace) -> None:
        workspace.write("src/a.py", b"open('output/made.txt', 'w').write('by hand'); print('said')")
        ran = workspace.run(["python", "src/a.py"])
        assert (ran.exit, ran.output, ran.cut, ran.stopped) == (0, "said\n", 0, "")
        assert workspace.read("output/made.txt") == b"by hand"

    def test_a_command_runs_where_it_should_with_what_it_is_given(self, workspace: Workspace) -> None:
        workspace.write("src/deep/a.txt", b"1")
        assert workspace.run(["ls"], folder="src/deep").output == "a.txt\n"
        assert workspace.run(["cat"], stdin=b"through").output == "through"

    def test_both_streams_and_the_exit_code_are_told(self, workspace: Workspace) -> None:
        ran = workspace.run(["sh", "-c", "echo one; echo two >&2; exit 7"])
        assert (ran.exit, ran.output) == (7, "one\ntwo\n")

    def test_no_shell_reads_the_arguments(self, workspace: Workspace) -> None:
        assert workspace.run(["echo", "$HOME", ";", "ls", "*"]).output == "$HOME ; ls *\n"

    def test_a_program_that_is_not_there_is_said_by_name(self, workspace: Workspace) -> None:
        ran = workspace.run(["no-such-program"])
        assert ran.exit == 127
        assert "no-such-program" in ran.output

    def test_nothing_of_our_environment_is_seen(
        self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
        assert "sk-very-secret" not in workspace.run(["env"]).output

    def test_what_takes_too_long_is_stopped(self, workspace: Workspace) -> None:
        begun = time.monotonic()
        ran = workspace.run(["sh", "-c", "echo begun; sleep 60 & sleep 60"], timeout_s=0.7)
        assert (ran.stopped, ran.output) == ("time", "begun\n")
        assert ran.exit != 0
        assert time.monotonic() - begun < 10

    def test_stop_ends_what_runs(self, workspace: Workspace) -> None:
        timer = threading.Timer(0.7, workspace.stop)
        timer.start()
        begun = time.monotonic()
        ran = workspace.run(["sleep", "60"], timeout_s=50)
        timer.join()
        assert ran.stopped == "asked"
        assert time.monotonic() - begun < 10
