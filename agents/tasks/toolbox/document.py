"""A report as values: its text taken apart, its claims held against its sources.

The text is a little Markdown: paragraphs, "- " and "1. " lists, "### " subheadings, **strong**, `code`, [words](address).
[1] cites source 1; [own] says that the figure is the task's own; [?] admits that there is no source. In a report that
stands on sources, a sentence with a figure and neither of these is marked for every reader to see.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from agents.tasks.artifact import Source

RunKind = Literal["text", "strong", "code", "link", "cite", "own", "missing"]
BlockKind = Literal["paragraph", "bullets", "numbers", "subheading"]


@dataclass(frozen=True, slots=True)
class Run:
    """text: what is read.  target: the address of a link, the number of a source."""

    kind: RunKind
    text: str
    target: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """items: one for a paragraph or a subheading, one for each entry of a list."""

    kind: BlockKind
    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """labels and values: as many of each; a pie's values are not negative."""

    kind: Literal["bar", "line", "pie"]
    labels: tuple[str, ...]
    values: tuple[float, ...]
    title: Runs


@dataclass(frozen=True, slots=True)
class Part:
    """picture: b"" for none.  table: its first row is its head."""

    heading: str
    blocks: tuple[Block, ...]
    picture: bytes = b""
    chart: Chart | None = None
    table: tuple[tuple[Runs, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """sources: those it cites, in order."""

    title: str
    author: str
    at: datetime
    parts: tuple[Part, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """preview: its first page as PNG.  lacking: scripts that no font of this machine can show, in words."""

    pdf: bytes
    preview: bytes
    pages: int
    lacking: tuple[str, ...] = ()


class Press(Protocol):
    def print(self, report: Report) -> Printed:
        """Raises ToolFailed in words."""


CITED = r"\[(?:\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,9}|own|\?)\]"
INLINE = re.compile(
    r"\*\*(?P<strong>[^*\n]{1,500})\*\*"
    r"|`(?P<code>[^`\n]{1,500})`"
    r"|\[(?P<words>[^\]\n]{1,300})\]\((?P<url>https?://[^\s()<>]{1,1500})\)"
    rf"|(?P<cited>{CITED})"
)
SENTENCE = re.compile(rf"(?<=[.!?…])(?:\s?{CITED}){{0,5}}+\s+(?=\S)")
"""Where one ends: behind the citations that follow its full stop."""
FIGURE = re.compile(
    r"\d[\d.,]*\s?(?:%|‰|percent\b|per cent\b|percentage\b|thousand\b|million\b|billion\b|times\b|×|fold\b)"
    r"|[$€£¥₹]\s?\d|\d[\d.,]*\s?(?:[$€£¥₹]|USD\b|EUR\b|GBP\b|dollars?\b|euros?\b)"
    r"|(?<![\d.])\d{1,3}(?:[,\u202f']\d{3})+(?!\d)",
    re.IGNORECASE,
)
"""Shares, sums and large numbers: what a reader would want to look up. Years, versions and counts on one hand are none."""
LIST = re.compile(r"\s{0,3}(?:(?P<bullet>[-*•])|(?P<number>\d{1,3})[.)])\s+(?P<text>.*)")
HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<text>.*)")


@dataclass(slots=True)
class Reader:
    """Takes text apart, and notes what it found.  known: numbers of the task's sources; () makes it no research report.

    cited: numbers it met.  missing: the claims without a source.
    """

    known: Collection[int]
    cited: set[int] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def blocks(self, text: str) -> tuple[Block, ...]:
        return tuple(self._block(kind, items) for kind, items in _grouped(text))

    def runs(self, text: str) -> Runs:
        """One stretch of text, each of its sentences held against the sources."""
        found: list[Run] = []
        for sentence in _sentences(text):
            words = sentence.rstrip()
            runs = list(self._inline(words))
            if self.known and FIGURE.search(words) and not any(r.kind in _BACKED for r in runs):
                runs.append(Run("missing", ""))
            if any(run.kind == "missing" for run in runs):
                self.missing.append(words)
            found += [*runs, Run("text", " ")] if words != sentence else runs
        return tuple(found)

    def bare(self, text: str) -> Runs:
        """The same for what stands on its section's sources, like a chart's title."""
        return tuple(self._inline(text))

    def _block(self, kind: BlockKind, items: Sequence[str]) -> Block:
        read = self.bare if kind == "subheading" else self.runs
        return Block(kind, tuple(read(item) for item in items))

    def _inline(self, text: str) -> Iterator[Run]:
        at = 0
        for found in INLINE.finditer(text):
            if found.start() > at:
                yield Run("text", text[at : found.start()])
            yield from self._marked(found)
            at = found.end()
        if at < len(text):
            yield Run("text", text[at:])

    def _marked(self, found: re.Match[str]) -> Iterator[Run]:
        if found["strong"]:
            yield Run("strong", found["strong"])
        elif found["code"]:
            yield Run("code", found["code"])
        elif found["words"]:
            yield Run("link", found["words"], found["url"])
        elif found["cited"] == "[own]":
            yield Run("own", "")
        elif found["cited"] == "[?]":
            yield Run("missing", "")
        else:
            for number in map(int, re.findall(r"\d+", found["cited"])):
                yield self._citation(number)

    def _citation(self, number: int) -> Run:
        if number not in self.known:
            return Run("missing", f"[{number}]")
        self.cited.add(number)
        return Run("cite", f"[{number}]", str(number))


_BACKED = ("cite", "own", "missing")


def _sentences(text: str) -> Iterator[str]:
    """With the citations that follow a full stop, and the space behind."""
    at = 0
    for found in SENTENCE.finditer(text):
        yield text[at : found.end()]
        at = found.end()
    if at < len(text):
        yield text[at:]


def _grouped(text: str) -> Iterator[tuple[BlockKind, list[str]]]:
    """Lines become blocks; a blank line, or a line of another kind, ends one."""
    kind: BlockKind = "paragraph"
    items: list[str] = []
    for line in [*text.splitlines(), ""]:
        now, words = _kind(line)
        starts_anew = now != kind or now == "subheading" or not words
        if items and starts_anew and not (kind in ("bullets", "numbers") and now == "paragraph" and words):
            yield kind, items
            items = []
        if not words:
            continue
        if items and now == "paragraph":  # a line that goes on
            items[-1] += f" {words}"
        else:
            items.append(words)
            kind = now


def _kind(line: str) -> tuple[BlockKind, str]:
    if heading := HEADING.fullmatch(line):
        return "subheading", heading["text"].strip()
    if entry := LIST.fullmatch(line):
        return "bullets" if entry["bullet"] else "numbers", entry["text"].strip()
    return "paragraph", line.strip()
