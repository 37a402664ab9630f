"""A modal in front of a member: read it, fill it in, send it off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.discord.emulator import seeing, typed
from tests.discord.emulator.components import CHECKBOX, CHECKBOXES, LABEL, RADIO, UPLOAD
from tests.discord.emulator.declared import CHANNEL, FILE, MENTIONABLE, ROLE, USER
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.interaction import MODAL_SUBMIT, Interaction, View
from tests.discord.emulator.state import SELECT, TEXT_INPUT, Message, texts

if TYPE_CHECKING:
    from tests.discord.emulator.hands import Person

ENTITIES = {5: USER, 6: ROLE, 7: MENTIONABLE, 8: CHANNEL, UPLOAD: FILE}
Action = Literal["closed", "errors", "failed"]


@dataclass
class Submitted:
    """What came of it.  "errors": Discord's client did not send it, errors by label.  "failed": no answer in time.

    After "closed" the modal is gone, whatever the app then said: `message` is its answer.
    """

    action: Action
    errors: dict[str, str] = field(default_factory=dict)
    sent: Interaction | None = field(default=None, repr=False)

    @property
    def message(self) -> Message | None:
        return self.sent.response if self.sent else None


class Modal:
    """view: its state.  Fields are named by their label or custom_id."""

    def __init__(self, person: Person, view: View) -> None:
        self.person, self.view = person, view

    @property
    def title(self) -> str:
        return str(self.view.body["title"])

    @property
    def words(self) -> str:
        """What it says besides its fields."""
        return "\n".join(texts(self.view.body["components"]))

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self._inputs()]

    def _inputs(self) -> Iterator[tuple[str, Json]]:
        """(label, input) in reading order."""
        for each in self.view.body["components"]:
            if each["type"] == LABEL:
                yield each["label"], each["component"]
            elif each["type"] == 1:
                yield each["components"][0]["label"], each["components"][0]

    def input(self, name: str) -> Json:
        for label, given in self._inputs():
            if name in (label, given["custom_id"]):
                return given
        raise NotPossible(f"there is no field {name!r}; there are {self.labels}")

    def value(self, name: str) -> Any:
        """What stands in a field: entered, or put there by the app."""
        return self._value(self.input(name))

    def _value(self, given: Json) -> Any:
        if given["custom_id"] in self.view.values:
            return self.view.values[given["custom_id"]]
        if given["type"] == TEXT_INPUT:
            return given.get("value") or ""
        if given["type"] == CHECKBOX:
            return bool(given.get("default"))
        chosen = [each["value"] for each in given.get("options") or () if each.get("default")]
        chosen += [each["id"] for each in given.get("default_values") or ()]
        return (chosen[0] if chosen else None) if given["type"] == RADIO else chosen

    def fill(self, fields: Mapping[str, Any]) -> Modal:
        """Texts as they are, options by label or value (a list for several), people, rooms, roles and files as such."""
        for name, value in fields.items():
            given = self.input(name)
            self.view.values[given["custom_id"]] = self._entered(given, value)
        return self

    def _entered(self, given: Json, value: Any) -> Any:
        kind = given["type"]
        if kind in {TEXT_INPUT, CHECKBOX}:
            return value
        if kind == RADIO:
            return seeing.values({**given, "max_values": 1}, [value])[0]
        wanted = list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
        if kind in {SELECT, CHECKBOXES}:
            most = given.get("max_values") or (len(given["options"]) if kind == CHECKBOXES else 1)
            return seeing.values({**given, "min_values": 0, "max_values": most}, wanted)
        seeing.counted({"min_values": 0, "max_values": given.get("max_values")}, len(wanted))
        return wanted

    def submit(self) -> Submitted:
        """Presses Submit, and waits for the app's answer."""
        if not self.view.open:
            raise NotPossible("this modal is closed")
        wrong = {label: said for label, given in self._inputs() if (said := self._complaint(given))}
        if wrong:
            return Submitted("errors", wrong)
        origin = self.view.origin
        sent = self.person.interact(MODAL_SUBMIT, self._data, origin.message, origin.channel, origin)
        if sent.answered:
            self.close()
        return Submitted("closed" if sent.answered else "failed", sent=sent)

    def close(self) -> None:
        """It is put away; the app does not hear of that."""
        self.view.open = False

    def _complaint(self, given: Json) -> str:
        value = self._value(given)
        if given["type"] == CHECKBOX:
            return ""
        empty = value is None or value == "" or value == []
        if empty:
            required = given.get("required")
            return "This field is required." if required is None or required else ""
        size, least, most = _measures(given, value)
        return "" if least <= size <= most else f"Must be between {least} and {most}."

    def _data(self) -> Json:
        resolved: Json = {}
        told: Json = {
            "custom_id": self.view.body["custom_id"],
            "components": [
                self._told(at, each, resolved) for at, each in enumerate(self.view.body["components"])
            ],
        }
        return told | ({"resolved": resolved} if resolved else {})

    def _told(self, at: int, component: Json, resolved: Json) -> Json:
        told: Json = {"type": component["type"], "id": component.get("id") or at + 1}
        if component["type"] == LABEL:
            return told | {"component": self._state(component["component"], 100 + at, resolved)}
        if component["type"] == 1:
            return told | {"components": [self._state(component["components"][0], 100 + at, resolved)]}
        return told

    def _state(self, given: Json, id: int, resolved: Json) -> Json:
        kind, value = given["type"], self._value(given)
        state: Json = {"type": kind, "id": given.get("id") or id, "custom_id": given["custom_id"]}
        if kind in {TEXT_INPUT, CHECKBOX, RADIO}:
            return state | {"value": value}
        if kind not in ENTITIES:
            return state | {"values": list(value)}
        world = self.person.discord.world
        return state | {"values": [typed.resolve(world, ENTITIES[kind], each, resolved) for each in value]}


def _measures(given: Json, value: Any) -> tuple[int, int, int]:
    """How much there is, and between what it may be."""
    if given["type"] == TEXT_INPUT:
        return len(value), given.get("min_length") or 0, given.get("max_length") or 4000
    if given["type"] == RADIO:
        return 1, 1, 1
    least = 1 if given.get("min_values") is None else given["min_values"]
    most = given.get("max_values") or (len(given["options"]) if given["type"] == CHECKBOXES else 1)
    return len(value), least, most
