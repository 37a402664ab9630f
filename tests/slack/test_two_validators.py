"""What the product draws, judged by the emulator's own reading of Slack's limits; and the product's reading by the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.cards import Card
from bot.present.examples import NOW, examples
from bot.slack import limits, manifest, render
from tests.cards import cards as any_card
from tests.slack.emulator import blocks as kit
from tests.slack.emulator.manifest import EVERYTHING, Manifest
from tests.slack.emulator.world import EVENT_SCOPES
from tests.slack.test_emulator_blocks import REFUSED_IN_MESSAGES, REFUSED_IN_MODALS

EXAMPLES = [card for group in examples().values() for card in group]
NOT_A_LIMIT = {
    "multi-select in actions",
    "no such day",
    "image on this machine",
    "image in a private network",
    "image at localhost",
    "unknown file",
    "initial value over its own limit",
    "min over max",
    "two in focus",
}
"""What the product never draws, or what only Slack can know."""


@pytest.mark.parametrize("card", EXAMPLES, ids=lambda card: card.title[:40])
def test_every_card_of_the_gallery_is_one_that_slack_takes(card: Card) -> None:
    drawn = render.message(card, files={}, now=NOW)
    assert kit.message(drawn.blocks) == []
    assert not kit.too_long(drawn.blocks)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_card)
def test_any_card_at_all_is_one_that_slack_takes(card: Card) -> None:
    drawn = render.message(card, files={}, now=NOW)
    assert kit.message(drawn.blocks) == []
    assert not kit.too_long(drawn.blocks)


REFUSED = [
    *(
        (name, "message", {"text": "hi", "blocks": blocks})
        for name, (blocks, _) in REFUSED_IN_MESSAGES.items()
    ),
    *((name, "modal", view) for name, (view, _) in REFUSED_IN_MODALS.items()),
]


@pytest.mark.parametrize(
    ("name", "kind", "payload"), [each for each in REFUSED if each[0] not in NOT_A_LIMIT]
)
def test_what_slack_refuses_the_product_never_sends(name: str, kind: Any, payload: dict[str, Any]) -> None:
    assert limits.check(payload, kind), name


def test_the_manifest_asks_for_what_slack_has() -> None:
    granted = Manifest.read(manifest.text())
    assert granted.events is not None
    assert granted.events <= set(EVENT_SCOPES)
    assert granted.scopes <= EVERYTHING
    assert all(granted.subscribes(event, EVENT_SCOPES[event]) for event in granted.events), (
        "each has its scope"
    )
    assert granted.home
    assert granted.interactive
    assert granted.socket_mode
