"""What Slack says was typed into a form, as the form's own values. Nothing is believed that was not asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agents.errors import Invalid
from bot.forms import FormField
from bot.slack.figures import CHOICES
from bot.slack.inputs import ACTION, NUMBER, YES, is_moment
from bot.spread import Part, join, place_of

_FILE = re.compile(r"F[A-Z0-9]{2,30}")
Element = Mapping[str, Any]
Inputs = dict[int, tuple[str, Element]]
"""By number: the glue before it, and what was entered."""


def values(state: Mapping[str, Any], fields: Sequence[FormField], zone: ZoneInfo) -> dict[str, Any]:
    """As the form's model takes them: needed fields that were left empty are not there, times have their zone.

    state: the `state` of a view_submission's view.  fields: those of the form as it is opened now.
    A picture's value is the id of Slack's file (`files`), or what stood there where no other was chosen.
    Raises Invalid with the field for whatever this form cannot have sent.
    """
    inputs = _inputs(state, {field.name for field in fields})
    found = {field.name: _value(field, inputs.get(field.name, {}), zone) for field in fields}
    return {
        field.name: "" if found[field.name] is None else found[field.name]
        for field in fields
        if found[field.name] not in ("", None) or field.may_be_emptied
    }


def files(found: Mapping[str, Any], fields: Sequence[FormField]) -> dict[str, str]:
    """Of these values the ids of Slack's files, by field: pictures that have to be fetched first."""
    pictures = [field for field in fields if field.widget == "picture"]
    return {p.name: found[p.name] for p in pictures if p.name in found and found[p.name] != p.value}


def _inputs(state: Mapping[str, Any], known: set[str]) -> dict[str, Inputs]:
    blocks = state.get("values") if isinstance(state, Mapping) else None
    if not isinstance(blocks, Mapping):
        raise _foreign("this form")
    found: dict[str, Inputs] = {}
    for id, actions in blocks.items():
        place = place_of(id) if isinstance(id, str) else None
        if place is None or place[0] not in known:
            raise _foreign("a field that this form does not have")
        name, number, glue = place
        one = actions.get(ACTION) if isinstance(actions, Mapping) and len(actions) == 1 else None
        if not isinstance(one, Mapping) or number in found.setdefault(name, {}):
            raise _foreign(f"“{name}”", name)
        found[name][number] = glue, one
    return found


def _value(field: FormField, inputs: Inputs, zone: ZoneInfo) -> Any:
    """None for nothing."""
    if not inputs:
        raise Invalid(
            f"Slack sent nothing for “{field.label}”: the form has changed since you opened it.",
            remedy="Copy what you typed, open the form again and send it from there.",
            field=field.name,
        )
    elements = [inputs[number] for number in sorted(inputs)]
    in_order = sorted(inputs) == list(range(1, len(inputs) + 1))
    kind = _kind(field)
    if not in_order or any(element.get("type") != kind for _, element in elements):
        raise _foreign(f"“{field.label}”", field.name)
    if field.widget in ("text", "multiline"):
        return join(Part(glue, _typed(field, element) or "") for glue, element in elements)
    if len(elements) > 1:
        raise _foreign(f"“{field.label}”", field.name)
    return _READERS[field.widget](field, elements[0][1], zone)


def _kind(field: FormField) -> str:
    """The element that it was drawn as."""
    if field.widget == "choices" and len(field.options) > CHOICES:
        return "multi_static_select"
    return _KINDS[field.widget]


def _typed(field: FormField, element: Element) -> str | None:
    value = element.get("value")
    if value is not None and not isinstance(value, str):
        raise _foreign(f"“{field.label}”", field.name)
    return value


def _secret(field: FormField, element: Element, zone: ZoneInfo) -> str | None:
    return _typed(field, element)


def _number(field: FormField, element: Element, zone: ZoneInfo) -> str | None:
    value = _typed(field, element)
    if value and not NUMBER.fullmatch(value):
        raise Invalid("A number, please.", field=field.name)
    return value


def _choice(field: FormField, element: Element, zone: ZoneInfo) -> str | None:
    option = element.get("selected_option")
    return None if option is None else _chosen(field, option, {o.value for o in field.options})


def _choices(field: FormField, element: Element, zone: ZoneInfo) -> list[str]:
    return _several(field, element, {o.value for o in field.options})


def _check(field: FormField, element: Element, zone: ZoneInfo) -> bool:
    return bool(_several(field, element, {YES.value}))


def _several(field: FormField, element: Element, offered: set[str]) -> list[str]:
    options = element.get("selected_options")
    if options is None:
        return []
    if not isinstance(options, list):
        raise _foreign(f"“{field.label}”", field.name)
    found = [_chosen(field, option, offered) for option in options]
    if len(set(found)) != len(found):
        raise _foreign(f"“{field.label}”", field.name)
    return found


def _chosen(field: FormField, option: object, offered: set[str]) -> str:
    value = option.get("value") if isinstance(option, Mapping) else None
    if not isinstance(value, str):
        raise _foreign(f"“{field.label}”", field.name)
    if value not in offered:
        raise Invalid(
            f"What was chosen for “{field.label}” is not, or no longer, to be had.",
            remedy="Open the form again and choose anew.",
            field=field.name,
        )
    return value


def _datetime(field: FormField, element: Element, zone: ZoneInfo) -> str | None:
    seconds = element.get("selected_date_time")
    if seconds is None:
        return None
    if not is_moment(seconds):
        raise _foreign(f"“{field.label}”", field.name)
    return datetime.fromtimestamp(seconds, zone).isoformat(sep=" ", timespec="minutes")


def _picture(field: FormField, element: Element, zone: ZoneInfo) -> str | None:
    sent = element.get("files") or []
    if not isinstance(sent, list) or len(sent) > 1 or not all(isinstance(one, Mapping) for one in sent):
        raise _foreign(f"“{field.label}”", field.name)
    if not sent:
        return None if field.value is None else str(field.value)
    id = sent[0].get("id")
    if not isinstance(id, str) or not _FILE.fullmatch(id):
        raise _foreign(f"“{field.label}”", field.name)
    return id


def _foreign(where: str, name: str | None = None) -> Invalid:
    return Invalid(
        f"Slack sent something for {where} that this form cannot have sent.",
        remedy="Open the form again and send it from there; nothing was changed.",
        field=name,
    )


_KINDS = {
    "text": "plain_text_input",
    "multiline": "plain_text_input",
    "secret": "plain_text_input",
    "number": "number_input",
    "choice": "static_select",
    "choices": "checkboxes",
    "check": "checkboxes",
    "datetime": "datetimepicker",
    "picture": "file_input",
}
_READERS: dict[str, Callable[[FormField, Element, ZoneInfo], Any]] = {
    "secret": _secret,
    "number": _number,
    "choice": _choice,
    "choices": _choices,
    "check": _check,
    "datetime": _datetime,
    "picture": _picture,
}
