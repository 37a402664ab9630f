"""Components: which may stand where, and what each may hold.

docs.discord.com/developers/components/reference; checked by hand where the OpenAPI description is silent, and here
too for when it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.discord.emulator.errors import Json, Path, Problem
from tests.discord.emulator.shapes import (
    LINK,
    Check,
    anything,
    fields,
    flag,
    items,
    listed,
    matches,
    media,
    number,
    record,
    text,
    unique,
)
from tests.discord.emulator.state import ACTION_ROW, BUTTON, SELECT, SELECTS, TEXT_INPUT, parts

MOST_COMPONENTS, MOST_TEXT, MOST_ROWS, MOST_BUTTONS = 40, 4000, 5, 5
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 18, 19, 21, 22, 23
MODAL_INPUTS = {*SELECTS, TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}
TOP_V2 = {ACTION_ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER}

CUSTOM_ID = text(100, 1)
OPTION = record(
    {
        "label": text(100, 1),
        "value": text(100, 1),
        "description": text(100),
        "emoji": anything,
        "default": flag,
    },
    "label",
    "value",
)
PICK: Mapping[str, Check] = {
    "custom_id": CUSTOM_ID,
    "placeholder": text(150),
    "min_values": number(0, 25),
    "max_values": number(1, 25),
    "disabled": flag,
    "required": flag,
    "default_values": items(0, 25),
}
KNOWN: Mapping[int, tuple[Mapping[str, Check], set[str]]] = {
    ACTION_ROW: ({"components": items(1, MOST_BUTTONS)}, {"components"}),
    BUTTON: (
        {
            "style": number(1, 6),
            "label": text(80),
            "custom_id": CUSTOM_ID,
            "url": matches(LINK, "URL"),
            "emoji": anything,
            "disabled": flag,
            "sku_id": anything,
        },
        {"style"},
    ),
    SELECT: ({**PICK, "options": items(1, 25, OPTION)}, {"custom_id", "options"}),
    **{kind: ({**PICK, "channel_types": items(0, 25)}, {"custom_id"}) for kind in SELECTS - {SELECT}},
    TEXT_INPUT: (
        {
            "custom_id": CUSTOM_ID,
            "style": number(1, 2),
            "label": text(45, 1),
            "value": text(4000),
            "placeholder": text(100),
            "required": flag,
            "min_length": number(0, 4000),
            "max_length": number(1, 4000),
        },
        {"custom_id", "style"},
    ),
    SECTION: ({"components": items(1, 3), "accessory": anything}, {"components", "accessory"}),
    TEXT_DISPLAY: ({"content": text(MOST_TEXT, 1)}, {"content"}),
    THUMBNAIL: ({"media": media, "description": text(1024), "spoiler": flag}, {"media"}),
    GALLERY: (
        {
            "items": items(
                1, 10, record({"media": media, "description": text(1024), "spoiler": flag}, "media")
            )
        },
        {"items"},
    ),
    FILE: ({"file": media, "spoiler": flag, "name": anything, "size": anything}, {"file"}),
    SEPARATOR: ({"divider": flag, "spacing": number(1, 2)}, set()),
    CONTAINER: (
        {"components": items(1, MOST_COMPONENTS), "accent_color": number(0, 0xFFFFFF), "spoiler": flag},
        {"components"},
    ),
    LABEL: (
        {"label": text(45, 1), "description": text(100, 1), "component": anything},
        {"label", "component"},
    ),
    UPLOAD: (
        {"custom_id": CUSTOM_ID, "min_values": number(0, 10), "max_values": number(1, 10), "required": flag},
        {"custom_id"},
    ),
    RADIO: (
        {"custom_id": CUSTOM_ID, "options": items(2, 10, OPTION), "required": flag},
        {"custom_id", "options"},
    ),
    CHECKBOXES: (
        {
            "custom_id": CUSTOM_ID,
            "options": items(1, 10, OPTION),
            "min_values": number(0, 10),
            "max_values": number(1, 10),
            "required": flag,
        },
        {"custom_id", "options"},
    ),
    CHECKBOX: ({"custom_id": CUSTOM_ID, "default": flag}, {"custom_id"}),
}
INSIDE = {  # what may stand in a thing's `components`
    SECTION: {TEXT_DISPLAY},
    CONTAINER: TOP_V2 - {CONTAINER},
}


def of_message(given: Any, v2: bool) -> list[Problem]:
    path: Path = ("components",)
    found = list(items(0, MOST_COMPONENTS if v2 else MOST_ROWS)(given, path))
    if not found:
        allowed = TOP_V2 if v2 else {ACTION_ROW}
        found = [p for at, each in enumerate(given) for p in _checked(each, (*path, at), allowed)]
    return found or list(_together(given, path))


def of_modal(given: Any) -> list[Problem]:
    """docs.discord.com/developers/interactions/receiving-and-responding: a modal has 1 to 5 components."""
    path: Path = ("data", "components")
    found = list(items(1, 5)(given, path))
    if not found:
        allowed = {ACTION_ROW, LABEL, TEXT_DISPLAY}
        found = [p for at, each in enumerate(given) for p in _checked(each, (*path, at), allowed, modal=True)]
    return found or list(_together(given, path))


def _together(given: list[Json], path: Path) -> Iterator[Problem]:
    """What holds for all components of a message or modal in sum."""
    every = list(parts(given))
    if len(every) > MOST_COMPONENTS:
        words = f"The total number of components must be {MOST_COMPONENTS} or fewer, not {len(every)}"
        yield Problem(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", words)
    ids = [each["custom_id"] for each in every if each.get("custom_id")]
    yield from unique(ids, path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    numbers = [each["id"] for each in every if each.get("id")]
    yield from unique(numbers, path, "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
    written = sum(len(each["content"]) for each in every if each["type"] == TEXT_DISPLAY)
    if written > MOST_TEXT:
        words = f"The text of all components must be {MOST_TEXT} or fewer in length, not {written}"
        yield Problem(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", words)


def _checked(each: Any, path: Path, allowed: set[int], *, modal: bool = False) -> Iterator[Problem]:
    kind = each.get("type") if isinstance(each, dict) else None
    if kind not in allowed or kind not in KNOWN:
        words = f'Value of field "type" must be one of {sorted(allowed)}, not {kind!r}.'
        yield Problem((*path, "type"), "UNION_TYPE_CHOICES", words)
        return
    known, required = KNOWN[kind]
    found = list(fields(each, path, {**known, "type": anything, "id": anything}, required))
    yield from found
    if found:
        return
    if kind == ACTION_ROW:
        yield from _row(each, path, modal)
    elif kind == BUTTON:
        yield from _button(each, path)
    elif kind in SELECTS | {CHECKBOXES}:
        yield from _choice(each, path)
    elif kind == RADIO:
        yield from _options(each, path, 1)
    elif kind == TEXT_INPUT:
        yield from _input(each, path)
    elif kind == LABEL:
        yield from _label(each, path)
    elif kind == SECTION:
        yield from _checked(each["accessory"], (*path, "accessory"), {BUTTON, THUMBNAIL})
    elif kind == FILE and not each["file"]["url"].startswith("attachment://"):
        yield Problem((*path, "file", "url"), "INVALID_REFERENCE", "Files are attachment:// references")
    for at, inner in enumerate(each["components"] if kind in INSIDE else ()):
        yield from _checked(inner, (*path, "components", at), INSIDE[kind])


def _row(row: Json, path: Path, modal: bool) -> Iterator[Problem]:
    allowed = {TEXT_INPUT} if modal else {BUTTON, *SELECTS}
    for at, inner in enumerate(row["components"]):
        yield from _checked(inner, (*path, "components", at), allowed)
    kinds = [each.get("type") for each in row["components"] if isinstance(each, dict)]
    if len(kinds) > 1 and set(kinds) != {BUTTON}:
        words = "An action row holds up to five buttons, or one other thing"
        yield Problem((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", words)
    if modal and not row["components"][0].get("label"):
        yield Problem((*path, "components", 0, "label"), "BASE_TYPE_REQUIRED", "This field is required")


def _button(button: Json, path: Path) -> Iterator[Problem]:
    leads = button["style"] == 5
    if button["style"] == 6:
        if not button.get("sku_id"):
            yield Problem((*path, "sku_id"), "BASE_TYPE_REQUIRED", "A premium button has a sku_id")
        return
    if leads == bool(button.get("custom_id")) or leads != bool(button.get("url")):
        words = "A link button has a url and no custom_id, another one a custom_id and no url"
        yield Problem((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", words)
    if not button.get("label") and not button.get("emoji"):
        yield Problem((*path, "label"), "BUTTON_COMPONENT_LABEL_OR_EMOJI", "A button has a label or an emoji")


def _choice(select: Json, path: Path) -> Iterator[Problem]:
    least, most = _amount(select.get("min_values"), 1), _amount(select.get("max_values"), 1)
    count = len(select["options"]) if "options" in select else 25
    if select["type"] == CHECKBOXES and select.get("max_values") is None:
        most = count
    if least > most or (select.get("max_values") and most > count):
        words = f"min_values {least}, max_values {most} and {count} options do not go together"
        yield Problem((*path, "max_values"), "SELECT_COMPONENT_VALUES_RANGE", words)
    if "options" in select:
        yield from _options(select, path, most)


def _options(select: Json, path: Path, most: int) -> Iterator[Problem]:
    options = listed(select, "options")
    values = [each["value"] for each in options]
    words = "The specified option value is already used"
    yield from unique(values, (*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words)
    if sum(bool(each.get("default")) for each in options) > most:
        words = f"At most {most} options may be preselected"
        yield Problem((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULTS", words)


def _input(written: Json, path: Path) -> Iterator[Problem]:
    least, most = _amount(written.get("min_length"), 0), _amount(written.get("max_length"), 4000)
    value = written.get("value") or ""
    if least > most:
        yield Problem((*path, "min_length"), "TEXT_INPUT_RANGE", "min_length is above max_length")
    if value and not least <= len(value) <= most:
        words = f"Must be between {least} and {most} in length."
        yield Problem((*path, "value"), "BASE_TYPE_BAD_LENGTH", words)


def _label(label: Json, path: Path) -> Iterator[Problem]:
    inner = label["component"]
    yield from _checked(inner, (*path, "component"), MODAL_INPUTS, modal=True)
    if isinstance(inner, dict) and inner.get("type") == TEXT_INPUT and inner.get("label"):
        words = "Within a label component a text input has no label of its own"
        yield Problem((*path, "component", "label"), "COMPONENT_LABEL_FORBIDDEN", words)


def _amount(given: Any, default: int) -> int:
    return default if given is None else int(given)
