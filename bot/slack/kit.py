"""Block Kit as far as we send it: every object, element and block with its figures. What is not in here is not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack import figures as f
from bot.slack.rules import (
    Rule,
    Shape,
    at_least_one,
    boolean,
    exactly_one,
    integer,
    items,
    one_of,
    text,
    typed,
    unique,
)


def plain_text(most: int) -> Rule:
    return typed(
        {"plain_text": Shape({"type": one_of("plain_text"), "text": text(most)}, {"emoji": boolean})}, "text"
    )


def _any_text(most: int) -> Rule:
    plain = Shape({"type": one_of("plain_text"), "text": text(most)}, {"emoji": boolean})
    mrkdwn = Shape({"type": one_of("mrkdwn"), "text": text(most)}, {"verbatim": boolean})
    return typed({"plain_text": plain, "mrkdwn": mrkdwn}, "text")


def _matching(pattern: str, what: str) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"{path}: must be {what}"

    return rule


def _url(most: int) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        yield from text(most)(value, path)
        yield from _matching(r"(?i)https?://\S+", "an address with http or https")(value, path)

    return rule


def _named(kind: str, needs: Mapping[str, Rule] = {}, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return Shape({"type": one_of(kind), **needs}, may, also)


def _initial(single: str, options: str = "options") -> Rule:
    """What is chosen at first stands among the options, word for word."""

    def rule(value: Any, path: str) -> Iterator[str]:
        chosen = value.get(single)
        if chosen is None or "option_groups" in value:
            return
        for each in chosen if isinstance(chosen, list) else [chosen]:
            if each not in (value.get(options) or ()):
                yield f"{path}/{single}: is not one of the options"

    return rule


# Composition objects
CONFIRM = Shape(
    {
        "title": plain_text(f.CONFIRM_TITLE),
        "text": _any_text(f.CONFIRM_TEXT),
        "confirm": plain_text(f.CONFIRM_BUTTON),
        "deny": plain_text(f.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def _option(words: Rule, **more: Rule) -> Shape:
    needs = {"text": words, "value": text(f.OPTION_VALUE)}
    return Shape(needs, {"description": _any_text(f.OPTION_DESCRIPTION), **more})


_SELECT_OPTION = _option(plain_text(f.OPTION_TEXT))
_GROUP = Shape({"label": plain_text(f.GROUP_LABEL), "options": items(_SELECT_OPTION, f.GROUP_OPTIONS)})
_SLACK_FILE = Shape({}, {"id": text(f.BLOCK_ID), "url": _url(f.IMAGE_URL)}, (exactly_one("id", "url"),))
_IMAGE_SOURCE: dict[str, Rule] = {"image_url": _url(f.IMAGE_URL), "slack_file": _SLACK_FILE}
_ONE_IMAGE = exactly_one("image_url", "slack_file")

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
_CHOICES = items(_option(_any_text(f.OPTION_TEXT)), f.CHOICES)
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
_ID = text(f.BLOCK_ID)

BUTTON = _named(
    "button",
    {"text": plain_text(f.BUTTON_TEXT), **_ACTS},
    {
        "url": _url(f.BUTTON_URL),
        "value": text(f.BUTTON_VALUE),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": text(f.ACCESSIBILITY_LABEL),
    },
)
OVERFLOW = _named(
    "overflow",
    {
        "options": items(_option(plain_text(f.OPTION_TEXT), url=_url(f.OPTION_URL)), f.OVERFLOW_OPTIONS),
        **_ACTS,
    },
    {"confirm": CONFIRM},
)
IMAGE_ELEMENT = _named("image", {"alt_text": text(f.IMAGE_ALT)}, _IMAGE_SOURCE, _ONE_IMAGE)
SELECTS: dict[str, Rule] = {
    "static_select": _named(
        "static_select",
        _ACTS,
        {**_HOLDS, **_OPTIONS, "initial_option": _SELECT_OPTION},
        exactly_one("options", "option_groups"),
        _initial("initial_option"),
    ),
    "multi_static_select": _named(
        "multi_static_select",
        _ACTS,
        {**_HOLDS, **_OPTIONS, **_MANY, "initial_options": items(_SELECT_OPTION, f.SELECT_OPTIONS)},
        exactly_one("options", "option_groups"),
        _initial("initial_options"),
    ),
    "users_select": _named("users_select", _ACTS, {**_HOLDS, "initial_user": _ID}),
    "multi_users_select": _named(
        "multi_users_select", _ACTS, {**_HOLDS, **_MANY, "initial_users": items(_ID, f.SELECT_OPTIONS)}
    ),
    "channels_select": _named(
        "channels_select", _ACTS, {**_HOLDS, "initial_channel": _ID, "response_url_enabled": boolean}
    ),
}
PICKERS: dict[str, Rule] = {
    "datepicker": _named("datepicker", _ACTS, {**_HOLDS, "initial_date": _DATE}),
    "timepicker": _named("timepicker", _ACTS, {**_HOLDS, "initial_time": _TIME, "timezone": _ID}),
    "datetimepicker": _named(
        "datetimepicker", _ACTS, {**_ASKS, "initial_date_time": integer(10**9, 10**10 - 1)}
    ),
    "checkboxes": _named(
        "checkboxes",
        {"options": _CHOICES, **_ACTS},
        {**_ASKS, "initial_options": _CHOICES},
        _initial("initial_options"),
    ),
    "radio_buttons": _named(
        "radio_buttons",
        {"options": _CHOICES, **_ACTS},
        {**_ASKS, "initial_option": _option(_any_text(f.OPTION_TEXT))},
        _initial("initial_option"),
    ),
}
TEXT_INPUT = _named("plain_text_input", _ACTS, _LENGTHS)
_NUMBER: dict[str, Rule] = {key: text(40) for key in ("initial_value", "min_value", "max_value")}
_WITHOUT_LENGTHS: dict[str, Rule] = {
    key: rule for key, rule in _LENGTHS.items() if key not in ("multiline", "min_length", "max_length")
}
MODAL_INPUTS: dict[str, Rule] = {
    "number_input": _named(
        "number_input", {"is_decimal_allowed": boolean, **_ACTS}, {**_WITHOUT_LENGTHS, **_NUMBER}
    ),
    "email_text_input": _named("email_text_input", _ACTS, _WITHOUT_LENGTHS),
    "url_text_input": _named("url_text_input", _ACTS, _WITHOUT_LENGTHS),
    "file_input": _named(
        "file_input", _ACTS, {"filetypes": items(text(20), 100), "max_files": integer(1, f.FILES)}
    ),
}

# rich_text
_STYLE = Shape(may=dict.fromkeys(("bold", "italic", "strike", "underline", "code"), boolean))
_WORDS = Shape({"type": one_of("text"), "text": text(f.TEXT)}, {"style": _STYLE})
_RICH: dict[str, Rule] = {
    "text": _WORDS,
    "link": _named("link", {"url": _url(f.BUTTON_URL)}, {"text": text(f.TEXT), "style": _STYLE}),
    "date": _named(
        "date",
        {"timestamp": integer(-(10**11), 10**12), "format": text(f.BLOCK_ID)},
        {"fallback": text(f.TEXT), "style": _STYLE, "url": _url(f.BUTTON_URL)},
    ),
    "user": _named("user", {"user_id": _ID}, {"style": _STYLE}),
    "channel": _named("channel", {"channel_id": _ID}, {"style": _STYLE}),
    "emoji": _named("emoji", {"name": _ID}),
}
_ROW = items(typed(_RICH, "rich text element"), 10_000)
_BORDER: dict[str, Rule] = {"border": one_of(0, 1)}
_SECTION = _named("rich_text_section", {"elements": _ROW})
_PREFORMATTED = items(typed({key: _RICH[key] for key in ("text", "link")}, "preformatted element"), 10_000)
RICH_TEXT: dict[str, Rule] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": _named("rich_text_quote", {"elements": _ROW}, _BORDER),
    "rich_text_preformatted": _named("rich_text_preformatted", {"elements": _PREFORMATTED}, _BORDER),
    "rich_text_list": _named(
        "rich_text_list",
        {"elements": items(_SECTION, 10_000), "style": one_of("bullet", "ordered")},
        {"indent": integer(0, f.LIST_INDENT), "offset": integer(0, 10_000), **_BORDER},
    ),
}

# Blocks
_IN_ACTIONS: dict[str, Rule] = {"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **PICKERS}
_BESIDE: dict[str, Rule] = {**_IN_ACTIONS, "image": IMAGE_ELEMENT}
_IN_INPUT: dict[str, Rule] = {"plain_text_input": TEXT_INPUT, **SELECTS, **PICKERS}
_CONTEXT_TEXT: dict[str, Rule] = dict.fromkeys(("plain_text", "mrkdwn"), _any_text(f.TEXT))
_BLOCK: dict[str, Rule] = {"block_id": text(f.BLOCK_ID)}


def _block(kind: str, needs: Mapping[str, Rule] = {}, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return _named(kind, needs, {**may, **_BLOCK}, *also)


def _input(elements: Mapping[str, Rule]) -> Shape:
    needs = {"label": plain_text(f.INPUT_LABEL), "element": typed(elements, "input")}
    return _block(
        "input", needs, {"hint": plain_text(f.INPUT_HINT), "optional": boolean, "dispatch_action": boolean}
    )


COMMON: dict[str, Rule] = {
    "header": _block("header", {"text": plain_text(f.HEADER)}),
    "divider": _block("divider"),
    "section": _block(
        "section",
        {},
        {
            "text": _any_text(f.TEXT),
            "fields": items(_any_text(f.SECTION_FIELD), f.SECTION_FIELDS),
            "accessory": typed(_BESIDE, "accessory"),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "context": _block(
        "context",
        {"elements": items(typed({**_CONTEXT_TEXT, "image": IMAGE_ELEMENT}, "element"), f.CONTEXT_ELEMENTS)},
    ),
    "actions": _block(
        "actions",
        {"elements": items(typed(_IN_ACTIONS, "element"), f.ACTIONS_ELEMENTS)},
        {},
        unique("action_id", "elements"),
    ),
    "image": _block(
        "image",
        {"alt_text": text(f.IMAGE_ALT)},
        {"title": plain_text(f.IMAGE_TITLE), **_IMAGE_SOURCE},
        _ONE_IMAGE,
    ),
    "rich_text": _block("rich_text", {"elements": items(typed(RICH_TEXT, "rich text"), 10_000)}),
}
BLOCKS: dict[str, dict[str, Rule]] = {
    "message": {
        **COMMON,
        "input": _input(_IN_INPUT),
        "markdown": _block("markdown", {"text": text(f.MARKDOWN)}),
    },
    "modal": {**COMMON, "input": _input({**_IN_INPUT, **MODAL_INPUTS})},
    "home": {**COMMON, "input": _input(_IN_INPUT)},
}
"""By where they stand."""
