"""A persona: an AI teammate with a name, a voice, rules it keeps, accounts, and a budget."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agents.clock import zones
from agents.errors import Conflict
from agents.events import Subject
from agents.tasks.family import UNASKED, Family


class PersonaState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Writes and publishes nothing until somebody lets it go on; what is scheduled waits."""
    ARCHIVED = "archived"
    """Out of sight; its history stays."""


ALLOWED: Mapping[PersonaState, frozenset[PersonaState]] = {
    PersonaState.ACTIVE: frozenset({PersonaState.PAUSED, PersonaState.ARCHIVED}),
    PersonaState.PAUSED: frozenset({PersonaState.ACTIVE, PersonaState.ARCHIVED}),
    PersonaState.ARCHIVED: frozenset({PersonaState.ACTIVE}),
}
"""Every move that a persona may make."""


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


def _plain_handle(value: object) -> object:
    return value.strip().removeprefix("@").lower() if isinstance(value, str) else value


def _known_zone(value: str) -> str:
    if value not in zones():
        raise ValueError(f"{value} is no time zone; use an IANA name such as Europe/Berlin or UTC")
    return value


# What each part of a profile may hold, named once: a form that asks for a part asks for its type.
Line = Annotated[str, Field(min_length=1, max_length=300)]
"""A sentence or a phrase."""
Sample = Annotated[str, Field(min_length=1, max_length=3000)]
"""A post that sounds right."""
Name = Annotated[str, Field(min_length=1, max_length=60)]
Handle = Annotated[str, BeforeValidator(_plain_handle), Field(pattern=r"^[a-z][a-z0-9_-]{1,29}$")]
RoleTitle = Annotated[str, Field(min_length=1, max_length=100)]
Bio = Annotated[str, Field(max_length=1000)]
Tone = Annotated[str, Field(max_length=500)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""BCP 47 tag."""
Topics = Annotated[tuple[Line, ...], Field(max_length=30)]
Phrases = Annotated[tuple[Line, ...], Field(max_length=50)]
Samples = Annotated[tuple[Sample, ...], Field(max_length=10)]
Sentences = Annotated[tuple[Line, ...], Field(max_length=30)]
Label = Annotated[str, Field(min_length=2, max_length=60)]
Zone = Annotated[str, AfterValidator(_known_zone)]
"""IANA name."""
Dollars = Annotated[Decimal, Field(ge=0, le=100_000)]
Chain = Annotated[tuple[Line, ...], Field(max_length=6)]
"""Models, first choice first."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=10_000)


class Voice(Strict):
    """How it sounds."""

    tone: Tone = "friendly, clear and concrete"
    topics: Topics = ()
    never_say: Phrases = ()
    """Words and phrases that no post may hold; checked without regard to case on every version."""
    samples: Samples = ()
    language: Language = "en"
    emoji: Habit = Habit.SPARING
    hashtags: Habit = Habit.SPARING


class Guardrails(Strict):
    """What it must keep to. `topics_to_avoid` are told to the model and looked for in every version."""

    topics_to_avoid: Phrases = ()
    rules: Sentences = ()
    """Sentences the model is held to ("Name a price only with its currency")."""
    must_link_source: bool = False
    """An article share must hold the link of what it shares."""


class Delegation(Strict):
    """Which tasks it takes on, with what."""

    min_complexity: int = Field(1, ge=1, le=10)
    max_complexity: int = Field(10, ge=1, le=10)
    at_once: int = Field(1, ge=1, le=10)
    """Tasks that it has in hand at the same time; with those that wait for people, without those that wait for their parts."""
    tools: tuple[Family, ...] = UNASKED
    plan_approved_from: int = Field(7, ge=1, le=11)
    """The least complexity from which a person approves the plan before anything is built; 11: never."""
    reviewed: bool = True
    """Whether a person accepts each result, unless the task says otherwise."""
    task_budget_usd: Dollars = Decimal(1)
    """What one task may spend, unless it says otherwise."""

    @model_validator(mode="after")
    def _range(self) -> Delegation:
        if self.min_complexity > self.max_complexity:
            raise ValueError("the least complexity is above the greatest")
        return self

    def fits(self, complexity: int) -> bool:
        return self.min_complexity <= complexity <= self.max_complexity


class Profile(Strict):
    """Everything a person writes about a persona; imported and exported as it stands."""

    name: Name
    handle: Handle
    """Typed after an @; unique; lower case."""
    role: RoleTitle = "Teammate"
    bio: Bio = ""
    voice: Voice = Voice()
    guardrails: Guardrails = Guardrails()
    disclosure: Disclosure = Disclosure.NONE
    disclosure_label: Label = "Written with AI"
    zone: Zone = "UTC"
    """The persona's own day and hour."""
    monthly_budget_usd: Dollars = Decimal(5)
    tasks: Delegation = Delegation()
    models: Chain = ()
    """Provider chain, first choice first ("openai:gpt-5-mini"); empty: the team's own chain."""


class Persona(Strict):
    """One instance of a persona type.  avatar: a picture id, "" for one that is drawn from the name."""

    id: str
    profile: Profile
    state: PersonaState = PersonaState.ACTIVE
    avatar: str = ""
    revision: int = 1

    @property
    def subject(self) -> Subject:
        return Subject("persona", self.id)

    @property
    def handle(self) -> str:
        return self.profile.handle

    @property
    def name(self) -> str:
        return self.profile.name

    def must(self, to: PersonaState) -> None:
        """Raises Conflict naming both states unless the move is allowed."""
        if to not in ALLOWED[self.state]:
            raise Conflict(f"@{self.handle} is {self.state.value}, so it cannot become {to.value}.")

    def must_not_be_archived(self) -> None:
        if self.state is PersonaState.ARCHIVED:
            raise Conflict(f"@{self.handle} is archived.", remedy=f"/persona restore @{self.handle} first.")


class Personas(Protocol):
    """Where personas are kept."""

    def get(self, id: str) -> Persona: ...
    def by_handle(self, handle: str) -> Persona: ...
