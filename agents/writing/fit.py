"""Whether a text fits into one segment of a platform, by how much it does not, and how it is made to."""

from __future__ import annotations

from collections.abc import Callable

import regex

from agents.publishing.platform import Rules


def excess(text: str, rules: Rules) -> str:
    """ "14 graphemes too long (314 of 300)", "" when it fits. Counts as the platform does."""
    length = rules.length(text)
    if length > rules.limit:
        return f"{counted(length - rules.limit, rules.unit)} too long ({length:,} of {rules.limit:,})"
    size = len(text.encode("utf-8", "surrogatepass"))  # broken text is told by a check of its own
    if rules.max_bytes is not None and size > rules.max_bytes:
        return (
            f"{counted(size - rules.max_bytes, 'bytes')} too long in UTF-8 ({size:,} of {rules.max_bytes:,})"
        )
    return ""


def counted(n: int, unit: str) -> str:
    """ "14 graphemes", "1 grapheme".  unit: in the plural."""
    return f"{n:,} {unit.removesuffix('s') if n == 1 else unit}"


def fits(text: str, rules: Rules) -> bool:
    return not excess(text, rules)


def shorten(text: str, rules: Rules, tail: str = "") -> str:
    """The text with `tail` behind it, within the limit: cut at a word where possible, with … where it was cut.

    Returns "" when not even the tail fits.
    """
    if fits(text + tail, rules):
        return text + tail
    clusters: list[str] = regex.findall(r"\X", text)
    kept = _most(len(clusters), lambda n: fits(_cut(clusters, n) + tail, rules))
    if not kept:
        return tail.strip() if fits(tail.strip(), rules) else ""
    return _cut(clusters, kept) + tail


def _cut(clusters: list[str], n: int) -> str:
    """The first n graphemes, back to the last whole word unless that would lose more than half, and an ellipsis."""
    head = "".join(clusters[:n])
    if n < len(clusters) and not clusters[n].isspace():
        whole = head.rstrip().rpartition(" ")[0] if not head[-1:].isspace() else head
        head = whole if len(whole) * 2 >= len(head) else head
    return head.rstrip(" \n\t,;:–—-") + "…"


def _most(high: int, works: Callable[[int], bool]) -> int:
    """The largest n in 1…high that works, 0 if none does; whatever works for n works for all below."""
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if works(middle) else (low, middle - 1)
    return low
