"""One field of a form as Slack's input blocks. What comes back from them is read in `submitted.py`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import Invalid
from bot.forms import FormField, Option
from bot.slack import figures
from bot.slack.rich import Json, plain_text
from bot.split import clip, units
from bot.spread import Part, block_id, parts_of
from bot.when import instants

DOCUMENT = 10_000
"""Characters from which a field that is still empty is for a whole document."""
MOST_INPUTS = 7
"""For one text that nobody has begun: 21,000 characters, the longest post that a form takes."""
ACTION = "value"
"""Every input's action id; its block's id names the field."""
PICTURES = ["png", "jpg", "jpeg", "webp"]
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_FIRST_MOMENT, _LAST_MOMENT = 10**9, 10**10 - 1  # ten digits: 2001 to 2286
_VISIBLE = "Slack shows what you type here while you type it. It goes to Troupe alone and is kept sealed."
_STAYS = "There is one already; it stays unless you choose another."
_BOXES = "Slack takes 3,000 characters in one box: the boxes become one text."


def plain(text: str, limit: int) -> Json:
    """Plain text that fits."""
    return plain_text(clip(text, limit))


def blocks(field: FormField, zone: ZoneInfo) -> list[Json]:
    """Usually one block; a secret has a warning before it, a long text goes on in further ones.

    Raises Invalid for a choice among nothing.
    """
    if field.widget in ("text", "multiline"):
        return _text(field)
    element = _ELEMENTS[field.widget](field, zone)
    before = [note(_VISIBLE)] if field.widget == "secret" else []
    return [*before, _input(field, field.name, field.label, element, _hint(field, zone))]


def note(text: str) -> Json:
    return {"type": "context", "elements": [plain(text, figures.TEXT)]}


def _input(field: FormField, id: str, label: str, element: Json, hint: str) -> Json:
    """An unticked box is an answer, and of a text that goes on only the first input is needed."""
    needed = field.required and field.widget != "check" and id == field.name
    # A picture that stands there already needs no other one.
    needed = needed and not (field.widget == "picture" and field.value)
    block = {
        "type": "input",
        "block_id": id,
        "label": plain(label or field.name, figures.INPUT_LABEL),
        "element": {**element, "action_id": ACTION},
        "optional": not needed,
    }
    return block | ({"hint": plain(hint, figures.INPUT_HINT)} if hint else {})


def _hint(field: FormField, zone: ZoneInfo) -> str:
    more = ""
    if field.widget == "datetime":
        more = f"Meant in the time zone of your Slack profile; Troupe knows yours as {zone.key}."
    if field.widget == "picture" and field.value:
        more = _STAYS
    return f"{field.hint} {more}".strip()


def _text(field: FormField) -> list[Json]:
    parts = _parts(field)
    if len(parts) == 1:
        element = {"type": "plain_text_input", "multiline": field.widget == "multiline"}
        element |= _limit(field, parts[0].text) | _initial(parts[0].text)
        return [_input(field, field.name, field.label, element, field.hint)]
    return [
        _input(
            field,
            block_id(field.name, number, part.glue),
            f"{field.label} ({number} of {len(parts)})",
            {"type": "plain_text_input", "multiline": True} | _initial(part.text),
            f"{field.hint} {_BOXES}".strip() if number == 1 else "",
        )
        for number, part in enumerate(parts, 1)
    ]


def _parts(field: FormField) -> list[Part]:
    """As many as its text fills, and one more where it may soon outgrow the last: whoever writes a line sees one input.
    All there may be where a whole document is to be pasted."""
    value = "" if field.value is None else str(field.value)
    parts = list(parts_of(value, figures.INPUT_LENGTH))
    grows = len(parts[-1].text) > figures.INPUT_LENGTH / 2
    room = math.ceil((field.max_length or 0) / figures.INPUT_LENGTH)
    pasted = not value and (field.max_length or 0) >= DOCUMENT
    wanted = min(room, MOST_INPUTS) if pasted else min(room, MOST_INPUTS, len(parts) + grows)
    return parts + [Part("\n", "")] * (wanted - len(parts))


def _initial(text: str) -> Json:
    return {"initial_value": text} if text else {}


def _limit(field: FormField, value: str) -> Json:
    """Slack's own counting helps whoever types; what is too long already is left to the form to say."""
    fits = field.max_length and units(value) <= field.max_length <= figures.INPUT_LENGTH
    return {"max_length": field.max_length} if fits else {}


