"""Forms as modals. `submitted.values` reads what comes back; a card or a question can stand in a modal as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import Invalid
from bot.cards import Button, Card, Confirm, Text, pictures
from bot.forms import FormField, FormView
from bot.slack import figures, render
from bot.slack.inputs import blocks, note, plain
from bot.slack.limits import view_size
from bot.slack.rich import Json
from bot.slack.submitted import files, values

__all__ = ["confirm", "errors", "files", "told", "values", "view", "waiting"]

FORM, CONFIRM, NOTICE = "form", "confirm", "notice"
"""Callback ids: a form to be submitted, a question to be answered with yes, and what is only read."""
_ERROR = 2000
_CARD = figures.VIEW_SIZE - 10_000
"""Of a view for a card's blocks; the rest is for metadata and what stands around them."""
_UNSEEN = (
    "Its pictures cannot be shown here, so nothing can be decided here. The card in its channel shows them."
)
_CUT = "This is longer than a window of Slack's, so nothing can be pressed here. The card in its channel has all of it."


def view(
    form: FormView,
    metadata: str,
    zone: ZoneInfo,
    *,
    kept: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Json:
    """The form.

    metadata: comes back with it, at most 3,000 characters.  kept: `values` of a submission that was refused, which stand
    in it again, but for secrets.  errors: what is wrong, by field; "" for the form as a whole. For a form that is still
    open Slack shows them itself (`errors()`); these stand in one that is shown anew.
    Raises Invalid if there is nothing to choose from, or more than a modal holds.
    """
    wrong = dict(errors or {})
    known = {field.name for field in form.fields}
    found = [note(f"✗ {words}") for name, words in wrong.items() if name not in known]
    for field in _kept(form.fields, kept):
        found += [note(f"✗ {wrong[field.name]}")] if field.name in wrong else []
        found += blocks(field, zone)
    made = _modal(form.title, found, FORM, metadata, submit=form.submit, close="Cancel")
    if len(found) > figures.VIEW_BLOCKS or view_size(made) > figures.VIEW_SIZE:
        raise Invalid(
            "This form holds more than a modal of Slack's can take.", remedy="Open it in the console."
        )
    return made


def errors(fields: Sequence[FormField], wrong: Mapping[str, str]) -> dict[str, str]:
    """For `response_action: errors`: by block id. What belongs to no field of the form stands at its first."""
    names = [field.name for field in fields]
    found: dict[str, list[str]] = {}
    for name, words in wrong.items():
        found.setdefault(name if name in names else names[0], []).append(words)
    return {name: " ".join(words)[:_ERROR] for name, words in found.items()}


def waiting(title: str) -> Json:
    """Stands while something takes longer than Slack waits."""
    return _modal(title, [_said("One moment, please…")], NOTICE)


def told(card: Card, now: datetime, *, files: Mapping[str, str] | None = None, metadata: str = "") -> Json:
    """The whole card, with its buttons. What is too long even for a modal cannot be decided on in it.

    files: picture id -> Slack file id, as `render.message` takes it. Nothing is decided on beside a picture that is not
    in it, because nobody sees that picture.
    """
    if not set(pictures(card)) <= set(files or {}):
        card = _undecided(card)
    said, pressed = render.whole(card, files=files or {})
    if len(said) + len(pressed) > figures.VIEW_BLOCKS or view_size(said + pressed) > _CARD:
        said, pressed = [*_begun(said), note(_CUT)], []
    return _modal(card.title, said + pressed or [_said(card.title)], NOTICE, metadata)


def _undecided(card: Card) -> Card:
    """Without what is bound to the content."""
    menu = card.menu and replace(card.menu, options=_unbound(card.menu.options))
    blocks = (*card.blocks, Text(_UNSEEN, "muted"))
    return replace(card, blocks=blocks, buttons=_unbound(card.buttons), menu=menu)


def _unbound(buttons: Iterable[Button]) -> tuple[Button, ...]:
    return tuple(button for button in buttons if not button.action.rpartition(":")[2])


def _begun(blocks: list[Json]) -> Iterable[Json]:
    """The first ones that fit, with room for a remark."""
    sizes = accumulate(view_size(block) + 1 for block in blocks[: figures.VIEW_BLOCKS - 1])
    return (block for block, size in zip(blocks, sizes, strict=False) if size <= _CARD)


def confirm(button: Button, metadata: str) -> Json:
    """Asks before what cannot be undone, where Slack has no question of its own (in a menu)."""
    question = button.confirm or Confirm(f"{button.label}?")
    blocks = [_said(question.question)]
    return _modal(button.label, blocks, CONFIRM, metadata, submit=question.yes, close=question.no)


def _kept(fields: Iterable[FormField], kept: Mapping[str, Any] | None) -> Iterable[FormField]:
    """A picture cannot be put back into its input; what stood there before stays what stood there."""
    for field in fields:
        if field.widget == "secret":
            yield replace(field, value=None)
        elif kept is None or field.widget == "picture":
            yield field
        else:
            yield replace(field, value=kept.get(field.name))


def _said(text: str) -> Json:
    return {"type": "section", "text": plain(text, figures.TEXT)}


def _modal(
    title: str,
    blocks: list[Json],
    callback: str,
    metadata: str = "",
    *,
    submit: str = "",
    close: str = "Close",
) -> Json:
    if len(metadata) > figures.PRIVATE_METADATA:
        raise ValueError(f"private_metadata of {len(metadata)} characters")
    found = {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": plain(title.removesuffix("…") or "Troupe", figures.VIEW_TITLE),
        "close": plain(close, figures.VIEW_BUTTON),
        "blocks": blocks,
    }
    return found | ({"submit": plain(submit, figures.VIEW_BUTTON)} if submit else {})
