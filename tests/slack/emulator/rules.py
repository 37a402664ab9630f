"""Building blocks of the Block Kit validator: small checks that report every breach with its JSON pointer.

Wording follows Slack's own (`must be less than 3001 characters [json-pointer:/blocks/0/text/text]`), so that
an error read here can be looked up.  Lengths are in characters of the raw text, entities as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[["Report", Any, str], None]


@dataclass
class Report:
    """What was found wrong on one surface.

    surface: message, modal or home.  file: says what is wrong with a Slack file id, None when the app may show it.
    """

    surface: str
    file: Callable[[str], str | None]
    scopes: frozenset[str]
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    inputs: int = 0
    focused: int = 0
    markdown: int = 0  # characters of all markdown blocks
    written: int = 0  # characters of every text

    def refuse(self, what: str, at: str) -> None:
        self.problems.append(f"{what} [json-pointer:{at}]")


def string(high: int | None = None, low: int = 1) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, str):
            report.refuse("must be a string", at)
        elif len(value) < low:
            report.refuse(f"must be more than {low - 1} characters", at)
        elif high is not None and len(value) > high:
            report.refuse(f"must be less than {high + 1} characters", at)

    return check


def one_of(*allowed: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if value not in allowed:
            report.refuse(f"must be one of: {', '.join(allowed)}", at)

    return check


def matching(test: Callable[[str], object], what: str) -> Check:
    """A string that `test` takes; it raises ValueError or returns a false value for what it does not."""

    def check(report: Report, value: Any, at: str) -> None:
        try:
            fine = isinstance(value, str) and bool(test(value))
        except ValueError:
            fine = False
        if not fine:
            report.refuse(f"must be {what}", at)

    return check


def boolean(report: Report, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        report.refuse("must be a boolean", at)


def integer(low: int | None = None, high: int | None = None) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.refuse("must be an integer", at)
        elif low is not None and value < low:
            report.refuse(f"must be at least {low}", at)
        elif high is not None and value > high:
            report.refuse(f"must be at most {high}", at)

    return check


def array(item: Check, high: int | None = None, low: int = 1) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, list):
            report.refuse("must be an array", at)
            return
        if len(value) < low:
            report.refuse(f"no fewer than {low} items allowed", at)
        if high is not None and len(value) > high:
            report.refuse(f"no more than {high} items allowed", at)
        for index, each in enumerate(value):
            item(report, each, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *also: Check) -> Check:
    """An object with these keys and no others, and what `also` asks of the whole."""
    known = {**(optional or {}), **required}

    def check(report: Report, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            report.refuse("must be an object", at)
            return
        for key in required:
            if key not in value:
                report.refuse(f"missing required field: {key}", at)
        for key, each in value.items():
            if key in known:
                known[key](report, each, f"{at}/{key}")
            elif key != "type":
                report.refuse(f"invalid additional property: {key}", at)
        for more in also:
            more(report, value, at)

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of these it is."""

    def check(report: Report, value: Any, at: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            report.refuse(f"unsupported type: {kind}", f"{at}/type")
        else:
            kinds[kind](report, value, at)

    return check


def exactly_one(*keys: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if sum(key in value for key in keys) != 1:
            report.refuse(f"must have exactly one of: {', '.join(keys)}", at)

    return check


def any_of(*keys: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if not any(key in value for key in keys):
            report.refuse(f"must have one of: {', '.join(keys)}", at)

    return check


def text(high: int, *, low: int = 1, kinds: tuple[str, ...] = ("plain_text",)) -> Check:
    """A text object of 1-`high` characters; `emoji` belongs to plain text, `verbatim` to mrkdwn."""
    length = string(high, low)

    def measured(report: Report, value: Any, at: str) -> None:
        length(report, value, at)
        report.written += len(value) if isinstance(value, str) else 0

    shapes = {
        "plain_text": shape({"text": measured}, {"emoji": boolean}),
        "mrkdwn": shape({"text": measured}, {"verbatim": boolean}),
    }
    return tagged({kind: shapes[kind] for kind in kinds})


def plain(high: int) -> Check:
    return text(high)


def either(high: int) -> Check:
    return text(high, kinds=("plain_text", "mrkdwn"))
