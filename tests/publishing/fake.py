"""A platform in memory that does what the script of a test says, and counts what arrived."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import ClassVar

from agents.publishing.platform import Account, Minted, Rules, Sent
from agents.writing.content import Content, Segment
from integrations.stage.rules import RULES

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Out:
    """What the public sees under one key."""

    segment: Segment
    reply_to: str


@dataclass(frozen=True, slots=True)
class Ends:
    """How one call ends: `before` the platform did it, and `after`."""

    before: Step
    after: Step


def nothing() -> None:
    pass


def _raising(error: BaseException) -> Step:
    def step() -> None:
        raise error

    return step


class FakePublisher:
    """Implements agents.publishing.platform.Publisher.  watch: called at both ends of every call that goes outside."""

    idempotent: ClassVar[bool] = True

    def __init__(self, watch: Callable[[str], None] = lambda where: None) -> None:
        self.rules: Rules = replace(RULES)
        self.out: dict[str, Out] = {}
        self.arrived: list[str] = []
        """The key of every post that arrived, as often as it did."""
        self.calls: list[str] = []
        """send, find, delete: as they were asked, whatever came of it."""
        self.watch = watch
        self._script: dict[str, deque[Ends]] = defaultdict(deque)
        self._keys = count(1)

    def fails(self, call: str, error: BaseException, *, delivered: bool = False, times: int = 1) -> None:
        """The next `times` calls raise; with `delivered` the platform did it all the same."""
        step = _raising(error)
        self._script[call] += [Ends(nothing, step) if delivered else Ends(step, nothing)] * times

    def meanwhile(self, call: str, act: Step, *, delivered: bool = False) -> None:
        """`act` happens during the next call, before or after the platform did it."""
        self._script[call].append(Ends(nothing, act) if delivered else Ends(act, nothing))

    def calm(self) -> None:
        """From here on every call ends well."""
        self._script.clear()

    @property
    def texts(self) -> list[str]:
        return [out.segment.text for out in self.out.values()]

    def mint(self, content: Content, now: datetime) -> tuple[Minted, ...]:
        return tuple(Minted(i, f"key-{next(self._keys)}", now) for i in range(len(content.segments)))

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        def arrive() -> None:
            self.arrived.append(plan.key)
            reply_to = before[-1].ref if before else ""
            self.out.setdefault(plan.key, Out(content.segments[plan.position], reply_to))

        self._do("send", arrive)
        return _sent(plan)

    def find(self, account: Account, plan: Minted) -> Sent | None:
        self._do("find", nothing)
        return _sent(plan) if plan.key in self.out else None

    def delete(self, account: Account, sent: Sent) -> None:
        self._do("delete", lambda: self.out.pop(sent.ref, None))

    def _do(self, call: str, act: Callable[[], object]) -> None:
        self.calls.append(call)
        ends = self._script[call].popleft() if self._script[call] else Ends(nothing, nothing)
        self.watch(f"before {call}")
        ends.before()
        act()
        ends.after()
        self.watch(f"after {call}")


def _sent(plan: Minted) -> Sent:
    return Sent(plan.position, plan.key, "", f"https://fake.test/{plan.key}")
