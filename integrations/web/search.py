"""What search engines find, asked through ddgs: bounded in time and number, and no more often than they put up with."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from threading import Lock, Thread
from time import monotonic

from agents.tasks.toolbox.web import Hit
from agents.tasks.tools import ToolFailed

TOTAL_S, ENGINE_S = 25.0, 8
"""For a whole search, and for one engine's answer."""
A_MINUTE = 15
"""Searches of one process; beyond some 20 a minute engines turn an address away for an hour."""
REMEMBERED, REMEMBERED_S = 200, 900.0
TITLE, WORDS = 200, 500
"""Characters of a result that are kept."""

Engine = Callable[[str, int], Sequence[Mapping[str, str]]]
"""(query, number) → results with "title", "href", "body"."""


def ddgs(query: str, number: int, *, proxy: str | None = None) -> Sequence[Mapping[str, str]]:
    from ddgs import DDGS

    return DDGS(proxy=proxy, timeout=ENGINE_S).text(query, max_results=number)


class Searcher:
    """engine: raises what it likes.  clock: monotonic seconds.  total_s: how long an engine may take."""

    def __init__(
        self, engine: Engine = ddgs, clock: Callable[[], float] = monotonic, total_s: float = TOTAL_S
    ) -> None:
        self._engine, self._clock, self._total_s = engine, clock, total_s
        self._known: OrderedDict[tuple[str, int], tuple[float, tuple[Hit, ...]]] = OrderedDict()
        self._asked: deque[float] = deque(maxlen=A_MINUTE)
        self._lock = Lock()

    def search(self, query: str, number: int) -> Sequence[Hit]:
        """At most `number` hits, the best first; () if there are none.  Raises ToolFailed in words."""
        key = (" ".join(query.lower().split()), number)
        with self._lock:
            now = self._clock()
            kept = self._known.get(key)
            if kept and now - kept[0] < REMEMBERED_S:
                return kept[1]
            self._take_turn(now)
        hits = tuple(filter(None, map(_hit, self._ask(query, number))))[:number]
        with self._lock:
            self._known[key] = (now, hits)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return hits

    def _take_turn(self, now: float) -> None:
        if len(self._asked) == A_MINUTE and (wait := self._asked[0] + 60 - now) > 0:
            raise ToolFailed(
                f"Search engines were asked {A_MINUTE} times in the last minute, and nobody asks them more often.",
                remedy=f"Go on with what was found, or search again in {wait:.0f} s.",
            )
        self._asked.append(now)

    def _ask(self, query: str, number: int) -> Sequence[Mapping[str, str]]:
        """In a thread that nobody waits for too long: ddgs asks one engine after another, each with a limit of its own."""
        answer: Future[Sequence[Mapping[str, str]]] = Future()

        def run() -> None:
            try:
                answer.set_result(self._engine(query, number))
            except BaseException as error:  # handed to whoever waits
                answer.set_exception(error)

        Thread(target=run, name="search", daemon=True).start()
        try:
            return answer.result(self._total_s)
        except Exception as error:
            if "No results found" in str(error):
                return ()
            raise ToolFailed(
                _why(error), remedy="Read pages you know the address of, or ask_person."
            ) from error


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return "No search engine answered in time."
    if "Ratelimit" in type(error).__name__ or "429" in str(error):
        return "The search engines turn us away for now: too many searches came from here."
    return "No search engine can be reached from here."


def _hit(found: Mapping[str, str]) -> Hit | None:
    """None for what leads nowhere on the web."""
    url = found.get("href") or ""
    if not url.startswith(("http://", "https://")):
        return None
    return Hit(_line(found.get("title") or url, TITLE), url, _line(found.get("body") or "", WORDS))


def _line(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
