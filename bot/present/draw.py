"""From a subject to its card: reads the present state and presents it. Every surface draws through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agents.errors import NotFound
from agents.events import Subject
from agents.oncall import remedy
from agents.people import Person
from bot.cards import Card, Tone
from bot.present import alert as alert_card
from bot.present import guest as guest_card
from bot.present import oncall as oncall_card
from bot.present import person as person_card
from bot.present import persona as persona_card
from bot.present import post as post_card
from bot.present import remedies, task_view
from bot.present import status as status_card
from bot.present.alert import AlertView
from bot.present.post_view import name_of, post_view
from storage.unit_of_work import UnitOfWork

Drawer = Callable[[str, UnitOfWork, Person], Card]


def draw(subject: Subject, work: UnitOfWork, reader: Person) -> Card:
    """The subject's card as it is now. A subject that is gone says so; it never breaks the page it stands on."""
    drawer = DRAWERS.get(subject.kind)
    if drawer is None:
        return Card(f"There is no card for a {subject.kind}.", tone=Tone.BAD, subject=subject)
    try:
        return replace(drawer(subject.id, work, reader), subject=subject)
    except NotFound as error:
        return Card(error.what, tone=Tone.NEUTRAL, badge="gone", subject=subject)


def post_cards(ids: Iterable[str], work: UnitOfWork) -> list[Card]:
    return [post_card.card(post_view(id, work)) for id in ids]


def _post(id: str, work: UnitOfWork, reader: Person) -> Card:
    return post_card.card(post_view(id, work))


def _alert(id: str, work: UnitOfWork, reader: Person) -> Card:
    alert = work.alerts.get(id)
    things = remedy.suffering(alert, work)
    count = work.alerts.suffering(id)
    view = AlertView(
        alert=alert,
        now=work.now,
        remedies=remedies.of(alert, things or [alert.subject], count, work),
        things=[remedies.told(one, work) for one in things[: alert_card.SHOWN]] if count > 1 else (),
        suffering=count,
        whose=name_of(alert.assigned_to, work) if alert.assigned_to else "",
    )
    return alert_card.card(view)


DRAWERS: dict[str, Drawer] = {
    "post": _post,
    "alert": _alert,
    "guest": guest_card.draw,
    "persona": persona_card.draw,
    "person": person_card.draw,
    "rota": oncall_card.draw,
    "system": status_card.draw,
    "task": task_view.draw_task,
    "action": task_view.draw_action,
    "question": task_view.draw_question,
}
"""By the subject's kind; a new kind of card is a line here."""

SHARED = frozenset({"post", "alert", "guest", "rota", "task", "action", "question"})
"""Kinds whose card is the same for every reader, so that it is drawn once for all. Any other may show one what it does
not show another."""
