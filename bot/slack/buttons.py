"""A card's buttons and menu as one row; what does not fit into the row goes into the menu.

Ids are never cut: `cards.ACTION_LIMIT` is below every figure of Slack's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.addresses import is_web
from bot.cards import Button, Card, Confirm
from bot.invisible import named
from bot.slack import figures
from bot.slack.rich import Json, plain_text
from bot.split import clip, units

ROW = 8
"""Buttons that are shown; a ninth wraps into a third line, and nobody reads those."""
MENU = "menu"
"""action_id of a menu; its options carry the actions."""
ASK = "?"
"""Before the action of an option that has a question: an option cannot ask one of its own, a modal does."""


def row(card: Card) -> list[Json]:
    """The actions blocks: one, unless there are more options than one menu holds."""
    shown, further = _placed(card.buttons)
    options = [*further, *(o for o in (card.menu.options if card.menu else ()) if _can_open(o))]
    elements = [button(each, f"open:{index}") for index, each in enumerate(shown)]
    if options and len(options) <= figures.OVERFLOW_OPTIONS:
        elements.append({"type": "overflow", "action_id": MENU, "options": [_option(o) for o in options]})
        options = []
    links = [o for o in options if o.url]
    elements += [button(each, f"open:{len(shown) + index}") for index, each in enumerate(links)]
    selects = _selects([o for o in options if not o.url], card.menu.label if card.menu else "More")
    if selects:
        elements.append(selects.pop(0))
    size = figures.ACTIONS_ELEMENTS
    rows = [elements[i : i + size] for i in range(0, len(elements), size)]
    return [{"type": "actions", "elements": each} for each in [*rows, *([select] for select in selects)]]


def words(card: Card) -> str:
    """What the buttons cannot say: labels longer than they may be, and addresses that Slack does not open."""
    told = [f"In full: {b.label}" for b in card.all_buttons if units(_label(b)) > figures.BUTTON_TEXT]
    told += [f"{b.label}: {named(b.url)}" for b in card.all_buttons if not _can_open(b)]
    return "\n".join(told)


def button(shown: Button, open_id: str) -> Json:
    """open_id: its action_id where it opens a page."""
    made: Json = {
        "type": "button",
        "action_id": shown.action or open_id,
        "text": plain_text(clip(_label(shown), figures.BUTTON_TEXT)),
    }
    if shown.url:
        made["url"] = shown.url
    if shown.style != "plain":
        made["style"] = shown.style
    if shown.confirm:
        made["confirm"] = confirm(shown.confirm, shown.style == "danger")
    return made


def confirm(asked: Confirm, danger: bool) -> Json:
    return {
        "title": plain_text("Are you sure?"),
        "text": plain_text(clip(_said(asked.question, "Do it?"), figures.CONFIRM_TEXT)),
        "confirm": plain_text(clip(_said(asked.yes, "Yes"), figures.CONFIRM_BUTTON)),
        "deny": plain_text(clip(_said(asked.no, "No"), figures.CONFIRM_BUTTON)),
        **({"style": "danger"} if danger else {}),
    }


def _placed(buttons: Iterable[Button]) -> tuple[list[Button], list[Button]]:
    """Those in the row, and those for the menu: the ninth, and one whose action stands in the row already."""
    shown: list[Button] = []
    further: list[Button] = []
    for each in filter(_can_open, buttons):
        twice = bool(each.action) and each.action in {other.action for other in shown}
        (further if twice or len(shown) == ROW else shown).append(each)
    return shown, further


def _selects(options: Sequence[Button], label: str) -> list[Json]:
    size = figures.SELECT_OPTIONS
    return [
        {
            "type": "static_select",
            "action_id": MENU,
            "placeholder": plain_text(clip(_said(label, "More"), figures.PLACEHOLDER)),
            "options": [_option(option) for option in options[i : i + size]],
        }
        for i in range(0, len(options), size)
    ]


def _option(shown: Button) -> Json:
    words = plain_text(clip(_label(shown), figures.OPTION_TEXT))
    if shown.url:
        return {"text": words, "value": "open", "url": shown.url}
    return {"text": words, "value": f"{ASK if shown.confirm else ''}{shown.action}"}


def _can_open(shown: Button) -> bool:
    return not shown.url or is_web(shown.url, figures.BUTTON_URL)


def _label(shown: Button) -> str:
    return _said(" ".join(shown.label.split()), "…")


def _said(words: str, otherwise: str) -> str:
    """Slack refuses texts that are empty."""
    return words if words.strip() else otherwise
