"""One change of a text, at the one place that was meant."""

from __future__ import annotations

from difflib import get_close_matches

from agents.tasks.tools import ToolFailed

LINES, LOOKED_AT = 2_000, 200
"""Lines that are compared when a text is not found, and characters of each: comparing takes up to a millisecond a line."""


def edited(text: str, find: str, replace: str) -> tuple[str, int]:
    """The new text, and the number of the line where it changed. Raises ToolFailed unless `find` stands there exactly once,
    overlapping places counted."""
    if "\r\n" in text and "\n" not in text.replace(
        "\r\n", ""
    ):  # all line ends are Windows', and were shown as plain ones
        find, replace = _windows(find), _windows(replace)
    at = text.find(find)
    if at < 0:
        raise ToolFailed(
            "The text to find is not in the file, so nothing was changed.", remedy=_nearest(text, find)
        )
    line = text.count("\n", 0, at) + 1
    if (again := text.find(find, at + 1)) >= 0:
        raise ToolFailed(
            f"The text to find stands there more than once (lines {line} and {text.count(chr(10), 0, again) + 1}), "
            "so nothing was changed.",
            remedy="Give more of the lines around the place you mean.",
        )
    return text[:at] + replace + text[at + len(find) :], line


def _windows(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _nearest(text: str, find: str) -> str:
    """Where it may have been meant."""
    lines = [line.strip()[:LOOKED_AT] for line in text.split("\n")[:LINES]]
    wanted = next((line.strip()[:LOOKED_AT] for line in find.split("\n") if line.strip()), "")
    near = get_close_matches(wanted, lines, n=1, cutoff=0.7)
    where = f"Line {lines.index(near[0]) + 1} is like it. " if near else ""
    return f"{where}Read the file again and copy the text exactly, white space included."
