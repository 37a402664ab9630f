"""The card of a persona: who it is, how it sounds, what it is trusted with, what it has spent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.approvals.policy import Policy
from agents.money import dollars
from agents.people import Person
from agents.personas.entrust import Standing
from agents.personas.persona import Disclosure, Guardrails, Habit, Persona, PersonaState, Profile, Voice
from agents.personas.templates import TEMPLATES, template
from agents.publishing.platform import Account
from agents.talk.message import Channel
from bot.cards import Author, Block, Button, Card, Confirm, Field, Fields, Menu, Text, Tone, action
from bot.platforms import RULES
from bot.present import policy as policies_in_words
from bot.present.account import account_line, connect_buttons
from bot.present.words import count, listed
from storage.unit_of_work import UnitOfWork

BADGES = {
    PersonaState.ACTIVE: ("at work", Tone.GOOD),
    PersonaState.PAUSED: ("paused", Tone.WAITING),
    PersonaState.ARCHIVED: ("archived", Tone.NEUTRAL),
}
HABITS = {Habit.NEVER: "no", Habit.SPARING: "few", Habit.OFTEN: "many"}


@dataclass(frozen=True, slots=True)
class PersonaView:
    """Everything that the card shows.  spent: micro-dollars of `limit` in this month."""

    persona: Persona
    now: datetime
    people: Sequence[Person]
    accounts: Sequence[Account]
    policies: Mapping[str, Policy]
    standing: Sequence[Standing]
    channels: Sequence[Channel]
    spent: int
    limit: int


def draw(id: str, work: UnitOfWork, reader: Person) -> Card:
    return card(view(id, work))


def view(id: str, work: UnitOfWork) -> PersonaView:
    """Raises NotFound."""
    persona = work.personas.get(id)
    money = work.budgets.of(persona, work.now)
    return PersonaView(
        persona=persona,
        now=work.now,
        people=work.people.everyone(),
        accounts=work.accounts.of(id),
        policies=work.personas.policies(id),
        standing=work.personas.standing(id, work.now),
        channels=[work.channels.get(channel_id) for channel_id in work.personas.routes(id)],
        spent=money.spent + money.reserved,
        limit=money.limit,
    )


def card(view: PersonaView) -> Card:
    """The persona as it is now."""
    persona, profile = view.persona, view.persona.profile
    badge, tone = BADGES[persona.state]
    blocks: list[Block] = [Text(profile.role, "muted")]
    if profile.bio:
        blocks.append(Text(profile.bio))
    blocks += [Text(line) for line in (*_about(profile.voice), *_rules(profile.guardrails))]
    blocks.append(Fields(tuple(_facts(view))))
    if profile.voice.samples:
        blocks.append(Text("Sounds like this", "heading"))
        blocks += [Text(sample, "quote") for sample in profile.voice.samples[:3]]
    return Card(
        title=f"{persona.name} (@{persona.handle})",
        blocks=tuple(blocks),
        buttons=tuple(_buttons(view)),
        menu=_menu(persona),
        author=Author(persona.name, "persona", persona.id, persona.avatar),
        badge=badge,
        tone=tone,
        subject=persona.subject,
    )


def _about(voice: Voice) -> Iterator[str]:
    yield f"Tone: {voice.tone}"
    if voice.topics:
        yield f"Topics: {'; '.join(voice.topics)}"
    if voice.never_say:
        yield f"Never says: {'; '.join(voice.never_say)}"


def _rules(guardrails: Guardrails) -> Iterator[str]:
    rules = [
        *guardrails.rules,
        *(["An article that is shared is linked."] if guardrails.must_link_source else []),
    ]
    if rules:
        yield f"Keeps to: {' '.join(rules)}"
    if guardrails.topics_to_avoid:
        yield f"Avoids: {'; '.join(guardrails.topics_to_avoid)}"


def _facts(view: PersonaView) -> list[Field]:
    persona, profile = view.persona, view.persona.profile
    habits = f"{HABITS[profile.voice.emoji]} emoji, {HABITS[profile.voice.hashtags]} hashtags"
    label = profile.disclosure is Disclosure.LABEL
    fields = [
        Field("Writes", f"in {profile.voice.language}, with {habits}"),
        Field(
            "Says it is AI",
            f"“{profile.disclosure_label}”" if label else "no: a person approves and answers for it",
        ),
        Field("Time zone", profile.zone),
        Field("Spent this month", f"{dollars(view.spent)} of {dollars(view.limit)}"),
        Field("Models", listed(profile.models, "then") or "the team's own"),
        Field("Accounts", listed([account_line(one) for one in view.accounts]) or "none yet"),
        Field("Posts need", policies_in_words.summary(view.policies.get("", Policy()), view.people)),
    ]
    own = [name for name in view.policies if name]
    fields += [
        Field(f"On {RULES[name].name}", policies_in_words.summary(view.policies[name], view.people))
        for name in own
        if name in RULES
    ]
    fields += policies_in_words.standing(view.standing, view.people, view.now)
    if view.channels:
        fields.append(Field("Cards also go to", listed([f"#{c.name} on {c.surface}" for c in view.channels])))
    return fields if persona.state is not PersonaState.ARCHIVED else fields[:5]


def _buttons(view: PersonaView) -> list[Button]:
    persona = view.persona
    if persona.state is PersonaState.ARCHIVED:
        return [Button("Restore", action("persona.restore", persona.id), "primary")]
    buttons = [edit_button(persona), *connect_buttons(persona, view.accounts)]
    if persona.state is PersonaState.PAUSED:
        return [Button("Let it go on", action("persona.resume", persona.id), "primary"), *buttons]
    return [*buttons, Button("Pause", action("persona.pause", persona.id))]


def edit_button(persona: Persona) -> Button:
    return Button("Edit…", action("persona.edit", persona.id, str(persona.revision)))


def _menu(persona: Persona) -> Menu | None:
    if persona.state is PersonaState.ARCHIVED:
        return None
    sure = Confirm(f"Put @{persona.handle} away? Its history stays, and it can be restored.", "Archive it")
    return Menu(
        "More",
        (
            Button("Who decides", action("persona.decides", persona.id)),
            Button("Clone…", action("persona.clone", persona.id)),
            Button("Export", action("persona.export", persona.id)),
            Button("Archive", action("persona.archive", persona.id), "danger", sure),
        ),
    )


def line(persona: Persona, accounts: Sequence[Account]) -> str:
    """One line of a list."""
    profile = persona.profile
    where = listed(sorted({RULES[a.platform].name for a in accounts if a.platform in RULES}))
    state = "" if persona.state is PersonaState.ACTIVE else f", {persona.state.value}"
    return f"{profile.name}, {profile.role} — {f'on {where}' if where else 'no account yet'}{state}"


def all_of(personas: Sequence[tuple[Persona, Sequence[Account]]]) -> Card:
    """Those at work first, the archived ones as a number."""
    here = [(p, a) for p, a in personas if p.state is not PersonaState.ARCHIVED]
    archived = len(personas) - len(here)
    if not here:
        return Card(
            "There is no persona yet",
            (Text("Begin with a template: /persona new"),),
            (Button("New persona…", action("persona.new", "scratch")),),
        )
    order = sorted(here, key=lambda pair: (pair[0].state is not PersonaState.ACTIVE, pair[0].handle))
    blocks: list[Block] = [Text("\n".join(f"@{p.handle}: {line(p, a)}" for p, a in order))]
    if archived:
        blocks.append(Text(f"{count(archived, 'persona')} in the archive.", "muted"))
    return Card(count(len(here), "persona"), tuple(blocks))


def templates() -> Card:
    """What to begin with; each opens the form filled in."""
    ready = [(word, template(word)) for word in TEMPLATES]
    lines = [Text(f"{word}: {p.name}, {p.role}. {_first_sentence(p)}") for word, p in ready]
    buttons = [Button(f"{p.role}…", action("persona.new", word)) for word, p in ready]
    buttons.append(Button("From scratch…", action("persona.new", "scratch"), "primary"))
    return Card(
        "Begin with a template", (*lines, Text("Everything can be changed.", "muted")), tuple(buttons)
    )


def _first_sentence(profile: Profile) -> str:
    return profile.bio.split(". ")[0].rstrip(".") + "."


def exported(persona: Persona, text: str) -> Card:
    how = "Keep it, change it, send it to somebody: /persona import reads it."
    return Card(f"@{persona.handle} as a document", (Text(text, "code", whole=True), Text(how, "muted")))


def importing() -> Card:
    what = "YAML or JSON, as /persona export writes it, up to 64 kB."
    return Card(
        "Import a persona", (Text(what),), (Button("Import…", action("persona.import", "new"), "primary"),)
    )
