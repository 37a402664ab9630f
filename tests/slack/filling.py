"""What Slack sends for a modal: what stands in its inputs, and what a person typed over it."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.views import View

from bot.slack.limits import check

_GIVES = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
_NOTHING: dict[str, Any] = {"selected_options": [], "files": []}


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The input blocks by id."""
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def state(view: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """typed: by block id, as `element` takes it."""
    found = {}
    for id, block in inputs(view).items():
        kind = block["element"]["type"]
        key, initial = _GIVES[kind]
        value = block["element"].get(initial, _NOTHING.get(key))
        if id in typed:
            value = _chosen(block["element"], typed[id]) if "options" in key or "option" in key else typed[id]
        found[id] = {block["element"]["action_id"]: {"type": kind, key: value}}
    return {"values": found}


def _chosen(element: dict[str, Any], wanted: Any) -> Any:
    options = {o["value"]: o for o in offered(element)}
    if isinstance(wanted, list):
        return [options[value] for value in wanted]
    return None if wanted is None else options[wanted]


def offered(element: dict[str, Any]) -> list[dict[str, Any]]:
    if "options" in element:
        return list(element["options"])
    return [option for group in element["option_groups"] for option in group["options"]]


def must_be_legal(view: dict[str, Any]) -> None:
    """By our own validator, and by Slack's own classes."""
    assert check(view, "modal") == []
    View(**view).validate_json()
