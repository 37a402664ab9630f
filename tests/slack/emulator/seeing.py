"""What a person finds on a message, a modal or a home tab."""

from collections.abc import Iterator

from tests.slack.emulator.errors import Json, NotPossible
from tests.slack.emulator.inputs import labels
from tests.slack.emulator.state import elements_of

BUTTONS = {"button", "icon_button"}


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) in reading order; feedback buttons count as two buttons."""
    for block in blocks:
        for element in elements_of(block):
            yield block, element


def buttons(blocks: list[Json]) -> list[str]:
    """The labels of all buttons."""
    return [element["text"]["text"] for _, element in elements(blocks) if element["type"] in BUTTONS]


def options(blocks: list[Json]) -> list[str]:
    """The labels of everything that can be chosen in menus."""
    return [
        label
        for _, element in elements(blocks)
        if element["type"] not in BUTTONS
        for label in labels(element)
    ]


def button(blocks: list[Json], label: str, nth: int = 0) -> tuple[Json, Json]:
    """The button with this label or action_id."""
    found = [
        (block, element)
        for block, element in elements(blocks)
        if element["type"] in BUTTONS and label in (element["text"]["text"], element["action_id"])
    ]
    if len(found) <= nth:
        raise NotPossible(f"there is no button {label!r}; there are {buttons(blocks)}")
    return found[nth]


def menu(blocks: list[Json], option: str, name: str | None, nth: int = 0) -> tuple[Json, Json]:
    """The menu that offers this option, or the one whose action_id, label or placeholder is `name`."""
    found = []
    for block, element in elements(blocks):
        if element["type"] in BUTTONS:
            continue
        names = {
            element["action_id"],
            element.get("placeholder", {}).get("text"),
            block.get("label", {}).get("text"),
        }
        offers = option in labels(element) or option in _values(element)
        if name in names if name is not None else offers:
            found.append((block, element))
    if len(found) <= nth:
        raise NotPossible(f"nothing here offers {option!r}; there are {options(blocks)}")
    return found[nth]


def _values(element: Json) -> list[str]:
    return [str(option["value"]) for option in element.get("options") or ()]


def confirmation(element: Json) -> Json | None:
    """What a confirm dialog says: title, text, confirm, deny, style; None without one."""
    asked = element.get("confirm")
    if not asked:
        return None
    return {key: value["text"] if isinstance(value, dict) else value for key, value in asked.items()}
