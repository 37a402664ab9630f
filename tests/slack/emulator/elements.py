"""Interactive elements and the objects they are made of.

Figures: docs.slack.dev/reference/block-kit (block elements, composition objects), read as of 2026.
"""

import ipaddress
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from tests.slack.emulator.rules import (
    Check,
    Report,
    array,
    boolean,
    either,
    exactly_one,
    integer,
    matching,
    one_of,
    plain,
    shape,
    string,
)

ACTION_ID = 255
BUTTON_TEXT, BUTTON_VALUE, URL, LABEL = 75, 2000, 3000, 75
OPTION_TEXT, OPTION_VALUE, OPTION_DESCRIPTION = 75, 150, 75
OPTIONS, GROUPS, OVERFLOW, BOXES = 100, 100, 5, 10
PLACEHOLDER, TYPED, FILES = 150, 3000, 10
IMAGE_ALT, IMAGE_TITLE = 2000, 2000


def reachable(report: Report, value: Any, at: str) -> None:
    """An address that Slack's servers could fetch: http(s), and neither this machine nor a private network."""
    string(URL)(report, value, at)
    if isinstance(value, str) and not is_public(value):
        report.refuse("downloading image failed", at)


def is_public(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or ("." not in host and ":" not in host):
        return False
    if host.endswith((".localhost", ".local", ".internal", ".test", ".invalid")):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def link(report: Report, value: Any, at: str) -> None:
    string(URL)(report, value, at)
    if isinstance(value, str) and not urlsplit(value).scheme:
        report.refuse("must be a valid URL", at)


def own_file(report: Report, value: Any, at: str) -> None:
    name = value.get("id") if isinstance(value, dict) else None
    problem = report.file(name) if isinstance(name, str) else None
    if problem:
        report.refuse(f"invalid slack file: {problem}", at)


slack_file = shape({}, {"id": string(), "url": string(URL)}, exactly_one("id", "url"), own_file)
PICTURE: Mapping[str, Check] = {"alt_text": string(IMAGE_ALT)}
SOURCE: Mapping[str, Check] = {"image_url": reachable, "slack_file": slack_file}
image = shape(PICTURE, SOURCE, exactly_one("image_url", "slack_file"))

confirm = shape(
    {"title": plain(100), "text": either(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_option_parts: dict[str, Check] = {"text": plain(OPTION_TEXT), "value": string(OPTION_VALUE)}
_described: dict[str, Check] = {"description": plain(OPTION_DESCRIPTION)}
option = shape(_option_parts, _described)
overflow_option = shape(_option_parts, {**_described, "url": link})
box_option = shape(
    {"text": either(OPTION_TEXT), "value": string(OPTION_VALUE)}, {"description": either(OPTION_DESCRIPTION)}
)
group = shape({"label": plain(75), "options": array(option, OPTIONS)})


def focus(report: Report, value: Any, at: str) -> None:
    boolean(report, value, at)
    report.focused += value is True
    if report.focused > 1:
        report.refuse("only one element may have focus_on_load", at)


def offered(value: Mapping[str, Any]) -> list[Any]:
    options = list(value.get("options") or ())
    for each in value.get("option_groups") or ():
        options += each.get("options") or () if isinstance(each, dict) else ()
    return options


def initial_is_offered(report: Report, value: Any, at: str) -> None:
    """An initial option must be, key by key, one of those offered."""
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options") or []
    if any(each not in offered(value) for each in chosen):
        report.refuse("initial option must be one of the options", at)


def lengths_fit(report: Report, value: Any, at: str) -> None:
    low, high, initial = value.get("min_length"), value.get("max_length"), value.get("initial_value")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report.refuse("min_length must not exceed max_length", at)
    if isinstance(initial, str) and isinstance(high, int) and len(initial) > high:
        report.refuse(f"must be less than {high + 1} characters", f"{at}/initial_value")


COMMON: dict[str, Check] = {"action_id": string(ACTION_ID)}
ASKED: dict[str, Check] = {**COMMON, "confirm": confirm}
INPUT: dict[str, Check] = {**COMMON, "placeholder": plain(PLACEHOLDER), "focus_on_load": focus}
PICK: dict[str, Check] = {**INPUT, "confirm": confirm}
MANY: dict[str, Check] = {**PICK, "max_selected_items": integer(1)}
TYPING: dict[str, Check] = {
    **INPUT,
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"))}
    ),
}
_filter = shape(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_response_url: dict[str, Check] = {"response_url_enabled": boolean}
_day = matching(date.fromisoformat, "a date like 2026-01-31")
_minute = matching(lambda value: datetime.strptime(value, "%H:%M"), "a time like 09:30")  # noqa: DTZ007
_ids = array(string(), low=0)


def _static(many: bool) -> Check:
    parts: dict[str, Check] = {
        "options": array(option, OPTIONS),
        "option_groups": array(group, GROUPS),
        **({"initial_options": array(option)} if many else {"initial_option": option}),
    }
    return shape(
        {}, {**(MANY if many else PICK), **parts}, exactly_one("options", "option_groups"), initial_is_offered
    )


def _boxes(initial: str) -> Check:
    check = array(box_option) if initial == "initial_options" else box_option
    optional = {**ASKED, "focus_on_load": focus, initial: check}
    return shape({"options": array(box_option, BOXES)}, optional, initial_is_offered)


button = shape(
    {"text": plain(BUTTON_TEXT)},
    {
        **ASKED,
        "url": link,
        "value": string(BUTTON_VALUE),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(LABEL),
    },
)
overflow = shape({"options": array(overflow_option, OVERFLOW)}, ASKED, initial_is_offered)

BUTTONS: dict[str, Check] = {"button": button, "overflow": overflow}
SELECTS: dict[str, Check] = {
    "static_select": _static(many=False),
    "external_select": shape({}, {**PICK, "initial_option": option, "min_query_length": integer(0)}),
    "users_select": shape({}, {**PICK, "initial_user": string()}),
    "conversations_select": shape(
        {},
        {
            **PICK,
            **_response_url,
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "filter": _filter,
        },
    ),
    "channels_select": shape({}, {**PICK, **_response_url, "initial_channel": string()}),
}
MULTI: dict[str, Check] = {
    "multi_static_select": _static(many=True),
    "multi_external_select": shape(
        {}, {**MANY, "initial_options": array(option), "min_query_length": integer(0)}
    ),
    "multi_users_select": shape({}, {**MANY, "initial_users": _ids}),
    "multi_conversations_select": shape(
        {},
        {
            **MANY,
            "initial_conversations": _ids,
            "default_to_current_conversation": boolean,
            "filter": _filter,
        },
    ),
    "multi_channels_select": shape({}, {**MANY, "initial_channels": _ids}),
}
DATES: dict[str, Check] = {
    "datepicker": shape({}, {**PICK, "initial_date": _day}),
    "timepicker": shape({}, {**PICK, "initial_time": _minute, "timezone": string()}),
}
MOMENT: dict[str, Check] = {
    "datetimepicker": shape(
        {}, {**ASKED, "focus_on_load": focus, "initial_date_time": integer(10**9, 10**10 - 1)}
    )
}
CHOICES: dict[str, Check] = {
    "checkboxes": _boxes("initial_options"),
    "radio_buttons": _boxes("initial_option"),
}
_number = matching(float, "a number")
TYPED_IN: dict[str, Check] = {
    "plain_text_input": shape(
        {},
        {
            **TYPING,
            "initial_value": string(TYPED, low=0),
            "multiline": boolean,
            "min_length": integer(0, TYPED),
            "max_length": integer(1, TYPED),
        },
        lengths_fit,
    ),
    "email_text_input": shape({}, {**TYPING, "initial_value": string()}),
    "url_text_input": shape({}, {**TYPING, "initial_value": string()}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**TYPING, "initial_value": _number, "min_value": _number, "max_value": _number},
    ),
}
FILE: dict[str, Check] = {
    "file_input": shape({}, {**COMMON, "filetypes": array(string()), "max_files": integer(1, FILES)})
}
FEEDBACK: dict[str, Check] = {
    "feedback_buttons": shape(
        {
            name: shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(LABEL)})
            for name in ("positive_button", "negative_button")
        },
        COMMON,
    ),
    "icon_button": shape(
        {"icon": one_of("trash"), "text": plain(BUTTON_TEXT)},
        {
            **ASKED,
            "value": string(BUTTON_VALUE),
            "accessibility_label": string(LABEL),
            "visible_to_user_ids": array(string(), 10),
        },
    ),
}
