"""Forms (modals): a Pydantic model each; what a surface needs to draw one; what is wrong with a submitted one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic import Field as _PydanticField

PAGE = 5
"""Fields on one page: a Discord modal holds five components."""

Widget = Literal["text", "multiline", "secret", "choice", "choices", "datetime", "number", "check", "picture"]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One input as a surface draws it. `value` is what stands in it already; never set for a secret."""

    name: str
    label: str
    widget: Widget
    hint: str = ""
    required: bool = True
    max_length: int | None = None
    options: tuple[Option, ...] = ()
    value: Any = None

    @property
    def may_be_emptied(self) -> bool:
        """Whether no text at all is a value of it, and not the lack of one."""
        return not self.required and self.widget in ("text", "multiline")


class Form(BaseModel):
    """Subclass it: the fields' types check, `asked` says how each is drawn. `title` ≤ 24 characters (Slack)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    title: ClassVar[str]
    submit: ClassVar[str] = "Save"

    @field_validator("*", mode="before")
    @classmethod
    def _text_only(cls, value: object) -> object:
        """PostgreSQL keeps no such character; broken ones are Pydantic's own to refuse."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("This holds a character that is no text.")
        return value


F = TypeVar("F", bound=Form)


def asked(
    label: str,
    widget: Widget = "text",
    *,
    default: Any = ...,
    hint: str = "",
    options: tuple[Option, ...] = (),
    **limits: Any,
) -> Any:
    """A form field.  limits: Pydantic's own (max_length, ge, …). Required unless it has a default."""
    extra: dict[str, Any] = {"widget": widget, "options": [(o.value, o.label) for o in options]}
    return _PydanticField(default, title=label, description=hint, json_schema_extra=extra, **limits)


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to show: submit its values with the same `action`."""

    action: str
    title: str
    submit: str
    fields: tuple[FormField, ...]

    @property
    def pages(self) -> tuple[tuple[FormField, ...], ...]:
        return tuple(self.fields[i : i + PAGE] for i in range(0, len(self.fields), PAGE))


@dataclass(frozen=True, slots=True)
class FormErrors:
    """What is wrong, by field name ("" for the form as a whole). The person's input is kept by the surface."""

    action: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prefill:
    """What stands in a form when it opens, and the options that are known only then."""

    values: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)


def view(form: type[Form], action: str, prefill: Prefill | None = None) -> FormView:
    filled = prefill or Prefill()
    fields = []
    for name, info in form.model_fields.items():
        extra = cast(dict[str, Any], info.json_schema_extra or {})
        widget: Widget = extra.get("widget", "text")
        static = tuple(Option(value, label) for value, label in extra.get("options", []))
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        # of a text; a list's is the number of its entries
        limits = [m.max_length for m in info.metadata if hasattr(m, "max_length") and info.annotation is str]
        fields.append(
            FormField(
                name=name,
                label=info.title or name,
                widget=widget,
                hint=info.description or "",
                required=info.is_required(),
                max_length=limits[0] if limits else None,
                options=filled.options.get(name, static),
                value=None if widget == "secret" else filled.values.get(name, default),
            )
        )
    return FormView(action, form.title, form.submit, tuple(fields))


def filled(form: type[F], action: str, values: Mapping[str, Any]) -> F | FormErrors:
    """The form with a person's values in it, or what is wrong with them."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        return FormErrors(action, problems(error))


def problems(error: ValidationError) -> dict[str, str]:
    """Pydantic's findings in words for people, by field name."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        line = next((f"Line {part + 1}: " for part in item["loc"][1:] if isinstance(part, int)), "")
        found.setdefault(name, line + _sentence(item["type"], item["msg"], item.get("ctx", {})))
    return found


def _sentence(kind: str, message: str, limits: Mapping[str, Any]) -> str:
    if kind in _WORDS:
        return _WORDS[kind].format(**limits)
    return message.removeprefix("Value error, ").replace("Input should", "This should")


_WORDS = {
    "missing": "This is needed.",
    "string_too_long": "At most {max_length} characters, please.",
    "string_too_short": "This is needed.",
    "string_pattern_mismatch": "This should look as the hint says.",
    "too_long": "At most {max_length} lines, please.",
    "extra_forbidden": "This form has no such field.",
    "int_parsing": "A whole number, please.",
    "decimal_parsing": "A number, please.",
    "greater_than_equal": "At least {ge}, please.",
    "less_than_equal": "At most {le}, please.",
}
