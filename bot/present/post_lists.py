"""Cards that show several posts, or the whole story of one."""

from __future__ import annotations

from agents.approvals.approval import Approval
from agents.approvals.ask import may_decide
from agents.approvals.fingerprint import SHOWN
from agents.errors import NotFound
from agents.money import dollars
from agents.people import Person
from agents.personas.persona import Persona
from agents.writing.diff import diff_words
from agents.writing.length import clip
from agents.writing.post import WORDS, State, Variant
from bot.cards import Block, Button, Card, Diff, Field, Fields, Text, Tone, action
from bot.platforms import RULES
from storage.unit_of_work import UnitOfWork

SHOWN_AT_ONCE = 10
"""Posts on one queue card; what is to be approved stands there whole."""


def queue(reader: Person, work: UnitOfWork, persona: Persona | None = None) -> Card:
    """What waits for this person first, then for others, then what is scheduled."""
    persona_id = persona.id if persona else ""
    mine, others, approvals = waiting(reader, work, persona_id)
    scheduled = work.posts.in_states([State.SCHEDULED], persona_id=persona_id)
    blocks: list[Block] = []
    buttons: list[Button] = []
    for number, variant in enumerate(mine[:SHOWN_AT_ONCE], 1):
        version = work.posts.version(variant.id, variant.version)
        blocks.append(Text(f"{number}. {line(variant, work)}", "heading"))
        blocks.append(Text(version.content.text, "quote", whole=True))
        seen = approvals[variant.approval_id].fingerprint[:SHOWN]
        if not version.blocked:
            buttons.append(Button(f"Approve {number}", action("post.approve", variant.id, seen), "primary"))
        else:
            reasons = "; ".join(c.reason for c in version.blocked)
            blocks.append(Text(f"Cannot be approved yet: {reasons}", "muted"))
    if len(mine) > SHOWN_AT_ONCE:
        blocks.append(Text(f"{len(mine) - SHOWN_AT_ONCE} more wait for you after these.", "muted"))
    if others:
        blocks.append(Text("Waiting for others", "heading"))
        blocks += [Text(line(v, work)) for v in others[:SHOWN_AT_ONCE]]
    if scheduled:
        blocks.append(Text("Scheduled", "heading"))
        times = sorted(scheduled, key=lambda v: v.publish_at or v.created_at)[:SHOWN_AT_ONCE]
        blocks.append(Fields(tuple(Field(line(v, work), v.publish_at or "") for v in times)))
    title = (
        f"{len(mine)} {'post waits' if len(mine) == 1 else 'posts wait'} for you"
        if mine
        else "Nothing waits for you"
    )
    return Card(title, tuple(blocks), tuple(buttons), tone=Tone.WAITING if mine else Tone.GOOD)


def waiting(
    reader: Person, work: UnitOfWork, persona_id: str = ""
) -> tuple[list[Variant], list[Variant], dict[str, Approval]]:
    """Posts in review that wait for this person, those that wait for others, and the approvals of both by id.

    For whom one waits: whose approval would count now, and is not there yet.
    """
    found = work.posts.in_states([State.IN_REVIEW], persona_id=persona_id)
    approvals = work.approvals.many(variant.approval_id for variant in found)
    counting = {
        id
        for id, one in approvals.items()
        if one.expires_at > work.now
        and reader.id not in {decision.person_id for decision in one.decisions}
        and may_decide(one, reader, work)
    }
    mine = [variant for variant in found if variant.approval_id in counting]
    return mine, [variant for variant in found if variant.approval_id not in counting], approvals


def history(variant: Variant, work: UnitOfWork) -> Card:
    """Every version with its changes, then who did what, oldest first."""
    blocks: list[Block] = []
    before = ""
    for version in work.posts.versions(variant.id):
        note = f" — {version.note}" if version.note else ""
        cost = f", {version.model}, {dollars(version.cost)}" if version.model else ""
        blocks.append(Text(f"Version {version.number}, by {version.by.name}{cost}{note}", "heading"))
        text = version.content.text
        pieces = tuple((p.kind, p.text) for p in diff_words(before, text)) if before else ()
        blocks.append(Diff(pieces) if pieces else Text(text, "quote", whole=True))
        before = text
    trail = reversed(work.events.about(variant.subject))
    facts = [
        Field(
            f"{r.event.actor.name}{f' ({r.event.actor.via})' if r.event.actor.via else ''}: {_did(r.event.name)}"
            f"{' — refused: ' + r.event.refused if r.event.refused else ''}",
            r.at,
        )
        for r in trail
    ]
    blocks.append(Fields(tuple(facts)))
    return Card(f"History of post {variant.id}", tuple(blocks))


def add_image(variant: Variant, seen: str) -> Card:
    button = Button("Add a picture…", action("post.add_image", variant.id, seen[:SHOWN]), "primary")
    return Card("A picture is added through a form.", (Text("PNG, JPEG or WebP, at most 8 MB."),), (button,))


def _did(name: str) -> str:
    return name.replace(".", " ").replace("_", " ")


def line(variant: Variant, work: UnitOfWork) -> str:
    """ "Ada on Bluesky: our new release (k3mq9), being written"."""
    return f"{title(variant, work)}, {WORDS[variant.state]}"


def title(variant: Variant, work: UnitOfWork) -> str:
    """ "Ada on Bluesky: our new release (k3mq9)"."""
    post = work.posts.post(variant.post_id)
    try:
        name = work.personas.get(variant.persona_id).name
    except NotFound:
        name = "a persona"
    brief = clip(" ".join(post.brief.split()), 60)
    return f"{name} on {RULES[variant.platform].name}: {brief} ({variant.id[:5]})"
