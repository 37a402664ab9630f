"""How each file is made: the calls for it, the first way first; the next is tried when one fails."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from integrations.llm.rehearsal import worker_code as code
from integrations.llm.rehearsal import worker_text as text
from integrations.llm.rehearsal.worker_job import Call, Job
from integrations.llm.rehearsal.worker_text import Found, Section
from integrations.llm.rehearsal.worker_wants import Wants

CHART_LIMIT = 12
REPORT_TEXT = 30_000
"""Characters of a section (agents/tasks/toolbox/report.py)."""


def paths(wants: Wants) -> tuple[str, ...]:
    """Of what there will be below output/, in the order in which it is made."""
    return tuple(path for ending in wants.formats for path in _paths(wants.name, ending))


def _paths(name: str, ending: str) -> tuple[str, ...]:
    if ending != "py":
        return (f"output/{name}.{ending}",)
    module = code.module_name(name)
    return f"output/{module}.py", f"output/test_{module}.py"


def ways(path: str, job: Job, wants: Wants, made: Sequence[str], found: Sequence[Found]) -> Iterator[Call]:
    """Calls that make this file, best first; each by itself makes it.  made: files that are there already."""
    ending = path.rpartition(".")[2]
    parts = text.sections(job, wants, found)
    if ending == "csv":
        rows = text.rows(wants)
        yield Call("run_python", {"code": code.table(path, rows, wants)})
        yield _write(path, "\n".join(",".join(map(_quoted, row)) for row in rows) + "\n")
    elif ending == "zip":
        yield Call("run_python", {"code": code.archive(path, made)})
    elif ending == "pdf":
        yield _report(path, job, parts, wants)
        yield _report(path, job, [Section(part.heading, part.text) for part in parts], wants)
    else:
        yield _write(path, _content(path, ending, job, wants, parts))


def _content(path: str, ending: str, job: Job, wants: Wants, parts: Sequence[Section]) -> str:
    title = job.title or "Result"
    name = code.module_name(path)
    if ending == "py":
        tested = name.removeprefix("test_")
        return code.test(job, wants, tested) if name != tested else code.module(job, wants)
    if ending == "json":
        data: dict[str, Any] = {part.heading: {"text": part.text, "table": part.table} for part in parts}
        return json.dumps({"title": title, **data}, ensure_ascii=False, indent=2) + "\n"
    return text.page(title, parts) if ending == "html" else text.markdown(title, parts)


def _write(path: str, content: str) -> Call:
    return Call("write_file", {"path": path, "text": content})


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _report(path: str, job: Job, parts: Sequence[Section], wants: Wants) -> Call:
    told = [
        _section(part, wants) for part in parts if part.heading != "Sources"
    ]  # the report has its own list
    return Call("make_report", {"path": path, "title": job.title[:200] or "Result", "sections": told})


def _section(part: Section, wants: Wants) -> dict[str, Any]:
    section: dict[str, Any] = {"heading": part.heading, "text": part.text[:REPORT_TEXT]}
    if part.table:
        section["table"] = [list(row) for row in part.table]
    if part.charted and all(figure.value >= 0 for figure in wants.figures):
        drawn = wants.figures[:CHART_LIMIT]
        section["chart"] = {
            "kind": "bar",
            "title": part.heading,
            "labels": [figure.label for figure in drawn],
            "values": [figure.value for figure in drawn],
        }
    return section
