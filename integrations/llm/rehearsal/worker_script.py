"""What the rehearsal worker does in each stage, call by call: it looks at what every tool answered before it goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import regex

from integrations.llm.rehearsal import worker_code as code
from integrations.llm.rehearsal.worker_files import paths, ways
from integrations.llm.rehearsal.worker_job import Call, Job, Script, Step, Told
from integrations.llm.rehearsal.worker_judge import Seen, judge, passed
from integrations.llm.rehearsal.worker_plan import CHECK, SEARCH, leaving, outline, own_criteria, steps
from integrations.llm.rehearsal.worker_text import Found
from integrations.llm.rehearsal.worker_wants import CAN_MAKE, Wants, read_wants, weighty

LINK = regex.compile(r"https?://[^\s<>\"')\]]+")
FAILED_RUN = regex.compile(r"Exit code (?!0\b)")
CITE = regex.compile(r"Cite it as \[(\d+)\]")
FOUND_LIMIT = 3
REHEARSED = (
    "I am the rehearsal model: I set your words in order and compute with your figures; I know nothing else."
)
YES = "Yes"
WHOM = "Who is it for, and what should it tell them?"
WHICH = "Which ones are to be compared, and by what? Such as: RQ, Celery and Huey by speed and price."

Answer = Generator[Call, Told, Told]
Done = Generator[Call, Told, str]
"""Returns "" if it is done, and what stood in its way otherwise."""


def script(job: Job, *, again: bool) -> Script:
    """again: it was told that something lacks; nobody is asked twice, and nothing leaves twice."""
    return STAGES.get(job.stage, review)(job, again)


def use(job: Job, tool: str, **arguments: Any) -> Answer:
    """Failed at once where the tool is not offered."""
    if not job.has(tool):
        return Told(f"{tool} is not among my tools here", failed=True)
    return (yield Call(tool, arguments))


def design(job: Job, again: bool) -> Script:
    yield from use(job, "recall", words=_words(job))
    wants = read_wants(job)
    if wants.is_vague and not again:
        told = yield from use(job, "ask_person", question=WHICH if wants.is_research else WHOM, options=[])
        job = job if told.failed else replace(job, said=(*job.said, told.data.strip()[:1_000]))
    wants = read_wants(job)
    if wants.cannot and not again:
        able = f"I cannot make a file of this kind: {', '.join(wants.cannot)}. I make {', '.join(CAN_MAKE)}."
        yield from use(job, "say", text=f"{able} {REHEARSED}"[:2_000])
    told = yield from use(job, "write_plan", **outline(job, wants))
    if told.failed:
        return f"I could not write the plan: {told.text[:300]}"
    return f"The plan is written: {', '.join(paths(wants))}. {REHEARSED}"


def build(job: Job, again: bool) -> Script:
    wants = read_wants(job)
    yield from use(job, "recall", words=_words(job))
    yield from use(job, "list_files", path="")
    shop = _Shop(job, wants, again)
    for number, step in enumerate(job.steps or tuple(steps(job, wants)), 1):
        yield from use(job, "tick", step=number, state="doing")
        if lack := (yield from shop.do(step)):
            shop.lacks.append(lack)
        else:
            yield from use(job, "tick", step=number, state="done")
    if shop.lacks and not again:
        yield from use(job, "say", text=f"This did not work: {' '.join(shop.lacks)}"[:1_000])
    return f"Made: {', '.join(shop.made) or 'nothing'}. {' '.join((*shop.lacks, REHEARSED))}"


def test(job: Job, again: bool) -> Script:
    wants = read_wants(job)
    shop = _Shop(job, wants, again)
    told = yield from shop.check()
    wrong = [path for path in shop.files if f"WRONG: {path}" in told.text]
    if wrong and job.has("write_file"):
        for path in wrong:
            yield from shop.make(path)
        told = yield from shop.check()
    seen = yield from _look(job, shop, told)
    lines = yield from _answers(job, tuple(job.criteria or own_criteria(wants)), seen, again)
    return "\n".join(("The check ran well." if passed(told) else "The check found faults.", *lines))


def _answers(
    job: Job, criteria: Sequence[str], seen: Seen, again: bool
) -> Generator[Call, Told, Sequence[str]]:
    """Criterion by criterion. What nothing here can show, a person is asked once; what they said stands."""
    judged = {number: judge(criterion, seen) for number, criterion in enumerate(criteria, 1)}
    unclear = [number for number, (met, _) in judged.items() if met is None]
    if unclear and not again:
        listed = "; ".join(f"{number}. {criteria[number - 1]}" for number in unclear)
        asked = (
            f"I only rehearse and cannot tell by myself. Does {seen.main or 'the result'} meet this? {listed}"
        )
        told = yield from use(job, "ask_person", question=asked[:1_000], options=[YES, "No"])
        agreed = not told.failed and told.data.strip() == YES
        evidence = (
            told.text[:200] if told.failed else f"a person was asked, and said: {told.data.strip()[:200]}"
        )
        judged |= dict.fromkeys(unclear, (agreed, evidence))
    lines = []
    for number, (met, evidence) in judged.items():
        if met is not None:
            yield from use(job, "answer_criterion", number=number, met=met, evidence=evidence[:1_000])
            lines.append(f"{number}. {'met' if met else 'not met'}: {evidence}")
    return lines


def review(job: Job, again: bool) -> Script:
    """Reads the results again, and does what could leave only now."""
    wants = read_wants(job)
    shop = _Shop(job, wants, again)
    seen = yield from _look(job, shop, Told("", failed=True))
    here = [path for path in shop.files if path in seen.listing]
    if not again:
        yield from use(job, "remember", text=f"{job.title}: made {', '.join(here)}"[:500], beyond=False)
    missing = [path for path in shop.files if path not in here]
    lacks = [f"Missing: {', '.join(missing)}."] if missing else []
    if wants.leaves and leaving(wants.leaves).title not in [step.title for step in job.steps]:
        lacks.append(f"Not done, because I have no tool for it: {leaving(wants.leaves).title}.")
    cannot = [
        f"I cannot make: {end}." for end in wants.cannot if not any(p.endswith(f".{end}") for p in here)
    ]
    return " ".join((f"Made and looked through: {', '.join(here) or 'nothing'}.", *lacks, *cannot, REHEARSED))


STAGES: Mapping[str, Callable[[Job, bool], Script]] = {
    "design": design,
    "build": build,
    "test": test,
    "review": review,
}


class _Shop:
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


def _look(job: Job, shop: _Shop, check: Told) -> Generator[Call, Told, Seen]:
    """At what there is: the listing and the text that people will read."""
    listing = yield from use(job, "list_files", path="output")
    main = next((path for path in shop.files if path.endswith((".md", ".txt", ".html", ".py"))), "")
    read = (yield from use(job, "read_file", path=main)) if main else Told("", failed=True)
    return Seen(shop.files, listing.text, main, "" if read.failed else read.data, check)


def _faults(told: Told) -> str:
    wrong = [line for line in told.data.split("\n") if line.startswith("WRONG")]
    return "; ".join(wrong)[:300] or told.text[:300]


def _words(job: Job) -> str:
    return " ".join(dict.fromkeys(weighty(job.title)))[:200]


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
