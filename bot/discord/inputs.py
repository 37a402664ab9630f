"""One field of a form as components of a modal. What comes back from them is read in `submitted.py`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import Invalid
from bot.discord import components as c
from bot.discord import figures
from bot.discord.components import Json
from bot.discord.markdown import escape
from bot.forms import FormField, Option
from bot.split import clip, units
from bot.spread import Part, block_id, brimful, parts_of
from bot.when import EXAMPLES, LONGEST, instants

DOCUMENT = 10_000
"""Characters from which a field that is still empty is for a whole document."""
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
NAMES = 1500
"""Characters of a list of names to choose from."""
SHORT, PARAGRAPH = 1, 2
"""Styles of text inputs."""
_VISIBLE = "Discord shows what you type here while you type it. It goes to Troupe alone and is kept sealed."
_STAYS = "One that is there already stays, unless you choose another."
_BOXES = "The boxes become one text."


def components(field: FormField, kept: Any, zone: ZoneInfo) -> list[Json]:
    """What is to be read first, if anything, and the inputs: usually one.

    kept: what stands in it, None for nothing; of a picture what stood there before.
    Raises Invalid for a choice among nothing, and for a text that is longer than the inputs are.
    """
    read = c.texts(escape(note(field, zone)))
    if field.widget in ("text", "multiline"):
        return [*read, *_text(field, kept)]
    return [
        *read,
        _labelled(field, field.label, _hint(field, zone), _ELEMENTS[kind_of(field)](field, kept, zone)),
    ]


def cost(field: FormField, zone: ZoneInfo) -> int:
    """How many components of a modal it takes. The same whatever is typed: pages stay what they are between two modals."""
    boxes = _boxes(field) if field.widget in ("text", "multiline") else 1
    return boxes + bool(note(field, zone))


def kind_of(field: FormField) -> int:
    """The component that it is drawn as."""
    if field.widget == "choice":
        return c.SELECT if len(field.options) <= figures.SELECT_OPTIONS else c.TEXT_INPUT
    if field.widget == "choices":
        if len(field.options) > figures.SELECT_OPTIONS:
            return c.TEXT_INPUT
        return c.CHECKBOX_GROUP if len(field.options) <= figures.CHECKBOXES else c.SELECT
    return {"check": c.CHECKBOX, "picture": c.FILE_UPLOAD}.get(field.widget, c.TEXT_INPUT)


def note(field: FormField, zone: ZoneInfo) -> str:
    """What has to be known and has no room in a label or under it."""
    told = [_VISIBLE] if field.widget == "secret" else []
    told += [f"{field.label}:"] if units(field.label) > figures.LABEL else []
    hint = _hint(field, zone)
    told += [hint] if units(hint) > figures.LABEL_DESCRIPTION else []
    if is_named(field):
        names = clip(", ".join(option.label or option.value for option in field.options), NAMES)
        many = "one of these names" if field.widget == "choice" else "some of these names, one a line"
        told.append(f"{field.label}: type {many}: {names}")
    return "\n".join(told)


def is_named(field: FormField) -> bool:
    """Whether its options are typed by name, because they are more than a select takes."""
    return field.widget in ("choice", "choices") and kind_of(field) == c.TEXT_INPUT


def _labelled(field: FormField, label: str, hint: str, element: Json, id: str = "") -> Json:
    found = {
        "type": c.LABEL,
        "label": clip(label if label.strip() else field.name, figures.LABEL),
        "component": {**element, "custom_id": id or field.name},
    }
    return found | ({"description": clip(hint, figures.LABEL_DESCRIPTION)} if hint.strip() else {})


def _hint(field: FormField, zone: ZoneInfo) -> str:
    more = ""
    if field.widget == "datetime":
        more = f"In your time zone, {zone.key}."
    if field.widget == "picture":
        more = _STAYS
    if field.widget in ("text", "multiline") and _boxes(field) > 1:
        more = _BOXES
    return f"{field.hint} {more}".strip()


def _input(field: FormField, words: str, style: int, *, placeholder: str = "", most: int = 0) -> Json:
    """most: the length that Discord itself counts; what is too long already is left to the form to say."""
    made: Json = {"type": c.TEXT_INPUT, "style": style, "required": field.required}
    made |= {"value": words} if words else {}
    made |= {"placeholder": clip(placeholder, figures.INPUT_PLACEHOLDER)} if placeholder else {}
    fits = most and units(words) <= most <= figures.INPUT_LENGTH
    return made | ({"max_length": most} if fits else {})


# Texts


def _text(field: FormField, kept: Any) -> list[Json]:
    boxes = _boxes(field)
    if boxes == 1:
        style = PARAGRAPH if field.widget == "multiline" else SHORT
        value = _filled(field, kept, 1)[0].text
        element = _input(field, value, style, most=field.max_length or 0)
        return [_labelled(field, field.label, _hint(field, ZoneInfo("UTC")), element)]
    found = []
    for number, part in enumerate(_filled(field, kept, boxes), 1):
        element = _input(field, part.text, PARAGRAPH) | {"required": field.required and number == 1}
        hint = _hint(field, ZoneInfo("UTC")) if number == 1 else ""
        id = block_id(field.name, number, part.glue)
        found.append(_labelled(field, f"{field.label} ({number} of {boxes})", hint, element, id))
    return found


def _boxes(field: FormField) -> int:
    """As many as its first text fills, and one more where it may soon outgrow the last; all there may be where a whole
    document is to be pasted. Whoever writes a line sees one."""
    value = "" if field.value is None else str(field.value)
    told = units(field.label) > figures.LABEL or units(f"{field.hint} {_BOXES}") > figures.LABEL_DESCRIPTION
    most = figures.MODAL_COMPONENTS - told
    room = min(most, math.ceil((field.max_length or 0) / figures.INPUT_LENGTH))
    if not value and (field.max_length or 0) >= DOCUMENT:
        return room
    parts = parts_of(value, figures.INPUT_LENGTH)
    grows = len(parts[-1].text) > figures.INPUT_LENGTH / 2
    return max(len(parts), min(room, len(parts) + grows))


def _filled(field: FormField, kept: Any, boxes: int) -> list[Part]:
    """The text in that many parts. What fills them to the brim is cut anywhere, and is joined again."""
    value = "" if kept is None else str(kept)
    parts = list(parts_of(value, figures.INPUT_LENGTH))
    if len(parts) > boxes:
        parts = list(brimful(value, figures.INPUT_LENGTH))
    if len(parts) > boxes:
        raise Invalid(
            f"“{field.label}” holds more than a form of Discord's can take.", remedy="Open it in the console."
        )
    return parts + [Part("\n", "")] * (boxes - len(parts))


# Everything else


def _line(field: FormField, kept: Any, zone: ZoneInfo) -> Json:
    """Secrets, numbers, times, and names out of many."""
    if is_named(field):
        wanted = {str(each) for each in (kept if isinstance(kept, list | tuple) else [kept])}
        names = [option.label or option.value for option in _offered(field) if option.value in wanted]
        words = "\n".join(names) or ("" if isinstance(kept, list | tuple) else str(kept or ""))
        style = SHORT if field.widget == "choice" else PARAGRAPH
        return _input(field, clip(words, figures.INPUT_LENGTH), style)
    if field.widget == "datetime":
        return _input(
            field, clip(_wall(kept, zone), LONGEST), SHORT, placeholder=f"Like {EXAMPLES}", most=LONGEST
        )
    if field.widget == "number":
        return _input(field, _decimal(kept), SHORT)
    return _input(field, "", SHORT, most=field.max_length or 0)


def _decimal(kept: Any) -> str:
    if isinstance(kept, Decimal | float):
        return f"{Decimal(str(kept)):f}"
    return "" if kept is None else str(kept)


def _wall(kept: Any, zone: ZoneInfo) -> str:
    """As somebody there would type it, with its offset where the clocks show it twice. Words that were typed stay."""
    moment = kept
    if isinstance(kept, str):
        try:
            moment = datetime.fromisoformat(kept)
        except ValueError:
            return kept
    if not isinstance(moment, datetime):
        return ""
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    there = moment.astimezone(zone)
    twice = len(instants(there.replace(tzinfo=None, fold=0, second=0, microsecond=0), zone)) > 1
    return there.isoformat(" ", "minutes") if twice else f"{there:%Y-%m-%d %H:%M}"


def _select(field: FormField, kept: Any, zone: ZoneInfo) -> Json:
    several = field.widget == "choices"
    options = _options(field, kept)
    return {"type": c.SELECT, "options": options} | _how_many(field, len(options) if several else 1)


def _boxes_to_tick(field: FormField, kept: Any, zone: ZoneInfo) -> Json:
    options = _options(field, kept)
    return {"type": c.CHECKBOX_GROUP, "options": options} | _how_many(field, len(options))


def _how_many(field: FormField, most: int) -> Json:
    return {"required": field.required, "min_values": 1 if field.required else 0, "max_values": most}


def _options(field: FormField, kept: Any) -> list[Json]:
    wanted = {str(each) for each in (kept if isinstance(kept, list | tuple) else [kept])}
    return [_option(one, one.value in wanted) for one in _offered(field)]


def _option(option: Option, chosen: bool) -> Json:
    """Raises ValueError for a value that Discord does not carry: a cut one would mean another thing, or nothing."""
    if not 0 < len(option.value) <= figures.OPTION:
        raise ValueError(f"option {option.value[:40]!r} has to have 1 to {figures.OPTION} characters")
    label = option.label if option.label.strip() else option.value
    return {"label": clip(label, figures.OPTION), "value": option.value} | (
        {"default": True} if chosen else {}
    )


def _offered(field: FormField) -> Sequence[Option]:
    if not field.options:
        raise Invalid(f"There is nothing to choose from for “{field.label}” yet.", field=field.name)
    return field.options


def _check(field: FormField, kept: Any, zone: ZoneInfo) -> Json:
    return {"type": c.CHECKBOX, "default": bool(kept)}


def _picture(field: FormField, kept: Any, zone: ZoneInfo) -> Json:
    """One that stands there already needs no other one."""
    needed = field.required and not kept
    return {"type": c.FILE_UPLOAD, "required": needed, "min_values": 1 if needed else 0, "max_values": 1}


_ELEMENTS: dict[int, Callable[[FormField, Any, ZoneInfo], Json]] = {
    c.TEXT_INPUT: _line,
    c.SELECT: _select,
    c.CHECKBOX_GROUP: _boxes_to_tick,
    c.CHECKBOX: _check,
    c.FILE_UPLOAD: _picture,
}
