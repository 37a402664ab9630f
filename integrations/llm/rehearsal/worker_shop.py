"""What the rehearsal worker makes: files, a search, a check, what leaves. Where one way fails it tries the next, or says so."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import regex

from integrations.llm.rehearsal import worker_code as code
from integrations.llm.rehearsal.worker_files import paths, ways
from integrations.llm.rehearsal.worker_job import Call, Job, Step, Told
from integrations.llm.rehearsal.worker_judge import passed
from integrations.llm.rehearsal.worker_plan import CHECK, SEARCH, leaving
from integrations.llm.rehearsal.worker_text import Found
from integrations.llm.rehearsal.worker_wants import Wants

LINK = regex.compile(r"https?://[^\s<>\"')\]]+")
FAILED_RUN = regex.compile(r"Exit code (?!0\b)")
CITE = regex.compile(r"Cite it as \[(\d+)\]")
FOUND_LIMIT = 3
REHEARSED = (
    "I am the rehearsal model: I set your words in order and compute with your figures; I know nothing else."
)

Answer = Generator[Call, Told, Told]
Done = Generator[Call, Told, str]
"""Returns "" if it is done, and what stood in its way otherwise."""


def use(job: Job, tool: str, **arguments: Any) -> Answer:
    """Failed at once where the tool is not offered."""
    if not job.has(tool):
        return Told(f"{tool} is not among my tools here", failed=True)
    return (yield Call(tool, arguments))


class Shop:
    """What is made in one stage, and what could not be."""

    def __init__(self, job: Job, wants: Wants, again: bool) -> None:
        self.job, self.wants, self.again = job, wants, again
        self.files = tuple(path for path in job.files if path.startswith("output/")) or paths(wants)
        self.made: list[str] = []
        self.lacks: list[str] = []
        self.found: tuple[Found, ...] = ()

    def do(self, step: Step) -> Done:
        leaves = self.wants.leaves
        if leaves and step.title == leaving(leaves).title:
            return (yield from self.leave(leaves, step))
        if step.title == SEARCH:
            return (yield from self.search())
        if step.title == CHECK:
            told = yield from self.check()
            return "" if passed(told) else f"The check found faults: {_faults(told)}"
        path = next((path for path in self.files if path in step.title), "")
        return (yield from self.make(path)) if path else f"I do not know how to do “{step.title[:100]}”."

    def make(self, path: str) -> Done:
        told = Told("")
        for call in ways(path, self.job, self.wants, self.made, self.found):
            told = yield from use(self.job, call.tool, **call.arguments)
            if not told.failed and not FAILED_RUN.match(told.text):
                self.made.append(path)
                return ""
        return f"{path} could not be made: {told.text[:200]}"

    def search(self) -> Done:
        """Without the web it goes on: then it says nothing that it would have found."""
        words = " ".join(self.wants.items) or self.job.title
        told = yield from use(self.job, "search_web", query=words[:200])
        if told.failed:
            self.lacks.append(
                f"The web could not be searched, so nothing from there is in it: {told.text[:200]}"
            )
            return ""
        for page in _pages(told.data):
            read = yield from use(self.job, "read_page", url=page.url)
            number = 0 if read.failed else next(map(int, CITE.findall(read.text)), 0)
            self.found = (*self.found, replace(page, number=number))
        return ""

    def check(self) -> Answer:
        text = code.check(self.files, self.wants)
        yield from use(self.job, "write_file", path=code.CHECK, text=text)
        return (yield from use(self.job, "run_check", command=["python", code.CHECK]))

    def leave(self, leaves: Call, step: Step) -> Done:
        """Once. A no is a no: the step is over either way."""
        if self.again or step.tick == "done":
            return ""
        if leaves.tool == "github_push":
            yield from use(self.job, "github_clone", repo=leaves.arguments["repo"])
            copies = code.copies(self.made, leaves.arguments["folder"])
            yield from use(self.job, "run_python", code=copies)
        told = yield from use(self.job, leaves.tool, **_complete(leaves, self.job, self.made))
        if told.failed:
            self.lacks.append(f"{step.title}: {told.text[:200]}")
        return ""


def _complete(leaves: Call, job: Job, made: Sequence[str]) -> dict[str, Any]:
    files = "\n".join(f"- {path}" for path in made)
    body = f"{job.brief[:2_000]}\n\nWhat was made for it:\n{files}\n\n{REHEARSED}"
    if leaves.tool == "send_email":
        return {**leaves.arguments, "body": body, "attachments": list(made)[:5]}
    return {**leaves.arguments, "body": body} if leaves.tool == "github_issue" else dict(leaves.arguments)


def _faults(told: Told) -> str:
    wrong = [line for line in told.data.split("\n") if line.startswith("WRONG")]
    return "; ".join(wrong)[:300] or told.text[:300]


def _pages(text: str) -> list[Found]:
    """Each address once, with the line before it or its own as a title."""
    found: dict[str, str] = {}
    before = ""
    for line in map(str.strip, text.split("\n")):
        if match := LINK.search(line):
            url = match[0].rstrip(".,;")
            title = regex.sub(r"^[\[\d.\])\s:*-]+", "", line[: match.start()]).strip(" -–—:(")
            found.setdefault(url, (title or before or url)[:150])
        elif line:
            before = regex.sub(r"^[\[\d.\])\s:*-]+", "", line)
    return [Found(title, url) for url, title in found.items()][:FOUND_LIMIT]
