"""The forms about personas. A part of a profile is asked for by its own type, so its limits stand in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from agents.personas import document, persona
from agents.personas.persona import Disclosure, Guardrails, Habit, Profile, Voice
from bot.forms import Form, Option, asked

SAMPLE_BREAK = "\n---\n"
"""Parts one sample post from the next, as it does the posts of a thread."""


def _lines(value: object) -> object:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


def _samples(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = f"\n{value}\n".replace("\r\n", "\n").split(SAMPLE_BREAK)
    return [part.strip() for part in parts if part.strip()]


Lines = BeforeValidator(_lines)
_HABITS = (
    Option(Habit.NEVER.value, "Never"),
    Option(Habit.SPARING.value, "Sparingly"),
    Option(Habit.OFTEN.value, "Often"),
)
_DISCLOSURES = (
    Option(Disclosure.NONE.value, "Says nothing: a named person approves"),
    Option(Disclosure.LABEL.value, "Ends with a label"),
)


def _list(label: str, hint: str = "One a line.") -> Any:
    return asked(label, "multiline", hint=hint, default="", validate_default=True)


class PersonaForm(Form):
    """Four pages of five."""

    title = "Persona"
    name: persona.Name = asked("Name")
    handle: persona.Handle = asked("Handle", hint="Typed after an @: a-z, 0-9, _ and -, a letter first.")
    role: persona.RoleTitle = asked("Role", default="Teammate")
    bio: persona.Bio = asked("Who it is", "multiline", default="")
    avatar: str = asked(
        "Picture", "picture", hint="Drawn from the name if there is none.", default="", max_length=40
    )

    tone: persona.Tone = asked("Tone", "multiline", default="friendly, clear and concrete")
    topics: Annotated[persona.Topics, Lines] = _list("Topics")
    never_say: Annotated[persona.Phrases, Lines] = _list("Never says", "One word or phrase a line.")
    samples: Annotated[persona.Samples, BeforeValidator(_samples)] = _list(
        "Posts that sound right", "A line of three dashes --- parts them."
    )
    language: persona.Language = asked("Language", hint="A tag such as en, de or pt-BR.", default="en")

    emoji: Habit = asked("Emoji", "choice", options=_HABITS, default=Habit.SPARING)
    hashtags: Habit = asked("Hashtags", "choice", options=_HABITS, default=Habit.SPARING)
    topics_to_avoid: Annotated[persona.Phrases, Lines] = _list("Avoids")
    rules: Annotated[persona.Sentences, Lines] = _list("Rules it keeps", "One sentence a line.")
    must_link_source: bool = asked("An article that is shared is linked", "check", default=False)

    disclosure: Disclosure = asked(
        "Does it say that it is AI?", "choice", options=_DISCLOSURES, default=Disclosure.NONE
    )
    disclosure_label: persona.Label = asked("The label", default="Written with AI")
    zone: persona.Zone = asked("Time zone", hint="Such as Europe/Berlin.", default="UTC")
    monthly_budget_usd: persona.Dollars = asked("Budget for a month, in US dollars", "number", default="5")
    models: Annotated[persona.Chain, Lines] = _list(
        "Models", "First choice first, one a line (openai:gpt-5-mini). Empty: the team's own."
    )

    def profile(self) -> Profile:
        values = self.model_dump()
        return document.profile(
            _part(Profile, values) | {"voice": _part(Voice, values), "guardrails": _part(Guardrails, values)}
        )


def values_of(profile: Profile, avatar: str = "") -> dict[str, Any]:
    """What stands in the form when it opens."""
    nested = profile.model_dump(mode="json")
    flat = nested | nested.pop("voice") | nested.pop("guardrails") | {"avatar": avatar}
    return {name: _shown(name, value) for name, value in flat.items() if name in PersonaForm.model_fields}


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return (SAMPLE_BREAK if name == "samples" else "\n").join(value)
    return value


def _part(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in model.model_fields if name in values}


class BudgetForm(Form):
    title = "Budget"
    monthly_budget_usd: persona.Dollars = asked("Budget for a month, in US dollars", "number")


class CloneForm(Form):
    title = "Clone a persona"
    submit = "Clone"
    handle: persona.Handle = asked(
        "Handle of the copy", hint="Typed after an @: a-z, 0-9, _ and -, a letter first."
    )
    name: str = asked("Name of the copy", hint="The same one if left out.", default="", max_length=60)


class ImportForm(Form):
    title = "Import a persona"
    submit = "Import"
    text: str = asked(
        "YAML or JSON",
        "multiline",
        hint="As /persona export writes it.",
        max_length=document.LIMIT,
        min_length=1,
    )
    replaces: bool = asked("Replace the persona that has this handle", "check", default=False)
