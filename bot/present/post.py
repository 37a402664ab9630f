"""The card of a post: what will go out, exactly, and what can be pressed in its present state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agents.approvals.approval import Approval, ApprovalState, Decision, Verdict
from agents.approvals.fingerprint import SHOWN
from agents.money import dollars
from agents.personas.persona import Persona
from agents.publishing.platform import Account, Rules
from agents.writing.content import Content
from agents.writing.diff import diff_words
from agents.writing.facts import CheckState
from agents.writing.post import Post, State, Variant, Version
from bot.cards import (
    Author,
    Block,
    Button,
    Card,
    Check,
    Checks,
    Confirm,
    Diff,
    Field,
    Fields,
    Link,
    Menu,
    Picture,
    Progress,
    Text,
    Tone,
    action,
)

S = State
BADGES: dict[State, tuple[str, Tone]] = {
    S.WRITING: ("writing…", Tone.BUSY),
    S.WRITE_FAILED: ("not written", Tone.BAD),
    S.IN_REVIEW: ("waiting for approval", Tone.WAITING),
    S.REJECTED: ("rejected", Tone.NEUTRAL),
    S.EXPIRED: ("expired", Tone.NEUTRAL),
    S.SCHEDULED: ("scheduled", Tone.GOOD),
    S.APPROVED: ("publishing…", Tone.BUSY),
    S.PUBLISHING: ("publishing…", Tone.BUSY),
    S.PUBLISHED: ("published", Tone.GOOD),
    S.FAILED: ("failed", Tone.BAD),
    S.UNKNOWN: ("perhaps published", Tone.BAD),
    S.MISSED: ("missed its time", Tone.BAD),
    S.TAKING_DOWN: ("being taken down…", Tone.BUSY),
    S.TAKEN_DOWN: ("taken down", Tone.NEUTRAL),
}


@dataclass(frozen=True, slots=True)
class PostView:
    """Everything that the card shows. before: the version before the present one, None for the first."""

    post: Post
    variant: Variant
    persona: Persona
    account: Account
    rules: Rules
    requester: str
    now: datetime
    version: Version | None = None
    before: Version | None = None
    approval: Approval | None = None
    segments_out: int = 0
    voided: tuple[str, ...] = ()
    """Names of people whose approval an edit made void."""
    halted_by: str = ""


def card(view: PostView) -> Card:
    """The post as it is now."""
    variant, persona = view.variant, view.persona
    badge, tone = BADGES[variant.state]
    if view.halted_by and tone is Tone.BUSY:
        badge, tone = f"halted by {view.halted_by}", Tone.WAITING
    elif variant.state is S.APPROVED and variant.trouble:
        badge, tone = "waiting to go out", Tone.WAITING
    return Card(
        title=_title(view),
        blocks=tuple(_blocks(view)),
        buttons=tuple(_buttons(view)),
        menu=_menu(view),
        author=Author(persona.name, "persona", persona.id, persona.avatar),
        badge=badge,
        tone=tone,
        subject=variant.subject,
    )


def _title(view: PostView) -> str:
    doing = {S.WRITING: "is writing for", S.PUBLISHED: "posted on", S.APPROVED: "is posting on"}
    return f"{view.persona.name} {doing.get(view.variant.state, 'drafted for')} {view.rules.name}"


def _blocks(view: PostView) -> list[Block]:
    variant, version = view.variant, view.version
    blocks: list[Block] = [Text(view.post.brief, "muted")]
    if variant.trouble:
        blocks.append(Text(variant.trouble, "heading" if variant.state in (S.FAILED, S.UNKNOWN) else "muted"))
    if variant.state is S.WRITING:
        again = f"version {variant.version + 1}" if variant.version else "the first version"
        blocks.append(Progress(f"{view.persona.name} is writing {again}"))
    if version is None:
        return blocks
    if variant.state in (S.APPROVED, S.PUBLISHING) and len(version.content.segments) > 1:
        blocks.append(Progress("Publishing", view.segments_out, len(version.content.segments)))
    blocks += _content(version.content)
    if view.before is not None and variant.state in (S.IN_REVIEW, S.SCHEDULED):
        pieces = tuple((p.kind, p.text) for p in diff_words(view.before.content.text, version.content.text))
        blocks.append(Diff(pieces, f"Changes from version {view.before.number} to {version.number}"))
    blocks.append(Checks(tuple(_checks(version))))
    blocks.append(Fields((*_facts(view, version), *_decided(view))))
    blocks += [Text(line, "muted") for line in _remarks(view, version)]
    return blocks


def _checks(version: Version) -> list[Check]:
    """What did not pass stands alone with its reason; what passed is one line."""
    passed = [c.name for c in version.checks if c.state is CheckState.PASSED]
    other = [
        Check(c.name, c.state.value, c.reason) for c in version.checks if c.state is not CheckState.PASSED
    ]
    return [*([Check(", ".join(passed), "passed")] if passed else []), *other]


def _content(content: Content) -> list[Block]:
    """The text as it will look there, whole; segments of a thread are numbered."""
    blocks: list[Block] = []
    many = len(content.segments) > 1
    for number, segment in enumerate(content.segments, 1):
        if many:
            blocks.append(Text(f"{number} of {len(content.segments)}", "muted"))
        blocks.append(Text(segment.text, "quote", whole=True))
        blocks += [Picture(p.id, p.alt or "(no alternative text)") for p in segment.pictures]
        if segment.card:
            thumb = segment.card.thumb.id if segment.card.thumb else ""
            blocks.append(Link(segment.card.url, segment.card.title, segment.card.description, thumb))
    return blocks


def _facts(view: PostView, version: Version) -> list[Field]:
    rules, variant = view.rules, view.variant
    lengths = [rules.length(segment.text) for segment in version.content.segments]
    used = " · ".join(f"{length}/{rules.limit}" for length in lengths)
    model = "rehearsal, offline" if version.rehearsal else version.model
    facts = [
        Field("Account", f"@{view.account.handle.removeprefix('@')} on {rules.name}"),
        Field("Length", f"{used} {rules.unit}"),
        Field("Version", f"{version.number}, by {version.by.name}"),
    ]
    if version.model:
        facts.append(Field("Model", model))
        facts.append(Field("Cost", dollars(version.cost)))
    facts.append(Field("Asked for by", view.requester))
    if variant.publish_at and variant.state not in (S.PUBLISHED, S.TAKEN_DOWN):
        facts.append(Field("Goes out", variant.publish_at))
    if variant.published_at:
        facts.append(Field("Published", variant.published_at))
    approval = view.approval
    if approval and approval.state is ApprovalState.PENDING:
        facts.append(Field("Approvals", f"{approval.yes} of {approval.policy.quorum}"))
        facts.append(Field("Expires", approval.expires_at))
    return facts


def _remarks(view: PostView, version: Version) -> list[str]:
    """What went otherwise than planned, and what people said about it."""
    remarks = list(version.writing_notes)
    if version.note:
        remarks.append(f"About this version: {version.note}")
    if view.voided:
        names = " and ".join(view.voided)
        remarks.append(f"The approval of {names} is void: the post was changed after it.")
    remarks += [f"{d.person_name}: {d.note}" for d in _decisions(view) if d.note]
    return remarks


def _decided(view: PostView) -> list[Field]:
    """Who decided what, and when."""
    return [Field(f"{_VERDICTS[d.verdict]} by {d.person_name}{_how(d)}", d.at) for d in _decisions(view)]


def _decisions(view: PostView) -> tuple[Decision, ...]:
    return view.approval.decisions if view.approval else ()


def _how(decision: Decision) -> str:
    if decision.standing:
        return " (a standing approval)"
    return f" (by API key {decision.via})" if decision.via else ""


_VERDICTS = {
    Verdict.APPROVE: "Approved",
    Verdict.REQUEST_CHANGES: "Changes asked for",
    Verdict.REJECT: "Rejected",
    Verdict.VETO: "Vetoed",
}


def _buttons(view: PostView) -> list[Button]:
    """Few, and none of them dead: only what the present state allows."""
    variant = view.variant
    seen = view.approval.fingerprint[:SHOWN] if view.approval else ""

    def press(label: str, verb: str, **more: object) -> Button:
        return Button(label, action(f"post.{verb}", variant.id, seen), **more)  # type: ignore[arg-type]

    match variant.state:
        case S.IN_REVIEW:
            return [
                *_yes(view, press),
                press("Edit…", "edit"),
                press("Ask for changes…", "changes"),
                press("Reject…", "reject", style="danger"),
            ]
        case S.SCHEDULED:
            now = press(
                "Post now",
                "post_now",
                confirm=Confirm("Publish this post now, instead of at its time?", "Post now"),
            )
            return [
                now,
                press("Reschedule…", "schedule"),
                press("Unschedule", "unschedule"),
                press("Edit…", "edit"),
            ]
        case S.APPROVED if variant.trouble:
            return [press("Edit…", "edit"), press("Veto…", "veto", style="danger")]
        case S.PUBLISHED:
            question = f"Take this post down from {view.rules.name}? It cannot be put back as it was."
            open_it = [Button("Open the post", url=variant.url)] if variant.url else []
            return [
                *open_it,
                press("Take down", "take_down", style="danger", confirm=Confirm(question, "Take it down")),
            ]
        case S.FAILED:
            return [press("Retry", "retry", style="primary"), *_or_take_down(view, press("Edit…", "edit"))]
        case S.UNKNOWN:
            unproven = len(view.version.content.segments) - view.segments_out if view.version else 1
            live = [press("It is live", "is_live", style="primary")] if unproven == 1 else []
            return [*live, press("It is not — send again", "is_not_live")]
        case S.MISSED:
            return [
                press("Post now", "post_now", style="primary"),
                press("Reschedule…", "schedule"),
                press("Drop", "drop", style="danger"),
            ]
        case S.WRITE_FAILED:
            return [press("Write again", "write_again", style="primary")]
        case S.REJECTED | S.EXPIRED:
            again = [press("Ask again", "ask_again")] if variant.version else []
            return [*again, press("Write again", "write_again")]
    return []


def _yes(view: PostView, press: Callable[..., Button]) -> list[Button]:
    """What lets it out; nothing does while a check stands against it or is not done."""
    if view.version is not None and view.version.blocked:
        return []
    planned = view.variant.publish_at
    gone = planned is not None and planned <= view.now
    first = ("Post now", "post_now") if gone else ("Approve", "approve")
    return [press(*first, style="primary"), press("Schedule…", "schedule")]


def _or_take_down(view: PostView, edit: Button) -> list[Button]:
    """What is partly out can be taken down; only what is not out at all can be edited."""
    if not view.segments_out:
        return [edit]
    question = f"{view.segments_out} segments are out. Take them down?"
    take_down = action("post.take_down", view.variant.id, edit.action.rpartition(":")[2])
    return [Button("Take down", take_down, "danger", Confirm(question, "Take them down"))]


def _menu(view: PostView) -> Menu | None:
    variant = view.variant
    seen = view.approval.fingerprint[:SHOWN] if view.approval else ""
    options = []
    if variant.state in (S.IN_REVIEW, S.SCHEDULED):
        options.append(Button("Add a picture…", action("post.add_image", variant.id, seen)))
        if view.version and view.version.content.pictures:
            options.append(Button("Remove the pictures", action("post.remove_images", variant.id, seen)))
    if variant.state is S.SCHEDULED:
        options.append(Button("Veto…", action("post.veto", variant.id, seen), "danger"))
    if variant.version:
        options.append(Button("History", action("post.history", variant.id)))
    return Menu("More", tuple(options)) if options else None
