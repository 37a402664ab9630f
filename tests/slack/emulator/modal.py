"""A modal under a person's hands: read, fill in, submit, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.emulator import payloads, seeing
from tests.slack.emulator.blocks import texts
from tests.slack.emulator.errors import Json, NotPossible, Refused
from tests.slack.emulator.inputs import STATES, complaint, entered
from tests.slack.emulator.methods import views
from tests.slack.emulator.state import File, View, elements_of

if TYPE_CHECKING:
    from tests.slack.emulator.hands import Person

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass
class Submitted:
    """What came of a submission.

    action: "closed", "errors", "update", "push" or "clear" as the app answered; "client" when Slack's own client
    refused to send it; "trouble" when the app gave no answer in time or one that Slack does not take (`error`).
    errors: label -> what stands in red below that field.
    """

    action: str
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.action in {"closed", "update", "push", "clear"}


@dataclass
class Home:
    """The home tab of one person."""

    view: View

    @property
    def words(self) -> str:
        return "\n".join(texts(self.view.body["blocks"]))

    @property
    def buttons(self) -> list[str]:
        return seeing.buttons(self.view.body["blocks"])


class Modal:
    """view: what is behind it, alive: an update of the app shows here at once."""

    def __init__(self, person: Person, view: View) -> None:
        self.person, self.view = person, view

    @property
    def title(self) -> str:
        return str(self.view.body["title"]["text"])

    @property
    def body(self) -> Json:
        return self.view.body

    @property
    def words(self) -> str:
        """All that can be read in it, without what was typed."""
        return "\n".join(texts(self.view.body["blocks"]))

    @property
    def buttons(self) -> list[str]:
        return seeing.buttons(self.view.body["blocks"])

    @property
    def inputs(self) -> list[Json]:
        return [block for block in self.view.body["blocks"] if block["type"] == "input"]

    @property
    def labels(self) -> list[str]:
        return [str(block["label"]["text"]) for block in self.inputs]

    @property
    def open(self) -> bool:
        return self.view.open

    @property
    def errors(self) -> dict[str, str]:
        """label -> error shown below it."""
        return {
            block["label"]["text"]: self.view.errors[block["block_id"]]
            for block in self.inputs
            if block["block_id"] in self.view.errors
        }

    def _field(self, name: str) -> tuple[Json, Json]:
        """The input by its label, or any element with state by its block_id or action_id."""
        for block in self.view.body["blocks"]:
            for element in elements_of(block):
                names = {block.get("label", {}).get("text"), block["block_id"], element.get("action_id")}
                if name in names and element["type"] in STATES:
                    return block, element
        raise NotPossible(f"there is no field {name!r}; there are {self.labels}")

    def value(self, label: str) -> Any:
        """What stands in a field now: text, the label of an option, a list of labels, a date …"""
        block, element = self._field(label)
        state = self.view.values[block["block_id"]][element["action_id"]]
        return _readable(state[STATES[element["type"]][0]])

    def fill(self, values: Mapping[str, Any]) -> Modal:
        """Enters values by label; what each kind of field takes stands at `inputs.entered`.  Files: from `uploads`."""
        self._still_open()
        for label, value in values.items():
            block, element = self._field(label)
            state = self.view.values[block["block_id"]][element["action_id"]]
            given = self._files(element, value) if element["type"] == "file_input" else value
            fresh = entered(element, given, state)
            self.view.values[block["block_id"]][element["action_id"]] = fresh
            if block.get("dispatch_action"):
                done = payloads.action(block, element, payloads.chosen(element, fresh))
                self._send(lambda done=done: payloads.on_view(self._world, self.person.user, self.view, done))
        return self

    def _files(self, element: Json, value: Any) -> list[Json] | None:
        files: list[File] = [value] if isinstance(value, File) else list(value or ())
        if len(files) > element.get("max_files", 10):
            raise NotPossible(f"no more than {element['max_files']} files go in here")
        kinds = element.get("filetypes")
        for file in files:
            if kinds and file.name.rsplit(".", 1)[-1].lower() not in kinds:
                raise NotPossible(f"{file.name}: only {kinds} go in here")
        return [self._world.file_told(file) for file in files] or None

    def submit(self) -> Submitted:
        """Presses the submit button.  Slack's client first checks what is required, how long, a number, an address."""
        self._still_open()
        if "submit" not in self.view.body:
            raise NotPossible("this modal has no submit button")
        self.view.errors = {}
        for block in self.inputs:
            state = self.view.values[block["block_id"]][block["element"]["action_id"]]
            if problem := complaint(block, state):
                self.view.errors[block["block_id"]] = problem
        if self.view.errors:
            return Submitted("client", self.errors)
        delivery = self._send(lambda: payloads.submission(self._world, self.person.user, self.view))
        if not delivery.acknowledged:
            return Submitted("trouble", error=delivery.error or TROUBLE)
        body = delivery.reply.body if delivery.reply else None
        try:
            return self.person.slack.do(lambda: self._apply(body or {}))
        except Refused as refused:
            return Submitted("trouble", error=str(refused))

    def _apply(self, answer: Json) -> Submitted:
        """response_action: errors, update, push, clear; nothing closes this view and shows the one below."""
        action = answer.get("response_action")
        if not answer:
            self._leave()
            return Submitted("closed")
        if action == "errors":
            return self._complain(answer.get("errors"))
        if action == "clear":
            for view in self._stack:
                view.open = False
            self._stack.clear()
            return Submitted("clear")
        if action == "update":
            views.change(self._world, self.view, views.checked(self._world, answer.get("view"), "modal"))
            return Submitted("update")
        if action == "push":
            if len(self._stack) >= views.DEPTH:
                raise Refused("push_limit_reached")
            body = views.checked(self._world, answer.get("view"), "modal")
            self._stack.append(views.new_view(self._world, self.person.id, body, self.view))
            return Submitted("push")
        raise Refused("invalid_response_action", messages=[str(answer)])

    def _complain(self, errors: Any) -> Submitted:
        """Errors go to input blocks by their block_id and are texts; with anything else Slack shows its own trouble."""
        known = {block["block_id"] for block in self.inputs}
        if not isinstance(errors, dict) or not errors or set(errors) - known:
            raise Refused(
                "invalid_errors", messages=[f"{errors} does not name input blocks of {sorted(known)}"]
            )
        if not all(isinstance(each, str) and each for each in errors.values()):
            raise Refused("invalid_errors", messages=["every error is a text"])
        self.view.errors = dict(errors)
        return Submitted("errors", self.errors)

    def close(self) -> None:
        """Presses Cancel: this view goes, the one below shows; the app is told if it asked to be."""
        self._still_open()
        cleared = bool(self.view.body.get("clear_on_close"))
        self._leave(everything=cleared)
        if self.view.body.get("notify_on_close"):
            self._send(lambda: payloads.closed(self._world, self.person.user, self.view, cleared))

    def _leave(self, everything: bool = False) -> None:
        stack = self._stack
        gone = list(stack) if everything else [self.view]
        for view in gone:
            view.open = False
            if view in stack:
                stack.remove(view)

    def _still_open(self) -> None:
        if not self.view.open:
            raise NotPossible("this modal is closed")
        if self._stack[-1] is not self.view:
            raise NotPossible(f"{Modal(self.person, self._stack[-1]).title!r} lies on top of it")

    @property
    def _world(self) -> Any:
        return self.person.slack.world

    @property
    def _stack(self) -> list[View]:
        return self.person.slack.world.workspace.stacks[self.person.id]

    def _send(self, payload: Any) -> Any:
        return self.person._send(payload)


def _readable(value: Any) -> Any:
    if isinstance(value, dict):
        return value["text"]["text"]
    if isinstance(value, list):
        return [each["text"]["text"] if isinstance(each, dict) and "text" in each else each for each in value]
    return value
