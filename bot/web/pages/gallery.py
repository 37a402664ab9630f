"""Every kind of card there is, as the console shows it."""

from __future__ import annotations

from bot.present.examples import NOW, examples
from bot.web.render import card_html
from bot.web.site import Page, View, page


@page("/gallery")
def gallery(view: View) -> Page:
    groups = [
        (name, [card_html(card, view.zone, NOW) for card in cards]) for name, cards in examples().items()
    ]
    return Page("Gallery", view.render("gallery.html", groups=groups))
