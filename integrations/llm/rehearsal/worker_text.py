"""What the rehearsal worker writes: sections out of the brief's own words and what is computed from them, and no fact beside."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from integrations.llm.rehearsal.wishes import Wishes, read_wishes
from integrations.llm.rehearsal.worker_job import Job
from integrations.llm.rehearsal.worker_wants import Figure, Wants, is_rising

HONEST = (
    "Written by the rehearsal model: built in, offline. It sets the words of the request in order, computes what can be"
    " computed from them, and knows nothing else. A real model (OPENAI_API_KEY) fills in what is open here."
)
TO_MEET = "What it has to meet"
OPEN = "open"
"""What a cell says that nobody filled."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """table: the first row is its head; () for none.  charted: whether the figures are drawn here."""

    heading: str
    text: str
    table: tuple[Row, ...] = ()
    charted: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page that a search answered with.  number: by which it is cited, 0 for one that could not be read."""

    title: str
    url: str
    number: int = 0


def sections(job: Job, wants: Wants, found: Sequence[Found] = ()) -> tuple[Section, ...]:
    """In reading order. What people wished since is done to every sentence: left out, replaced, shortened."""
    wishes = read_wishes(job.said)
    made = (*_body(job, wants, found), *(_about(job, wishes) if wishes.length >= 0 else ()))
    kept = (_wished(section, wishes) for section in made)
    return tuple(section for section in kept if section.text or section.table)


def _body(job: Job, wants: Wants, found: Sequence[Found]) -> Iterator[Section]:
    yield Section("What was asked", _clean(job.brief))
    if wants.figures:
        yield Section("The figures", _told(wants.figures), figure_table(wants.figures), charted=True)
    if wants.items and wants.aspects:
        yield Section("Side by side", _side_by_side(wants), item_table(wants))
    elif wants.items:
        yield Section("One by one", _bullets(wants.items))
    if found:
        cited = (
            f"{page.title} [{page.number}]" if page.number else f"{page.title}: {page.url}" for page in found
        )
        yield Section("What a search found", _bullets(cited))
    if sources := [f"{page.number}. {page.title}: {page.url}" for page in found if page.number]:
        yield Section("Sources", "\n".join(sources))
    if job.said:
        yield Section("What people said about it", _bullets(map(_clean, job.said)))
    if mention := read_wishes(job.said).mention:
        yield Section("Also asked for", _bullets(mention))


def _about(job: Job, wishes: Wishes) -> Iterator[Section]:
    if job.asked:
        yield Section(TO_MEET, _bullets(job.asked))
    yield Section("What this is", HONEST)


def _side_by_side(wants: Wants) -> str:
    return f"{_and(wants.items)} are compared by {_and(wants.aspects)}. A cell that says “{OPEN}” waits for somebody who knows."


def _told(figures: Sequence[Figure]) -> str:
    total, highest, lowest = total_of(figures), max(figures, key=_value), min(figures, key=_value)
    course = " Each is at least the one before." if is_rising(tuple(figures)) else ""
    return (
        f"{len(figures)} figures add up to {number(total)}, {number(total / len(figures))} on average. The highest is"
        f" {highest.label} with {number(highest.value)}, the lowest {lowest.label} with {number(lowest.value)}.{course}"
    )


def _value(figure: Figure) -> float:
    return figure.value


def total_of(figures: Sequence[Figure]) -> float:
    return sum(figure.value for figure in figures)


def number(value: float) -> str:
    """ "120", "33.33"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def figure_table(figures: Sequence[Figure]) -> tuple[Row, ...]:
    total = total_of(figures)
    rows = [
        (f.label, number(f.value), f"{number(100 * f.value / total)} %" if total > 0 else "–")
        for f in figures
    ]
    return (("What", "Value", "Share"), *rows, ("Total", number(total), "100 %" if total > 0 else "–"))


def item_table(wants: Wants) -> tuple[Row, ...]:
    """Nothing is known of any of them, and the table says so."""
    aspects = wants.aspects or ("what to say about it",)
    return (("What", *aspects), *((item, *(OPEN for _ in aspects)) for item in wants.items))


def rows(wants: Wants) -> tuple[Row, ...]:
    """Of the CSV file."""
    if wants.figures:
        return figure_table(wants.figures)
    return item_table(wants) if wants.items else (("What",),)


def markdown(title: str, parts: Sequence[Section]) -> str:
    return "\n\n".join([f"# {_clean(title)}", *(_markdown(part) for part in parts)]) + "\n"


def _markdown(part: Section) -> str:
    said = [f"## {part.heading}", part.text]
    if part.table:
        head, *body = ([cell.replace("|", "/") for cell in row] for row in part.table)
        said.append("\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)))
    return "\n\n".join(filter(None, said))


def page(title: str, parts: Sequence[Section]) -> str:
    """The same as HTML."""
    body = "".join(f"<h2>{_esc(p.heading)}</h2>\n<p>{_esc(p.text)}</p>\n{_table(p.table)}" for p in parts)
    head = f'<meta charset="utf-8"><title>{_esc(title)}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><h1>{_esc(title)}</h1>\n{body}</body></html>\n'


def _table(table: Sequence[Row]) -> str:
    return "".join(
        [
            "<table>\n",
            *(f"<tr>{''.join(f'<td>{_esc(cell)}</td>' for cell in row)}</tr>\n" for row in table),
            "</table>\n",
        ]
        if table
        else []
    )


def _esc(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def _wished(part: Section, wishes: Wishes) -> Section:
    if part.heading == "What people said about it":
        return part
    text = part.text
    for phrase in wishes.leave_out:
        text = regex.sub(rf"(?i)(?<!\w){regex.escape(phrase)}(?!\w)", "", text)
    for old, new in wishes.instead:
        text = new.join(regex.split(rf"(?i)(?<!\w){regex.escape(old)}(?!\w)", text))
    return Section(part.heading, text.strip(), part.table, part.charted)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines if line.strip())


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _clean(text: str) -> str:
    """In lines, without what is no text."""
    lines = (" ".join(regex.sub(r"[\p{Cc}\p{Cf}]", " ", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
