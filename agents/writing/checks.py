"""What is looked at in every version, human or AI, before anybody may approve it.

What blocks approval (failed), and what is only pointed out (warned):

| check      | failed                                              | warned                                      |
| ---------- | --------------------------------------------------- | ------------------------------------------- |
| length     | too long, empty, too many segments                  | a thread of one, a post of several          |
| characters | control characters, broken UTF-16                   | characters that nobody sees                 |
| pictures   | too many, alt text too long, beside a link card     | without alt text                            |
| guardrails | says what it must never say, no link to its source  | names a topic to avoid                      |
| repeats    | the same as one of the last posts                   | nearly the same (`ALIKE`)                   |
| habits     |                                                     | more emoji or hashtags than the voice has   |
| disclosure | the label is missing                                |                                             |
| links      | dead                                                | could not be checked just now               |
| moderation | flagged                                             |                                             |

What needs the world (links, moderation) is handed in as found; where nobody looked, the check is skipped and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agents.writing import looks
from agents.writing.content import Content
from agents.writing.facts import Check, CheckState, Facts, LinkState, Moderation
from agents.writing.looks import Found, urls

__all__ = ["Check", "CheckState", "Facts", "LinkState", "Moderation", "faults", "run", "urls"]

Look = Callable[[Content, Facts], Iterator[Found]]

LOOKS: dict[str, Look] = {
    "length": looks.length,
    "characters": looks.characters,
    "pictures": looks.pictures,
    "guardrails": looks.guardrails,
    "repeats": looks.repeats,
    "habits": looks.habits,
    "disclosure": looks.disclosure,
    "links": looks.links,
    "moderation": looks.moderation,
}
WEIGHT = {CheckState.SKIPPED: 0, CheckState.PASSED: 1, CheckState.WARNED: 2, CheckState.FAILED: 3}


def run(content: Content, facts: Facts) -> tuple[Check, ...]:
    """Every check of the table above, in that order."""
    return tuple(_checked(name, look(content, facts)) for name, look in LOOKS.items())


def faults(content: Content, facts: Facts) -> tuple[str, ...]:
    """What a writer can mend by itself: whatever blocks approval, and the wrong number of segments."""
    found = {name: LOOKS[name](content, facts) for name in ("length", "characters", "guardrails", "repeats")}
    return tuple(
        reason
        for name, findings in found.items()
        for state, reason in findings
        if state is CheckState.FAILED or name == "length"
    )


def _checked(name: str, found: Iterator[Found]) -> Check:
    """The worst that was found decides, and is told first; what was skipped is told only where nothing else is."""
    findings = sorted(found, key=lambda f: WEIGHT[f.state], reverse=True)
    if not findings:
        return Check(name, CheckState.PASSED)
    told = [f.reason for f in findings if f.state is not CheckState.SKIPPED] or [f.reason for f in findings]
    return Check(name, findings[0].state, " ".join(told))
