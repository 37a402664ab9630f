"""Commands and buttons, each declared once as one annotated function.

From its signature Slack gets a parser and usage text, Discord a typed application command with autocompletion, the
console its completion, and /help its line. Positional parameters come in order; keyword-only ones are introduced
by their name: `def draft(call, ports, persona, about, *, on=...)` is `/post draft @ada "text" on bluesky`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, get_args, get_origin, get_type_hints

from agents.errors import NotFound
from agents.people import Role
from bot.forms import Form, Option, Prefill

if TYPE_CHECKING:
    from bot.calls import Click
    from bot.ports import Ports

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)
Outside = Callable[["Click", "Ports", Any], Callable[[], Any]]
"""(click, ports, form) -> the call that is made with no transaction open."""


class Kind(Protocol):
    """A kind of parameter: how it is read from what somebody typed, and what completes it.

    word: its name in usage text ("@persona"), "" where the parameter's own name says more.  rest: True if it takes the rest of the line when it comes last.
    choices: all that it takes, () where that is looked up or free.  bounds: of a whole number, both included, else None.
    completes: whether it has anything to offer.
    """

    @property
    def word(self) -> str: ...
    @property
    def rest(self) -> bool: ...
    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def bounds(self) -> tuple[int, int] | None: ...
    @property
    def completes(self) -> bool: ...

    def parse(self, text: str, ports: Ports) -> Any:
        """Raises Invalid or NotFound, naming the remedy."""

    def offers(self, ports: Ports) -> list[Option]:
        """All that may stand there, best first."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    """As typed: trailing underscores of Python keywords are gone."""
    argument: str
    """As the function calls it."""
    kind: Kind
    required: bool
    named: bool
    """Introduced by its name, in any order, after the positional ones."""
    default: Any = None

    @property
    def usage(self) -> str:
        word = self.kind.word
        text = f"{self.name} {word.upper() or '…'}" if self.named else word or self.name
        return text if self.required else f"[{text}]"


@dataclass(frozen=True, slots=True)
class Command:
    """path: "post draft".  role: the least role that may call it; finer rights are the verb's."""

    path: str
    summary: str
    handler: Handler
    parameters: tuple[Parameter, ...]
    role: Role
    public: bool
    """Whether its answer stands in the channel for everybody when it is no living card."""

    @property
    def group(self) -> str:
        return self.path.split()[0]

    @property
    def usage(self) -> str:
        return " ".join([f"/{self.path}", *(p.usage for p in self.parameters)])


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """verb: "post.approve".  form: opened by a press and submitted with the same action.

    outside: for a handler that has to wait for the network, which nothing may do while a transaction is open. It runs in
    a first transaction, checks the right, and answers the call to make between that one and the handler's; the handler
    takes what the call answers as its fourth argument.
    """

    verb: str
    handler: Handler
    role: Role
    form: type[Form] | None = None
    prefill: Callable[[Click, Ports], Prefill] | None = None
    outside: Outside | None = None


class Registry:
    """All that can be asked of Troupe. Handlers enter themselves when their module is imported."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}
        self.buttons: dict[str, ButtonAction] = {}

    def command(
        self, path: str, summary: str, *, role: Role = Role.VIEWER, public: bool = False
    ) -> Callable[[H], H]:
        """Declares a command.  path: "group verb" or one word alone."""

        def enter(handler: H) -> H:
            if path in self.commands:
                raise ValueError(f"/{path} is declared twice")
            self.commands[path] = Command(path, summary, handler, parameters_of(handler), role, public)
            return handler

        return enter

    def button(
        self,
        verb: str,
        *,
        role: Role = Role.VIEWER,
        form: type[Form] | None = None,
        prefill: Callable[[Click, Ports], Prefill] | None = None,
        outside: Outside | None = None,
    ) -> Callable[[H], H]:
        """Declares what a button's verb does; with a form, the handler takes the valid form as third argument."""

        def enter(handler: H) -> H:
            if verb in self.buttons:
                raise ValueError(f"button {verb} is declared twice")
            self.buttons[verb] = ButtonAction(verb, handler, role, form, prefill, outside)
            return handler

        return enter

    def find_command(self, words: Iterable[str]) -> tuple[Command, int]:
        """The command that the words begin with, and how many words name it ("take down" is "take-down").

        Raises NotFound with the nearest one, or with what the group has.
        """
        first, second, third, *_ = [*(word.lower() for word in words), "", "", ""]
        for path, length in ((f"{first} {second}-{third}", 3), (f"{first} {second}", 2), (first, 1)):
            if path in self.commands:
                return self.commands[path], length
        group = [path for path in self.commands if path.split()[0] == first]
        if group:
            known = ", ".join(f"/{path}" for path in sorted(group))
            raise NotFound(f"/{first} {second}".strip() + " is not a command.", remedy=f"There is {known}.")
        raise NotFound.named("command", f"/{first}", [f"/{path.split()[0]}" for path in self.commands])

    def find_button(self, verb: str) -> ButtonAction:
        if verb not in self.buttons:
            raise NotFound.named("button", verb, self.buttons, field="action")
        return self.buttons[verb]

    def waits_outside(self, action: str) -> bool:
        """Whether the button of that action has something to do with no transaction open."""
        button = self.buttons.get(action.partition(":")[0])
        return button is not None and button.outside is not None

    def field_of(self, action: str, name: str) -> str:
        """The name, if that action's form has such a field; else "", the form as a whole."""
        button = self.buttons.get(action.partition(":")[0])
        return name if button and button.form and name in button.form.model_fields else ""


REGISTRY = Registry()
command = REGISTRY.command
button = REGISTRY.button


def parameters_of(handler: Handler) -> tuple[Parameter, ...]:
    """Reads a handler's signature; the first two arguments are the call and the ports.

    Raises TypeError for a parameter without `Annotated[..., kind]`.
    """
    hints = get_type_hints(handler, include_extras=True)
    found = []
    for argument in list(inspect.signature(handler).parameters.values())[2:]:
        annotation = hints[argument.name]
        if get_origin(annotation) is not Annotated:
            raise TypeError(f"{handler.__name__}: {argument.name} says no kind of parameter")
        required = argument.default is inspect.Parameter.empty
        found.append(
            Parameter(
                name=argument.name.rstrip("_"),
                argument=argument.name,
                kind=get_args(annotation)[1],
                required=required,
                named=argument.kind is inspect.Parameter.KEYWORD_ONLY,
                default=None if required else argument.default,
            )
        )
    return tuple(found)
