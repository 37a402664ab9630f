"""Programs that the rehearsal worker writes: a small module with its test, the script that computes a table, the check."""

from __future__ import annotations

import json
from collections.abc import Sequence

import regex

from integrations.llm.rehearsal.worker_job import Job
from integrations.llm.rehearsal.worker_text import Row, number, total_of
from integrations.llm.rehearsal.worker_wants import Wants

CHECK = "src/check.py"


def module_name(path: str) -> str:
    """Of a file that can be imported."""
    stem = path.rpartition("/")[2].removesuffix(".py").replace("-", "_")
    return (
        stem
        if stem.isidentifier() and stem.isascii()
        else f"task_{regex.sub(r'[^a-z0-9_]', '', stem) or 'result'}"
    )


def said(job: Job) -> list[str]:
    """What is required, sentence by sentence."""
    lines = (line.strip(" -*•") for line in regex.split(r"(?<=[.!?])\s+|\n+", job.brief))
    return [line for line in (*lines, *job.asked) if regex.search(r"[\p{L}\p{N}]", line)] or [
        "(nothing was said)"
    ]


def module(job: Job, wants: Wants) -> str:
    """Holds what is required and the figures of the brief, and computes with them; it invents no algorithm."""
    figures = {figure.label: figure.value for figure in wants.figures}
    return f'''"""{json.dumps(job.title, ensure_ascii=True)[1:-1].replace('"', "'")}

Written by the rehearsal model: it holds what was asked for and computes with the figures of the request. A real model
writes the rest.
"""

import sys

REQUIREMENTS = {_listed(said(job))}
FIGURES = {figures!r}


def requirements(word=""):
    """Those that have this word; all of them, for none."""
    return [line for line in REQUIREMENTS if word.lower() in line.lower()]


def total():
    """Of all figures; 0 where there are none."""
    return sum(FIGURES.values())


def main(words):
    for line in requirements(" ".join(words)):
        print(line)
    if FIGURES:
        print("Total:", total())


if __name__ == "__main__":
    main(sys.argv[1:])
'''


def test(job: Job, wants: Wants, name: str) -> str:
    return f"""import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import {name}


class Test(unittest.TestCase):
    def test_every_requirement_is_found(self):
        self.assertEqual(len({name}.requirements()), {len(said(job))})

    def test_a_requirement_is_found_by_its_words(self):
        first = {name}.REQUIREMENTS[0]
        self.assertIn(first, {name}.requirements(first))

    def test_figures_add_up(self):
        self.assertAlmostEqual({name}.total(), {total_of(wants.figures)!r})


if __name__ == "__main__":
    unittest.main()
"""


def _listed(lines: Sequence[str]) -> str:
    return "".join(["[\n", *(f"    {line!a},\n" for line in lines), "]"])


def table(path: str, rows: Sequence[Row], wants: Wants) -> str:
    """Computes a CSV file out of the figures; copies the rows where there are none."""
    if not wants.figures:
        compute = f"rows = {[list(row) for row in rows]!a}"
    else:
        compute = f"""figures = {[(f.label, f.value) for f in wants.figures]!a}
total = sum(value for _, value in figures)
def say(value):
    return f"{{value:.2f}}".rstrip("0").rstrip(".")
share = lambda value: say(100 * value / total) + " %" if total > 0 else "\\u2013"
rows = [["What", "Value", "Share"]] + [[label, say(value), share(value)] for label, value in figures]
rows.append(["Total", say(total), "100 %" if total > 0 else "\\u2013"])"""
    return f"""import csv, pathlib
{compute}
path = pathlib.Path({path!a})
path.parent.mkdir(parents=True, exist_ok=True)
with path.open("w", newline="", encoding="utf-8") as file:
    csv.writer(file).writerows(rows)
print(len(rows) - 1, "rows in", path)
"""


def archive(path: str, files: Sequence[str]) -> str:
    return f"""import pathlib, zipfile
with zipfile.ZipFile({path!a}, "w", zipfile.ZIP_DEFLATED) as archive:
    for name in {list(files)!a}:
        if pathlib.Path(name).exists():
            archive.write(name, pathlib.Path(name).name)
    print(len(archive.namelist()), "files in", {path!a})
"""


def copies(files: Sequence[str], folder: str) -> str:
    """Lays what was made into a clone."""
    return f"""import pathlib, shutil
for name in {list(files)!a}:
    shutil.copy(name, pathlib.Path({folder!a}) / pathlib.Path(name).name)
    print("copied", name)
"""


def check(files: Sequence[str], wants: Wants) -> str:
    """Looks at each file as its ending says, and ends with 1 if any of them is not as it should be."""
    expected = {
        "items": list(wants.items),
        "total": number(total_of(wants.figures)) if wants.figures else "",
    }
    return f'''"""Checks what was made: the files are there, can be read, hold what was asked for, and their sums agree."""

import csv
import json
import pathlib
import subprocess
import sys
import zipfile

FILES = {list(files)!a}
EXPECTED = {expected!a}


def look(path):
    data = path.read_bytes()
    assert data.strip(), "is empty"
    kind = path.suffix
    if kind in (".md", ".txt", ".html"):
        text = data.decode("utf-8")
        for item in EXPECTED["items"]:
            assert item.lower() in text.lower() or kind == ".html", f"says nothing about {{item}}"
        assert EXPECTED["total"] in text, "its total is not the one of the figures"
        return f"{{len(text.split())}} words"
    if kind == ".csv":
        rows = list(csv.reader(data.decode("utf-8").splitlines()))
        assert rows and len({{len(row) for row in rows}}) == 1, "its rows differ in length"
        if EXPECTED["total"]:
            values = [float(row[1]) for row in rows[1:]]
            assert abs(sum(values[:-1]) - values[-1]) < 0.005 * len(values), "its figures do not add up to its total"
        return f"{{len(rows) - 1}} rows"
    if kind == ".json":
        return f"{{len(json.loads(data))}} entries"
    if kind == ".pdf":
        assert data.startswith(b"%PDF") and b"%%EOF" in data[-1024:], "is no whole PDF"
        return f"{{len(data)}} bytes of PDF"
    if kind == ".zip":
        assert zipfile.ZipFile(path).testzip() is None, "is damaged"
        return "whole"
    if kind == ".py":
        compile(data, str(path), "exec")
        if path.name.startswith("test_"):
            ran = subprocess.run([sys.executable, path.name], cwd=path.parent, capture_output=True, text=True)
            assert ran.returncode == 0, ran.stderr[-800:]
            return ran.stderr.strip().splitlines()[-1]
    return f"{{len(data)}} bytes"


def main():
    wrong = 0
    for name in FILES:
        try:
            print("good:", name, "-", look(pathlib.Path(name)))
        except Exception as error:
            wrong += 1
            print("WRONG:", name, "-", str(error) or type(error).__name__)
    print(len(FILES) - wrong, "of", len(FILES), "files are good")
    return 1 if wrong or not FILES else 0


sys.exit(main())
'''
