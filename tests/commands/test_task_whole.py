"""What is approved is never cut, however long: on every surface it stands there whole, or goes along in whole."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from agents.tasks.action import ActionState
from agents.tasks.task import State, Wait
from bot.cards import Card
from bot.discord.render import message as in_discord
from bot.present import action as action_card
from bot.present import task as task_card
from bot.present.examples_tasks import NOW, OUTLINE, step, view
from bot.slack.render import message as in_slack
from bot.web.render import card_html

LONG = "\n".join(f"+ line {number} of a long diff" for number in range(3000))
LINES = ("+ line 0 of", "+ line 1500 of", "+ line 2999 of")


def whole(card: Card) -> list[str]:
    """What a reader gets, message and attached files together, on each surface."""
    slack, discord = in_slack(card, now=NOW), in_discord(card, now=NOW)
    return [
        str(card_html(card, ZoneInfo("UTC"), NOW)),
        str(slack.blocks) + "".join(file.text for file in slack.overflow),
        str(discord.components) + "".join(file.text for file in discord.overflow),
    ]


def test_a_step_is_whole_everywhere() -> None:
    shown = step(ActionState.PROPOSED)
    card = action_card.card(replace(shown, action=replace(shown.action, shown=LONG)))
    for told in whole(card):
        assert all(line in told for line in LINES)


def test_a_plan_is_whole_everywhere() -> None:
    shown = view(State.WAITING, Wait.PLAN)
    assert shown.plan is not None
    steps = tuple(OUTLINE.steps[0].model_copy(update={"title": f"Step {n} {'x' * 280}"}) for n in range(20))
    approach = "\n".join(f"Thought {n}." for n in range(200))
    outline = OUTLINE.model_copy(update={"steps": steps, "approach": approach})
    plan = replace(shown.plan, outline=outline, ticks=(shown.plan.ticks[0],) * 20)
    for told in whole(task_card.card(replace(shown, plan=plan))):
        for words in ("Thought 0.", "Thought 199.", "Step 0 x", "Step 19 x", "Documentation may be older"):
            assert words in told
        assert "x" * 280 in told
