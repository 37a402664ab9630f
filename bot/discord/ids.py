"""custom_ids: a button's action, with marks before it that say how it is to be taken. Never cut: a cut id routes nowhere.

"post.approve:1:ab"     acts
"?post.take_down:1:"    asks first: Discord's buttons and options have no question of their own
"~02post.approve:1:ab"  the second one in its message that does this: Discord takes no id twice
"#02persona.new:a:"     page 2 of the action's form, opened with what was typed so far (as a button), or that page (as a modal)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.errors import Invalid
from bot.discord.figures import CUSTOM_ID

ASK = "?"
DISMISS = "dismiss"
"""What says no to a question: the question goes away."""
MENU = "menu"
"""Of a select, whose options carry the ids; a further one is "menu:2"."""
MARKS = 4
"""Characters that marks take at most: `cards.ACTION_LIMIT` leaves room for them."""
MOST = 99
"""Pages, and buttons of one message that do the same."""
_ID = re.compile(r"(\?)?(?:(?:~\d\d)|(?:#(\d\d)))?([^?~#].*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Id:
    """page: of the form, opened with what was typed so far; 0 where none is asked for."""

    action: str
    asks_first: bool = False
    page: int = 0


def of_button(action: str, *, asks: bool = False, nth: int = 1) -> str:
    """nth: how many in its message did this already, with this one."""
    return _whole(f"{ASK if asks else ''}{f'~{nth:02}' if nth > 1 else ''}{action}", nth)


def of_page(action: str, page: int) -> str:
    return _whole(f"#{page:02}{action}", page)


def read(custom_id: str) -> Id:
    """Raises Invalid for what is none of ours."""
    found = _ID.fullmatch(custom_id)
    if found is None or len(custom_id) > CUSTOM_ID:
        raise Invalid("That is not a button of Troupe.", remedy="Look at the card anew.", field="action")
    return Id(found[3], bool(found[1]), int(found[2] or 0))


def _whole(id: str, number: int) -> str:
    if len(id) > CUSTOM_ID or not 1 <= number <= MOST:
        raise ValueError(
            f"custom_id {id!r} is longer than {CUSTOM_ID} characters, or {number} not from 1 to {MOST}"
        )
    return id
