"""A persona: an AI teammate with a name, a voice, rules it keeps, accounts, and a budget."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

Line = Annotated[str, Field(min_length=1, max_length=300)]
"""A sentence or a phrase."""


class PersonaState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Writes and publishes nothing until somebody lets it go on; what is scheduled waits."""
    ARCHIVED = "archived"
    """Out of sight; its history stays."""


class Habit(StrEnum):
    """How much of something a persona uses."""

    NEVER = "never"
    SPARING = "sparing"
    OFTEN = "often"


class Disclosure(StrEnum):
    """How a post says that an AI helped to write it."""

    NONE = "none"
    """Says nothing: a named person reviewed it and answers for it (EU AI Act, Art. 50(4), last half-sentence)."""
    LABEL = "label"
    """Ends with the persona's disclosure label."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=10_000)


class Voice(Strict):
    """How it sounds."""

    tone: str = Field("friendly, clear and concrete", max_length=500)
    topics: tuple[Line, ...] = Field((), max_length=30)
    never_say: tuple[Line, ...] = Field((), max_length=50)
    """Words and phrases that no post may hold; checked without regard to case on every version."""
    samples: tuple[Annotated[str, Field(min_length=1, max_length=3000)], ...] = Field((), max_length=10)
    """Posts that sound right."""
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    """BCP 47 tag."""
    emoji: Habit = Habit.SPARING
    hashtags: Habit = Habit.SPARING


class Guardrails(Strict):
    """What it must keep to. `topics_to_avoid` are told to the model and looked for in every version."""

    topics_to_avoid: tuple[Line, ...] = Field((), max_length=50)
    rules: tuple[Line, ...] = Field((), max_length=30)
    """Sentences the model is held to ("Name a price only with its currency")."""
    must_link_source: bool = False
    """An article share must hold the link of what it shares."""


class Profile(Strict):
    """Everything a person writes about a persona; imported and exported as it stands."""

    name: str = Field(min_length=1, max_length=60)
    handle: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,29}$")
    """Typed after an @; unique; lower case."""
    role: str = Field("Teammate", min_length=1, max_length=100)
    bio: str = Field("", max_length=1000)
    voice: Voice = Voice()
    guardrails: Guardrails = Guardrails()
    disclosure: Disclosure = Disclosure.NONE
    disclosure_label: str = Field("Written with AI", min_length=2, max_length=60)
    zone: str = "UTC"
    """IANA name; the persona's own day and hour."""
    monthly_budget_usd: Decimal = Field(Decimal(5), ge=0, le=100_000)
    models: tuple[Line, ...] = Field((), max_length=6)
    """Provider chain, first choice first ("openai:gpt-5-mini"); empty: the team's own chain."""

    @field_validator("handle", mode="before")
    @classmethod
    def _plain_handle(cls, value: object) -> object:
        return value.strip().removeprefix("@").lower() if isinstance(value, str) else value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value} is no time zone; use an IANA name such as Europe/Berlin or UTC")
        return value


class Persona(Strict):
    """One instance of a persona type.  avatar: a picture id, "" for one that is drawn from the name."""

    id: str
    profile: Profile
    state: PersonaState = PersonaState.ACTIVE
    avatar: str = ""
    revision: int = 1

    @property
    def handle(self) -> str:
        return self.profile.handle

    @property
    def name(self) -> str:
        return self.profile.name


class Personas(Protocol):
    """Where personas are kept."""

    def get(self, id: str) -> Persona: ...
    def by_handle(self, handle: str) -> Persona: ...
