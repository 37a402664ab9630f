"""What Discord says was typed into a modal, as the form's own values. Nothing is believed that was not asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.errors import Invalid, NotFound, TroupeError
from bot.discord import components as c
from bot.discord.inputs import NUMBER, is_named, kind_of
from bot.forms import FormField, Option
from bot.spread import Part, join, place_of

_FILE = re.compile(r"[0-9]{1,20}")
Element = Mapping[str, Any]
Inputs = dict[int, tuple[str, Element]]
"""By number: the glue before it, and what was entered."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """values: as the form's model takes them; needed fields that were left empty are not there, times are words still, which
    the form reads in the zone of its person, as a command does.
    errors: what cannot be read, by field; in `values` it stands as it was typed.
    files: ids of Discord's attachments, by field: pictures that have to be fetched and kept, whose ids then are the values.
    """

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    files: Mapping[str, str]


def read(
    components: Sequence[Mapping[str, Any]],
    fields: Sequence[FormField],
    kept: Mapping[str, Any] | None = None,
) -> Submitted:
    """What stands in a modal that was sent.

    components: of a modal submit's data.  fields: those of the page (`modals.pages`).  kept: what was kept when it was
    opened: a picture that nobody replaced stays.
    Raises Invalid with the field for what this form cannot have sent.
    """
    inputs = _inputs(components, {field.name for field in fields})
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    files: dict[str, str] = {}
    for field in fields:
        elements = _elements(field, inputs.get(field.name, {}))
        try:
            value = _value(field, elements)
        except Foreign:
            raise
        except TroupeError as error:
            errors[field.name] = str(error)
            value = _raw(elements)
        if field.widget == "picture":
            files |= {field.name: value} if value else {}
            value = value or (kept or {}).get(field.name, field.value)
        if value not in ("", None) or field.may_be_emptied:
            values[field.name] = "" if value is None else value
    return Submitted(values, errors, files)


def _raw(elements: Sequence[tuple[str, Element]]) -> str | None:
    """Of what cannot be read what was typed."""
    value = elements[0][1].get("value") if elements else None
    return value if isinstance(value, str) else None


def _inputs(components: object, known: set[str]) -> dict[str, Inputs]:
    if not isinstance(components, list):
        raise _foreign("this form")
    found: dict[str, Inputs] = {}
    for one in components:
        kind = one.get("type") if isinstance(one, Mapping) else None
        if kind == c.TEXT:
            continue
        element = one.get("component") if kind == c.LABEL else None
        if not isinstance(element, Mapping):
            raise _foreign("this form")
        id = element.get("custom_id")
        place = place_of(id) if isinstance(id, str) else None
        if place is None or place[0] not in known:
            raise _foreign("a field that this form does not have")
        name, number, glue = place
        if number in found.setdefault(name, {}):
            raise _foreign(f"“{name}”", name)
        found[name][number] = glue, element
    return found


def _elements(field: FormField, inputs: Inputs) -> list[tuple[str, Element]]:
    """Of one field, in order, each of the kind that it was drawn as."""
    elements = [inputs[number] for number in sorted(inputs)]
    in_order = sorted(inputs) == list(range(1, len(inputs) + 1))
    kind = kind_of(field)
    several = len(elements) > 1 and field.widget not in ("text", "multiline")
    if (
        several
        or not in_order
        or any(type(e.get("type")) is not int or e["type"] != kind for _, e in elements)
    ):
        raise _foreign(f"“{field.label}”", field.name)
    return elements


def _value(field: FormField, elements: Sequence[tuple[str, Element]]) -> Any:
    """None for nothing. Raises what the person can mend, and Foreign."""
    if not elements:
        raise Invalid("This form has changed since you opened it: this is new in it.", remedy="Fill it in.")
    if field.widget in ("text", "multiline"):
        return join(Part(glue, _typed(field, element)) for glue, element in elements)
    return _READERS[kind_of(field)](field, elements[0][1])


def _typed(field: FormField, element: Element) -> str:
    value = element.get("value")
    if value is not None and not isinstance(value, str):
        raise _foreign(f"“{field.label}”", field.name)
    return value or ""


def _line(field: FormField, element: Element) -> Any:
    words = _typed(field, element)
    if field.widget == "choices":
        lines = [line.strip() for line in words.splitlines()]
        return list(dict.fromkeys(_by_name(field, line) for line in lines if line))
    words = words.strip()
    if not words:
        return None
    if is_named(field):
        return _by_name(field, words)
    if field.widget == "number" and not NUMBER.fullmatch(words):
        raise Invalid("A number, please.", field=field.name)
    return words


def _by_name(field: FormField, typed: str) -> str:
    """The option that is called so, or the only one that begins so or has a word that does."""
    wanted = typed.casefold()
    exactly = [o for o in field.options if wanted in (o.label.casefold(), o.value.casefold())]
    fitting = exactly or [o for o in field.options if _begins(o, wanted)]
    if len(fitting) == 1:
        return fitting[0].value
    if fitting:
        names = ", ".join(option.label for option in fitting[:5])
        raise Invalid(
            f"“{typed}” can mean several: {names}.", remedy="Write the whole name.", field=field.name
        )
    raise NotFound.named(field.label or field.name, typed, [o.label for o in field.options], field=field.name)


def _begins(option: Option, wanted: str) -> bool:
    label = option.label.casefold()
    return label.startswith(wanted) or any(
        word.strip("(@,)").startswith(wanted.lstrip("@")) for word in label.split()
    )


def _select(field: FormField, element: Element) -> Any:
    chosen = _several(field, element, {option.value for option in field.options})
    if field.widget == "choices":
        return chosen
    if len(chosen) > 1:
        raise _foreign(f"“{field.label}”", field.name)
    return chosen[0] if chosen else None


def _boxes(field: FormField, element: Element) -> list[str]:
    return _several(field, element, {option.value for option in field.options})


def _several(field: FormField, element: Element, offered: set[str]) -> list[str]:
    found = element.get("values")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _foreign(f"“{field.label}”", field.name)
    if not set(found) <= offered:
        raise Invalid(
            f"What was chosen for “{field.label}” is not, or no longer, to be had.",
            remedy="Choose anew.",
            field=field.name,
        )
    if len(set(found)) != len(found):
        raise _foreign(f"“{field.label}”", field.name)
    return found


def _check(field: FormField, element: Element) -> bool:
    value = element.get("value")
    if not isinstance(value, bool):
        raise _foreign(f"“{field.label}”", field.name)
    return value


def _picture(field: FormField, element: Element) -> str | None:
    """Discord's id of the one that was chosen."""
    sent = element.get("values")
    sent = [] if sent is None else sent
    if not isinstance(sent, list) or len(sent) > 1:
        raise _foreign(f"“{field.label}”", field.name)
    if not sent:
        return None
    if not isinstance(sent[0], str) or not _FILE.fullmatch(sent[0]):
        raise _foreign(f"“{field.label}”", field.name)
    return sent[0]


class Foreign(Invalid):
    """Something that no form of ours sends, so that there is nothing of a person's to be kept."""


def _foreign(where: str, name: str | None = None) -> Foreign:
    return Foreign(
        f"Discord sent something for {where} that this form cannot have sent.",
        remedy="Open the form again and send it from there; nothing was changed.",
        field=name,
    )


_READERS: dict[int, Callable[[FormField, Element], Any]] = {
    c.TEXT_INPUT: _line,
    c.SELECT: _select,
    c.CHECKBOX_GROUP: _boxes,
    c.CHECKBOX: _check,
    c.FILE_UPLOAD: _picture,
}
