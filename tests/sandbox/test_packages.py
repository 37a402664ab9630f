"""Packages: from the list, wheels only, into this task's environment alone."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agents.tasks.tools import ToolFailed
from integrations.sandbox.box import Sandbox
from integrations.sandbox.tier import Tier
from integrations.workspace import packages
from integrations.workspace.installer import Installer
from integrations.workspace.workspaces import Workspaces
from tests.sandbox.world import a_task, workspace

SETUP = "open('/work/src/built', 'w').write('x'); open('/tmp/built', 'w').write('x')\nfrom setuptools import setup\nsetup(name='humanize', version='9')"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of what an index would have, under names that are on the list."""
    folder = tmp_path_factory.mktemp("wheels")
    folder.chmod(0o755)
    wheel(folder, "tabulate", "9.0", "print('imported')\nanswer = 42\ndef say(): pass")
    wheel(folder, "secretly_evil", "1.0", "")
    wheel(folder, "arrow", "1.0", "", needs="secretly-evil")
    source(folder, "humanize")
    yield folder


def wheel(folder: Path, name: str, version: str, code: str, needs: str = "") -> None:
    about = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {needs}\n" if needs else ""
    )
    files = {
        f"{name}.py": code,
        f"{about}/METADATA": metadata,
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{name}-says = {name}:say\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{about}/RECORD": f"{record}{about}/RECORD,,\n"}.items():
            archive.writestr(path, text)


def source(folder: Path, name: str) -> None:
    with tarfile.open(folder / f"{name}-9.tar.gz", "w:gz") as archive:
        for path, text in (
            ("setup.py", SETUP),
            ("PKG-INFO", f"Metadata-Version: 1.0\nName: {name}\nVersion: 9\n"),
        ):
            info = tarfile.TarInfo(f"{name}-9/{path}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def rooms(homes: Path, tier: Tier, wheels: Path) -> Workspaces:
    home = homes / tier.name
    workspace(home, tier)
    return Workspaces(home, sandbox=Sandbox(home / "tasks", tier), installer=Installer(index=str(wheels)))


def test_a_package_is_installed_for_its_task_alone(rooms: Workspaces) -> None:
    room, other = rooms.of(a_task("with")), rooms.of(a_task("without"))
    ran = room.install(["Tabulate == 9.0"])
    assert ran.exit == 0, ran.output
    assert room.run(["python", "-c", "import tabulate; print(tabulate.answer)"]).output == "imported\n42\n"
    assert room.run(["tabulate-says"]).exit == 0
    assert other.run(["python", "-c", "import tabulate"]).exit == 1
    assert room.run(["python", "-c", "import sys; open(sys.prefix + '/x', 'w')"]).exit == 1


def test_what_is_not_on_the_list_is_refused(rooms: Workspaces) -> None:
    room = rooms.of(a_task("refused"))
    for wanted in (
        ["secretly-evil"],
        ["tabulate", "secretly-evil"],
        ["tabulate @ https://example.com/evil.whl"],
        ["https://example.com/evil.whl"],
        ["./evil.whl"],
        ["-r/etc/passwd"],
        ["--index-url=https://example.com"],
        ["tabulate; python_version > '3'"],
        ["tabulate\n--pre"],
        [""],
        [],
        ["tabulate"] * 21,
    ):
        with pytest.raises(ToolFailed):
            room.install(wanted)
    assert room.run(["python", "-c", "import tabulate"]).exit == 1


def test_nothing_is_built(rooms: Workspaces) -> None:
    room = rooms.of(a_task("built"))
    ran = room.install(["humanize"])
    assert ran.exit != 0
    assert "humanize" in ran.output
    assert [entry.path for entry in room.list("src")] == []


def test_the_list_is_longer_where_a_team_says_so(homes: Path, tier: Tier, wheels: Path) -> None:
    home = homes / tier.name
    installer = Installer(("Secretly_Evil",), str(wheels))
    room = Workspaces(home, sandbox=Sandbox(home / "tasks", tier), installer=installer).of(a_task("more"))
    assert room.install(["secretly.evil"]).exit == 0


def test_the_packaged_list_is_clean() -> None:
    words = [
        word for line in packages.LIST.read_text().splitlines() for word in line.partition("#")[0].split()
    ]
    assert len(words) == len(set(words)) == len(packages.packaged()) > 100
    assert packages.checked(["Pandas[excel] >=2, <3"], ()) == ["pandas[excel]<3,>=2"]


def test_what_an_installer_is_told_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of indexes and proxies, and nothing else of ours."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://packages.example.com/simple")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    _, variables = Installer().needs()
    assert variables["UV_DEFAULT_INDEX"] == "https://packages.example.com/simple"
    assert "secret" not in variables.values()


@pytest.fixture
def index(wheels: Path) -> Iterator[str]:
    """The same packages from an address, as an index has them."""

    class Simple(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/simple/"):
                super().do_GET()
                return
            name = self.path.removeprefix("/simple/").strip("/")
            links = "".join(f'<a href="/{file.name}">{file.name}</a>' for file in wheels.glob(f"{name}-*"))
            self.send_response(200 if links else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Simple, directory=str(wheels))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


def test_the_installer_has_the_network_and_commands_do_not(homes: Path, tier: Tier, index: str) -> None:
    home = homes / tier.name
    sandbox = Sandbox(home / "tasks", tier)
    room = Workspaces(home, sandbox=sandbox, installer=Installer(index=index)).of(a_task(f"net-{tier.name}"))
    ran = room.install(["tabulate"])
    assert ran.exit == 0, ran.output
    assert room.run(["python", "-c", "import tabulate"]).output == "imported\n"
    ask = f"import urllib.request; print(urllib.request.urlopen('{index}/tabulate/', timeout=3).status)"
    assert room.run(["python", "-c", ask]).exit == 1
