"""Examples of the cards about people, personas and the whole of Troupe. Nothing in here is real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from agents.approvals.policy import Policy
from agents.events import SYSTEM, Event, Subject
from agents.guests import Guest, GuestState, UserGroup
from agents.people import Identity, Person, Role
from agents.personas import document
from agents.personas.persona import Persona, PersonaState
from agents.personas.templates import template
from agents.publishing.platform import Account
from agents.talk.message import Channel
from agents.team import Invitation
from bot.cards import Card
from bot.platforms import RULES
from bot.present import account, audit, guest, person, persona, policy, status
from bot.present import help as help_cards
from bot.present.persona import PersonaView
from bot.registry import REGISTRY, Command
from storage.events import Recorded

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
ALICE = Person("alice", "Alice", Role.OWNER, "Europe/Berlin")
BOB = Person("bob", "Bob", Role.EDITOR)
PEOPLE = (ALICE, BOB)
NOOR = Persona(id="noor", profile=template("research-analyst"))
ACCOUNTS = (
    Account("a1", NOOR.id, "stage", "noor"),
    Account(
        "a2", NOOR.id, "bluesky", "noor.example.com", "https://bsky.social", "did:plc:x", "sign_in_needed"
    ),
)
STRICT = Policy(quorum=2, approvers=(ALICE.id, BOB.id), author_may_approve=False, escalate_to=ALICE.id)
CODE = "an-example-that-opens-nothing"
DANA = Guest("dana", "slack", "U0DANA", "Dana", GuestState.WAITING, NOW - timedelta(minutes=5))
MARKETING = UserGroup("slack", "S0MARKET", "marketing", Role.EDITOR, ALICE.id, NOW)


@dataclass(frozen=True, slots=True)
class Beforehand:
    """An approval given beforehand."""

    person_id: str = ALICE.id
    platform: str = "stage"
    left: int = 7
    expires_at: datetime = NOW + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    last_used_at: datetime | None
    person_id: str = ALICE.id
    role: Role = Role.EDITOR
    revoked_at: datetime | None = None


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    keys = (Key("newsletter", NOW - timedelta(days=3)), Key("ci", None))
    return {
        "Personas": tuple(persona.card(view(state)) for state in PersonaState),
        "Personas, more": (
            persona.all_of([(NOOR, ACCOUNTS), (replace_state(PersonaState.PAUSED), ())]),
            persona.all_of([]),
            persona.templates(),
            persona.importing(),
            persona.exported(NOOR, document.write(NOOR.profile)),
        ),
        "Who decides": (
            policy.card(
                NOOR, {"": Policy(), "bluesky": STRICT}, PEOPLE, {p: r.name for p, r in RULES.items()}
            ),
            policy.auto(NOOR, (Beforehand(),), PEOPLE, NOW),
            policy.auto(NOOR, (), PEOPLE, NOW),
        ),
        "Accounts": (
            account.card(NOOR, ACCOUNTS),
            account.card(NOOR, ()),
            account.leaving(ACCOUNTS[1], NOOR),
        ),
        "People": (
            person.card(ALICE, (Identity(ALICE.id, "slack", "U1"),), keys),
            person.card(replace(BOB, removed_at=NOW), (), ()),
            person.own(BOB, (), ()),
            person.everybody(PEOPLE, (Identity(ALICE.id, "slack", "U1"),)),
            person.leaving(BOB, ["noor"]),
            person.invitation(Invitation(BOB, CODE, NOW + timedelta(days=3)), "https://troupe.example.com"),
            person.sign_in(CODE, "https://troupe.example.com", NOW),
            person.linking(CODE, NOW),
            person.keys(keys, PEOPLE, NOW),
            person.keys((), PEOPLE, NOW),
            person.groups((MARKETING,)),
            person.groups(()),
        ),
        "Guests": (
            guest.card(DANA),
            guest.card(replace(DANA, state=GuestState.LET_IN, decided_by="Alice"), BOB),
            guest.card(replace(DANA, state=GuestState.TURNED_AWAY, decided_by="Alice")),
        ),
        "Troupe": (
            status.switch(None),
            status.switch({"by": "Alice", "at": NOW.isoformat(), "reason": "A post went out twice."}),
            status.card(_status(clock=1)),
            status.card(replace(_status(clock=0), lag=timedelta(minutes=4), processes={})),
        ),
        "Audit": (
            audit.card(_trail(), Names(), older=audit.older_button(_trail()[-1], "")),
            audit.card((), Names()),
        ),
        "Help": (help_cards.overview(REGISTRY.commands.values()), *map(help_cards.command, _some_commands())),
    }


def replace_state(state: PersonaState) -> Persona:
    return NOOR.model_copy(update={"state": state})


def view(state: PersonaState) -> PersonaView:
    """A persona with everything that one can have."""
    return PersonaView(
        persona=replace_state(state),
        now=NOW,
        people=PEOPLE,
        accounts=ACCOUNTS,
        policies={"": Policy(), "bluesky": STRICT},
        standing=(Beforehand(),),
        channels=(Channel("c", "slack", "news"),),
        spent=1_234_500,
        limit=15_000_000,
    )


class Names:
    """What ids stand for in the examples."""

    def of(self, subject: Subject) -> str:
        known = {"persona": f"@{NOOR.handle}", "person": BOB.name, "system": "Troupe"}
        return known.get(subject.kind, f"{subject.kind} {subject.id}")

    def words(self, value: str) -> str:
        return {p.id: p.name for p in PEOPLE}.get(value, value)


def _status(clock: int) -> status.Status:
    return status.Status(
        now=NOW,
        processes={"clock": clock, "web": 1, "worker": 2},
        lag=timedelta(),
        halted=None,
        waiting=3,
        scheduled=12,
        alerts=(),
        spending=[status.Spending("ada", 4_200_000, 10_000_000), status.Spending("noor", 0, 0)],
    )


def _trail() -> list[Recorded]:
    post, robot = Subject("post", "k3mq9v7x2a"), ALICE.acting("newsletter")
    facts = [
        Event("post.approved", post, ALICE.actor, {"approved_by": 0}, {"approved_by": 1, "version": 2}),
        Event("person.role_changed", BOB.subject, ALICE.actor, {"role": "viewer"}, {"role": "editor"}),
        Event(
            "persona.policy_changed", NOOR.subject, robot, {"approvers": []}, {"approvers": ["alice", "bob"]}
        ),
        Event(
            "command.refused",
            SYSTEM,
            BOB.actor,
            after={"text": "/halt"},
            refused="To use /halt takes a manager.",
        ),
    ]
    return [Recorded(9 - i, NOW - timedelta(minutes=i), fact, "c") for i, fact in enumerate(facts)]


def _some_commands() -> list[Command]:
    return [REGISTRY.commands[path] for path in ("post draft", "status") if path in REGISTRY.commands]
