"""The state of an element in a view, and how a person changes it.

Shapes: docs.slack.dev/reference/interaction-payloads/view-interactions-payload, `state.values`.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.slack.emulator.errors import Json, NotPossible

# element type -> (key in the state, the property it begins with)
STATES = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "file_input": ("files", ""),
}
MANY = {"checkboxes", "file_input"} | {kind for kind in STATES if kind.startswith("multi_")}
TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
MOST_CHARACTERS = 3000


def initial(element: Json) -> Json | None:
    """What its state begins with; None for an element without state (a button, an overflow menu)."""
    kind = element["type"]
    if kind not in STATES:
        return None
    key, begins = STATES[kind]
    state: Json = {"type": kind, key: element.get(begins, [] if kind in MANY else None)}
    if kind == "timepicker" and "timezone" in element:
        state["timezone"] = element["timezone"]
    return state


def entered(element: Json, value: Any, state: Json) -> Json:
    """The state after a person has entered `value`.

    value: what they type (str), the label of an option or a list of them, a date or datetime or its text, an id of
    a user or channel, a list of files; None clears.  Raises NotPossible for what the client would not let them do.
    """
    kind = element["type"]
    key = STATES[kind][0]
    if value is None:
        return {**state, key: [] if kind in MANY else None}
    if kind in {"static_select", "radio_buttons"}:
        return {**state, key: _option(element, str(value))}
    if kind in {"checkboxes", "multi_static_select"}:
        return {**state, key: _options(element, value)}
    if kind == "datepicker":
        return {**state, key: date.fromisoformat(str(value)).isoformat()}
    if kind == "timepicker":
        return {**state, key: datetime.strptime(str(value)[:5], "%H:%M").strftime("%H:%M")}  # noqa: DTZ007
    if kind == "datetimepicker":
        return {**state, key: int(value.timestamp()) if isinstance(value, datetime) else int(value)}
    if kind in MANY:
        return {**state, key: list(value)}
    return {**state, key: _typed(element, str(value)) if kind in TYPED else str(value)}


def _typed(element: Json, value: str) -> str | None:
    """The client stops a person at max_length; an empty field is sent as null."""
    most = element.get("max_length", MOST_CHARACTERS)
    if len(value) > most:
        raise NotPossible(f"Slack lets nobody type more than {most} characters here, these are {len(value)}")
    return value or None


def labels(element: Json) -> list[str]:
    return [option["text"]["text"] for option in _offered(element)]


def _offered(element: Json) -> list[Json]:
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def _option(element: Json, label: str) -> Json:
    for option in _offered(element):
        if label in (option["text"]["text"], option["value"]):
            return option
    raise NotPossible(f"there is no option {label!r}, only {labels(element)}")


def _options(element: Json, wanted: Sequence[str]) -> list[Json]:
    if isinstance(wanted, str):
        raise NotPossible("several may be chosen here: give a list")
    most = element.get("max_selected_items")
    if most and len(wanted) > most:
        raise NotPossible(f"no more than {most} may be chosen")
    return [_option(element, label) for label in wanted]


def complaint(block: Json, state: Json) -> str | None:
    """What Slack's client says about an input before it sends anything; None when it is content."""
    element = block["element"]
    value = state.get(STATES[element["type"]][0])
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    kind = element["type"]
    if kind == "plain_text_input" and len(value) < element.get("min_length", 0):
        return f"Please lengthen this text to {element['min_length']} characters or more."
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.match(r"https?://\S+$", value):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number(element, value)
    return None


def _number(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
