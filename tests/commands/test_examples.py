"""Every example of a card, in words: none breaks, none is alike, and every button of one can be pressed."""

from __future__ import annotations

from bot import commands
from bot.cards import ACTION_LIMIT, Card, parse_action, plain
from bot.present.examples import examples
from bot.registry import REGISTRY

commands.load()
CARDS: list[Card] = [card for group in examples().values() for card in group]


def test_every_card_makes_sense_in_words_alone() -> None:
    for card in CARDS:
        assert card.title.strip()
        assert plain(card).startswith(card.title)


def test_every_button_leads_somewhere() -> None:
    for group, cards in examples().items():
        if group in ("Blocks", "Buttons", "Texts"):
            continue
        for button in [button for card in cards for button in card.all_buttons if button.action]:
            verb, _, _ = parse_action(button.action)
            found = REGISTRY.find_button(verb)
            assert len(button.action) <= ACTION_LIMIT
            assert button.label.endswith("…") == (found.form is not None), button


def test_what_cannot_be_undone_asks_first() -> None:
    danger = {
        button.action.split(":")[0]: button
        for card in CARDS
        for button in card.all_buttons
        if button.style == "danger"
    }
    assert {"person.remove", "account.disconnect", "persona.archive", "system.halt"} <= danger.keys()
    assert all(
        danger[verb].confirm
        for verb in ("person.remove", "account.disconnect", "persona.archive", "system.halt")
    )
