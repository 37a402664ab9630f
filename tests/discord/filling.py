"""What Discord sends for a modal: what stands in its inputs, and what a person typed over it."""

from __future__ import annotations

from typing import Any

from bot.discord import components as c
from bot.discord.limits import check
from tests.discord.emulator import components as strict
from tests.discord.emulator import spec

CALLBACK = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")


def inputs(modal: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The inputs by id."""
    labels = [each for each in modal["components"] if each["type"] == c.LABEL]
    return {each["component"]["custom_id"]: each["component"] for each in labels}


def sent(modal: dict[str, Any], **typed: Any) -> list[dict[str, Any]]:
    """typed: by id: words, a list of values, or true and false."""
    return [_part(each, typed) for each in modal["components"]]


def _part(each: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    if each["type"] == c.TEXT:
        return {"type": c.TEXT, "id": 1}
    given = each["component"]
    id = given["custom_id"]
    found = {"type": given["type"], "id": 2, "custom_id": id}
    match given["type"]:
        case c.TEXT_INPUT:
            found["value"] = typed.get(id, given.get("value", ""))
        case c.CHECKBOX:
            found["value"] = typed.get(id, given["default"])
        case c.FILE_UPLOAD:
            found["values"] = typed.get(id, [])
        case _:
            chosen = [option["value"] for option in given["options"] if option.get("default")]
            found["values"] = typed.get(id, chosen)
    return {"type": c.LABEL, "id": 3, "component": found}


def must_be_legal(modal: dict[str, Any]) -> None:
    """By our own validator, by the emulator's reading, and by Discord's description where it is."""
    assert check(modal, "modal") == []
    assert strict.of_modal(modal["components"]) == []
    assert spec.problems(*CALLBACK, {"type": 9, "data": modal}) == []
