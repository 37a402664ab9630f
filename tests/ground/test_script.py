"""`./troupe`, on projects of a few bytes whose locked requirement is a wheel in a folder: no network."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from bot.settings import ROOT

HELLO = """
import pathlib, sys, greeting
print(greeting.TEXT, *sys.argv[1:], pathlib.Path.cwd(), pathlib.Path(sys.prefix).name)
"""


class Project:
    """A copy of the script with one command, `hello`, which prints what the wheel `greeting` says."""

    def __init__(self, folder: Path) -> None:
        self.root, self.wheels = folder / "project", folder / "wheels"
        (self.root / "bot" / "cli").mkdir(parents=True)
        (
            self.root / "bot" / "__init__.py"
        ).touch()  # or a whole `bot` elsewhere on the path would go before it
        self.wheels.mkdir()
        shutil.copy(ROOT / "troupe", self.root)
        shutil.copy(ROOT / "bot" / "cli" / "__init__.py", self.root / "bot" / "cli")
        table = '\nCOMMANDS = {"hello": "Greet."}\n'
        with (self.root / "bot" / "cli" / "__init__.py").open("a") as module:
            module.write(table)
        (self.root / "bot" / "cli" / "__main__.py").write_text(HELLO)
        (self.root / "requirements-uv.lock").write_text("")  # pip alone will do
        self.lock("1.0")

    def lock(self, version: str) -> None:
        """Build a wheel of that version and lock it."""
        path = self.wheels / f"greeting-{version}-py3-none-any.whl"
        info = f"greeting-{version}.dist-info"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("greeting.py", f"TEXT = 'hello from {version}'")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        (self.root / "requirements.lock").write_text(f"greeting=={version} --hash=sha256:{digest}\n")

    def start(self, *words: str, cwd: Path | None = None, **more: str) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return subprocess.Popen(
            [sys.executable, self.root / "troupe", *words],
            env=env | offline | more,
            cwd=cwd,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        with self.start(*words, cwd=cwd, **more) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that is installed already, for the tests that leave it so."""
    project = Project(tmp_path_factory.mktemp("installed"))
    first = project.run("hello")
    assert first.returncode == 0, first.stderr
    assert "making the virtual environment" in first.stderr
    return project


def test_an_installed_one_starts_at_once_from_anywhere(installed: Project, tmp_path: Path) -> None:
    began = time.monotonic()
    again = installed.run("hello", "--world", cwd=tmp_path)

    assert time.monotonic() - began < 2  # a tenth of that on an idle machine
    assert again.stderr == ""
    assert again.stdout.split() == ["hello", "from", "1.0", "hello", "--world", str(installed.root), ".venv"]


def test_a_changed_lock_is_followed_and_so_is_the_way_back(installed: Project) -> None:
    installed.lock("2.0")
    changed = installed.run("hello")
    installed.lock("1.0")
    back = installed.run("hello")

    assert changed.stdout.startswith("hello from 2.0")
    assert "making the virtual environment" not in changed.stderr
    assert back.stdout.startswith("hello from 1.0")


def test_a_file_that_is_not_the_locked_one_is_refused(installed: Project) -> None:
    installed.lock("3.0")
    lock = installed.root / "requirements.lock"
    lock.write_text(lock.read_text()[:-9] + "00000000\n")
    refused = installed.run("hello")
    installed.lock("1.0")

    assert refused.returncode == 1
    assert "troupe: python -m pip install failed" in refused.stderr
    assert refused.stdout == ""
    assert installed.run("hello").returncode == 0


def test_help_and_unknown_words_install_nothing(project: Project) -> None:
    usage, unknown = project.run("--help"), project.run("helo")

    assert [line.split()[0] for line in usage.stdout.splitlines() if line.startswith("  ")] == [
        "hello",
        "test",
        "lock",
    ]
    assert unknown.returncode == 2
    assert "There is no command 'helo'. Did you mean 'hello'?" in unknown.stderr
    assert not (project.root / ".venv").exists()


def test_a_killed_installation_is_taken_up_again(project: Project) -> None:
    with project.start("hello") as killed:
        assert killed.stderr
        for line in killed.stderr:
            if "making the virtual environment" in line:
                time.sleep(1)  # in the middle of it
                os.killpg(killed.pid, signal.SIGKILL)

    taken_up = project.run("hello")

    assert taken_up.returncode == 0, taken_up.stderr
    assert taken_up.stdout.startswith("hello from 1.0")


def test_of_two_at_once_one_installs_and_the_other_waits(project: Project) -> None:
    with project.start("hello") as one, project.start("hello") as other:
        said = [process.communicate(timeout=120) for process in (one, other)]

    assert [out.split()[2] for out, _ in said] == ["1.0", "1.0"]
    assert sum("making the virtual environment" in err for _, err in said) == 1
    assert sum("another ./troupe is installing; waiting for it" in err for _, err in said) == 1


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        (
            "import sys; sys.version_info = (3, 9, 2)",
            "this is Python 3.9, and 3.11 or newer is needed. Install it with: ",
        ),
        (
            "import sys; sys.modules['ensurepip'] = None",
            "without `venv`. Install it with: apt-get install python3 python3-venv",
        ),
    ],
)
def test_a_machine_that_lacks_something_is_told_the_command(
    project: Project, tmp_path: Path, lack: str, said: str
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "apt-get").symlink_to("/bin/true")
    (programs / "sudo").symlink_to("/bin/true")
    (tmp_path / "sitecustomize.py").write_text(lack)

    told = project.run("hello", PATH=str(programs), PYTHONPATH=str(tmp_path))

    assert told.returncode == 1
    assert said.replace("apt-get", "sudo apt-get" if os.geteuid() else "apt-get") in told.stderr
    assert "Traceback" not in told.stderr
