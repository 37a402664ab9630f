"""What a member finds on a message: buttons, menus and what they are called."""

from collections.abc import Iterator

from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.state import BUTTON, SELECT, SELECTS, parts


def _names(button: Json) -> list[str]:
    emoji = button.get("emoji") or {}
    named = [button.get("label"), button.get("custom_id"), emoji.get("name")]
    return [each for each in named if each]


def labels(given: list[Json]) -> list[str]:
    """The labels of all buttons; of one without a label its emoji."""
    shown = [each for each in parts(given) if each["type"] == BUTTON]
    return [str(each.get("label") or (each.get("emoji") or {}).get("name")) for each in shown]


def button(given: list[Json], label: str, nth: int = 0) -> Json:
    """The button with this label, emoji or custom_id; it can be pressed."""
    found = [each for each in parts(given) if each["type"] == BUTTON and label in _names(each)]
    if len(found) <= nth:
        raise NotPossible(f"there is no button {label!r}; there are {labels(given)}")
    if found[nth].get("disabled"):
        raise NotPossible(f"the button {label!r} is disabled")
    return found[nth]


def menus(given: list[Json]) -> Iterator[Json]:
    return (each for each in parts(given) if each["type"] in SELECTS)


def options(given: list[Json]) -> list[str]:
    """The labels of everything that can be chosen in string menus."""
    return [option["label"] for each in menus(given) for option in each.get("options") or ()]


def menu(given: list[Json], option: str | None, name: str | None = None, nth: int = 0) -> Json:
    """The menu that offers this option, or whose placeholder or custom_id is `name`; it can be used."""
    found = []
    for each in menus(given):
        names = {each["custom_id"], each.get("placeholder")}
        if name in names if name is not None else each["type"] != SELECT or value(each, option) is not None:
            found.append(each)
    if len(found) <= nth:
        raise NotPossible(f"nothing here offers {option or name!r}; there are {options(given)}")
    if found[nth].get("disabled"):
        raise NotPossible("this menu is disabled")
    return found[nth]


def value(choice: Json, wanted: object) -> str | None:
    """The value of an option by its label or value; None when there is no such option."""
    for each in choice.get("options") or ():
        if wanted in (each["label"], each["value"]):
            return str(each["value"])
    return None


def values(choice: Json, wanted: list[object]) -> list[str]:
    """The values of several options.  Raises NotPossible for a wrong one, or for too many or too few."""
    found = []
    for each in wanted:
        known = value(choice, each)
        if known is None:
            raise NotPossible(f"no option {each!r}; there are {[o['label'] for o in choice['options']]}")
        found.append(known)
    counted(choice, len(found))
    return found


def counted(choice: Json, count: int) -> None:
    least = 1 if choice.get("min_values") is None else choice["min_values"]
    most = 1 if choice.get("max_values") is None else choice["max_values"]
    if not least <= count <= most:
        raise NotPossible(f"between {least} and {most} can be chosen here, not {count}")
