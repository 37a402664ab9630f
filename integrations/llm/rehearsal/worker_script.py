"""What the rehearsal worker does in each stage, call by call: it looks at what every tool answered before it goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from integrations.llm.rehearsal.worker_files import paths
from integrations.llm.rehearsal.worker_job import Call, Job, Script, Told
from integrations.llm.rehearsal.worker_judge import Seen, judge, passed
from integrations.llm.rehearsal.worker_plan import leaving, outline, own_criteria, steps
from integrations.llm.rehearsal.worker_shop import REHEARSED, Shop, use
from integrations.llm.rehearsal.worker_wants import CAN_MAKE, read_wants, weighty

YES = "Yes"
WHOM = "Who is it for, and what should it tell them?"
WHICH = "Which ones are to be compared, and by what? Such as: RQ, Celery and Huey by speed and price."


def script(job: Job, *, again: bool) -> Script:
    """again: it was told that something lacks; nobody is asked twice, and nothing leaves twice."""
    return STAGES.get(job.stage, review)(job, again)


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
    shop = Shop(job, wants, again)
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
    shop = Shop(job, wants, again)
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
    shop = Shop(job, wants, again)
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


def _look(job: Job, shop: Shop, check: Told) -> Generator[Call, Told, Seen]:
    """At what there is: the listing and the text that people will read."""
    listing = yield from use(job, "list_files", path="output")
    main = next((path for path in shop.files if path.endswith((".md", ".txt", ".html", ".py"))), "")
    read = (yield from use(job, "read_file", path=main)) if main else Told("", failed=True)
    return Seen(shop.files, listing.text, main, "" if read.failed else read.data, check)


def _words(job: Job) -> str:
    return " ".join(dict.fromkeys(weighty(job.title)))[:200]
