"""Elements of Block Kit and the objects they are made of, as far as we send them, with their figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.shapes import (
    Rule,
    Shape,
    boolean,
    exactly_one,
    integer,
    items,
    one_of,
    text,
    typed,
)
from bot.slack import figures as f


def plain_text(most: int) -> Rule:
    return typed(
        {"plain_text": Shape({"type": one_of("plain_text"), "text": text(most)}, {"emoji": boolean})}, "text"
    )


def any_text(most: int) -> Rule:
    plain = Shape({"type": one_of("plain_text"), "text": text(most)}, {"emoji": boolean})
    mrkdwn = Shape({"type": one_of("mrkdwn"), "text": text(most)}, {"verbatim": boolean})
    return typed({"plain_text": plain, "mrkdwn": mrkdwn}, "text")


def _matching(pattern: str, what: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"{path}: must be {what}"

    return rule


def url(most: int) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        yield from text(most)(value, path)
        yield from _matching(r"(?i)https?://\S+", "an address with http or https")(value, path)

    return rule


def named(kind: str, needs: Mapping[str, Rule] = {}, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return Shape({"type": one_of(kind), **needs}, may, also)


def _initial(key: str) -> Rule:
    """What is chosen at first stands among the options, word for word."""

    def rule(value: Any, path: str) -> Iterator[str]:
        chosen, options = value.get(key), value.get("options")
        if chosen is None or not isinstance(options, list):
            return
        for each in chosen if isinstance(chosen, list) else [chosen]:
            if each not in options:
                yield f"{path}/{key}: is not one of the options"

    return rule


# Composition objects
CONFIRM = Shape(
    {
        "title": plain_text(f.CONFIRM_TITLE),
        "text": any_text(f.CONFIRM_TEXT),
        "confirm": plain_text(f.CONFIRM_BUTTON),
        "deny": plain_text(f.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def _option(words: Rule, **more: Rule) -> Shape:
    needs = {"text": words, "value": text(f.OPTION_VALUE)}
    return Shape(needs, {"description": any_text(f.OPTION_DESCRIPTION), **more})


_SELECT_OPTION = _option(plain_text(f.OPTION_TEXT))
_GROUP = Shape({"label": plain_text(f.GROUP_LABEL), "options": items(_SELECT_OPTION, f.GROUP_OPTIONS)})
_SLACK_FILE = Shape({}, {"id": text(f.BLOCK_ID), "url": url(f.IMAGE_URL)}, (exactly_one("id", "url"),))
IMAGE_SOURCE: dict[str, Rule] = {"image_url": url(f.IMAGE_URL), "slack_file": _SLACK_FILE}
ONE_IMAGE = exactly_one("image_url", "slack_file")

# Elements
_ACTS: dict[str, Rule] = {"action_id": text(f.ACTION_ID)}
_ASKS: dict[str, Rule] = {"confirm": CONFIRM, "focus_on_load": boolean}
_HOLDS: dict[str, Rule] = {**_ASKS, "placeholder": plain_text(f.PLACEHOLDER)}
_DISPATCH = Shape({}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
_OPTIONS: dict[str, Rule] = {
    "options": items(_SELECT_OPTION, f.SELECT_OPTIONS),
    "option_groups": items(_GROUP, f.SELECT_OPTIONS),
}
_MANY: dict[str, Rule] = {"max_selected_items": integer(1, f.SELECT_OPTIONS)}
_CHOICES = items(_option(any_text(f.OPTION_TEXT)), f.CHOICES)
_LENGTHS: dict[str, Rule] = {
    "multiline": boolean,
    "min_length": integer(0, f.INPUT_LENGTH),
    "max_length": integer(1, f.INPUT_LENGTH),
    "initial_value": text(f.INPUT_LENGTH, least=0),
    "dispatch_action_config": _DISPATCH,
    "placeholder": plain_text(f.PLACEHOLDER),
    "focus_on_load": boolean,
}
_DATE = _matching(r"\d{4}-\d{2}-\d{2}", "a date such as 2026-11-21")
_TIME = _matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 09:30")
ID = text(f.BLOCK_ID)

BUTTON = named(
    "button",
    {"text": plain_text(f.BUTTON_TEXT), **_ACTS},
    {
        "url": url(f.BUTTON_URL),
        "value": text(f.BUTTON_VALUE),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": text(f.ACCESSIBILITY_LABEL),
    },
)
OVERFLOW = named(
    "overflow",
    {
        "options": items(_option(plain_text(f.OPTION_TEXT), url=url(f.OPTION_URL)), f.OVERFLOW_OPTIONS),
        **_ACTS,
    },
    {"confirm": CONFIRM},
)
IMAGE_ELEMENT = named("image", {"alt_text": text(f.IMAGE_ALT)}, IMAGE_SOURCE, ONE_IMAGE)
SELECTS: dict[str, Rule] = {
    "static_select": named(
        "static_select",
        _ACTS,
        {**_HOLDS, **_OPTIONS, "initial_option": _SELECT_OPTION},
        exactly_one("options", "option_groups"),
        _initial("initial_option"),
    ),
    "multi_static_select": named(
        "multi_static_select",
        _ACTS,
        {**_HOLDS, **_OPTIONS, **_MANY, "initial_options": items(_SELECT_OPTION, f.SELECT_OPTIONS)},
        exactly_one("options", "option_groups"),
        _initial("initial_options"),
    ),
    "users_select": named("users_select", _ACTS, {**_HOLDS, "initial_user": ID}),
    "multi_users_select": named(
        "multi_users_select", _ACTS, {**_HOLDS, **_MANY, "initial_users": items(ID, f.SELECT_OPTIONS)}
    ),
    "channels_select": named(
        "channels_select", _ACTS, {**_HOLDS, "initial_channel": ID, "response_url_enabled": boolean}
    ),
}
PICKERS: dict[str, Rule] = {
    "datepicker": named("datepicker", _ACTS, {**_HOLDS, "initial_date": _DATE}),
    "timepicker": named("timepicker", _ACTS, {**_HOLDS, "initial_time": _TIME, "timezone": ID}),
    "datetimepicker": named(
        "datetimepicker", _ACTS, {**_ASKS, "initial_date_time": integer(10**9, 10**10 - 1)}
    ),
    "checkboxes": named(
        "checkboxes",
        {"options": _CHOICES, **_ACTS},
        {**_ASKS, "initial_options": _CHOICES},
        _initial("initial_options"),
    ),
    "radio_buttons": named(
        "radio_buttons",
        {"options": _CHOICES, **_ACTS},
        {**_ASKS, "initial_option": _option(any_text(f.OPTION_TEXT))},
        _initial("initial_option"),
    ),
}
TEXT_INPUT = named("plain_text_input", _ACTS, _LENGTHS)
_NUMBER: dict[str, Rule] = {key: text(40) for key in ("initial_value", "min_value", "max_value")}
_WITHOUT_LENGTHS: dict[str, Rule] = {
    key: rule for key, rule in _LENGTHS.items() if key not in ("multiline", "min_length", "max_length")
}
MODAL_INPUTS: dict[str, Rule] = {
    "number_input": named(
        "number_input", {"is_decimal_allowed": boolean, **_ACTS}, {**_WITHOUT_LENGTHS, **_NUMBER}
    ),
    "email_text_input": named("email_text_input", _ACTS, _WITHOUT_LENGTHS),
    "url_text_input": named("url_text_input", _ACTS, _WITHOUT_LENGTHS),
    "file_input": named(
        "file_input", _ACTS, {"filetypes": items(text(20), 100), "max_files": integer(1, f.FILES)}
    ),
}
