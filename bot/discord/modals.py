"""Forms as modals, page by page. `submitted.read` reads what comes back.

Discord opens no modal from a modal: between two pages stands a message with a button, and what was typed is kept meanwhile
(`Filling`, a row of its person and its action). It shows no errors in a modal either: a message tells them, with a button
that opens the form again at the page they are on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import Invalid
from bot.discord import components as c
from bot.discord import figures, ids, inputs
from bot.discord.buttons import acting, said
from bot.discord.components import Json
from bot.discord.markdown import bold, escape, small
from bot.discord.render import Message
from bot.discord.submitted import Submitted, read
from bot.forms import FormField, FormView
from bot.invisible import named
from bot.split import clip

__all__ = ["Filling", "Submitted", "errors", "go_on", "pages", "read", "view"]

_PAGES_DONE = ""
"""Beside the fields' names; no field has this one."""
_ERROR = 500
_WRONG = 2500
"""Characters of all that is wrong with a form."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What one person typed into one form so far.  values: by field, without secrets.  pages: those that were sent."""

    values: Mapping[str, Any] = field(default_factory=dict)
    pages: frozenset[int] = frozenset()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Filling:
        """kept: what `json` gave."""
        typed = {name: value for name, value in kept.items() if name != _PAGES_DONE}
        return cls(typed, frozenset(kept.get(_PAGES_DONE, ())))

    @property
    def json(self) -> dict[str, Any]:
        return {**self.values, _PAGES_DONE: sorted(self.pages)}

    def sent(self, page: int, typed: Mapping[str, Any], fields: Sequence[FormField]) -> Filling:
        """With that page, in place of what was typed there before.  fields: the page's; its secrets are not kept."""
        others = {name: value for name, value in self.values.items() if name not in {f.name for f in fields}}
        secret = {f.name for f in fields if f.widget == "secret"}
        kept = {name: value for name, value in typed.items() if name not in secret}
        return Filling({**others, **kept}, self.pages | {page})

    def next_page(self, form: FormView, zone: ZoneInfo) -> int:
        """The first one that was not sent yet, 0 when the form can be submitted."""
        count = len(pages(form, zone))
        return next((page for page in range(1, count + 1) if page not in self.pages), 0)


def pages(form: FormView, zone: ZoneInfo) -> tuple[tuple[FormField, ...], ...]:
    """The fields of each modal, at most five components in each. They depend on the form as it is opened, not on what is
    typed: between two pages they stay the same.

    Raises Invalid for a field that needs more than a modal, and for a secret that would have to be kept between two.
    """
    found: list[list[FormField]] = []
    room = 0
    for each in form.fields:
        taken = inputs.cost(each, zone)
        if taken > figures.MODAL_COMPONENTS:
            raise Invalid(
                f"“{each.label}” holds more than a form of Discord's can take.",
                remedy="Open it in the console.",
            )
        if taken > room:
            found.append([])
            room = figures.MODAL_COMPONENTS
        found[-1].append(each)
        room -= taken
    if any(each.widget == "secret" for page in found[:-1] for each in page):
        raise Invalid("This form asks for a secret between two pages.", remedy="Open it in the console.")
    return tuple(tuple(page) for page in found)


def view(form: FormView, zone: ZoneInfo, *, page: int = 1, kept: Mapping[str, Any] | None = None) -> Json:
    """The data of a modal.

    page: from 1. Its custom_id is the action, and from the second page on says which page it is (`ids.read`).
    kept: values that were typed before, of any page, in place of what stands in the form; never secrets.
    Raises Invalid where there is nothing to choose from, or more than a modal holds.
    """
    every = pages(form, zone)
    shown = [
        part for each in every[page - 1] for part in inputs.components(each, _standing(each, kept), zone)
    ]
    count = f" ({page} of {len(every)})" if len(every) > 1 else ""
    title = clip(said(form.title.removesuffix("…"), "Troupe"), figures.MODAL_TITLE - len(count))
    id = ids.of_page(form.action, page) if kept is not None or page > 1 else ids.of_button(form.action)
    return {"custom_id": id, "title": f"{title}{count}", "components": shown}


def _standing(each: FormField, kept: Mapping[str, Any] | None) -> Any:
    """A secret is typed anew; a picture cannot be put back, what stood there before stays what stood there."""
    if each.widget == "secret":
        return None
    return kept[each.name] if kept and each.name in kept else each.value


def go_on(form: FormView, page: int, count: int) -> Message:
    """Between two pages: what was typed is kept, and a button opens the next one.  page: the next one, of `count`."""
    words = f"{form.title}: {page - 1} of {count} pages are filled in, and kept."
    button = acting(f"Page {page} of {count}", ids.of_page(form.action, page), c.PRIMARY)
    return Message(words, [*c.texts(escape(words)), c.row([button])])


def errors(form: FormView, wrong: Mapping[str, str], zone: ZoneInfo) -> Message:
    """What is wrong, by field ("" for the form as a whole), and a button that opens it again with what was typed.

    Send it ephemeral.
    """
    labels = {each.name: each.label for each in form.fields}
    told = [
        f"✗ {bold(labels[name])}: {escape(words)}" for name, words in _in_order(form, wrong) if name in labels
    ]
    told = [*(f"✗ {escape(words)}" for name, words in _in_order(form, wrong) if name not in labels), *told]
    lost = [each.label for each in form.fields if each.widget == "secret"]
    kept = "What you typed is kept" + (f", but for “{', '.join(lost)}”." if lost else ".")
    head = f"**Nothing was changed yet.** {bold(form.title)}"
    page = next(
        (n for n, some in enumerate(pages(form, zone), 1) if any(each.name in wrong for each in some)), 1
    )
    button = acting("Open it again", ids.of_page(form.action, page), c.PRIMARY)
    body = _cut("\n".join(told))
    text = f"{form.title}: {' '.join(wrong.values())}"
    return Message(clip(text, _WRONG), [*c.texts(f"{head}\n{body}\n{small(kept)}"), c.row([button])])


def _in_order(form: FormView, wrong: Mapping[str, str]) -> list[tuple[str, str]]:
    order = {each.name: number for number, each in enumerate(form.fields)}
    return sorted(
        ((n, clip(named(w), _ERROR)) for n, w in wrong.items()), key=lambda found: order.get(found[0], -1)
    )


def _cut(markup: str) -> str:
    """Whole lines of it."""
    lines = markup.split("\n")
    while len("\n".join(lines)) > _WRONG:
        lines = [*lines[:-2], "…"]
    return "\n".join(lines)
