"""A card's buttons and menu as action rows; what does not fit into the rows goes into a select.

Ids are never cut (`ids`). Two buttons of a card may do the same; Discord takes no id twice, so the second one says that it is
the second and does the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.addresses import is_web
from bot.cards import Button, Card
from bot.discord import components as c
from bot.discord import figures, ids
from bot.discord.components import Json
from bot.invisible import named
from bot.split import clip, units

SHOWN = 10
"""Buttons that act, in two full rows; further ones stand in the select."""
ROWS = 4
"""Of buttons, those that open a page included; an address that has no room there is said in words."""
SELECTS = 5
_STYLES = {"plain": c.SECONDARY, "primary": c.PRIMARY, "danger": c.DANGER}


def rows(card: Card) -> list[Json]:
    """Rows of five buttons, then the selects. Raises ValueError for more options than a message takes (125)."""
    acting, opening, options = _placed(card)
    count: Counter[str] = Counter()
    buttons = [*(_button(each, count) for each in acting), *(_opening(each) for each in opening)]
    found = [buttons[i : i + figures.ROW] for i in range(0, len(buttons), figures.ROW)]
    pages = [options[i : i + figures.SELECT_OPTIONS] for i in range(0, len(options), figures.SELECT_OPTIONS)]
    if len(pages) > SELECTS:
        raise ValueError(f"a card of {len(options)} options, {SELECTS * figures.SELECT_OPTIONS} may be")
    label = card.menu.label if card.menu else "More"
    selects = [_select(page, label, number, count) for number, page in enumerate(pages, 1)]
    return [c.row(each) for each in [*found, *([select] for select in selects)]]


def words(card: Card) -> str:
    """What the buttons cannot say: labels longer than they may be, and addresses that have no button."""
    _, opening, _ = _placed(card)
    told = [f"In full: {b.label}" for b in card.all_buttons if units(_label(b)) > figures.BUTTON_LABEL]
    told += [f"{b.label}: {named(b.url)}" for b in card.all_buttons if b.url and b not in opening]
    return "\n".join(told)


def _placed(card: Card) -> tuple[list[Button], list[Button], list[Button]]:
    """Those that act, those that open a page, and the options of the select."""
    acting = [b for b in card.buttons if not b.url]
    opening = [b for b in card.all_buttons if b.url and is_web(b.url, figures.BUTTON_URL)]
    menu = [b for b in (card.menu.options if card.menu else ()) if not b.url]
    shown = acting[:SHOWN]
    return shown, opening[: ROWS * figures.ROW - len(shown)], acting[SHOWN:] + menu


def _button(shown: Button, count: Counter[str]) -> Json:
    return {
        "type": c.BUTTON,
        "style": _STYLES[shown.style],
        "label": clip(_label(shown), figures.BUTTON_LABEL),
        "custom_id": _id(shown, count),
    }


def _opening(shown: Button) -> Json:
    label = clip(_label(shown), figures.BUTTON_LABEL)
    return {"type": c.BUTTON, "style": c.LINK, "label": label, "url": shown.url}


def _select(options: Sequence[Button], label: str, number: int, count: Counter[str]) -> Json:
    return {
        "type": c.SELECT,
        "custom_id": ids.MENU if number == 1 else f"{ids.MENU}:{number}",
        "placeholder": clip(said(label, "More"), figures.PLACEHOLDER),
        "options": [
            {"label": clip(_label(option), figures.BUTTON_LABEL), "value": _id(option, count)}
            for option in options
        ],
    }


def _id(shown: Button, count: Counter[str]) -> str:
    count[shown.action] += 1
    return ids.of_button(shown.action, asks=shown.confirm is not None, nth=count[shown.action])


def _label(shown: Button) -> str:
    return said(" ".join(shown.label.split()), "…")


def said(words: str, otherwise: str) -> str:
    """Discord refuses texts that are empty."""
    return words if words.strip() else otherwise


def acting(label: str, custom_id: str, style: int = c.SECONDARY) -> Json:
    """A button of ours that stands on no card."""
    return {
        "type": c.BUTTON,
        "style": style,
        "label": clip(said(label, "…"), figures.BUTTON_LABEL),
        "custom_id": custom_id,
    }
