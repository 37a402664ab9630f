"""What a brief wants, as far as patterns can tell: what it is about, its figures, the files, and what is to leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple
from unicodedata import normalize

import regex

from integrations.llm.rehearsal.wishes import Wishes, read_wishes
from integrations.llm.rehearsal.worker_job import Call, Job

CAN_MAKE = ("md", "txt", "html", "csv", "json", "py", "pdf", "zip")
"""Endings of files, in the order in which they are made: a PDF shows the rest, an archive holds it."""
SPOKEN = {
    "pdf": r"pdfs?",
    "csv": r"csv|spreadsheets?|excel",
    "json": r"json",
    "html": r"html|web ?page",
    "zip": r"zip",
    "txt": r"plain text|txt",
    "md": r"markdown|md",
}
NO = r"\b(?:no|without(?: an?| the)?|not an?|drop the|leave out the|remove the) (?:{})\b"
CODE = regex.compile(
    r"(?i)\b(?:python|script|function|module|program|class|library of functions|unit tests?)\b(?!s? (?:ecosystem|world))"
)
MAKES = regex.compile(
    r"(?i)\b(?:write|code|implement|build|create|make|program|develop)\b[^.\n]{0,60}?\b(?:python|script|functions?|module|program|class)\b"
)
RESEARCH = regex.compile(
    r"(?i)\b(?:compare|comparison|research|find(?: out)?|look (?:up|into)|survey|sources?|investigate|overview of)\b"
)
COMPARE = regex.compile(
    r"(?i)\b(?:compare|comparison (?:of|between)|difference between|choose between|decide between)\s+(?P<what>[^.\n?!]+)"
    r"|(?P<what>[\w.+# -]{2,40}\s+(?:vs\.?|versus)\s+[\w.+# -]{2,40})"
)
ASPECTS = regex.compile(
    r"(?i)\b(?:by|on|regarding|in terms of|with regard to|for their|as to) (?P<what>[^.;:\n]+)$"
)
AND = regex.compile(r"(?i)\s*(?:,|;|\n|\band\b|\bor\b|\bversus\b|\bvs\b\.?|\bwith\b|&)\s*")
TAIL = regex.compile(
    r"(?i)\s+(?:and|then) (?:write|make|give|send|e-?mail|mail|tell|show|put|say|summari[sz]e|recommend|propose)\b.*$"
)
FIGURE = regex.compile(
    r"^(?:.*[:,]\s*)?(?P<label>\p{L}[\p{L}\p{N} ./&'’-]{0,40}?)\s*[:= ]\s*[€$£]?(?P<value>-?\d{1,12}(?:\.\d{1,6})?)\s*(?P<unit>%|€|\$|[A-Za-z]{1,8})?$"
)
THOUSANDS = regex.compile(r"(?<=\d),(?=\d{3}\b)")
LIST = regex.compile(r": (?P<what>[^.?!\n]+)|\((?P<what>[^()]{3,200})\)")
BRACKETS = regex.compile(r"\([^()]*\)")
BULLET = regex.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+(?P<what>\S.*)$")
ADDRESS = regex.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
REPO = regex.compile(r"\b(?P<repo>[A-Za-z0-9][\w-]{0,38}/[\w.-]{1,60}\w)")
MAIL = regex.compile(r"(?i)\b(?:e-?mails?|mail|send)\b")
PUSH = regex.compile(r"(?i)\b(?:push|commit)\b")
ISSUE = regex.compile(r"(?i)\b(?:open|file|create|raise|report|make) (?:an? |one )?(?:github |new )*issue\b")
INSTALL = regex.compile(r"(?i)\b(?:pip )?install (?P<what>[A-Za-z0-9][\w.-]{0,40}\w==\d[\w.]{0,20}\w)\b")
SMALL = regex.compile(
    r"an?|and|are|as|at|be|by|can|do|each|every|for|from|give|has|have|how|i|in|into|is|it|its|let|make|me|must|need|of|on"
    r"|one|or|our|please|put|said|says|should|so|some|than|that|the|their|them|then|there|these|they|thing|this|three|to|two"
    r"|up|us|want|we|what|which|who|why|will|with|would|write|you|your"
)
SHORT = 3
"""Words of weight below which a brief that lists nothing is too little."""


class Figure(NamedTuple):
    label: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Wants:
    """name: of its files, without an ending.  items: what is compared or listed.  aspects: by what.

    formats: endings of files that are made.  cannot: endings that were asked for and cannot be.
    leaves: what is to leave the workspace, with the words for it; the files go along.
    """

    name: str
    items: tuple[str, ...]
    aspects: tuple[str, ...]
    figures: tuple[Figure, ...]
    formats: tuple[str, ...]
    cannot: tuple[str, ...]
    is_code: bool
    is_research: bool
    is_vague: bool
    """Too little to go by: a few words, or a comparison that does not say of what."""
    leaves: Call | None


def read_wants(job: Job) -> Wants:
    """Of the title, the brief and what people said since; the same for the same job."""
    brief = job.brief if job.title in job.brief else f"{job.title}\n{job.brief}"
    items, aspects = _compared(brief)
    figures = tuple(_figures("\n".join((job.brief, *job.said))))
    bullets = tuple(_line(m["what"], 80) for m in BULLET.finditer(job.brief))
    if RESEARCH.search(brief) and not items:
        items, aspects = next(filter(any, (_compared(f"compare {said}") for said in job.said)), ((), aspects))
    items = items or (() if figures else bullets or _listed(job.brief))
    is_code = bool(MAKES.search(brief) or (CODE.search(brief) and "py" in job.formats)) or "py" in job.formats
    formats, cannot = _formats(job, is_code=is_code, has_table=bool(items or figures))
    weight = len(set(weighty(brief)))
    return Wants(
        name=file_name(job.title or job.brief),
        items=tuple(_wished(items, read_wishes(job.said)))[:12],
        aspects=aspects[:6],
        figures=figures[:24],
        formats=formats,
        cannot=cannot,
        is_code=is_code,
        is_research=bool(RESEARCH.search(brief)),
        is_vague=not (items or figures or job.said)
        and (bool(COMPARE.search(brief)) or (weight < SHORT and not job.asked)),
        leaves=_leaves(job, file_name(job.title or job.brief)),
    )


def _wished(items: tuple[str, ...], wishes: Wishes) -> Iterator[str]:
    """Without those that people want left out, and with other names where they want them."""
    for item in items:
        for old, new in wishes.instead:
            item = new.join(regex.split(rf"(?i)(?<!\w){regex.escape(old)}(?!\w)", item))
        if not any(phrase.lower() in item.lower() for phrase in wishes.leave_out):
            yield item


def file_name(text: str) -> str:
    """ "Compare three queue libraries" → "compare-queue-libraries", also with a list after it: at most five words of weight, of ASCII letters and digits."""
    head, _, _ = TAIL.sub("", text).partition(":")
    plain = (normalize("NFKD", part) for part in weighty(head) or weighty(text))
    words = [word for part in plain for word in regex.findall(r"[a-z0-9]+", regex.sub(r"\p{Mn}", "", part))]
    return "-".join(words[:5])[:50].strip("-") or "result"


def weighty(text: str) -> list[str]:
    """Its words in small letters without those that carry no meaning."""
    return [
        word
        for word in regex.findall(r"[\p{L}\p{N}][\p{L}\p{N}+#-]*", text.lower())
        if not SMALL.fullmatch(word)
    ]


def _line(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _compared(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    match = COMPARE.search(text)
    if match is None:
        return (), ()
    what = TAIL.sub("", match["what"]).strip()
    aspects: tuple[str, ...] = ()
    if by := ASPECTS.search(what):
        aspects, what = _parts(by["what"]), what[: by.start()]
    head, colon, rest = what.partition(":")
    if not colon and text[match.end("what") :].startswith(":"):
        rest = text[match.end("what") + 1 :].split("\n")[0]
    items = _parts(rest or head)
    if not rest and len(_parts(BRACKETS.sub("", head))) == 1:  # "three libraries (this, that, another)"
        items = _listed(head) or items
    return (items, aspects) if len(items) > 1 else ((), aspects)


def _listed(text: str) -> tuple[str, ...]:
    """ "our release: dark mode, faster search and more": what follows a colon or stands in brackets, if it is a list."""
    for found in LIST.finditer(text):
        if len(parts := _parts(found["what"])) > 1:
            return parts
    return ()


def _parts(text: str) -> tuple[str, ...]:
    found = (
        regex.sub(r"(?i)^(?:(?:what|which) (?:is|are)\s+)?(?:the|a|an)?\b\s*", "", part.strip(" .|\"“”'‘’"))
        for part in AND.split(THOUSANDS.sub("", text))
    )
    return tuple(dict.fromkeys(_line(part, 60) for part in found if part))


def _figures(text: str) -> Iterator[Figure]:
    """Two or more after a colon or on lines of their own, or three anywhere; each label once."""
    chunks = [part.strip() for part in regex.split(r"[,;\n]|\band\b|\. |\.$", THOUSANDS.sub("", text))]
    matches = [m for part in chunks if (m := FIGURE.match(part[-120:]))]
    found = {
        m["label"].strip(): Figure(m["label"].strip(), float(m["value"]), m["unit"] or "") for m in matches
    }
    is_series = bool(regex.search(r":\s*[^.\n]*\d|\n[^.\n]*\d", text))
    if len(found) >= (2 if is_series else 3):
        yield from found.values()


def _formats(job: Job, *, is_code: bool, has_table: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    asked = {_ending(text) for text in job.formats} - {""}
    words = "\n".join((job.title, job.brief))
    wanted = {"py" if is_code else "md", *asked}
    wanted |= {"csv"} if has_table else set()
    reports = job.has("make_report")
    wanted |= {"pdf"} if reports and not (asked or is_code) else set()
    for text in (words, *job.said):
        for end, said in SPOKEN.items():
            if regex.search(f"(?i){NO.format(said)}", text):
                wanted -= {end} - asked
            elif regex.search(rf"(?i)\b(?:{said})\b", text):
                wanted.add(end)
    makes = tuple(end for end in CAN_MAKE if end in wanted and (reports or end != "pdf"))
    return makes, tuple(sorted(wanted - set(makes)))


def _ending(text: str) -> str:
    text = text.lower().strip(". ")
    return {"markdown": "md", "text": "txt", "python": "py"}.get(text, text)


def _leaves(job: Job, name: str) -> Call | None:
    """The one thing that the brief wants done beyond the workspace, None if there is none."""
    text, title = job.brief, _line(job.title or job.brief, 100) or "Result"
    if MAIL.search(text) and (to := list(dict.fromkeys(ADDRESS.findall(text)))):
        return Call("send_email", {"to": to[0], "subject": title})
    repo = REPO.search(ADDRESS.sub("", text))
    if repo and ISSUE.search(text):
        return Call("github_issue", {"repo": repo["repo"], "title": title})
    if repo and PUSH.search(text):
        given: dict[str, Any] = {
            "folder": f"src/{repo['repo'].partition('/')[2]}",
            "repo": repo["repo"],
            "branch": f"troupe/{name}",
            "message": title,
        }
        return Call("github_push", given)
    if install := INSTALL.search(text):
        return Call("install_packages", {"packages": [install["what"]]})
    return None


def is_rising(figures: tuple[Figure, ...]) -> bool:
    """True if there are three or more, and each is at least the one before."""
    return len(figures) > 2 and all(one.value <= other.value for one, other in pairwise(figures))
