"""How the rehearsal worker answers a criterion: by what can be looked at, and it says what it looked at."""

from __future__ import annotations

from typing import NamedTuple

import regex

from integrations.llm.rehearsal.worker_code import CHECK
from integrations.llm.rehearsal.worker_job import Told
from integrations.llm.rehearsal.worker_plan import EVERY_FILE
from integrations.llm.rehearsal.worker_text import TO_MEET
from integrations.llm.rehearsal.worker_wants import SPOKEN, weighty

ABOUT = regex.compile(
    r"names?|mentions?|contains?|lists?|shows?|includes?|covers?|documents?|reports?|files?|text|sections?|tables?|everything|result"
)
"""Words that speak of the text, and need not stand in it."""


class Seen(NamedTuple):
    """files: those of the plan.  listing: of output/, as the tool told it.  main: the file that was read, "" for none.  text: what is in it."""

    files: tuple[str, ...]
    listing: str
    main: str
    text: str
    check: Told


def passed(told: Told) -> bool:
    """True if a check ended with 0."""
    return not told.failed and told.text.startswith("The check passed")


def judge(criterion: str, seen: Seen) -> tuple[bool | None, str]:
    """Whether it is met, and the evidence; None where no file and no check can tell."""
    paths = list(seen.files) if criterion == EVERY_FILE else regex.findall(r"output/[\w./-]+\w", criterion)
    if paths:
        missing = [path for path in paths if path not in seen.listing]
        there = f"{len(paths) - len(missing)} of {len(paths)} are there"
        return not missing, f"{there}; {', '.join(missing)} is missing" if missing else there
    if CHECK in criterion or regex.search(r"(?i)\b(?:tests?|checks?) (?:pass|run|succeed|ends?)", criterion):
        lines = [line for line in seen.check.data.split("\n") if line.strip()]
        return passed(seen.check), f"{CHECK}: {lines[-1][:200] if lines else 'did not run'}"
    endings = [end for end, said in SPOKEN.items() if regex.search(rf"(?i)\b(?:{said})\b", criterion)]
    if missing := [end for end in endings if not regex.search(rf"\.{end}\b", seen.listing)]:
        return False, f"no {', '.join(missing)} file is in output/"
    return _read(criterion, endings, seen)


def _read(criterion: str, endings: list[str], seen: Seen) -> tuple[bool | None, str]:
    """By its words: only where the text has all of them."""
    text = seen.text.partition(f"## {TO_MEET}\n")[0].lower()  # that it is repeated there shows nothing
    if not text:
        return False, f"{seen.main or 'what was made'} cannot be read"
    said = dict.fromkeys(weighty(criterion.rpartition(": ")[2]))
    words = [word for word in said if word not in endings and not ABOUT.fullmatch(word)]
    if absent := [word for word in words if word not in text]:
        return None, f"{seen.main or 'what was made'} says nothing about {', '.join(absent)}"
    if words:
        return (
            True,
            f"{seen.main} has “{', '.join(words)}”; the rehearsal model looks for words, not for sense",
        )
    return (True, f"there: {', '.join(endings)}") if endings else (None, "nothing shows it")
