"""A task's own Python: an empty environment of its own on top of packages that all of them share."""

from __future__ import annotations

import compileall
import hashlib
import os
import secrets
import shutil
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from filelock import FileLock

from integrations.sandbox import cell as cells

SHARED = (
    *(
        "jinja2",
        "lxml",
        "markupsafe",
        "packaging",
        "pillow",
        "python-dateutil",
        "pyyaml",
        "regex",
        "six",
        "tzdata",
    ),
)
"""Packages that every task has: out of those that we run on ourselves, so that nothing is fetched."""
SITE = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")


def base(folder: Path) -> Path:
    """The folder of the shared packages below `folder`; made at the first call, which takes some seconds, and kept."""
    packages = [found for name in SHARED if (found := _installed(name))]
    said = " ".join([sys.version, *(f"{package.name}=={package.version}" for package in packages)])
    made = folder / hashlib.sha256(said.encode()).hexdigest()[:16]
    if made.is_dir():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not made.is_dir():
            beside = folder / f".new-{secrets.token_hex(4)}"
            for package in packages:
                _copy(package, beside)
            beside.mkdir(exist_ok=True)
            compileall.compile_dir(beside, quiet=2)
            beside.rename(made)
    return made


def make(env: Path) -> None:
    """An environment at `env`, as `python -m venv` makes it, but for pip. Takes milliseconds."""
    if env.is_dir():
        return
    beside = env.with_name(f".env-{secrets.token_hex(4)}")
    (beside / "bin").mkdir(parents=True)
    (beside / SITE).mkdir(parents=True)
    interpreter = cells.interpreter()
    for name in ("python", "python3"):
        (beside / "bin" / name).symlink_to(interpreter)
    config = f"home = {interpreter.parent}\ninclude-system-site-packages = false\nversion = {'.'.join(map(str, sys.version_info[:3]))}\n"
    (beside / "pyvenv.cfg").write_text(config)
    (beside / SITE / "_shared.pth").write_text(f"{cells.BASE}\n")
    for place, _, names in os.walk(beside):
        Path(place).chmod(0o755)
        for name in names:
            if not (Path(place) / name).is_symlink():
                (Path(place) / name).chmod(0o644)
    beside.rename(env)


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _copy(package: Distribution, to: Path) -> None:
    """Its modules and libraries, not its programs."""
    for file in package.files or ():
        if file.parts[0] == ".." or "__pycache__" in file.parts:
            continue
        source, target = Path(str(file.locate())), to / file
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    for folder in [to, *(path for path in to.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
