"""Both in one: the adapter called "web"."""

from __future__ import annotations

from collections.abc import Sequence

from agents.tasks.toolbox.web import Hit, Page
from integrations.http.door import Door
from integrations.web.read import read
from integrations.web.search import Searcher


class Web:
    """One for each process: what was searched for is remembered, and how often."""

    def __init__(self, door: Door, searcher: Searcher | None = None) -> None:
        self._door, self._searcher = door, searcher or Searcher()

    def search(self, query: str, number: int) -> Sequence[Hit]:
        return self._searcher.search(query, number)

    def read(self, url: str) -> Page:
        return read(url, self._door)
