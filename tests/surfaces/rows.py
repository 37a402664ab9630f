"""What the stories of every chat read and put into the rows behind it."""

from __future__ import annotations

from typing import Any

from agents.effects.effect import EffectState
from agents.writing.post import State, Variant
from bot.wiring import Troupe


def variant(troupe: Troupe, about: str) -> Variant:
    """The post whose brief begins so."""
    with troupe.storage.reading() as work:
        found = [
            one
            for one in work.posts.in_states(list(State))
            if work.posts.post(one.post_id).brief.startswith(about)
        ]
    assert found, f"nobody asked for {about!r}"
    return found[-1]


def put(
    troupe: Troupe, about: str, *states: State, effect: tuple[EffectState, ...] = (), **changes: Any
) -> Variant:
    """A post as it stands after what takes days or luck: moved along allowed moves, and its cards hear of it.

    effect: the same for what publishes it.
    """
    one = variant(troupe, about)
    with troupe.storage.unit_of_work() as work:
        one = work.posts.variant(one.id)
        for state in states:
            one = work.posts.swap(one, "tell a story", state=state, **changes)
        for moved in effect:
            owed = work.effects.of_approval(one.approval_id)
            assert owed is not None, "nobody approved it"
            work.effects.swap(owed, state=moved)
        work.touch(one.subject)
    return one
