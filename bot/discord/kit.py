"""Components as far as we send them: each with its figures, by where it may stand. What is not in here is not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.discord import components as c
from bot.discord import figures as f
from bot.shapes import Rule, Shape, boolean, exactly_one, integer, items, one_of, text, typed, unique


def matching(pattern: str, what: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"{path}: must be {what}"

    return rule


def url(most: int, schemes: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        yield from text(most)(value, path)
        yield from matching(rf"(?i)(?:{schemes})://\S+", f"an address with {schemes}")(value, path)

    return rule


def words(most: int) -> Rule:
    """Text in which something can be seen: Discord trims it, and refuses what is empty then."""

    def rule(value: Any, path: str) -> Iterator[str]:
        yield from text(most)(value, path)
        if isinstance(value, str) and not value.strip():
            yield f"{path}: holds nothing but white space"

    return rule


CUSTOM_ID = words(f.CUSTOM_ID)


def _one(kind: int, needs: Mapping[str, Rule] = {}, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return Shape({"type": one_of(kind), **needs}, {**may, "id": integer(0, f.ID)}, also)


def _at_most(low: str, high: str, of: str = "") -> Rule:
    """`low` is no more than `high`, and neither more than there are in `of`."""

    def rule(value: Any, path: str) -> Iterator[str]:
        least, most = value.get(low, 1), value.get(high, 1)
        options = value.get(of)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield f"{path}/{low}: is more than {high}"
        if isinstance(options, list) and isinstance(most, int) and most > len(options):
            yield f"{path}/{high}: is more than there are {of}"

    return rule


def _chosen_at_most(value: Any, path: str) -> Iterator[str]:
    """No more are chosen at first than may be."""
    options, most = value.get("options"), value.get("max_values", 1)
    if isinstance(options, list) and isinstance(most, int):
        chosen = sum(o.get("default") is True for o in options if isinstance(o, Mapping))
        if chosen > most:
            yield f"{path}/options: {chosen} are chosen, {most} may be"


def _link_or_action(value: Any, path: str) -> Iterator[str]:
    """A button either opens a page or carries an id."""
    if (value.get("style") == c.LINK) != ("url" in value):
        yield f"{path}: an url and the style of a link belong together"


# What is pressed
BUTTON = _one(
    c.BUTTON,
    {"style": one_of(c.PRIMARY, c.SECONDARY, c.DANGER, c.LINK, 3), "label": words(f.BUTTON_LABEL)},
    {"custom_id": CUSTOM_ID, "url": url(f.BUTTON_URL, "https?"), "disabled": boolean},
    exactly_one("custom_id", "url"),
    _link_or_action,
)
_OPTION = Shape(
    {"label": words(f.OPTION), "value": words(f.OPTION)},
    {"description": words(f.OPTION), "default": boolean},
)
_OPTIONS: dict[str, Rule] = {"options": items(_OPTION, f.SELECT_OPTIONS), "custom_id": CUSTOM_ID}
_HOW_MANY: dict[str, Rule] = {
    "min_values": integer(0, f.SELECT_OPTIONS),
    "max_values": integer(1, f.SELECT_OPTIONS),
    "placeholder": words(f.PLACEHOLDER),
}
_CHOOSING = (unique("value", "options"), _at_most("min_values", "max_values", "options"), _chosen_at_most)
SELECT = _one(c.SELECT, _OPTIONS, {**_HOW_MANY, "disabled": boolean}, *_CHOOSING)


def _one_row(value: Any, path: str) -> Iterator[str]:
    """Five buttons, or one select alone."""
    inside = value.get("components")
    if isinstance(inside, list) and len(inside) > 1 and any(_type(e) == c.SELECT for e in inside):
        yield f"{path}/components: a select stands alone in its row"


def _type(component: Any) -> Any:
    return component.get("type") if isinstance(component, Mapping) else None


# What is read
_MEDIA = Shape({"url": url(f.MEDIA_URL, "https?|attachment")})
_ALT: dict[str, Rule] = {"description": words(f.DESCRIPTION), "spoiler": boolean}
TEXT = _one(c.TEXT, {"content": words(f.TEXTS)})
_THUMBNAIL = _one(c.THUMBNAIL, {"media": _MEDIA}, _ALT)
_IN_CONTAINER: dict[int, Rule] = {
    c.ACTION_ROW: _one(
        c.ACTION_ROW,
        {"components": items(typed({c.BUTTON: BUTTON, c.SELECT: SELECT}, "element"), f.ROW)},
        {},
        _one_row,
    ),
    c.TEXT: TEXT,
    c.SECTION: _one(
        c.SECTION,
        {
            "components": items(typed({c.TEXT: TEXT}, "text"), f.SECTION_TEXTS),
            "accessory": typed({c.THUMBNAIL: _THUMBNAIL, c.BUTTON: BUTTON}, "accessory"),
        },
    ),
    c.GALLERY: _one(c.GALLERY, {"items": items(Shape({"media": _MEDIA}, _ALT), f.GALLERY_ITEMS)}),
    c.FILE: _one(c.FILE, {"file": Shape({"url": url(f.MEDIA_URL, "attachment")})}, {"spoiler": boolean}),
    c.SEPARATOR: _one(c.SEPARATOR, {}, {"divider": boolean, "spacing": one_of(1, 2)}),
}
IN_MESSAGE: dict[int, Rule] = {
    **_IN_CONTAINER,
    c.CONTAINER: _one(
        c.CONTAINER,
        {"components": items(typed(_IN_CONTAINER, "component of a container"), f.COMPONENTS)},
        {"accent_color": integer(0, f.COLOUR), "spoiler": boolean},
    ),
}

# What is filled in
_NEEDED: dict[str, Rule] = {"required": boolean}


def _fits_its_limit(value: Any, path: str) -> Iterator[str]:
    words, most = value.get("value"), value.get("max_length")
    if isinstance(words, str) and isinstance(most, int) and len(words) > most:
        yield f"{path}/value: {len(words)} characters, its max_length is {most}"


INPUTS: dict[int, Rule] = {
    c.TEXT_INPUT: _one(
        c.TEXT_INPUT,
        {"custom_id": CUSTOM_ID, "style": one_of(1, 2)},
        {
            **_NEEDED,
            "value": text(f.INPUT_LENGTH, least=0),
            "placeholder": words(f.INPUT_PLACEHOLDER),
            "min_length": integer(0, f.INPUT_LENGTH),
            "max_length": integer(1, f.INPUT_LENGTH),
        },
        _fits_its_limit,
    ),
    c.SELECT: _one(c.SELECT, _OPTIONS, {**_HOW_MANY, **_NEEDED}, *_CHOOSING),
    c.CHECKBOX_GROUP: _one(
        c.CHECKBOX_GROUP,
        {"custom_id": CUSTOM_ID, "options": items(_OPTION, f.CHECKBOXES)},
        {**_NEEDED, "min_values": integer(0, f.CHECKBOXES), "max_values": integer(1, f.CHECKBOXES)},
        *_CHOOSING,
    ),
    c.RADIO_GROUP: _one(
        c.RADIO_GROUP,
        {"custom_id": CUSTOM_ID, "options": items(_OPTION, f.RADIOS, 2)},
        _NEEDED,
        unique("value", "options"),
    ),
    c.CHECKBOX: _one(c.CHECKBOX, {"custom_id": CUSTOM_ID}, {"default": boolean}),
    c.FILE_UPLOAD: _one(
        c.FILE_UPLOAD,
        {"custom_id": CUSTOM_ID},
        {**_NEEDED, "min_values": integer(0, f.FILES), "max_values": integer(1, f.FILES)},
        _at_most("min_values", "max_values"),
    ),
}
IN_MODAL: dict[int, Rule] = {
    c.TEXT: TEXT,
    c.LABEL: _one(
        c.LABEL,
        {"label": words(f.LABEL), "component": typed(INPUTS, "input")},
        {"description": words(f.LABEL_DESCRIPTION)},
    ),
}
