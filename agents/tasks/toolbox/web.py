"""Looking things up: what search engines find, and what a page says. Both are data that strangers wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Protocol, cast

from pydantic import Field

from agents.tasks.artifact import Source
from agents.tasks.family import Family
from agents.tasks.toolbox.addresses import asks_for_page, links, plain
from agents.tasks.toolbox.base import Arguments, adapter, tool
from agents.tasks.toolbox.fenced import data
from agents.tasks.tools import Bench, Risk, Wish

HITS = 8
LINKS = 2_000
"""Of one page that are remembered."""
PAGE_LIMIT = 20_000
"""Characters of a page that the persona reads at once; the whole of a longer one is kept in research/."""


@dataclass(frozen=True, slots=True)
class Hit:
    """words: the engine's excerpt."""

    title: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """url: where the redirects led.  text: Markdown with its links, or the plain text.  kind: media type.

    data: the file itself where no text can be taken out of it (PDF), b"" otherwise.
    """

    url: str
    title: str
    text: str
    kind: str
    data: bytes = b""


class Web(Protocol):
    """Both raise ToolFailed in words."""

    def search(self, query: str, number: int) -> Sequence[Hit]: ...
    def read(self, url: str) -> Page: ...


class Searched(Arguments):
    query: Annotated[
        str, Field(min_length=2, max_length=300, description="What you would type into a search engine")
    ]


class Read(Arguments):
    url: Annotated[str, Field(min_length=8, max_length=2_000, description="A public http or https address")]


@tool(Family.WEB, Risk.READ, needs="web")
def search_web(given: Searched, bench: Bench) -> str:
    """Search the web. Read a page before you rely on it or cite it: what is found here is only an excerpt."""
    web = cast(Web, adapter("web", bench))
    bench.record.searched(given.query)
    hits = web.search(given.query, HITS)
    bench.record.see([plain(hit.url) for hit in hits])
    if not hits:
        return "Nothing was found. Try fewer or other words."
    found = "\n\n".join(f"{hit.title}\n{hit.url}\n{hit.words}" for hit in hits)
    return data(f"Found for “{given.query}”", found, PAGE_LIMIT)


def _asks(given: Read, bench: Bench) -> Wish | None:
    adapter("web", bench)
    return asks_for_page(given.url, bench)


@tool(Family.WEB, Risk.READ, needs="web", asks=_asks)
def read_page(given: Read, bench: Bench) -> str:
    """Read a page of the web as text with its links. It is cited: use its number, like [1], for what you take from it. An
    address that you were not given and did not find on a page or by a search waits for a person."""
    page = cast(Web, adapter("web", bench)).read(given.url)
    bench.record.see([plain(given.url), plain(page.url), *islice(links(page.text), LINKS)])
    source = bench.record.cite(page.url, page.title)
    cited = f"Cite it as [{source.number}]."
    if page.data:
        path = _kept(source, ".pdf", page.data, bench)
        return (
            f"It is a PDF of {len(page.data):,} bytes, kept as {path}. No text was taken out of it. {cited}"
        )
    if not page.text.strip():
        return f"The page holds no text that can be read without running its scripts. {cited}"
    label = f"[{source.number}] {page.title} ({page.url})"
    if len(page.text) > PAGE_LIMIT:
        path = _kept(source, ".md", page.text.encode(), bench)
        cited = f"All of its {len(page.text):,} characters are kept as {path}. {cited}"
    return f"{data(label, page.text, PAGE_LIMIT)}\n{cited}"


def _kept(source: Source, ending: str, content: bytes, bench: Bench) -> str:
    path = f"research/source-{source.number}{ending}"
    bench.workspace.write(path, content)
    return path


TOOLS = (search_web, read_page)
