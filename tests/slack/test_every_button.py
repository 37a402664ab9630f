"""Every button and every form of the registry, pressed and submitted in Slack, where a card, a list or the Home tab shows it."""

from __future__ import annotations

import json

import pytest

from bot.registry import REGISTRY
from tests.servers.pds import Pds
from tests.slack.emulator import seeing
from tests.slack.hands import SlackHands
from tests.slack.stories import home, shows
from tests.slack.team import Team
from tests.surfaces import stories
from tests.surfaces.hands import Hands


def the_home_tab_has_buttons_of_its_own(at: Hands, pds: Pds) -> None:
    crew = at.crew
    crew.mia.opens_home()
    crew.mia.clicks("New post…", on=home(crew, crew.mia, "Nothing is scheduled"))
    modal = crew.mia.modal_titled("New post")
    wrong = modal.fill({"What is it about?": "our news", "Link (optional)": "no link at all"}).submit()
    assert [*wrong.errors] == ["Link (optional)"]
    assert modal.value("What is it about?") == "our news"
    assert modal.fill({"Link (optional)": None}).submit().ok
    card = shows(crew.slack.direct(crew.mia), "our news", "waiting for approval")
    crew.mia.clicks("Open", on=home(crew, crew.mia, "our news"))
    opened = crew.mia.modal
    assert "our news" in opened.words
    opened.close()
    crew.mia.clicks("Connect an account…", on=crew.mia.home)
    modal = crew.mia.modal_titled("Connect an account")
    assert modal.fill({"Whose account is it?": "Ada (@ada)"}).submit().action == "update"
    assert "Accounts of Ada" in crew.mia.modal.words
    assert "Approve" in seeing.buttons(card.blocks)


OF_HOME = frozenset({"post.new", "post.show", "persona.connect"})
STORIES = {**stories.load(), the_home_tab_has_buttons_of_its_own: OF_HOME}


def test_no_button_is_left_out() -> None:
    assert frozenset().union(*STORIES.values()) == set(REGISTRY.buttons)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_buttons_of_a_story(crew: Team, pds: Pds, story: stories.Story) -> None:
    story(SlackHands(crew), pds)
    assert STORIES[story] <= verbs_pressed(crew)
    assert crew.slack.refusals() == []


def verbs_pressed(crew: Team) -> set[str]:
    """Of buttons without a form the press counts, or the confirmed question; of those with one its submission."""
    found = set()
    for delivery in crew.slack.deliveries():
        body = delivery.payload
        if body.get("type") == "block_actions":
            [action] = body["actions"]
            chosen = str((action.get("selected_option") or {}).get("value") or action["action_id"])
            verb = chosen.partition(":")[0]
            if verb in REGISTRY.buttons and REGISTRY.buttons[verb].form is None:
                found.add(verb)
        elif body.get("type") == "view_submission":
            found.add(json.loads(body["view"]["private_metadata"])[0].partition(":")[0])
    return found