def _secret(field: FormField, zone: ZoneInfo) -> Json:
    return {"type": "plain_text_input", **_limit(field, "")}


def _choice(field: FormField, zone: ZoneInfo) -> Json:
    options = [_option(one) for one in _offered(field)]
    chosen = [option for option in options if option["value"] == str(field.value)]
    return {"type": "static_select"} | _grouped(options) | ({"initial_option": chosen[0]} if chosen else {})


def _choices(field: FormField, zone: ZoneInfo) -> Json:
    options = [_option(one) for one in _offered(field)]
    wanted = {str(value) for value in field.value or ()}
    chosen = [option for option in options if option["value"] in wanted]
    initial = {"initial_options": chosen} if chosen else {}
    if len(options) <= figures.CHOICES:
        return {"type": "checkboxes", "options": options} | initial
    return {"type": "multi_static_select"} | _grouped(options) | initial


def _check(field: FormField, zone: ZoneInfo) -> Json:
    box = _option(YES)
    return {"type": "checkboxes", "options": [box]} | ({"initial_options": [box]} if field.value else {})


def _datetime(field: FormField, zone: ZoneInfo) -> Json:
    moment = _moment(field.value, zone)
    return {"type": "datetimepicker"} | ({"initial_date_time": moment} if moment else {})


def _number(field: FormField, zone: ZoneInfo) -> Json:
    """Decimals are let in: whether they are wanted the form knows, and says."""
    value = "" if field.value is None else str(field.value)
    if isinstance(field.value, Decimal | float):
        value = f"{Decimal(str(field.value)):f}"
    value = value if NUMBER.fullmatch(value) else ""
    return {"type": "number_input", "is_decimal_allowed": True} | _initial(value)


def _picture(field: FormField, zone: ZoneInfo) -> Json:
    return {"type": "file_input", "filetypes": PICTURES, "max_files": 1}


YES = Option("true", "Yes")
_ELEMENTS: dict[str, Callable[[FormField, ZoneInfo], Json]] = {
    "secret": _secret,
    "choice": _choice,
    "choices": _choices,
    "check": _check,
    "datetime": _datetime,
    "number": _number,
    "picture": _picture,
}


def _offered(field: FormField) -> Sequence[Option]:
    if not field.options:
        raise Invalid(f"There is nothing to choose from for “{field.label}” yet.", field=field.name)
    return field.options


def _option(option: Option) -> Json:
    """Raises ValueError for a value that Slack does not carry: a cut one would mean another thing, or nothing."""
    if not 0 < len(option.value) <= figures.OPTION_VALUE:
        raise ValueError(f"option {option.value[:40]!r} has to have 1 to {figures.OPTION_VALUE} characters")
    return {"text": plain(option.label or option.value, figures.OPTION_TEXT), "value": option.value}


def _grouped(options: Sequence[Json]) -> Json:
    """More than a select takes stand in groups, which are named by what they begin and end with."""
    if len(options) <= figures.SELECT_OPTIONS:
        return {"options": list(options)}
    pages = [options[i : i + figures.GROUP_OPTIONS] for i in range(0, len(options), figures.GROUP_OPTIONS)]
    return {
        "option_groups": [
            {"label": plain(_range(page), figures.GROUP_LABEL), "options": list(page)} for page in pages
        ]
    }


def _range(page: Sequence[Json]) -> str:
    first, last = (option["text"]["text"][:35] for option in (page[0], page[-1]))
    return f"{first} – {last}"


def _moment(value: Any, zone: ZoneInfo) -> int | None:
    """Unix seconds. A text that is no time, or names none for certain, is left out."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    moments = [value] if value.tzinfo else instants(value, zone)
    seconds = int(moments[0].timestamp()) if len(moments) == 1 else 0
    return seconds if _FIRST_MOMENT <= seconds <= _LAST_MOMENT else None


def is_moment(seconds: object) -> bool:
    return type(seconds) is int and _FIRST_MOMENT <= seconds <= _LAST_MOMENT
