"""An example of every kind of card and of every state. Galleries show them, renderers are tested with them.

Nothing in here is real. `NOW` is the moment at which they are true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.approvals.approval import Approval, ApprovalState, Decision, Verdict
from agents.approvals.fingerprint import fingerprint
from agents.approvals.policy import Policy
from agents.errors import Conflict
from agents.events import Actor, Subject
from agents.money import from_dollars
from agents.people import Person, Role
from agents.personas.persona import Persona, Profile
from agents.publishing.platform import Account
from agents.writing.content import Content, LinkCard, Segment
from agents.writing.facts import Check as WritingCheck
from agents.writing.facts import CheckState
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from bot.cards import (
    Author,
    Block,
    Button,
    Card,
    Chart,
    Check,
    Checks,
    Confirm,
    Diff,
    Field,
    Fields,
    File,
    Link,
    Menu,
    Picture,
    Progress,
    Stream,
    Text,
    Tone,
    action,
)
from bot.platforms import BLUESKY
from bot.present import (
    answers,
    examples_afterwards,
    examples_alerts,
    examples_escalation,
    examples_oncall,
    examples_reach,
    examples_tasks,
    examples_team,
)
from bot.present import post as post_card
from bot.present.post import PostView

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
ADA = Persona(id="ada", profile=Profile(name="Ada", handle="ada", role="Developer advocate"))
ALICE = Person("alice", "Alice", Role.OWNER, "Europe/Berlin")

TEXT = (
    "Version 2.0 is out: drafts now show a word-level diff, and nothing leaves without somebody pressing a button. "
    "The notes: https://example.com/notes/2.0 #release"
)
LONG = " ".join(["This sentence is here to be long, and to say nothing else while it is."] * 30)
HOSTILE = "<script>alert('&amp;')</script> \u202eeman ruoy\u202c *bold* `code` <@U123> @everyone \u200b[x](javascript:alert(1))"


def examples() -> Mapping[str, tuple[Card, ...]]:
    """By what they show, in the order of a gallery."""
    return {
        "Blocks": tuple(_of_block(block) for block in BLOCKS),
        "Buttons": (_buttons(), _menu()),
        "Texts": (_long(), _hostile()),
        "Posts": tuple(_post(state) for state in State),
        "Posts, special": (_thread(), _failed_checks(), _halted(), _voided()),
        **examples_alerts.examples(),
        "Answers": (
            _problem(),
            answers.done("Ada is paused.", "What is scheduled waits until /persona resume @ada."),
        ),
        **examples_team.examples(),
        **examples_escalation.examples(),
        **examples_oncall.examples(),
        **examples_reach.examples(),
        **examples_afterwards.examples(),
        **examples_tasks.examples(),
    }


BLOCKS: tuple[Block, ...] = (
    Text(
        "A plain paragraph, with an address in it: https://example.com/a_(b). Lines\nbreak where they break."
    ),
    Text("Less important.", "muted"),
    Text("A heading", "heading"),
    Text("def approve(click):\n    return decide(click)  # <exactly> once", "code"),
    Text(TEXT, "quote", whole=True),
    Fields(
        (
            Field("Account", "@ada on Bluesky"),
            Field("Goes out", NOW + timedelta(hours=18)),
            Field("Cost", "$0.0004"),
        )
    ),
    Checks(
        (
            Check("length", "passed"),
            Check("repeats", "warned", "61 % like the post of 12 November."),
            Check("never said", "failed", "It says “game-changing”."),
            Check("moderation", "skipped", "No key is set for it."),
            Check("links", "pending", "Looking at example.com…"),
        )
    ),
    Diff(
        (
            ("same", "Version 2.0 is "),
            ("removed", "finally here"),
            ("added", "out"),
            ("same", ": drafts now show a word-level diff."),
        ),
        "Changes from version 1 to 2",
    ),
    Picture("example", "A stage with its curtain half open", "The launch"),
    Chart(
        "Posts a week",
        "bar",
        ("W44", "W45", "W46", "W47"),
        (("Stage", (3, 5, 2, 8)), ("Bluesky", (1, 4, 4, 6))),
    ),
    Chart(
        "Cost a day, in dollars",
        "line",
        ("Mon", "Tue", "Wed", "Thu", "Fri"),
        (("Ada", (0.1, 0.4, 0.35, 0.8, 0.6)),),
    ),
    Chart("Who wrote", "pie", ("Ada", "Steve", "Grace"), (("Posts", (12, 7, 3)),)),
    Progress("Publishing", 2, 5),
    Progress("Ada is writing the first version"),
    Stream("We are looking at the last three releases to find what readers"),
    File("example", "release-notes.pdf", 48_213),
    Link(
        "https://example.com/notes/2.0",
        "Notes on 2.0",
        "What is new, what is gone, and how to move.",
        "example",
    ),
)
"""One of every kind, and of every style of a text."""


def _of_block(block: Block) -> Card:
    return Card(type(block).__name__, (block,), author=Author("Gallery"), tone=Tone.NEUTRAL)


def _buttons() -> Card:
    ask = Confirm("Take this post down from Bluesky? It cannot be put back as it was.", "Take it down")
    return Card(
        "Buttons",
        (Text("The first is what is usually pressed; the last cannot be undone."),),
        (
            Button("Approve", action("example.approve", "1"), "primary"),
            Button("Schedule…", action("example.schedule", "1")),
            Button("Open the post", url="https://example.com/post"),
            Button("Take down", action("example.down", "1"), "danger", ask),
        ),
        badge="example",
        tone=Tone.WAITING,
    )


def _menu() -> Card:
    options = (
        Button("Add a picture…", action("example.picture", "1")),
        Button("History", action("example.history", "1")),
    )
    return Card(
        "A menu",
        buttons=(Button("Retry", action("example.retry", "1")),),
        menu=Menu("More", options),
        tone=Tone.BAD,
    )


def _long() -> Card:
    blocks = (Text(LONG), Text(LONG, "quote", whole=True))
    return Card("What is long is folded; what is approved never is", blocks)


def _hostile() -> Card:
    fields = Fields((Field(HOSTILE, HOSTILE),))
    return Card(
        HOSTILE,
        (Text(HOSTILE), Text(HOSTILE, "code"), fields, Link("javascript:alert(1)", HOSTILE, HOSTILE)),
        (Button(HOSTILE, action("example.hostile", "1")),),
        author=Author(HOSTILE, "persona", "ada"),
        badge=HOSTILE[:20],
    )


_TROUBLES = {
    State.WRITE_FAILED: "No model answered: all three were asked. The brief is kept.",
    State.FAILED: "Bluesky refused it: the account was suspended. Nothing is out.",
    State.UNKNOWN: "The connection broke after the post was sent. It may be out; nothing is sent again before you say so.",
    State.MISSED: "Troupe was down at its time, 09:00. It did not go out.",
}


def view(state: State) -> PostView:
    """A post in that state, as plain as such a post can be."""
    content = _content(TEXT)
    variant = Variant(
        id="k3mq9v7x2a",
        post_id="p",
        persona_id=ADA.id,
        account_id="a",
        platform="bluesky",
        state=state,
        version=0 if state in (State.WRITING, State.WRITE_FAILED) else 2,
        revision=3,
        created_at=NOW - timedelta(minutes=4),
        publish_at=NOW + timedelta(hours=18) if state is State.SCHEDULED else None,
        approval_id="ap",
        trouble=_TROUBLES.get(state, ""),
        url="https://example.com/post" if state is State.PUBLISHED else "",
        published_at=NOW if state in (State.PUBLISHED, State.TAKING_DOWN, State.TAKEN_DOWN) else None,
    )
    written = variant.version > 0
    return PostView(
        post=Post("p", ADA.id, ContentType.POST, "our new release", ALICE.id, "c", variant.created_at),
        variant=variant,
        persona=ADA,
        account=Account("a", ADA.id, "bluesky", "ada.example.com"),
        rules=BLUESKY,
        requester=ALICE.name,
        now=NOW,
        version=_version(2, content) if written else None,
        before=_version(1, _content(TEXT.replace("is out", "is finally here"))) if written else None,
        approval=_approval(state, content) if written else None,
        segments_out=1 if state in (State.PUBLISHED, State.UNKNOWN) else 0,
    )


def _post(state: State) -> Card:
    return post_card.card(view(state))


def _thread() -> Card:
    """Several segments, with a link card, on their way out."""
    texts = (
        "Version 2.0 is out. What is new, in three parts.",
        "1. Every edit shows what changed, word by word.",
        TEXT,
    )
    card = LinkCard(
        "https://example.com/notes/2.0", "Notes on 2.0", "What is new, what is gone, and how to move."
    )
    content = Content((*(Segment(text) for text in texts[:2]), Segment(texts[2], card=card)))
    shown = view(State.PUBLISHING)
    return post_card.card(replace(shown, version=_version(2, content), segments_out=1))


def _failed_checks() -> Card:
    found = (
        WritingCheck("length", CheckState.FAILED, "It is 24 graphemes too long for Bluesky."),
        WritingCheck("links", CheckState.WARNED, "example.com did not answer just now."),
    )
    shown = view(State.IN_REVIEW)
    return post_card.card(replace(shown, version=replace(_version(2, _content(TEXT)), checks=found)))


def _halted() -> Card:
    return post_card.card(replace(view(State.APPROVED), halted_by="Alice"))


def _voided() -> Card:
    return post_card.card(replace(view(State.IN_REVIEW), voided=("Bob",)))


def _content(text: str) -> Content:
    return Content((Segment(text),))


def _version(number: int, content: Content) -> Version:
    return Version(
        variant_id="k3mq9v7x2a",
        number=number,
        content=content,
        by=Actor("persona", ADA.id, ADA.name),
        authors=frozenset(),
        created_at=NOW - timedelta(minutes=3),
        note="Say “out”, not “finally here”." if number > 1 else "",
        checks=(WritingCheck("length", CheckState.PASSED), WritingCheck("guardrails", CheckState.PASSED)),
        model="gpt-5-mini",
        cost=from_dollars("0.0004"),
    )


_APPROVALS = {
    State.IN_REVIEW: ApprovalState.PENDING,
    State.REJECTED: ApprovalState.REJECTED,
    State.EXPIRED: ApprovalState.EXPIRED,
}


def _approval(state: State, content: Content) -> Approval:
    given = _APPROVALS.get(state, ApprovalState.APPROVED)
    verdicts = {ApprovalState.APPROVED: Verdict.APPROVE, ApprovalState.REJECTED: Verdict.REJECT}
    decided = verdicts.get(given)
    return Approval(
        id="ap",
        subject=Subject("post", "k3mq9v7x2a"),
        version=2,
        fingerprint=fingerprint(content, "a", None),
        policy=Policy(),
        state=given,
        requested_by=ALICE.id,
        authors=frozenset(),
        created_at=NOW - timedelta(minutes=3),
        expires_at=NOW + timedelta(days=3),
        decisions=(Decision(ALICE.id, ALICE.name, decided, NOW),) if decided else (),
    )


def _problem() -> Card:
    error = Conflict("Too late: this version was approved by Bob.", remedy="Your click changed nothing.")
    return answers.problem(error, ALICE)
