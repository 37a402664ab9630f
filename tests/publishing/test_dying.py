"""A worker is killed at every line between the claim and the last commit, one after the other: still exactly once."""

from __future__ import annotations

from collections import Counter

import pytest

from agents.effects.effect import EffectKind, EffectState
from agents.publishing import mend
from agents.writing.post import State, Variant
from tests.publishing.desk import Desk, Dies, Killed
from tests.publishing.fake import FakePublisher

THREAD = ("One", "Two")


def lines(desk: Desk) -> int:
    """How many lines a run passes that nothing disturbs."""
    whole = Dies()
    desk.publish(desk.approved(*THREAD), dies=whole)
    return whole.passed


def test_killed_anywhere_it_goes_out_exactly_once(desk: Desk, fake: FakePublisher) -> None:
    count = lines(desk)
    assert count >= 18, "claim 3; for each segment hold 1, send 2, proof 3; the end 3"
    for at in range(count):
        fake.out.clear()
        fake.arrived.clear()
        post = desk.approved(*THREAD)
        with pytest.raises(Killed):
            desk.publish(post, dies=Dies(at))
        assert desk.publish(post) is None

        assert fake.texts == list(THREAD), f"killed at line {at}"
        assert set(Counter(fake.arrived).values()) == {1}, f"killed at line {at}: it was sent twice"
        effect = desk.effect(post)
        assert [sent.ref for sent in effect.sent] == list(fake.out)
        assert [out.reply_to for out in fake.out.values()] == ["", effect.sent[0].ref]
        assert effect.state is EffectState.DONE
        assert desk.post(post).state is State.PUBLISHED
        assert desk.post(post).url == effect.sent[0].url
        assert desk.events(post).count("post.published") == 1


def test_killed_again_and_again(desk: Desk, fake: FakePublisher) -> None:
    """Each worker gets one line further than the one before, and the last one to the end."""
    post = desk.approved(*THREAD)
    for at in range(40):
        try:
            desk.publish(post, dies=Dies(at))
        except Killed:
            continue
        break
    assert desk.post(post).state is State.PUBLISHED
    assert fake.texts == list(THREAD)
    assert set(Counter(fake.arrived).values()) == {1}
    assert desk.effect(post).attempts > 2


def test_killed_before_the_intent_is_committed_nothing_was_minted_or_sent(
    desk: Desk, fake: FakePublisher
) -> None:
    for at in (0, 1):
        post = desk.approved()
        with pytest.raises(Killed):
            desk.publish(post, dies=Dies(at))
        assert desk.effect(post).minted == ()
        assert desk.effect(post).state is EffectState.DUE
        assert desk.post(post).state is State.APPROVED
    assert fake.calls == []


def test_what_was_minted_stays_through_every_death(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved()
    with pytest.raises(Killed):
        desk.publish(post, dies=Dies(2))
    minted = desk.effect(post).minted
    desk.publish(post)
    assert minted == desk.effect(post).minted
    assert fake.arrived == [minted[0].key]


def test_a_take_down_killed_anywhere_is_finished_by_the_next(desk: Desk, fake: FakePublisher) -> None:
    def up() -> Variant:
        fake.out.clear()
        post = desk.approved(*THREAD)
        desk.publish(post)
        return desk.does(lambda work: mend.take_down(post.id, desk.alice, work))

    whole = Dies()
    desk.take_down(up(), dies=whole)
    assert fake.texts == []
    for at in range(whole.passed):
        post = up()
        with pytest.raises(Killed):
            desk.take_down(post, dies=Dies(at))
        desk.take_down(post)
        assert fake.texts == [], f"killed at line {at}"
        assert desk.post(post).state is State.TAKEN_DOWN
        assert desk.effect(post, EffectKind.TAKE_DOWN).state is EffectState.DONE
        assert desk.effect(post).sent == (), "every removal is noted"
        assert desk.events(post).count("post.taken_down") == 1
