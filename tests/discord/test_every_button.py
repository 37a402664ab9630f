"""Every button and every form of the registry, pressed and submitted in Discord, where a card or a list shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.discord import ids
from bot.registry import REGISTRY
from tests.discord.emulator.interaction import COMPONENT, MODAL_SUBMIT, Interaction
from tests.discord.hands import DiscordHands
from tests.discord.stories import WAITING, shows
from tests.discord.team import Team
from tests.servers.pds import Pds
from tests.surfaces import stories
from tests.surfaces.hands import Hands

HOME = {"post.show", "persona.connect"}
"""They stand on the Home tab alone; Discord has none, and tells the same by /post show and /persona connect."""


def a_post_is_made_from_a_message(at: Hands, pds: Pds) -> None:
    said = at.crew.zoe.says("We have 1,000 users", in_=at.general)
    assert at.crew.bob.uses("Make a post from this", on=said).ok
    modal = at.crew.bob.modal_titled("New post")
    assert modal.submit().action == "closed"
    shows(at.general, "We have 1,000 users", WAITING)


STORIES = {**stories.load(), a_post_is_made_from_a_message: frozenset({"post.new"})}


def test_no_button_is_left_out() -> None:
    assert frozenset().union(*STORIES.values()) == set(REGISTRY.buttons) - HOME


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_buttons_of_a_story(crew: Team, pds: Pds, story: stories.Story) -> None:
    story(DiscordHands(crew), pds)
    assert STORIES[story] <= verbs_pressed(crew)
    assert crew.discord.refusals == []


def verbs_pressed(crew: Team) -> set[str]:
    """Of buttons without a form the press counts, or the confirmed question; of those with one its submission."""
    return {verb for asked in crew.discord.interactions for verb in _verb(asked)}


def _verb(asked: Interaction) -> Iterator[str]:
    if asked.type not in (COMPONENT, MODAL_SUBMIT) or not asked.answered:
        return
    data = asked.payload["data"]
    id = ids.read(str((data.get("values") or [data["custom_id"]])[0]))
    button = REGISTRY.buttons.get(id.action.partition(":")[0])
    with_form = asked.type == MODAL_SUBMIT
    if button is not None and not id.asks_first and with_form == (button.form is not None):
        yield id.action.partition(":")[0]
