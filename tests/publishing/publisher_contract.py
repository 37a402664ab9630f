"""What every Publisher keeps to. A test class inherits from `PublisherContract` and gives the fixture `opened`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agents.publishing.platform import Account, Minted, Publisher, Sent
from agents.writing.content import Content, Segment


@dataclass(frozen=True, slots=True)
class Opened:
    """A platform and an account on it.  texts: of everything the account has out; parent: the ref a post replies to."""

    publisher: Publisher
    account: Account
    texts: Callable[[], list[str]]
    parent: Callable[[Sent], str]

    def out(self, content: Content) -> list[Sent]:
        """Sends all of it."""
        sent: list[Sent] = []
        for plan in self.minted(content):
            sent.append(self.publisher.send(self.account, content, plan, tuple(sent)))
        return sent

    def minted(self, content: Content) -> tuple[Minted, ...]:
        return self.publisher.mint(content, datetime.now(UTC))

    def up(self, content: Content) -> list[str]:
        """Those of its texts that are out, each as often as it is."""
        mine = [segment.text for segment in content.segments]
        return sorted(text for text in self.texts() if text in mine)


def saying(*words: str) -> Content:
    """Texts that nobody else uses, for servers are shared; in the order of the alphabet when `words` are."""
    return Content(tuple(Segment(f"{word} {uuid4().hex[:8]}") for word in words))


class PublisherContract:
    @pytest.fixture
    def opened(self) -> Opened:
        raise pytest.UsageError(f"{type(self).__name__} has to give the fixture `opened`")

    def test_minting_touches_nothing_and_is_unique(self, opened: Opened) -> None:
        content, now = saying("A", "B", "C"), datetime.now(UTC)
        rounds = [opened.publisher.mint(content, now) for _ in range(50)]
        assert all([plan.position for plan in plans] == [0, 1, 2] for plans in rounds)
        assert len({plan.key for plans in rounds for plan in plans}) == 150
        assert opened.up(content) == []
        assert all(opened.publisher.find(opened.account, plan) is None for plan in rounds[0])

    def test_what_is_sent_twice_is_one_post(self, opened: Opened) -> None:
        content = saying("Once")
        (plan,) = opened.minted(content)
        first = opened.publisher.send(opened.account, content, plan, ())
        assert opened.publisher.send(opened.account, content, plan, ()) == first
        assert opened.up(content) == [content.text]

    def test_two_mints_are_two_posts(self, opened: Opened) -> None:
        content = saying("Twice")
        assert opened.out(content) != opened.out(content)
        assert opened.up(content) == [content.text] * 2

    def test_it_is_found_once_it_is_out(self, opened: Opened) -> None:
        content = saying("Look")
        (plan,) = opened.minted(content)
        assert opened.publisher.find(opened.account, plan) is None
        sent = opened.publisher.send(opened.account, content, plan, ())
        assert opened.publisher.find(opened.account, plan) == sent
        assert sent.position == 0
        assert sent.ref
        assert sent.url.startswith("http")

    def test_each_segment_replies_to_the_one_before(self, opened: Opened) -> None:
        content = saying("A", "B", "C")
        sent = opened.out(content)
        assert [opened.parent(one) for one in sent] == ["", sent[0].ref, sent[1].ref]
        assert [one.position for one in sent] == [0, 1, 2]
        assert opened.up(content) == [segment.text for segment in content.segments]

    def test_taking_down_is_proven_and_may_be_repeated(self, opened: Opened) -> None:
        content = saying("Down")
        plans = opened.minted(content)
        sent = opened.publisher.send(opened.account, content, plans[0], ())
        opened.publisher.delete(opened.account, sent)
        assert opened.publisher.find(opened.account, plans[0]) is None
        assert opened.up(content) == []
        opened.publisher.delete(opened.account, sent)
        assert opened.up(content) == []
